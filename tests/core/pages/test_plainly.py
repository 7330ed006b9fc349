import time

import pytest

from aggregator.core.pages.extract import read_page
from aggregator.core.pages.plainly import MOST_TAGS, bare_head, is_too_much, simple_text
from aggregator.domain.articles import HeldBack

FIRST = "The harbour master counted seven gulls before the ferry left at noon."
SECOND = "Nobody else had &amp; has <b>counted</b> any gulls that day, he told reporters."
HEAD = """<html lang="de"><head><title>A title</title><meta property="og:site_name" content="The Paper">
<link rel="canonical" href="/news/gulls"></head>"""


def page(body: str, head: str = HEAD) -> str:
    return f"{head}<body>{body}</body></html>"


def test_the_longer_paragraphs_of_the_article_are_its_text() -> None:
    """Paragraphs of the article element are kept, entities and tags resolved; short ones and those elsewhere are not."""
    markup = f"<p>{'Outside of it. ' * 5}</p><article><p>{FIRST}<p class=x>Share<p>{SECOND}</p></article>"

    assert simple_text(page(markup)).split("\n") == [
        FIRST,
        "Nobody else had & has counted any gulls that day, he told reporters.",
    ]


def test_a_page_without_an_article_element_is_read_whole() -> None:
    """Where no article is marked all paragraphs count; scripts and comments never do."""
    hidden = f"<script>'<p>{FIRST}</p>'</script><!--<p>{FIRST}</p>--><style><p>{FIRST}</p>"

    assert simple_text(page(f"<div><p>{FIRST}</p></div>{hidden}")) == FIRST


def test_text_is_bounded() -> None:
    """Of a page of 3 MB no more than 300,000 characters are kept."""
    assert len(simple_text(f"<p>{FIRST}</p>" * 40_000)) <= 300_000


def test_a_page_that_is_too_much_is_read_simply_with_its_head() -> None:
    """Beyond 15,000 elements text and head come without a parser having seen the page."""
    markup = page(f"<article><p>{FIRST}</p></article>{'<i>' * MOST_TAGS}")
    read = read_page(markup.encode(), url="https://paper.example/a", content_type=None)

    assert is_too_much(markup)
    assert (read.text, read.title, read.site_name, read.language) == (FIRST, "A title", "The Paper", "de")
    assert read.canonical_url == "https://paper.example/news/gulls"


def test_a_page_without_a_head_is_read_simply_all_the_same() -> None:
    """Nothing said of itself is no reason to lose the text."""
    assert read_page(f"<p>{FIRST}".encode(), url="https://a.example/", content_type=None, simply=True).text == FIRST


def test_a_page_nested_too_deep_for_the_parser_is_read_simply() -> None:
    """Beyond 255 elements in each other the parser gives a page up; its article is found all the same."""
    markup = page("<div>" * 300 + f"<article><p>{FIRST}</p></article>")
    read = read_page(markup.encode(), url="https://paper.example/a", content_type=None)

    assert (read.text, read.site_name) == (FIRST, "The Paper")


@pytest.mark.parametrize(
    ("wish", "held"),
    [
        ('<meta name="robots" content="noindex">', HeldBack.NOINDEX),
        ('<script type="application/ld+json">{"isAccessibleForFree": false}</script>', HeldBack.PAYWALL),
    ],
)
def test_what_a_page_wishes_is_heeded_wherever_it_says_so(wish: str, held: HeldBack) -> None:
    """A page that is read simply is held back like any other, though it says so at its very end."""
    markup = page(f"<p>{FIRST}</p>{'<i>' * MOST_TAGS}{wish}")

    assert read_page(markup.encode(), url="https://paper.example/a", content_type=None).held_back is held


def test_a_head_within_scripts_and_comments_is_none() -> None:
    """Metas that a script or a comment speaks of are not the page's."""
    assert bare_head('<!--<meta name=a content=b>--><script>"<meta name=c content=d>"</script>') == "<html></html>"


@pytest.mark.parametrize(
    "piece", ["<p", "<p>", "<article", "<script", "<!--", "<title", "<meta ", "</p", "<p><", "<", "<p x"]
)
def test_no_page_takes_long_to_read_simply(piece: str) -> None:
    """Three million characters of any kind are read in seconds."""
    markup = piece * (3_000_000 // len(piece))
    start = time.process_time()
    simple_text(markup)
    bare_head(markup)

    assert time.process_time() - start < 5
