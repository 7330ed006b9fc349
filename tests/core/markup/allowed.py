"""What sanitised markup may have; for tests and for the fuzzer."""

from html.parser import HTMLParser

from aggregator.core.markup.sanitising import ATTRIBUTES, REL, TAGS
from aggregator.core.urls import clean_url


class Allowed(HTMLParser):
    """Reads markup and complains about whatever a page must not get."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert tag in TAGS
        assert set(given) <= ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        if tag == "a":
            assert given["rel"] == REL
        if "href" in given:
            href = given["href"]
            assert href
            assert href.startswith(("http://", "https://")) or href.lower().startswith(("http://", "https://"))
            assert clean_url(href)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def check(markup: str) -> None:
    """Complain unless `markup` has nothing but what is allowed."""
    parser = Allowed()
    parser.feed(markup)
    parser.close()
