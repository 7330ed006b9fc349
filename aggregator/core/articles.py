"""From an entry and its page to an article with its signature: the pure work that a worker process does."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from aggregator.core.crawling.inflating import unpacked
from aggregator.core.feeds.dates import dated
from aggregator.core.feeds.full_text import feed_text
from aggregator.core.pages.extract import read_by_wrapper, read_page
from aggregator.core.pages.language import language_of
from aggregator.core.urls import clean_url, site, url_key
from aggregator.core.wire.wire import agency_of, is_original
from aggregator.core.words.signature import sign
from aggregator.core.wrappers.trust import way_for
from aggregator.domain.articles import Article, HeldBack, Page, Signature, Source, TextFrom
from aggregator.domain.feeds import Entry
from aggregator.domain.fetching import Failed, Response
from aggregator.domain.ids import UrlKey
from aggregator.domain.wrappers import Lesson, Wrapper

#: The feed's own text is taken instead of the page's when it is this much longer: the page is then a teaser before a
#: paywall or a consent form. Between equals the page wins, for feeds cut and decorate.
FEED_TEXT_WINS = 1.5
_SECTION = re.compile(r"(?<=\S)(?: [-–—|>»:·] |: | :: | >> )(?=\S)")
#: Characters of text shown as a summary where the feed gives none.
SUMMARY = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFacts:
    """What reading an entry needs to know of its feed."""

    url: str
    name: str
    link: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """An article as it was read, with what is compared of it."""

    article: Article
    signature: Signature
    #: What its page teaches of how to read the pages of its site.
    lesson: Lesson | None = None


def read_article(
    entry: Entry,
    response: Response | None,
    feed: FeedFacts,
    first_seen: datetime,
    *,
    held_back: HeldBack | None = None,
    wrapper: Wrapper | None = None,
    simply: bool = False,
) -> Read:
    """Make an article of an entry and, where it was fetched, its page.

    Args:
        entry: What the feed lists.
        response: The page; None when it is not wanted or could not be had, then the feed's own text must do.
        feed: The feed that lists it.
        first_seen: The moment it was found, for entries without a credible date.
        held_back: Why there is no page, if it was held back from us.
        wrapper: What is known of the pages of the page's site; None reads the page in full, and learns nothing.
        simply: Whether the page is to be read without a parser, for it was too much for one.
    """
    if response is not None and _is_form(entry.url, response.url):
        response = None
    page, lesson = _page(response, wrapper, simply=simply) if response else (Page(text="", held_back=held_back), None)
    url = _address(entry, response, page, feed)
    text, text_from = _text(entry, page)
    title = entry.title or page.title or _beginning(text, 80) or url
    published = entry.published or page.published
    source = Source(site=site(url), name=_source_name(url, page, feed))
    author = entry.author or page.author
    credit = agency_of(text, author=author, source_site=source.site, source_name=source.name)
    own, claimed = _keys(entry, response, page)
    article = Article(
        url=url,
        url_keys=own,
        claimed_keys=claimed,
        title=title,
        text=text,
        text_from=text_from,
        summary=entry.summary[: 2 * SUMMARY] or _beginning(text, SUMMARY),
        author=author,
        source=source,
        agency=credit.name if credit else None,
        is_original=is_original(credit, source_site=source.site, source_name=source.name),
        language=language_of(f"{title}\n{text}", declared=page.language or feed.language),
        published=published,
        dated=dated(published, first_seen),
        image=entry.image or page.image,
        held_back=page.held_back,
    )
    return Read(article=article, signature=sign(title, text), lesson=lesson)


def read_with_page(
    entry: Entry,
    response: Response,
    feed: FeedFacts,
    first_seen: datetime,
    *,
    wrapper: Wrapper | None = None,
    simply: bool = False,
) -> Read | Failed:
    """Make an article of an entry and its page as that came over the wire; `Failed` where that cannot be unpacked."""
    page = unpacked(response)
    if isinstance(page, Failed):
        return page
    return read_article(entry, page, feed, first_seen, wrapper=wrapper, simply=simply)


def _page(response: Response, wrapper: Wrapper | None, *, simply: bool) -> tuple[Page, Lesson | None]:
    """Read a page; of one that does not want its text to be used only what tells where it belongs."""
    lesson = None
    if wrapper is None or simply:
        page = read_page(
            response.body,
            url=response.url,
            content_type=response.content_type,
            robots_tag=response.robots_tag,
            simply=simply,
        )
    else:
        page, lesson = read_by_wrapper(
            response.body,
            wrapper,
            way_for(wrapper, response.url),
            url=response.url,
            content_type=response.content_type,
            robots_tag=response.robots_tag,
        )
    return page if page.held_back is None else _without_text(page), lesson


def _without_text(page: Page) -> Page:
    return Page(
        text="",
        canonical_url=page.canonical_url,
        site_name=page.site_name,
        language=page.language,
        held_back=page.held_back,
    )


def _is_form(asked: str | None, answered: str) -> bool:
    """Tell whether a redirect led to a consent or login form, which knows from its query where to lead back to."""
    back = urlsplit(asked or "").path
    form = urlsplit(answered)
    return back not in {"", "/", form.path} and back in unquote(form.query)


def _address(entry: Entry, response: Response | None, page: Page, feed: FeedFacts) -> str:
    """Return the address a person opens: what the page names, else where it was found, but no front page."""
    asked = entry.url or feed.link or feed.url
    found = asked if response is None or _is_front_page(response.url) else response.url
    return clean_url(_canonical(page, found) or found)


def _canonical(page: Page, found: str) -> str | None:
    """Return what the page names as its address, if that can be an article's: not a section's, nor on another site."""
    named = page.canonical_url
    if named is None or site(named) != site(found) or _is_front_page(named):
        return None
    # Some sites name the section an article stands in: an address that the article's own merely goes on from.
    is_section = url_key(named) != url_key(found) and url_key(found).startswith(url_key(named) + "/")
    return None if is_section else named


def _keys(entry: Entry, response: Response | None, page: Page) -> tuple[tuple[UrlKey, ...], tuple[UrlKey, ...]]:
    """Return the addresses that are the article's own, and those that are merely claimed for it."""
    if entry.url is None or not entry.url_is_own:
        return (), ()
    own = url_key(entry.url)
    claims = []
    if response is not None and not _is_front_page(response.url):
        claims.append(url_key(response.url))
        # Only on its own site: a canonical elsewhere names the text that was reprinted, not this article.
        if (canonical := _canonical(page, response.url)) is not None:
            claims.append(url_key(canonical))
    return (own,), tuple(key for key in dict.fromkeys(claims) if key != own)


def _is_front_page(url: str) -> bool:
    parts = urlsplit(url_key(url))
    return parts.path in {"", "/"} and not parts.query


def _text(entry: Entry, page: Page) -> tuple[str, TextFrom]:
    own = feed_text(entry)
    if page.text and len(own) <= FEED_TEXT_WINS * len(page.text):
        return page.text, TextFrom.PAGE
    return own, TextFrom.FEED if own else TextFrom.NOWHERE


def _source_name(url: str, page: Page, feed: FeedFacts) -> str:
    if page.site_name:
        return page.site_name
    at_home = site(url) in {site(address) for address in (feed.url, feed.link) if address}
    # "Harbour Herald - sport": the outlet comes before its section.
    return _SECTION.split(feed.name, maxsplit=1)[0] if at_home else site(url)


def _beginning(text: str, length: int) -> str:
    """Return the first words of `text`, at most `length` characters, with an ellipsis where something was cut."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head, _, _ = line[: length + 1].rpartition(" ")
    return f"{head or line[:length]} …"
