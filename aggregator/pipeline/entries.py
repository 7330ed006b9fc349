"""From a feed's entries to recorded articles."""

import asyncio
import math
from collections import Counter, defaultdict
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from aggregator.core.articles import FeedFacts, Read, read_article, read_with_page
from aggregator.core.crawling.schedule import page_again
from aggregator.core.feeds.entries import MAX_ENTRIES
from aggregator.core.feeds.full_text import is_full_text
from aggregator.core.secrecy import without_login, without_secrets
from aggregator.core.stories.rules import Rules
from aggregator.core.urls import site, url_key
from aggregator.domain.articles import HeldBack, TextFrom
from aggregator.domain.feeds import Entry, EntryToRead, Feed, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind, Purpose, Request, Response
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.domain.settings import FullText
from aggregator.pipeline.locks import KeyedLocks
from aggregator.pipeline.permission import Permission, Permits
from aggregator.pipeline.ports import Clock, Fetcher, InWriter, Workers
from aggregator.pipeline.recording import Recorded, record, record_listing, record_missing
from aggregator.pipeline.sharing import SharedWrites
from aggregator.pipeline.store_ports import Store
from aggregator.pipeline.wrappers import Wrappers

T = TypeVar("T")

#: Articles whose time of reading is remembered, the last ones read: enough for what the feeds of one site list at once.
REMEMBERED = 10_000
#: Missing pages asked for again in one poll: what a throttled site left over comes in by and by.
MISSING_PAGES = 20


class EntryReader:
    """Reads the entries of a feed that the store does not know, and files what they become."""

    def __init__(
        self,
        *,
        store: Store,
        fetcher: Fetcher,
        workers: Workers,
        in_writer: InWriter,
        writes: SharedWrites,
        clock: Clock,
        stopping: asyncio.Event,
        rules: Rules,
    ) -> None:
        #: Which article is to speak for a story; may be changed between polls.
        self.rules = rules
        #: Entries of one document that are read; may be changed as well.
        self.max_entries = MAX_ENTRIES
        self._store = store
        self._fetcher = fetcher
        self._permission = Permission(store=store, fetcher=fetcher, workers=workers, in_writer=in_writer, clock=clock)
        self._wrappers = Wrappers(store=store, in_writer=in_writer, clock=clock)
        self._workers = workers
        self._in_writer = in_writer
        self._writes = writes
        self._clock = clock
        self._stopping = stopping
        self._being_read = KeyedLocks()
        self._read_at = dict[object, float]()

    async def read_all(self, feed: Feed, parsed: ParsedFeed, asked: float) -> PollOutcome:
        """Read what is new or changed in a feed's document, which was asked for at `asked` by the loop's clock.

        The outcome is `STOPPED` when a stop left something unread.
        """
        tasks = await self._in_writer(self._store.unread, feed.id, parsed.entries)
        facts = FeedFacts(
            url=without_secrets(without_login(feed.url)),
            name=parsed.title or feed.name,
            link=parsed.link,
            language=parsed.language,
        )
        tally = await self._read_tasks(feed, facts, tasks, asked)
        return PollOutcome(
            feed=feed,
            kind=PollKind.STOPPED if tally["stopped"] else PollKind.READ,
            entries=len(parsed.entries),
            new=tally[Recorded.NEW],
            revised=tally[Recorded.REVISED],
            also_listed=tally[Recorded.ALSO_LISTED],
            pages_fetched=tally["pages fetched"],
            pages_failed=tally["pages failed"],
            warning=_warning(parsed, tally["unreadable"]),
        )

    async def read_missing(self, outcome: PollOutcome) -> PollOutcome:
        """Ask again for pages of a feed that could not be had before; return what that adds to the poll's outcome."""
        feed, now, asked = outcome.feed, self._clock(), asyncio.get_running_loop().time()
        tasks = await self._in_writer(self._store.missing_pages, feed.id, now, limit=MISSING_PAGES)
        tally = await self._read_tasks(
            feed, FeedFacts(url=without_secrets(without_login(feed.url)), name=feed.name), tasks, asked
        )
        return replace(
            outcome,
            pages_fetched=outcome.pages_fetched + tally["pages fetched"],
            pages_failed=outcome.pages_failed + tally["pages failed"],
        )

    async def _read_tasks(
        self, feed: Feed, facts: FeedFacts, tasks: Sequence[EntryToRead], asked: float
    ) -> Counter[str]:
        # One chain a site: its pages must wait for each other anyway, and no more than one page a chain is in memory.
        chains = defaultdict[str, list[EntryToRead]](list)
        for task in tasks:
            chains[site(task.entry.url) if task.entry.url else ""].append(task)
        work = [self._read_chain(feed, facts, chain, asked) for chain in chains.values()]
        return sum(await _all_of(work), Counter[str]())

    async def _read_chain(
        self, feed: Feed, facts: FeedFacts, chain: Sequence[EntryToRead], asked: float
    ) -> Counter[str]:
        tally = Counter[str]()
        permits = self._permission.of(url for task in chain if (url := _page_wanted(feed, task.entry)))
        for task in chain:
            if self._stopping.is_set():
                tally["stopped"] += 1
                break
            identity = _identity(feed, task.entry)
            async with self._being_read.held(identity):
                # What another feed had us read after this one was asked for is as new as what this one lists.
                known = task.article is None or self._read_at.get(identity, -math.inf) >= asked
                if known and await self._list(feed, task):
                    tally[Recorded.ALSO_LISTED] += 1
                    continue
                await self._read(feed, facts, task, permits, tally=tally)
                self._remember(identity)
        return tally

    async def _list(self, feed: Feed, task: EntryToRead) -> bool:
        listing = partial(record_listing, self._store, feed.id, task, self._clock(), rules=self.rules)
        return await self._writes.write_article(listing)

    def _remember(self, identity: object) -> None:
        self._read_at.pop(identity, None)
        self._read_at[identity] = asyncio.get_running_loop().time()
        if len(self._read_at) > REMEMBERED:
            del self._read_at[next(iter(self._read_at))]

    async def _read(
        self, feed: Feed, facts: FeedFacts, task: EntryToRead, permits: Permits, *, tally: Counter[str]
    ) -> None:
        """Read one entry, with its page where that is wanted and permitted, and record it."""
        now = self._clock()
        answer = await self._page(feed, task.entry, permits)
        read = await self._read_page(task.entry, answer, facts, now) if isinstance(answer, Response) else None
        if isinstance(read, Failed) and read.kind is not FailureKind.WORKER:
            answer = read  # what came cannot be unpacked, as if it had broken off on the wire
        due, held_back = _due(now, answer, task.tries), _held_back(answer)
        tally["pages fetched"] += isinstance(answer, Response)
        # A page that is held back is no failure: the site has said what it wants, and gets it.
        tally["pages failed"] += isinstance(read, Failed) or (isinstance(answer, Failed) and held_back is None)
        if task.tries and not isinstance(answer, Response):
            await self._writes.write_article(partial(record_missing, self._store, feed.id, task, due, held_back))
            return
        if not isinstance(read, Read):
            read = await self._workers.call(read_article, task.entry, None, facts, now, held_back=held_back)
        if isinstance(read, Failed):
            tally["unreadable"] += 1
        elif task.tries and read.article.text_from is not TextFrom.PAGE:
            # What the store remembers of the entry is less than what was read of it when it was listed.
            missing = partial(record_missing, self._store, feed.id, task, due, read.article.held_back)
            await self._writes.write_article(missing)
        else:
            recording = partial(record, self._store, feed.id, task, read, now, rules=self.rules, page_due=due)
            tally[await self._writes.write_article(recording)] += 1

    async def _read_page(self, entry: Entry, page: Response, facts: FeedFacts, now: datetime) -> Read | Failed:
        """Make an article of an entry and its page, in a simpler way where that is too much for a worker."""
        place = site(page.url)
        wrapper = await self._wrappers.of(place)
        read = await self._workers.call(read_with_page, entry, page, facts, now, wrapper=wrapper)
        if isinstance(read, Read) and read.lesson:
            await self._wrappers.learn(place, read.lesson)
        if isinstance(read, Failed) and read.kind is FailureKind.WORKER:
            read = await self._workers.call(read_with_page, entry, page, facts, now, simply=True)
        return read

    async def _page(self, feed: Feed, entry: Entry, permits: Permits) -> Response | Failed | None:
        """Fetch the page of an entry; None when it is not wanted."""
        url = _page_wanted(feed, entry)
        if url is None:
            return None
        answer = await permits.refusal(url) or await self._fetcher.fetch(
            Request(url=url, purpose=Purpose.PAGE, user_agent=feed.user_agent)
        )
        if isinstance(answer, Failed) and answer.kind is FailureKind.THROTTLED:
            # At once: a crash must not make us forget that a site asked to be left alone.
            await self._in_writer(self._store.record_visits, *self._fetcher.drain())
        # Nothing but whole pages is asked for, so "not modified" says nothing.
        return answer if isinstance(answer, Response | Failed) else None


async def _all_of(work: Iterable[Coroutine[None, None, T]]) -> list[T]:
    """Return all results; when something raised, only after the rest has ended: nothing goes on unseen."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


def _warning(parsed: ParsedFeed, unreadable: int) -> str | None:
    if not unreadable:
        return parsed.warning
    return "; ".join(filter(None, (parsed.warning, f"{unreadable} entries could not be read")))


def _identity(feed: Feed, entry: Entry) -> object:
    return url_key(entry.url) if entry.url and entry.url_is_own else (feed.id, entry.key)


def _due(now: datetime, answer: Response | Failed | None, tries: int) -> datetime | None:
    """Return when a page is to be asked for again."""
    if not isinstance(answer, Failed):
        return None
    # A site's word stands; that its word cannot be had passes.
    is_forbidden = answer.kind is FailureKind.ROBOTS and answer.retry_at is None
    return None if is_forbidden else page_again(now, answer, tries)


def _held_back(answer: object) -> HeldBack | None:
    """Return why a page was held back; None where it was not, or simply failed."""
    if not isinstance(answer, Failed):
        return None
    if answer.kind is FailureKind.ROBOTS:
        return HeldBack.ROBOTS
    return HeldBack.PAYWALL if answer.status == HTTPStatus.PAYMENT_REQUIRED else None


def _page_wanted(feed: Feed, entry: Entry) -> str | None:
    """Return the address of an entry's page if it is to be read."""
    return entry.url if _page_is_wanted(feed, entry) else None


def _page_is_wanted(feed: Feed, entry: Entry) -> bool:
    match feed.full_text:
        case FullText.NEVER:
            return False
        case FullText.ALWAYS:
            return True
        case FullText.AUTO:
            # An address that several entries share (a home page) has no article to offer.
            return entry.url_is_own and not is_full_text(entry)
