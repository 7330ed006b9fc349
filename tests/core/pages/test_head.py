"""What a page says of itself is the same whichever parser reads it."""

import pytest
from lxml import html as lxml_html
from selectolax.lexbor import LexborHTMLParser

from aggregator.core.pages.claims import page_of
from aggregator.core.pages.extract import read_by_wrapper, read_page
from aggregator.core.pages.head import head_of, quick_head_of
from aggregator.core.wrappers.trust import is_trusted, taught, way_for
from aggregator.domain.wrappers import Wrapper
from tests.builders import NOON
from tests.newsworld.clock import END, WorldClock
from tests.newsworld.pages import page
from tests.newsworld.sites import Site
from tests.newsworld.world import load_world

URL = "https://paper.example/a"
LINKED = (
    '{"@type": "NewsArticle", "datePublished": "2024-05-01", "isAccessibleForFree": false, "author": {"name": "Ann"}}'
)


@pytest.mark.parametrize(
    "markup",
    [
        "<html lang=de><head><title>A &amp; b</title><meta name=author content='Ann &quot;A&quot; Ost'></head><body>x</body></html>",
        "<html xml:lang='fr-CA'><meta property=og:title content><meta property=OG:Title content=' Two '><p>x",
        f"<p>x</p><script type='application/ld+json'>{LINKED}</script>",
        f"<p>x</p><script type='application/ld+json'><!-- {LINKED} --></script>",
        f"<p>x</p><script type='Application/LD+JSON; charset=utf-8'>{LINKED}</script>",
        "<body><p>x</p><meta name=robots content=noindex><link rel='x canonical' href='/b'><link rel=canonical href=/c></body>",
        "<head><meta name=author content=Ann name=robots></head><body><svg><title>Icon</title></svg>",
        "<head><title>First</title><title>Second</title></head><body>x",
        "<meta name=date content=2024-05-01T10:00:00Z/><meta http-equiv=content-language content=sv>x",
        "<noscript><meta name=author content=Nobody></noscript><p>x",
        "<html><head><title></title></head><body><p>x</p></body></html>",
    ],
)
def test_odd_heads_are_read_alike(markup: str) -> None:
    """Order, quoting, case and place do not part the two."""
    parser = lxml_html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    slowly = head_of(lxml_html.document_fromstring(markup.encode(), parser=parser))
    quickly = quick_head_of(LexborHTMLParser(markup))

    assert page_of(quickly, "", url=URL) == page_of(slowly, "", url=URL)


@pytest.mark.slow
def test_the_news_world_is_read_alike_both_ways() -> None:
    """Over all articles of the news world, learning as it goes, pages read by wrappers are those read in full."""
    world, clock = load_world(), WorldClock(now=NOON)
    known: dict[str, Wrapper] = {}
    for site in (
        Site(world=world, outlet=outlet, clock=clock, root=f"https://{outlet.slug}.example") for outlet in world.outlets
    ):
        for target, way in ((target, way) for target, way in site.ways.items() if way.to != "redirect"):
            markup, wrapper = page(site, way, END), known.get(site.root, Wrapper())
            url = site.root + target
            read, lesson = read_by_wrapper(markup, wrapper, way_for(wrapper, url), url=url, content_type=None)
            known[site.root] = taught(wrapper, lesson) if lesson else wrapper
            assert read == read_page(markup, url=url, content_type=None)
    assert any(map(is_trusted, known.values()))
