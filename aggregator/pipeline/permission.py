"""Whether the pages of a site may be fetched, by its robots.txt.

Feeds are not asked about: a person chose to follow them, and following them is what they are there for. Pages are found by
following links, as a crawler does.
"""

from collections.abc import Iterable, Mapping, Sequence

from aggregator.core.crawling.robots import PRODUCT, Standing, judge, origin, robots_file, standing
from aggregator.core.urls import site
from aggregator.domain.crawling import RobotsFile
from aggregator.domain.fetching import Failed, FailureKind, Purpose, Request
from aggregator.pipeline.locks import KeyedLocks
from aggregator.pipeline.ports import Clock, Fetcher, InWriter, Workers
from aggregator.pipeline.store_ports import Store


class Permission:
    """Asks each origin for its robots.txt once a day at most, whoever and however many want to know.

    Nothing is kept in memory: the store answers in a fraction of a millisecond, and survives a restart.
    """

    def __init__(self, *, store: Store, fetcher: Fetcher, workers: Workers, in_writer: InWriter, clock: Clock) -> None:
        self._store = store
        self._fetcher = fetcher
        self._workers = workers
        self._in_writer = in_writer
        self._clock = clock
        self._being_asked = KeyedLocks()

    def of(self, pages: Iterable[str]) -> "Permits":
        """Return what will tell of each of `pages` whether it may be fetched."""
        return Permits(self, pages)

    async def refusals(self, place: str, pages: Sequence[str]) -> Mapping[str, Failed]:
        """Return those of `pages`, which are all of the origin `place`, that may not be fetched, with the reason.

        A `Failed(ROBOTS)` that names no time is the site's word. One that names a time passes: what the site wants cannot
        be known before.
        """
        file = await self._file(place)
        if isinstance(file, Failed):
            return dict.fromkeys(pages, file)
        match standing(file, self._clock()):
            case Standing.ALL:
                return {}
            case Standing.NOTHING:
                why = f"{place}/robots.txt cannot be had, and without it no page may be fetched"
                return dict.fromkeys(pages, Failed(kind=FailureKind.ROBOTS, why=why, retry_at=file.expires))
            case Standing.BY_RULES:
                return await self._judged(file, pages)

    async def _file(self, place: str) -> RobotsFile | Failed:
        """Return what is known of a robots.txt, from its site if need be; a failure where the site is at rest."""
        async with self._being_asked.held(place):
            known = await self._in_writer(self._store.robots, place)
            if known is not None and self._clock() < known.expires:
                return known
            answer = await self._fetcher.fetch(Request(url=f"{place}/robots.txt", purpose=Purpose.ROBOTS))
            if isinstance(answer, Failed) and answer.kind is FailureKind.RESTING:
                # Nobody was asked, so nothing was learned; the page would have to wait in the same way.
                return answer
            now = self._clock()
            file = robots_file(place, answer, known, now)
            await self._in_writer(self._store.keep_robots, file, now)
            return file

    async def _judged(self, file: RobotsFile, pages: Sequence[str]) -> Mapping[str, Failed]:
        judged = await self._workers.call(judge, file.body or b"", pages, PRODUCT)
        if isinstance(judged, Failed):
            # No honest file is too much for a worker. But a worker may also die of something else, and then to take
            # silence for consent would fetch what an honest file forbids: so not now, and the page is tried again.
            why = f"{file.origin}/robots.txt cannot be read: {judged.why}"
            return dict.fromkeys(pages, Failed(kind=FailureKind.ROBOTS, why=why, retry_at=self._clock()))
        if judged.crawl_delay is not None:
            self._fetcher.slow_down(site(file.origin), judged.crawl_delay)
        refused = Failed(kind=FailureKind.ROBOTS, why=f"{file.origin}/robots.txt asks us not to fetch this page")
        return {page: refused for page, allowed in zip(pages, judged.allowed, strict=True) if not allowed}


class Permits:
    """Tells of each of some pages whether it may be fetched. Those of one origin are judged together, at the first question.

    The asked address counts. Where a redirect leads can only be known by asking, and who redirects vouches for the target.
    """

    def __init__(self, permission: Permission, pages: Iterable[str]) -> None:
        self._permission = permission
        self._pages = tuple(dict.fromkeys(pages))
        self._refusals: dict[str, Mapping[str, Failed]] = {}

    async def refusal(self, page: str) -> Failed | None:
        """Return why one of the pages may not be fetched; None where it may."""
        place = origin(page)
        if place not in self._refusals:
            neighbours = [other for other in self._pages if origin(other) == place]
            self._refusals[place] = await self._permission.refusals(place, neighbours)
        return self._refusals[place].get(page)
