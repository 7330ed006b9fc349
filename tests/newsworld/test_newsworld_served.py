"""The served world looks like the web: feeds in all formats and charsets, addresses in many spellings, heavy pages."""

import json
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from io import BytesIO

import feedparser
import httpx
import pytest
import trafilatura
from lxml import html

from tests.newsworld.clock import LATEST, WorldClock
from tests.newsworld.feeds import MOST
from tests.newsworld.outlets import OUTLETS, Format
from tests.newsworld.running import RunningWorld
from tests.newsworld.server import serve
from tests.newsworld.world import load_world

_FEEDS = [(outlet.slug, section) for outlet in OUTLETS.values() for section in outlet.feed_sections()]
_VERSIONS = {
    Format.RSS_091: "rss091u",
    Format.RSS_092: "rss092",
    Format.RSS_10: "rss10",
    Format.RSS_20: "rss20",
    Format.ATOM_03: "atom03",
    Format.ATOM_10: "atom10",
}
#: What extraction must reach on average over an outlet's articles; nearly all reach 1.0.
_FLOOR = 0.9


@pytest.fixture(scope="module")
def evening() -> Iterator[RunningWorld]:
    """Serve the world when all has happened; tests only read."""
    with serve(load_world(), WorldClock("2 22:00")) as running:
        yield running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """Return a client that keeps no connection, so that no world is held up at its end."""
    with httpx.Client(timeout=5.0, limits=httpx.Limits(max_keepalive_connections=0), trust_env=False) as session:
        yield session


def _entries(response: httpx.Response) -> list[tuple[str, str]]:
    """Return title and absolute link of each entry."""
    if "json" in response.headers["content-type"]:
        return [(entry["title"], entry["url"]) for entry in response.json()["items"]]
    parsed = feedparser.parse(BytesIO(response.content), response_headers={"content-type": "application/xml"})
    return [(entry.title, entry.link) for entry in parsed.entries]


@pytest.mark.parametrize(("slug", "section"), _FEEDS)
def test_feed_lists_the_newest(evening: RunningWorld, client: httpx.Client, slug: str, section: str) -> None:
    """Every feed is well-formed in its format and charset and lists the newest articles of its section."""
    response = client.get(evening.feed_url(slug, section))
    newest = evening.world.released(slug, section, LATEST)[:MOST]

    assert [title for title, _ in _entries(response)] == [article.version(LATEST).title for article in newest]
    kind = OUTLETS[slug].habit(section).format
    if kind in _VERSIONS:
        parsed = feedparser.parse(BytesIO(response.content), response_headers={"content-type": "application/xml"})
        assert (parsed.version, parsed.bozo) == (_VERSIONS[kind], 0)
        assert parsed.encoding.lower() == OUTLETS[slug].feed_charset
    else:
        assert json.loads(response.content)["version"].endswith(kind.split()[1].removesuffix(".0"))


def test_formats_and_charsets_are_all_there() -> None:
    """Among them the feeds speak every format."""
    assert {OUTLETS[slug].habit(section).format for slug, section in _FEEDS} == set(Format)
    assert {outlet.feed_charset for outlet in OUTLETS.values()} == {
        "utf-8",
        "iso-8859-1",
        "windows-1252",
        "windows-1251",
    }


def test_oddities(evening: RunningWorld, client: httpx.Client) -> None:
    """One outlet dates nothing, one has no guids, one's guids are no links, and one's feed says the whole text."""
    assert b"<pubDate" not in client.get(evening.feed_url("harbour-herald")).content
    assert b"<guid" not in client.get(evening.feed_url("metro-pulse")).content
    assert b'<guid isPermaLink="false">evening-courier:' in client.get(evening.feed_url("evening-courier")).content
    full = feedparser.parse(BytesIO(client.get(evening.feed_url("the-signal")).content))
    newest = evening.world.released("the-signal", "front", LATEST)
    for entry, article in zip(full.entries, newest, strict=False):
        assert entry.content[0].value.count("<p>") == len(article.text(LATEST).split("\n"))


@pytest.mark.parametrize(("slug", "section"), _FEEDS)
def test_every_link_leads_to_its_article(evening: RunningWorld, client: httpx.Client, slug: str, section: str) -> None:
    """However a feed spells an address, the article's page is there, and where the page names one, it is its own."""
    for title, link in _entries(client.get(evening.feed_url(slug, section))):
        response = client.get(link, follow_redirects=True)
        tree = html.fromstring(response.content)
        article = evening.article_at(link)

        assert article is not None
        assert title == article.version(LATEST).title
        assert title in str(tree.findtext(".//title"))
        assert {link.get("href") for link in tree.iterfind(".//link[@rel='canonical']")} <= {
            evening.article_url(article.id)
        }


def _words(text: str) -> Counter[str]:
    # Japanese is compared by characters.
    return Counter(re.findall(r"[\u3040-\u9fff]|\w+", text.lower()))


def _f1(found: str, true: str) -> float:
    left, right = _words(found), _words(true)
    return 2 * (left & right).total() / (left.total() + right.total())


@pytest.mark.parametrize("slug", OUTLETS)
def test_extraction_finds_the_text(evening: RunningWorld, client: httpx.Client, slug: str) -> None:
    """The design of every outlet, and each variant of it, gives its text up to trafilatura."""
    site, scores = evening.sites[slug], []
    for path, way in site.ways.items():
        if way.to == "redirect":
            continue
        text = way.article.text(LATEST)
        if site.outlet.shows_lead and way.to == "page":
            text = f"{way.article.version(LATEST).lead}\n{text}"
        page = client.get(site.root + path).content
        scores.append(_f1(trafilatura.extract(page, fast=True, include_comments=False) or "", text))
    print(f"{slug}: F1 mean {statistics.mean(scores):.3f}, least {min(scores):.3f}, {len(scores)} pages")  # noqa: T201 (shown by -s)

    assert statistics.mean(scores) >= _FLOOR


@pytest.mark.parametrize("slug", OUTLETS)
def test_pages_weigh_what_pages_weigh(evening: RunningWorld, client: httpx.Client, slug: str) -> None:
    """A page carries far more than its article, and decodes in its charset."""
    article = evening.world.released(slug, "front", LATEST)[0]
    page = client.get(evening.article_url(article.id)).content

    assert 15_000 <= len(page) <= 60_000
    tree = html.fromstring(page.decode(OUTLETS[slug].page_charset))
    assert article.version(LATEST).paragraphs[0] in str(tree.xpath("string()"))


def test_comments_outweigh_an_article(evening: RunningWorld, client: httpx.Client) -> None:
    """One outlet's readers write more than its writers."""
    article = evening.world.released("metro-pulse", "front", LATEST)[0]
    tree = html.fromstring(client.get(evening.article_url(article.id)).content)

    comments = " ".join(str(node.xpath("string()")) for node in tree.iterfind(".//div[@class='comment']"))
    assert len(comments.split()) > len(article.text(LATEST).split())


@pytest.mark.parametrize(("slug", "feeds"), [("the-signal", 2), ("morgenbote", 1), ("al-mina", 0)])
def test_home_page_names_its_feeds(evening: RunningWorld, client: httpx.Client, slug: str, feeds: int) -> None:
    """A home page names two feeds, one or none, and what it names is there."""
    tree = html.fromstring(client.get(evening.outlet_url(slug)).content)
    found = [str(link.get("href")) for link in tree.iterfind(".//link[@rel='alternate'][@type]")]

    assert len(found) == feeds
    for path in found:
        assert client.get(evening.sites[slug].root + path).status_code == 200
