"""From an entry and its page to an article."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.articles import FEED_TEXT_WINS, SUMMARY, FeedFacts, read_article
from aggregator.core.urls import url_key
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Article, HeldBack, Source, TextFrom
from aggregator.domain.feeds import Entry
from aggregator.domain.fetching import Response
from tests.builders import NOON, hours, words

SITE = "https://www.harbour.example"
URL = f"{SITE}/news/bridge"
FEED = FeedFacts(url=f"{SITE}/feed", name="Harbour Herald - Sport", link=f"{SITE}/sport")
TEXT = words(100)


def _entry(**more: Any) -> Entry:
    fields: dict[str, Any] = {"key": "k", "guid": "k", "url": URL, "title": "Bridge closed", "digest": b""} | more
    return Entry(**fields)


def _page(text: str = TEXT, *, head: str = "", at: str = URL) -> Response:
    body = f"<html><head>{head}</head><body><article><p>{text}</p></article></body></html>"
    return Response(url=at, body=body.encode(), content_type="text/html")


def _canonical(url: str) -> str:
    return f"<link rel='canonical' href='{url}'>"


def _made(response: Response | None = None, *, feed: FeedFacts = FEED, **more: Any) -> Article:
    return read_article(_entry(**more), response, feed, NOON).article


def test_an_article_is_made_of_entry_and_page() -> None:
    """The feed tells headline, summary and date; the page tells the text; what is compared is both."""
    head = "<title>Bridge closed - Herald</title><meta name='author' content='Ann Ost'>"
    read = read_article(_entry(summary="A summary", published=hours(-1)), _page(head=head), FEED, NOON)
    made = read.article

    assert (made.title, made.text, made.summary, made.author) == ("Bridge closed", TEXT, "A summary", "Ann Ost")
    assert (made.text_from, made.published, made.dated) == (TextFrom.PAGE, hours(-1), hours(-1))
    assert (made.url, made.url_keys, made.claimed_keys) == (URL, (url_key(URL),), ())
    assert read.signature == sign("Bridge closed", TEXT)


def test_without_a_page_the_feed_must_do() -> None:
    """Where no page was fetched the article has the feed's text, or its summary, or none."""
    assert (_made(content=f"<p>{TEXT}</p>").text, _made(content="<p>a</p>").text_from) == (TEXT, TextFrom.FEED)
    assert (_made(summary="A summary").text, _made(summary="A summary").text_from) == ("A summary", TextFrom.FEED)
    assert (_made().text, _made().text_from) == ("", TextFrom.NOWHERE)


@pytest.mark.parametrize(("more", "wins"), [(0.9, TextFrom.PAGE), (1.4, TextFrom.PAGE), (1.6, TextFrom.FEED)])
def test_the_feeds_text_wins_where_the_page_is_a_teaser(more: float, wins: TextFrom) -> None:
    """The page's text is taken unless the feed's is half as long again: then the page is a teaser or a form."""
    assert 1.4 < FEED_TEXT_WINS < 1.6
    content = (TEXT * 2)[: int(more * len(TEXT))]

    assert _made(_page(), content=content).text_from is wins


def test_an_empty_page_leaves_the_feeds_text() -> None:
    """A page in which no text was found is no text."""
    assert _made(_page(""), summary="A summary").text == "A summary"


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("Harbour Herald - Sport", "Harbour Herald"),
        ("Harbour Herald | Top stories | Sport", "Harbour Herald"),
        ("Harbour Herald: Sport", "Harbour Herald"),
        ("Harbour Herald » Feed", "Harbour Herald"),
        ("Harbour-Herald", "Harbour-Herald"),
        ("The 9:30 News", "The 9:30 News"),
        ("- Herald", "- Herald"),
    ],
)
def test_an_outlet_is_called_as_its_feed_before_the_section(name: str, source: str) -> None:
    """At home the feed's title names the outlet; its sections do not become outlets of their own."""
    assert _made(feed=FeedFacts(url=FEED.url, name=name)).source == Source(site="harbour.example", name=source)


def test_an_outlet_is_called_as_its_page_says() -> None:
    """og:site_name goes before the feed's title."""
    made = _made(_page(head="<meta property='og:site_name' content='The Herald'>"))

    assert made.source == Source(site="harbour.example", name="The Herald")


@pytest.mark.parametrize("link", [None, f"{SITE}/sport"])
def test_a_feed_that_links_to_other_sites_does_not_name_them(link: str | None) -> None:
    """An outlet that a collection of links names is called by its site, not by the collection's title."""
    made = _made(url="https://news.other.example/1", feed=FeedFacts(url=FEED.url, name="Best of the Web", link=link))

    assert made.source == Source(site="other.example", name="other.example")


def test_a_feed_kept_elsewhere_names_the_site_it_links_to() -> None:
    """A feed that a service serves still speaks for the site that it names as its own."""
    feed = FeedFacts(url="https://feeds.example/herald", name="Harbour Herald", link=SITE)

    assert _made(feed=feed).source == Source(site="harbour.example", name="Harbour Herald")


@pytest.mark.parametrize(
    ("named", "shown", "claimed"),
    [
        (f"{SITE}/2026/bridge", f"{SITE}/2026/bridge", True),
        (f"{URL}?utm_source=page#top", URL, False),
        (f"{URL}/amp", f"{URL}/amp", False),
        (f"{SITE}/news", URL, False),
        (f"{SITE}/", URL, False),
        ("https://m.harbour.example/index.html", URL, False),
        (f"{SITE}/?p=71", f"{SITE}/?p=71", True),
        ("https://agency.example/bridge", URL, False),
        ("javascript:x", URL, False),
    ],
    ids=["other", "tracking", "amp", "section", "front page", "front page too", "query", "other site", "none"],
)
def test_an_address_is_shown_as_its_page_names_it(named: str, shown: str, claimed: bool) -> None:
    """What the page names as canonical is shown and claimed, but no section, no front page and no other site."""
    made = _made(_page(head=_canonical(named)))

    assert made.url == shown
    assert made.url_keys == (url_key(URL),)
    assert made.claimed_keys == ((url_key(named),) if claimed else ())


def test_a_redirects_end_is_shown_and_claimed() -> None:
    """A counting service's address is the article's own; where it leads to is what a person opens, and whose site it is."""
    made = _made(_page(at=URL), url="https://counting.example/r/1")

    assert (made.url, made.source.site) == (URL, "harbour.example")
    assert (made.url_keys, made.claimed_keys) == ((url_key("https://counting.example/r/1"),), (url_key(URL),))


def test_a_redirect_and_what_its_page_names_are_both_claimed() -> None:
    """The end of the redirect is claimed first, then what is named there."""
    made = _made(_page(at=f"{SITE}/b", head=_canonical(f"{SITE}/c")))

    assert (made.url, made.claimed_keys) == (f"{SITE}/c", (url_key(f"{SITE}/b"), url_key(f"{SITE}/c")))


def test_a_redirect_to_the_front_page_is_not_believed() -> None:
    """A site that sends a missing article to its front page has not moved it there."""
    made = _made(_page(at=f"{SITE}/?"))

    assert (made.url, made.claimed_keys) == (URL, ())


@pytest.mark.parametrize(
    "form",
    [
        "https://consent.example/form?back=https%3A%2F%2Fwww.harbour.example%2Fnews%2Fbridge",
        f"{SITE}/login?to=/news/bridge&x=1",
        f"{SITE}/consent?url={URL}",
    ],
)
def test_a_form_that_leads_back_is_not_the_page(form: str) -> None:
    """A consent or login form gives neither text nor address nor name; the feed's text must do."""
    head = "<meta property='og:site_name' content='Consent'>" + _canonical(form)
    made = _made(_page("We value your privacy. " * 20, at=form, head=head), summary="A summary")

    assert (made.url, made.text, made.text_from) == (URL, "A summary", TextFrom.FEED)
    assert (made.claimed_keys, made.source.name) == ((), "Harbour Herald")


@pytest.mark.parametrize("at", [f"{URL}?from=/news/bridge", f"{SITE}/new/news/bridge", f"{SITE}/x?a=1"])
def test_a_redirect_that_does_not_lead_back_is_the_page(at: str) -> None:
    """A page that moved is a page."""
    assert _made(_page(at=at)).text == TEXT


def test_an_address_that_is_shared_makes_no_keys() -> None:
    """Where several entries link to one address it names none of them, whatever the page there claims."""
    made = _made(_page(at=f"{SITE}/b", head=_canonical(f"{SITE}/c")), url_is_own=False)

    assert (made.url_keys, made.claimed_keys) == ((), ())


@pytest.mark.parametrize(("link", "url"), [(f"{SITE}/sport", f"{SITE}/sport"), (None, f"{SITE}/feed")])
def test_an_entry_without_an_address_leads_to_its_feeds_site(link: str | None, url: str) -> None:
    """What links nowhere opens the feed's site, else the feed, and is known by no address."""
    made = _made(url=None, feed=FeedFacts(url=FEED.url, name="Herald", link=link))

    assert (made.url, made.url_keys, made.source.name) == (url, (), "Herald")


def test_an_entry_without_a_headline_gets_one() -> None:
    """The page's title stands in for a missing headline, then the first words of the text, then the address."""
    assert _made(_page(head="<title>Page title</title>"), title="").title == "Page title"
    assert _made(title="", content=TEXT).title.endswith(" …")
    assert len(_made(title="", content=TEXT).title) <= 82
    assert _made(title="", content="Two words").title == "Two words"
    assert _made(title="").title == URL


def test_a_summary_is_the_feeds_or_the_beginning_of_the_text() -> None:
    """A summary is short, ends at a word, and has an ellipsis where something was left out."""
    summary = _made(_page()).summary

    assert len(summary) <= SUMMARY + 2
    assert summary.endswith(" …")
    assert TEXT.startswith(summary.removesuffix(" …"))
    assert TEXT[len(summary) - 2] == " "
    assert _made(content="Word " * 60).summary.endswith("Word")
    assert _made(content="Word " * 61).summary.endswith("Word …")
    assert _made(summary="x" * 5000).summary == "x" * 2 * SUMMARY
    assert _made().summary == ""


@given(st.text(max_size=700))
def test_a_summary_never_grows_beyond_its_length(text: str) -> None:
    """Whatever the text is made of, its beginning is one line of bounded length."""
    summary = _made(content=text).summary

    assert len(summary) <= SUMMARY + 2
    assert summary == " ".join(summary.split())


@pytest.mark.parametrize(
    ("feed", "page", "dated"),
    [(-2, -3, -2), (None, -3, -3), (None, None, 0), (5, None, 0), (0.5, None, 0.5)],
    ids=["feed", "page", "nobody", "future", "clock ahead"],
)
def test_an_article_stands_under_a_credible_date(feed: float | None, page: float | None, dated: float) -> None:
    """The feed's date goes before the page's; what nobody says, or nobody can believe, is when it was found."""
    head = "" if page is None else f"<meta property='article:published_time' content='{hours(page).isoformat()}'>"
    published = None if feed is None else hours(feed)
    made = _made(_page(head=head), published=published)

    assert made.dated == hours(dated)
    assert made.published == (published if published or page is None else hours(page))


@pytest.mark.parametrize(
    ("text", "is_original"),
    [
        (f"PORT AMBER (Northern Wire) - {TEXT}", True),
        (f"PORT AMBER (Southern Wire) - {TEXT}", False),
        (TEXT, False),
    ],
)
def test_a_text_that_credits_the_outlet_itself_is_original(text: str, is_original: bool) -> None:
    """The agency's own article is told from a reprint by the name in the dateline."""
    feed = FeedFacts(url=FEED.url, name="Northern Wire | Top news")

    assert _made(content=text, feed=feed).is_original == is_original


def test_what_the_feed_says_goes_before_what_the_page_says() -> None:
    """Author and picture come from the page only where the feed has none."""
    head = "<meta name='author' content='Page'><meta property='og:image' content='/page.jpg'>"
    both = _made(_page(head=head), author="Feed", image=f"{SITE}/feed.jpg")
    page = _made(_page(head=head))

    assert (both.author, both.image) == ("Feed", f"{SITE}/feed.jpg")
    assert (page.author, page.image) == ("Page", f"{SITE}/page.jpg")


def test_the_language_is_declared_or_told_by_the_text() -> None:
    """What page or feed declares helps where the text alone does not tell."""
    feed = FeedFacts(url=FEED.url, name="Herald", language="de-AT")

    assert _made(feed=feed, title="Berlin", content="Berlin").language == "de"
    assert _made(_page(head="<meta http-equiv='content-language' content='fr'>"), feed=feed).language == "fr"


HEAD = (
    f"<title>Title</title>{_canonical(f'{SITE}/2026/bridge')}<meta property='og:site_name' content='The Herald'>"
    "<meta name='description' content='Described'><meta property='og:image' content='/page.jpg'>"
    "<meta name='author' content='Page'>"
)


@pytest.mark.parametrize(
    ("head", "robots_tag", "why"),
    [
        ("<meta name='robots' content='noindex'>", None, HeldBack.NOINDEX),
        ("", "aggregator: noindex", HeldBack.NOINDEX),
        ("<meta property='article:content_tier' content='locked'>", None, HeldBack.PAYWALL),
    ],
)
def test_of_a_page_that_is_held_back_only_where_it_belongs_is_used(
    head: str, robots_tag: str | None, why: HeldBack
) -> None:
    """Its addresses and its outlet's name say which article it is; text, author and picture are the feed's or none."""
    page = replace(_page(head=HEAD + head), robots_tag=robots_tag)
    made = _made(page, summary="A summary")

    assert (made.held_back, made.text, made.text_from) == (why, "A summary", TextFrom.FEED)
    assert (made.url, made.claimed_keys) == (f"{SITE}/2026/bridge", (url_key(f"{SITE}/2026/bridge"),))
    assert (made.source.name, made.summary, made.author, made.image) == ("The Herald", "A summary", None, None)


def test_a_page_that_is_not_held_back_says_nothing() -> None:
    """Neither a page that is read nor one that was not wanted counts as held back; what was not let in is told."""
    assert _made(_page()).held_back is _made().held_back is None
    assert read_article(_entry(), None, FEED, NOON, held_back=HeldBack.ROBOTS).article.held_back is HeldBack.ROBOTS


def test_a_form_that_is_not_to_be_indexed_says_nothing_of_the_article() -> None:
    """Where a redirect led to a consent or login form the page itself is unknown."""
    form = _page(head="<meta name='robots' content='noindex'>", at=f"{SITE}/login?back=/news/bridge")

    assert _made(form).held_back is None
