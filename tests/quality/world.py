"""The news world as a corpus: small, but ours, so that the gate works where no other news is at hand."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import combinations

from aggregator.core.evaluation.measures import set_scores
from aggregator.domain.lines import Line
from tests.builders import placed_lines
from tests.newsworld.clock import END, WorldClock
from tests.newsworld.model import ARTICLES, NewsArticle
from tests.newsworld.outlets import OUTLETS
from tests.newsworld.world import load_world
from tests.quality.corpora import digest
from tests.quality.gate import Figure

#: Any evening; the world's dates are counted from it.
_EVENING = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


def figures() -> Iterator[Figure]:
    """Place the world's articles and compare copies and stories with what its files say."""
    world = load_world()
    clock = WorldClock(now=_EVENING)
    ids = [article.id for article in world.articles]
    places = list(placed_lines((_line(article, clock) for article in world.articles), _EVENING).placed())
    texts = _pairs(_together(ids, (place.copy_of or place.article for place in places)))
    stories = _pairs(_together(ids, (place.story for place in places)))
    copies = set_scores(texts, _pairs(world.expected_copies()))
    events = set_scores(stories, _pairs(world.expected_events()))
    corpus = digest(*sorted(ARTICLES.glob("*.yaml")))
    yield Figure(name="news world copies precision", value=copies.precision, digest=corpus, goal=1.0)
    yield Figure(name="news world copies recall", value=copies.recall, digest=corpus, goal=1.0)
    yield Figure(name="news world stories precision", value=events.precision, digest=corpus, goal=1.0)
    yield Figure(name="news world stories recall", value=events.recall, digest=corpus, goal=1.0)


def _line(article: NewsArticle, clock: WorldClock) -> Line:
    version = article.version(END)
    return Line(
        title=version.title,
        text=article.text(END),
        published=clock.moment(article.at),
        source=OUTLETS[article.outlet].name,
    )


def _together(ids: list[str], places: Iterable[int]) -> list[set[str]]:
    sets: dict[int, set[str]] = {}
    for id, place in zip(ids, places, strict=True):
        sets.setdefault(place, set()).add(id)
    return list(sets.values())


def _pairs(sets: Iterable[Iterable[str]]) -> set[frozenset[str]]:
    return {frozenset(pair) for ids in sets for pair in combinations(ids, 2)}
