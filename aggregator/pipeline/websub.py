"""Feeds that come to us: hubs are asked to push (W3C WebSub), and what they push is read like a poll's answer.

::

    a poll's document
      | heard            names a hub?  a subscription is wanted     Store
      | tend             the hub is asked, anew before its lease ends   Fetcher, POST
      | verify           the hub asks whether it was us             the callback
      | accept           it pushes; signed with our secret?         the callback
      | receive          parse, read entries, record                Workers, EntryReader
      > PollOutcome      as of a poll; validators and the next poll stay as they are

Polls go on all the while, see `core.crawling.websub.safety_interval`.
"""

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.core.crawling import websub
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.secrecy import without_login
from aggregator.core.urls import site
from aggregator.domain.feeds import DueFeed, Feed, ParsedFeed
from aggregator.domain.fetching import Failed, Purpose, Request, Response
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.domain.websub import Asked, Heard, Hub, Mode, Push, Subscription
from aggregator.pipeline.entries import EntryReader
from aggregator.pipeline.ports import Clock, Fetcher, InWriter, Workers
from aggregator.pipeline.store_ports import SubscriptionStore

#: A hub's reason is shown to people; more of it than this is none.
_LONGEST_REASON = 200


class Subscriber:
    """Keeps subscriptions, and reads what comes of them.

    They are held in memory and written behind: hubs wait for answers, and the writer may be busy for seconds.
    """

    def __init__(
        self,
        *,
        store: SubscriptionStore,
        fetcher: Fetcher,
        workers: Workers,
        entries: EntryReader,
        in_writer: InWriter,
        clock: Clock,
        chance: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        #: The public address at which hubs reach us; None while nobody listens there.
        self.callback: str | None = None
        #: Whether a feed named a hub, or another one, since hubs were last asked.
        self.has_news = False
        self._store = store
        self._fetcher = fetcher
        self._workers = workers
        self._entries = entries
        self._in_writer = in_writer
        self._clock = clock
        self._chance = chance
        self._known: dict[str, Subscription] = {}
        self._token_of: dict[FeedId, str] = {}
        self._unsaved: set[str] = set()
        self._tending = asyncio.Lock()
        self._saving = asyncio.Lock()

    async def load(self) -> None:
        """Take up what earlier runs left."""
        for subscription in await self._in_writer(self._store.subscriptions):
            self._put(subscription)
        self._unsaved.clear()

    def move_times(self, by: timedelta) -> None:
        """Let leases last as long as before the clock was set by `by`."""
        for subscription in tuple(self._known.values()):
            self._put(websub.moved(subscription, by))

    async def save(self) -> None:
        """Write what changed; what could not be written is written the next time."""
        # Whoever comes while another saves waits, so that its own changes are written when it returns.
        async with self._saving:
            unsaved, self._unsaved = self._unsaved, set()
            if not unsaved:
                return
            kept = [self._known[token] for token in unsaved if token in self._known]
            try:
                await self._in_writer(self._store.keep_subscriptions, kept, unsaved - self._known.keys())
            except BaseException:
                self._unsaved |= unsaved
                raise

    @property
    def active(self) -> int:
        """How many feeds are being pushed to us."""
        now = self._clock()
        return sum(websub.is_active(one, now) for one in self._known.values()) if self.callback else 0

    def interval(self, feed: FeedId, learned: timedelta) -> timedelta:
        """Return how often to poll a feed whose rhythm alone would say `learned`."""
        subscription = self._of(feed) if self.callback else None
        return websub.safety_interval(learned, subscription, self._clock())

    async def heard(self, feed: Feed, response: Response, parsed: ParsedFeed) -> None:
        """Take up the hub that a feed's document names, for the next time that hubs are asked."""
        hub = websub.hub_of(parsed, response.link_header, asked=without_login(feed.url), found=response.url)
        known = self._of(feed.id)
        if hub == (known and known.hub) or (known and not websub.may_change(known, self._clock())):
            return
        if known:
            self._end(known)
        if hub:
            self._want(feed.id, hub)
        self.has_news = True
        await self.save()

    async def tend(self) -> tuple[Asked, ...]:
        """Ask all hubs that are to be asked now; nobody is asked while nobody listens for their answers."""
        async with self._tending:
            self.has_news = False
            if self.callback is None:
                return ()
            now = self._clock()
            polled = {due.feed.id for due in await self._in_writer(self._store.all_feeds)}
            self._tidy(polled, self.callback, now)
            return await self._ask_all([*self._to_leave(), *self._to_ask(polled, self.callback, now)])

    async def leave_all(self) -> tuple[Asked, ...]:
        """Ask all hubs to push no more. They ask back, so that somebody should listen for a little while."""
        async with self._tending:
            self.callback = None
            for subscription in self._current():
                self._renounce(subscription)
            return await self._ask_all(self._to_leave())

    def known(self, token: str) -> Subscription | None:
        """Return the subscription of a token if its hub was ever asked."""
        subscription = self._known.get(token)
        return subscription if subscription and subscription.asked else None

    def verify(self, token: str, query: Mapping[str, str]) -> Heard | None:
        """Return what a hub says of our request, None if we did not make it; `save` is to follow."""
        known = self.known(token)
        mode, challenge = query.get("hub.mode"), query.get("hub.challenge")
        if known is None or query.get("hub.topic") != known.hub.topic:
            return None
        if mode == Mode.DENIED:
            why = query.get("hub.reason", "")[:_LONGEST_REASON] or "the hub gives no reason"
            return self._denied(known, why)
        if not challenge or mode != (Mode.SUBSCRIBE if known.ended is None else Mode.UNSUBSCRIBE):
            return None
        if known.ended is not None:
            self._forget(known)
            return Heard(mode=Mode.UNSUBSCRIBE, subscription=known, echo=challenge)
        known = websub.confirmed(known, websub.lease(query.get("hub.lease_seconds")), self._clock())
        self._put(known)
        return Heard(mode=Mode.SUBSCRIBE, subscription=known, echo=challenge)

    def accept(self, token: str, body: bytes, *, signature: str | None, content_type: str | None) -> Push | None:
        """Return what was pushed, None if it was not signed by whom we asked; `save` is to follow."""
        known = self.known(token)
        if known is None or known.ended is not None or not websub.is_signed(body, signature, known.secret):
            return None
        known = replace(known, last_push=self._clock(), pushes=known.pushes + 1)
        self._put(known)
        response = Response(url=known.hub.topic, body=body, content_type=content_type, wire_bytes=len(body))
        return Push(subscription=known, response=response)

    async def polled(self, push: Push) -> DueFeed | None:
        """Return the feed of a push; None when it was paused or taken out meanwhile."""
        return await self._in_writer(self._store.polled, push.subscription.feed)

    async def receive(self, due: DueFeed, response: Response) -> PollOutcome:
        """Read what was pushed of a feed. What a poll would learn of its server is left as it is."""
        start, asked = time.monotonic(), asyncio.get_running_loop().time()
        parsed = await self._workers.call(
            parse_feed,
            response.body,
            url=without_login(due.feed.url),
            content_type=response.content_type,
            max_entries=self._entries.max_entries,
        )
        if isinstance(parsed, Failed):
            outcome = PollOutcome(feed=due.feed, kind=PollKind.FAILED, failure=parsed)
        else:
            outcome = await self._entries.read_all(due.feed, parsed, asked)
        return replace(outcome, seconds=round(time.monotonic() - start, 3))

    def _denied(self, known: Subscription, why: str) -> Heard:
        if known.ended is None:
            known = websub.denied(known, why, self._clock())
            self._put(known)
        return Heard(mode=Mode.DENIED, subscription=known)

    def _tidy(self, polled: AbstractSet[FeedId], callback: str, now: datetime) -> None:
        """Renounce what is pushed for feeds that are not polled, or to where we no longer are; forget what is over."""
        for subscription in self._current():
            if subscription.feed not in polled or subscription.callback != callback:
                self._renounce(subscription)
        for subscription in tuple(self._known.values()):
            if websub.is_over(subscription, now):
                self._forget(subscription)

    def _to_ask(self, polled: AbstractSet[FeedId], callback: str, now: datetime) -> list[tuple[Mode, Subscription]]:
        asked = []
        for subscription in self._current():
            if subscription.feed in polled and websub.is_due(subscription, now):
                # Before the request: the hub may verify before it answers.
                tries = subscription.tries + 1
                changed = replace(subscription, callback=callback, asked=now, tries=tries, refused=None)
                asked.append((Mode.SUBSCRIBE, self._put(changed)))
        return asked

    def _to_leave(self) -> list[tuple[Mode, Subscription]]:
        """Return what is to be ended; each hub is asked once, for its lease ends anyway."""
        ended = [one for one in self._known.values() if one.ended is not None and not one.tries]
        return [(Mode.UNSUBSCRIBE, self._put(replace(one, tries=1))) for one in ended]

    async def _ask_all(self, wanted: Sequence[tuple[Mode, Subscription]]) -> tuple[Asked, ...]:
        """Ask hubs at once, but one hub for one thing after the other: its turns must be waited for anyway."""
        await self.save()
        by_hub = defaultdict[str, list[tuple[Mode, Subscription]]](list)
        for mode, subscription in wanted:
            by_hub[site(subscription.hub.url)].append((mode, subscription))
        asked = await asyncio.gather(*map(self._ask_one_hub, by_hub.values()))
        await self.save()
        return tuple(one for of_hub in asked for one in of_hub)

    async def _ask_one_hub(self, wanted: Iterable[tuple[Mode, Subscription]]) -> list[Asked]:
        return [await self._ask(mode, subscription) for mode, subscription in wanted]

    async def _ask(self, mode: Mode, subscription: Subscription) -> Asked:
        form = websub.request(mode, subscription)
        answer = await self._fetcher.fetch(Request(url=subscription.hub.url, purpose=Purpose.HUB, form=form))
        failure = answer if isinstance(answer, Failed) else None
        # As it is now: it may have been verified, or ended, meanwhile.
        known = self._known.get(subscription.token)
        if failure and known and known.tries and known.ended is None:
            self._put(replace(known, refused=failure.why))
        return Asked(mode=mode, subscription=subscription, failure=failure)

    def _of(self, feed: FeedId) -> Subscription | None:
        token = self._token_of.get(feed)
        return None if token is None else self._known[token]

    def _current(self) -> tuple[Subscription, ...]:
        return tuple(self._known[token] for token in self._token_of.values())

    def _want(self, feed: FeedId, hub: Hub) -> None:
        self._put(Subscription(feed=feed, hub=hub, token=self._chance(), secret=self._chance()))

    def _renounce(self, subscription: Subscription) -> None:
        """End a subscription, but remember the hub for when it is wanted again."""
        if subscription.asked is not None:
            self._end(subscription)
            self._want(subscription.feed, subscription.hub)

    def _end(self, subscription: Subscription) -> None:
        if subscription.asked is None:
            self._forget(subscription)
        else:
            self._put(replace(subscription, ended=self._clock(), tries=0))

    def _put(self, subscription: Subscription) -> Subscription:
        token, feed = subscription.token, subscription.feed
        self._known[token] = subscription
        self._unsaved.add(token)
        if subscription.ended is None:
            self._token_of[feed] = token
        elif self._token_of.get(feed) == token:
            del self._token_of[feed]
        return subscription

    def _forget(self, subscription: Subscription) -> None:
        token, feed = subscription.token, subscription.feed
        self._known.pop(token, None)
        self._unsaved.add(token)
        if self._token_of.get(feed) == token:
            del self._token_of[feed]
