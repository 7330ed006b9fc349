"""Which feeds a page names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.feeds.discovery import MAX_LINKS, FeedLink, feed_links

SITE = "https://news.example/section/page"


def link(href: str, *, media_type: str = "application/rss+xml", title: str = "", rel: str = "alternate") -> str:
    """Write a link element."""
    return f'<link rel="{rel}" type="{media_type}" title="{title}" href="{href}">'


def urls(page: str, base: str = SITE) -> list[str]:
    """Return the addresses that a page's head names."""
    return [found.url for found in feed_links(f"<html><head>{page}</head><body></body></html>".encode(), base)]


def test_every_kind_of_feed_is_found_in_the_order_of_the_page() -> None:
    """RSS, Atom, RDF and both media types of JSON Feed count; titles and types come along."""
    page = (
        link("/a", title="  News \n today ")
        + link("/b", media_type="Application/Atom+XML; charset=utf-8")
        + link("/c", media_type="application/feed+json")
        + link("/d", media_type="application/json")
        + link("/e", media_type="application/rdf+xml")
    )
    found = feed_links(page.encode(), SITE)
    assert found[0] == FeedLink(url="https://news.example/a", title="News today", type="application/rss+xml")
    assert [one.url[-1] for one in found] == ["a", "b", "c", "d", "e"]
    assert found[1].type == "application/atom+xml"


def test_addresses_are_seen_from_the_page_or_from_its_base() -> None:
    """Relative addresses are resolved against <base>, which may itself be relative."""
    assert urls(link("feed.xml")) == ["https://news.example/section/feed.xml"]
    assert urls(link("//cdn.example/feed.xml")) == ["https://cdn.example/feed.xml"]
    assert urls('<base href="/other/">' + link("feed.xml")) == ["https://news.example/other/feed.xml"]
    assert urls('<base href="javascript:x">' + link("feed.xml")) == ["https://news.example/section/feed.xml"]


def test_feeds_of_comments_come_last() -> None:
    """Who asks for a site's feed wants its articles."""
    page = link("/comments/feed/") + link("/?feed=comments-rss2") + link("/feed/") + link("/commentary/feed/")
    assert urls(page) == [
        "https://news.example/feed/",
        "https://news.example/commentary/feed/",
        "https://news.example/comments/feed/",
        "https://news.example/?feed=comments-rss2",
    ]


def test_one_feed_under_two_spellings_is_named_once() -> None:
    """The first spelling counts."""
    assert urls(link("/feed") + link("https://www.news.example/feed/")) == ["https://news.example/feed"]


@pytest.mark.parametrize(
    "page",
    [
        link("/x", rel="stylesheet"),
        link("/x", media_type="text/html"),
        link("/x", media_type="application/json+oembed"),
        link("https://news.example/wp-json/wp/v2/pages/2", media_type="application/json"),
        link("   "),
        link("mailto:editor@news.example"),
        link("javascript:alert(1)"),
        link("file:///etc/passwd"),
        "<p>nothing</p>",
        "",
    ],
)
def test_what_is_no_feed_is_not_named(page: str) -> None:
    """Style sheets, translations, programming interfaces and addresses that are not http are no feeds."""
    assert urls(page) == []


def test_titles_are_read_in_the_charset_of_the_page() -> None:
    """A page that says nothing is UTF-8 where that fits; one that says something is believed."""
    page = link("/a", title="Zürich")
    assert feed_links(page.encode(), SITE)[0].title == "Zürich"
    assert feed_links(b'<meta charset="windows-1252">' + page.encode("windows-1252"), SITE)[0].title == "Zürich"


def test_a_page_with_thousands_of_links_names_a_bounded_number() -> None:
    """A catalogue cannot flood a person's terminal."""
    assert len(urls("".join(link(f"/{number}") for number in range(1000)))) == MAX_LINKS


@given(st.binary())
def test_no_page_crashes_the_search(page: bytes) -> None:
    """Whatever a server sends, the answer is a tuple of feeds."""
    assert isinstance(feed_links(page, SITE), tuple)
