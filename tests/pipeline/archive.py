"""An archive of invented reports: events that outlets tell in words of their own, and copies of these reports."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, ParamSpec, Self, TypeVar

from aggregator.adapters.store import SqliteStore
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.pipeline.placing import place
from aggregator.pipeline.ports import InWriter
from aggregator.pipeline.rebuild import Rebuilt, rebuild
from aggregator.pipeline.settling import Settled, Settler
from tests.builders import NOON, article, hours, placed, words
from tests.pipeline.fakes import InlineSnapshots

P = ParamSpec("P")
T = TypeVar("T")

#: Words that only the reports of one event have, of which each has some, and those that one report alone has.
_OF_EVENT, _TOLD, _OWN = 40, 30, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An article; those of one event and one telling carry one text."""

    #: Its address, and its outlet.
    number: int
    #: Of several, something of each.
    events: tuple[int, ...]
    telling: int = 0
    #: Hours after noon.
    at: float = 0.0
    language: str = "en"

    @property
    def text(self) -> str:
        """What it says: words of its events and some of its own, in an order of its own."""
        chance = Random(repr((self.events, self.telling)))
        said = [chance.sample(_words_of(event), _TOLD // len(self.events)) for event in self.events]
        own = words(_OWN, start=30_000 + 100 * (50 * sum(self.events) + self.telling)).split()
        told = [*(word for part in said for word in part), *own]
        chance.shuffle(told)
        return " ".join(told)


def _words_of(event: int) -> list[str]:
    return words(_OF_EVENT, start=1000 * (event + 1)).split()


async def at_once(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Be the writer here and now."""
    return function(*args, **kwargs)


class Archive:
    """A store that is told reports as the daemon is, and says which stand together."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self._ids: dict[int, ArticleId] = {}

    @classmethod
    @contextmanager
    def told(cls, reports: Iterable[Report] = (), *, path: Path | str = ":memory:") -> Iterator[Self]:
        """Open an archive, in memory unless a file is named, that has been told some reports."""
        with SqliteStore(path) as store:
            archive = cls(store)
            for report in reports:
                archive.tell(report)
            yield archive

    def tell(self, report: Report, **more: Any) -> StoryId:
        """Add a report and place it; return its story."""
        outlet = f"paper-{report.number}"
        fields: dict[str, Any] = {"url": f"https://{outlet}.example/a", "language": report.language} | more
        made = article(report.text, at=report.at, outlet=outlet, **fields)
        signature = sign(made.title, made.text)
        with self.store.transaction():
            id = self.store.add_article(made, signature, NOON)
            place(self.store, id, signature, dated=made.dated, now=hours(report.at))
        self._ids[report.number] = id
        return self.story(report.number)

    def rebuild(self, *, at: float = 100.0, **options: Any) -> Rebuilt:
        """Rebuild so many hours after noon."""
        return rebuild(self.store, hours(at), **options)

    def settle(
        self,
        *,
        at: float = 100.0,
        meanwhile: Callable[[], object] = lambda: None,
        in_writer: InWriter = at_once,
    ) -> Settled:
        """Arrange the open stories anew so many hours after noon, as the daemon does by itself.

        `meanwhile` happens when the plan is made, and nothing of it is carried out yet.
        """
        settler = Settler(
            store=self.store,
            in_writer=in_writer,
            snapshots=InlineSnapshots(self.store, afterwards=meanwhile),
            clock=lambda: hours(at),
            rules=DEFAULT_RULES,
        )
        settled = asyncio.run(settler.settle(anyway=True))
        assert isinstance(settled, Settled)
        return settled

    def id(self, number: int) -> ArticleId:
        """Return the number that a report has in the store."""
        return self._ids[number]

    def story(self, number: int) -> StoryId:
        """Return the story that a report stands in."""
        story = self.store.story_of(self._ids[number])
        assert story is not None
        return story

    def stories(self) -> set[frozenset[int]]:
        """Return which reports stand together."""
        return self._together({id: story for id, story, _ in placed(self.store)})

    def texts(self) -> set[frozenset[int]]:
        """Return which reports are taken for one text."""
        return self._together({id: copy_of or id for id, _, copy_of in placed(self.store)})

    def standing(self) -> dict[int, StoryId]:
        """Return the story of each report."""
        return {number: self.story(number) for number in self._ids}

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return every row of every table."""
        tables = [row["name"] for row in self.store._sql.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: list(map(tuple, self.store._sql.rows(f"SELECT * FROM [{table}]"))) for table in tables}

    def changes(self) -> int:
        """Return how many rows were written so far."""
        return int(self.store._sql.raw.total_changes)

    def _together(self, place: dict[ArticleId, Any]) -> set[frozenset[int]]:
        sets: dict[Any, set[int]] = {}
        for number, id in self._ids.items():
            sets.setdefault(place[id], set()).add(number)
        return {frozenset(numbers) for numbers in sets.values()}


def three_events(*, first: int = 0, at: float = 0.0) -> list[Report]:
    """Return twelve reports an hour apart: four tellings of each of three events."""
    return [
        Report(number=first + 4 * event + telling, events=(event,), telling=telling, at=at + 4 * event + telling)
        for event in range(3)
        for telling in range(4)
    ]
