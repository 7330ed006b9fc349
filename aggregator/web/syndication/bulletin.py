"""What a feed of stories tells, before it is written in one of three forms."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from urllib.parse import quote, urlencode, urlsplit

from aggregator.core.markup.sanitising import address, sanitised
from aggregator.core.printable import printable
from aggregator.core.shortening import shortened
from aggregator.domain.ids import StoryId
from aggregator.domain.listing import News
from aggregator.domain.reading import Carrier, Counts, ListedStory

#: Characters of a summary, and outlets that are named beside the one that speaks.
MOST_SUMMARY, MOST_CARRIERS = 1_000, 10
#: What no XML may hold (XML 1.0, 2.2), nor JSON that is read by whoever.
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: What an address may hold as it is (RFC 3986), the percent sign among it, for most are encoded already.
_ADDRESS = "%/:=&?~#+!$,;'@()*[]-._"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which stories a feed is of."""

    tag: str | None = None
    language: str | None = None
    source: str | None = None
    min_sources: int = 1
    words: str | None = None

    @property
    def title(self) -> str:
        """What the feed is called."""
        least = f"{self.min_sources} sources or more" if self.min_sources > 1 else None
        parts = (self.words and f"“{self.words}”", self.tag, self.language, self.source, least)
        return clean(": ".join(filter(None, ("aggregator", ", ".join(filter(None, parts))))))

    def query(self) -> str:
        """Return it as the end of an address, one for each meaning."""
        least = self.min_sources if self.min_sources > 1 else None
        given = {
            "tag": self.tag,
            "language": self.language,
            "source": self.source,
            "min_sources": least,
            "q": self.words,
        }
        return _query({name: value for name, value in given.items() if value})

    def page(self) -> str:
        """Return where the page shows the same, as nearly as it does."""
        if self.words:
            return f"/search{_query({'q': self.words})}"
        least = self.min_sources if self.min_sources > 1 else None
        given = {"tag": self.tag, "lang": self.language, "source": self.source, "min": least}
        return f"/{_query({name: value for name, value in given.items() if value})}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the feeds are asked for, and of which installation they are: what its identities begin with."""

    #: Scheme and host, as the asker knows them.
    base: str
    founded: datetime

    def identity(self, of: str) -> str:
        """Return a tag URI (RFC 4151), which never changes and is no other installation's."""
        moment = self.founded
        within = ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
        return f"tag:aggregator,{moment:%Y-%m-%d}:{within:x}/{of}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A story in a feed."""

    id: str
    story: StoryId
    title: str
    #: The article that speaks for it, and the page of ours about it.
    url: str
    page: str
    source: str
    #: The front page of that outlet.
    site: str
    published: datetime
    #: When it last told something new.
    updated: datetime
    language: str | None
    tags: tuple[str, ...]
    summary: str
    #: Sanitised markup.
    content: str
    #: Other outlets' articles.
    related: tuple[Carrier, ...]
    counts: Counts
    lineage: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """A feed."""

    id: str
    title: str
    self_url: str
    page: str
    language: str | None
    #: When anything in it last told something new.
    updated: datetime
    stories: tuple[Told, ...]


def bulletin(news: Iterable[News], wanted: Wanted, place: Place, path: str) -> Bulletin:
    """Lay out a feed that is asked for at `path`."""
    stories = tuple(_told(one, place) for one in news)
    return Bulletin(
        id=place.identity(f"stories{wanted.query()}"),
        title=wanted.title,
        self_url=f"{place.base}{path}{wanted.query()}",
        page=f"{place.base}{wanted.page()}",
        language=wanted.language,
        updated=max((story.updated for story in stories), default=place.founded),
        stories=stories,
    )


def clean(text: str) -> str:
    """Return a text on one line, without what no terminal, XML or JSON may hold."""
    return _ILLEGAL.sub("", printable(text))


def _told(news: News, place: Place) -> Told:
    story = news.story
    page = f"{place.base}/story/{story.id}"
    url = _address(story.url) or page
    related = tuple(islice(_others(story, url), MOST_CARRIERS))
    split = urlsplit(url)
    return Told(
        id=place.identity(f"story/{story.id}"),
        story=story.id,
        title=clean(story.title) or "(no headline)",
        url=url,
        page=page,
        source=clean(story.source) or "unknown",
        site=f"{split.scheme}://{split.netloc}/",
        published=story.first_dated,
        updated=news.told,
        language=story.language,
        tags=tuple(filter(None, map(clean, story.tags))),
        summary=shortened(clean(story.summary), MOST_SUMMARY),
        content=_content(story, related, page),
        related=related,
        counts=story.counts,
        lineage=story.lineage and clean(story.lineage),
    )


def _others(story: ListedStory, url: str) -> Iterator[Carrier]:
    for one in story.carriers:
        opened = _address(one.url)
        if opened and opened != url:
            yield Carrier(source=clean(one.source), title=clean(one.title), url=opened)


def _content(story: ListedStory, related: Iterable[Carrier], page: str) -> str:
    told = " · ".join(filter(None, (str(story.counts), clean(story.lineage or ""))))
    parts = [f'<p><a href="{html.escape(page)}">{html.escape(told)}</a></p>']
    summary = shortened(clean(story.summary), MOST_SUMMARY)
    if summary:
        parts.insert(0, f"<p>{html.escape(summary)}</p>")
    listed = [
        f'<li>{html.escape(one.source)}: <a href="{html.escape(one.url)}">{html.escape(one.title or one.url)}</a></li>'
        for one in related
    ]
    if listed:
        parts.append(f"<ul>{''.join(listed)}</ul>")
    return _ILLEGAL.sub("", sanitised("".join(parts)))


def _address(url: str) -> str | None:
    """Return an address that may be opened as RFC 3986 writes it, None where it may not."""
    opened = address(url)
    return opened and quote(clean(opened), safe=_ADDRESS)


def _query(given: dict[str, object]) -> str:
    return f"?{urlencode(given)}" if given else ""
