"""The world that the article files tell: its articles over two days, and the stories they make."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

from aggregator.core.evaluation.measures import Scores, set_scores
from tests.newsworld.outlets import OUTLETS, Outlet

#: The article files.
ARTICLES = Path(__file__).parent / "articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What an article says from a position on."""

    at: float
    title: str
    lead: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsArticle:
    """An article of an outlet, as first published, with what became of it later."""

    id: str
    outlet: str
    event: str
    language: str
    #: The id of the text that it carries; None for a text of its own.
    copy_of: str | None = None
    #: "text", or how a copy differs: whole, trimmed, retitled, extended, edited.
    kind: str = "text"
    #: When it appears, as a position.
    at: float
    #: The first is its home.
    sections: tuple[str, ...]
    title: str
    author: str | None = None
    lead: str
    paragraphs: tuple[str, ...]
    #: A line below the text.
    credit: str | None = None
    revisions: tuple[Version, ...] = ()

    def version(self, position: float) -> Version:
        """Return what the article says at `position`, which is not before its appearance."""
        first = Version(at=self.at, title=self.title, lead=self.lead, paragraphs=self.paragraphs)
        return [first, *(revision for revision in self.revisions if revision.at <= position)][-1]

    def text(self, position: float) -> str:
        """Return the true text: paragraphs and credit line as a reader sees them."""
        lines = [*self.version(position).paragraphs, *([self.credit] if self.credit else [])]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A piece of news, which one file tells."""

    slug: str
    language: str
    note: str
    #: Events that look alike but are not the same.
    lookalike_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class World:
    """All that happens in two days."""

    events: tuple[Event, ...]
    #: In order of appearance.
    articles: tuple[NewsArticle, ...]

    @cached_property
    def by_id(self) -> dict[str, NewsArticle]:
        """Every article by its id."""
        return {article.id: article for article in self.articles}

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """Every outlet, also those that publish nothing."""
        return tuple(OUTLETS.values())

    def released(self, outlet: str, section: str, position: float) -> list[NewsArticle]:
        """Return what `outlet` has published in `section` ("front" for all) until `position`, newest first."""
        found = [
            article
            for article in self.articles
            if article.outlet == outlet and article.at <= position and section in ("front", *article.sections)
        ]
        return found[::-1]

    def expected_copies(self) -> set[frozenset[str]]:
        """Return, for every text, the ids of all articles that carry it; a text nobody copied stands alone."""
        return self._together(lambda article: article.copy_of or article.id)

    def expected_events(self) -> set[frozenset[str]]:
        """Return, for every event, the ids of all articles that tell it."""
        return self._together(lambda article: article.event)

    def expected_lookalikes(self) -> set[frozenset[str]]:
        """Return pairs of events that must be kept apart although they look alike."""
        return {frozenset((event.slug, other)) for event in self.events for other in event.lookalike_of}

    def expected_table(self) -> Iterator[str]:
        """Yield the expected stories as lines, most-carried first: headline, counts and sources."""
        tellings = [
            sorted((self.by_id[id] for id in ids), key=lambda article: article.at) for ids in self.expected_events()
        ]
        for articles in sorted(tellings, key=lambda telling: (-len(telling), telling[0].event)):
            texts = {article.copy_of or article.id for article in articles}
            sources = list(dict.fromkeys(article.outlet for article in articles))
            counts = f"{len(articles):3} articles {len(texts):3} texts {len(sources):3} sources"
            days = "+".join(sorted({str(1 + int(article.at // 24)) for article in articles}))
            yield f"{counts}  day {days:3}  {articles[0].event}: {articles[0].title} ({', '.join(sources)})"

    def mistakes(self, texts: Iterable[Collection[str]]) -> Iterator[str]:
        """Yield what is wrong with texts, as collections of the ids of articles that carry them, found in this world.

        Every article is there once, and the texts are those expected, each whole and by itself.
        """
        places = [(id, number) for number, ids in enumerate(texts) for id in ids]
        place = dict(places)
        times = Counter(id for id, _ in places)
        yield from (f"found {times[id]} times: {id}" for id in times if times[id] > 1)
        for copies in sorted(self.expected_copies(), key=min):
            if missing := sorted(copies - place.keys()):
                yield f"not found: {', '.join(missing)}"
            elif len({place[id] for id in copies}) > 1:
                yield f"one text taken for several: {', '.join(sorted(copies))}"
        for number in sorted(set(place.values())):
            firsts = {self.by_id[id].copy_of or id for id in place if place[id] == number}
            if len(firsts) > 1:
                yield f"several texts taken for one: {', '.join(sorted(firsts))}"

    def story_scores(self, stories: Iterable[Collection[str]]) -> Scores:
        """Hold stories, as collections of article ids, against the events by the pairs of articles they put together."""
        return set_scores(_pairs(stories), _pairs(self.expected_events()))

    def _together(self, key: Callable[[NewsArticle], str]) -> set[frozenset[str]]:
        found: dict[str, set[str]] = {}
        for article in self.articles:
            found.setdefault(key(article), set()).add(article.id)
        return {frozenset(ids) for ids in found.values()}


def _pairs(sets: Iterable[Collection[str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for ids in sets for pair in combinations(ids, 2)}
