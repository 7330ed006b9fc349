"""Rules of `core.extract`: a page's text without what stands around it, its head, and what a feed carries by itself."""

import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.feeds.full_text import MIN_FULL_WORDS, feed_text, is_full_text
from aggregator.core.pages.extract import read_page
from aggregator.domain.articles import Page
from aggregator.domain.feeds import Entry

URL = "https://www.harbour.example/news/bridge?utm_source=rss"
PARAGRAPHS = (
    "The old harbour bridge will open again on Monday after two years of repair, the council said on Thursday evening.",
    "Engineers replaced four of the nine piers, which had been damaged by ships and by the long winter of 2023.",
    "“We are glad to give the bridge back to the town,” said Ann Ost, who led the works from their first day.",
    "Drivers will pay nothing in the first month; from May on, lorries are charged five crowns for each crossing.",
)
BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def page(head: str = "", body: str = BODY, attributes: str = "") -> str:
    """Build a page with the furniture that outlets put around an article."""
    return (
        f"<!DOCTYPE html><html {attributes}><head><title>Bridge to open - Harbour News</title>{head}</head><body>"
        "<nav><ul><li><a href='/'>Home</a></li><li><a href='/sport'>Sport</a></li></ul></nav>"
        "<div class='cookie-banner'><p>We use cookies to improve your experience.</p><button>Accept</button></div>"
        f"<main><article><h1>Bridge to open</h1>{body}</article></main>"
        "<aside class='related'><h2>Related</h2><ul><li><a href='/2'>Ferry service to end this summer</a></li></ul></aside>"
        "<div id='comments'><p>First comment by a reader of this article.</p></div>"
        "<footer><p>Copyright Harbour News</p></footer><script>var a = 'script text';</script></body></html>"
    )


def read(text: str, **arguments: Any) -> Page:
    """Read a page given as text."""
    return read_page(text.encode(), url=URL, content_type="text/html; charset=utf-8", **arguments)


def test_the_main_text_is_all_and_only_the_article() -> None:
    """Every paragraph arrives, on a line of its own, and nothing of the furniture."""
    text = read(page()).text

    assert [line for line in text.split("\n") if line != "Bridge to open"] == list(PARAGRAPHS)


@pytest.mark.parametrize(
    ("head", "attribute", "expected"),
    [
        ("", "title", "Bridge to open - Harbour News"),
        ("<meta property='og:title' content='Bridge &amp; ferry'>", "title", "Bridge & ferry"),
        ("<link rel='canonical' href='/bridge'>", "canonical_url", "https://www.harbour.example/bridge"),
        ("<meta property='og:url' content='https://other.example/b'>", "canonical_url", "https://other.example/b"),
        (
            "<meta property='og:url' content='https://other.example/b'><link rel='Canonical' href='/bridge'>",
            "canonical_url",
            "https://www.harbour.example/bridge",
        ),
        ("<link rel='canonical' href='javascript:x'>", "canonical_url", None),
        ("", "canonical_url", None),
        ("<meta property='og:site_name' content=' Harbour\n News '>", "site_name", "Harbour News"),
        ("<meta property='og:image' content='/b.jpg'>", "image", "https://www.harbour.example/b.jpg"),
        ("<meta property='og:locale' content='en_GB'>", "language", "en"),
        ("<meta http-equiv='Content-Language' content='de-AT'>", "language", "de"),
        ("", "language", None),
        ("<meta name='Author' content='Ann Ost'>", "author", "Ann Ost"),
        ("<meta property='article:author' content='https://social.example/ann'>", "author", None),
        (
            '<script type="application/ld+json">{"author": [{"@type": "Person", "name": "Zo\\u00eb Ost"}]}</script>',
            "author",
            "Zoë Ost",
        ),
        (
            "<meta property='article:published_time' content='2026-03-02T10:30:00+01:00'>",
            "published",
            datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        ),
        (
            '<script type="application/ld+json">{"datePublished": "2026-03-02T10:30:00Z", "broken</script>',
            "published",
            datetime(2026, 3, 2, 10, 30, tzinfo=UTC),
        ),
        ("<meta name='date' content='soon'>", "published", None),
    ],
)
def test_the_head_says_what_the_page_is(head: str, attribute: str, expected: object) -> None:
    """Canonical address, names, language, author, date and picture are read where pages put them."""
    assert getattr(read(page(head)), attribute) == expected


def test_the_html_element_tells_the_language_first() -> None:
    """The document's own language beats what is meant for sharing."""
    assert read(page("<meta property='og:locale' content='en_GB'>", attributes="lang='fr-CA'")).language == "fr"


@pytest.mark.parametrize(
    ("codec", "content_type", "head"),
    [
        ("cp1252", "text/html; charset=iso-8859-1", ""),
        ("cp1252", "text/html", "<meta charset='windows-1252'>"),
        ("utf-8", "text/html", ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("utf-16", None, ""),
    ],
)
def test_letters_arrive_whatever_is_declared(codec: str, content_type: str | None, head: str) -> None:
    """Header, mark, meta element and the bytes themselves tell the charset."""
    body = page(head).encode(codec)

    assert PARAGRAPHS[2] in read_page(body, url=URL, content_type=content_type).text


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \n",
        b"<!-- nothing -->",
        b"<html></html>",
        b"%PDF-1.7 this is the plain beginning of a long file that readers take for a text of some sixty characters",
        b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"the comment of a picture that is long enough to be taken for a text " * 3,
        b"<?xml version='1.0' encoding='utf-8'?>",
        b"<div>" * 20_000,
        b"<frameset><frame src=a></frameset>",
    ],
)
def test_a_page_without_an_article_has_no_text(body: bytes) -> None:
    """Nothing is invented, nothing raises, and the title falls back on what the feed said."""
    empty = read_page(body, url=URL, content_type=None, fallback_title="Bridge")

    assert len(empty.text) < 40
    assert empty.title == "Bridge"


@given(
    st.one_of(
        st.binary(),
        st.text().map(lambda text: page(body=f"<p>{text}</p>").encode("utf-8", "surrogatepass")),
        st.lists(
            st.sampled_from(["<p>", "</p>", "<table>", "<tr>", "<td>x", "<svg>", "<li>y", "<article>", "<br>"])
        ).map(lambda parts: "".join(parts).encode()),
    )
)
def test_any_bytes_give_a_page(body: bytes) -> None:
    """Nothing makes the reader raise."""
    assert isinstance(read_page(body, url=URL, content_type=None), Page)


def entry(content: str, summary: str = "The bridge opens.") -> Entry:
    """Build an entry that carries `content`."""
    return Entry(key="1", guid=None, url=None, title="Bridge", summary=summary, content=content, digest=b"")


def words(number: int, end: str = "") -> str:
    """Write that many words in paragraphs."""
    return "<p>" + " ".join(["word"] * (number - 50)) + "</p><p>" + " ".join(["word"] * 50) + f"{end}</p>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", False),
        (words(MIN_FULL_WORDS), True),
        (words(MIN_FULL_WORDS - 1), False),
        (words(MIN_FULL_WORDS, "…"), False),
        (words(MIN_FULL_WORDS, " [...]"), False),
        (words(MIN_FULL_WORDS, "</p><p><a href='/1'>Read more</a>"), False),
        (words(MIN_FULL_WORDS, "</p><p><a href='/1'>Continue reading Bridge opens on Harbour News »</a>"), False),
        (words(MIN_FULL_WORDS, "</p><p><a href='/1'>Weiterlesen</a>"), False),
        (words(MIN_FULL_WORDS, "</p><p><a href='/1'>Lire la suite</a>"), False),
        (words(MIN_FULL_WORDS, "</p><p>The post Bridge opens appeared first on Harbour News."), False),
        (words(MIN_FULL_WORDS, " … and the end of it all came soon."), True),
        ("<p>" + "橋が月曜日に開通する。" * 60 + "</p>", True),
    ],
)
def test_a_feed_carries_the_whole_text_or_a_teaser(content: str, *, expected: bool) -> None:
    """Long content that does not break off is the article; a teaser is not."""
    assert is_full_text(entry(content)) is expected


def test_the_feeds_text_is_its_content_in_paragraphs() -> None:
    """Content is read as paragraphs; without any, the summary is the text."""
    assert feed_text(entry("<p>One &amp; two.</p><script>x</script><p>Three.</p>")) == "One & two.\nThree."
    assert feed_text(entry("")) == "The bridge opens."


def test_functions_and_results_travel_between_processes() -> None:
    """Functions and pages can be pickled."""
    answer = read(page("<meta property='og:title' content='x'>", attributes="lang='en'"))

    assert pickle.loads(pickle.dumps(answer)) == answer
    for value in (answer.text, answer.title, answer.language):
        assert type(value) is str
    for function in (read_page, feed_text, is_full_text):
        assert pickle.loads(pickle.dumps(function)) is function
