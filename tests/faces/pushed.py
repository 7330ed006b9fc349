"""A daemon's WebSub with everything around it, and a hub on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.bootstrap import App
from aggregator.core.config.checking import default_settings
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.daemon.polls import Polls
from aggregator.daemon.websub import WebSub
from aggregator.domain.outcomes import PollOutcome
from aggregator.domain.settings import FeedConfig, FullText, Settings
from aggregator.domain.websub import Subscription
from tests.adapters.loopback import fetcher
from tests.faces.hub import Hub, hub_on_loopback
from tests.pipeline.fakes import HandClock, InlineSnapshots, until

ON = replace(default_settings(), websub_url="https://news.example/hubs/", websub_listen="127.0.0.1:0")
OFF = replace(ON, websub_url=None)


@dataclass(slots=True)
class Desk:
    """A daemon's WebSub with a store, a clock moved by hand and a hub."""

    app: App
    polls: Polls
    websub: WebSub
    clock: HandClock
    hub: Hub

    async def poll(self) -> PollOutcome:
        """Poll the feed that the hub serves."""
        (poll,) = self.polls.start(self.app.store.all_feeds()[:1])
        return await poll

    async def tend(self) -> None:
        """Have the hubs asked, and all be said that they have to say."""
        await self.websub.tend()
        await self.hub.errands()
        await self.app.subscriber.save()

    async def subscribe(self) -> None:
        """Poll the feed, which names the hub, and subscribe there."""
        await self.poll()
        await self.tend()

    async def idle(self) -> None:
        """Let everything that was pushed be read."""
        await until(lambda: not self.websub._reading and not self.polls.cycles)
        await self.app.subscriber.save()

    def titles(self) -> list[str]:
        """Return the titles of all articles."""
        return [title for (title,) in self.app.store._sql.rows("SELECT title FROM article ORDER BY id")]

    def subscription(self) -> Subscription:
        """Return the only subscription that was not ended, as it is stored."""
        (found,) = (one for one in self.app.store.subscriptions() if one.ended is None)
        return found


@asynccontextmanager
async def desk(
    settings: Settings = ON,
    *,
    path: Path | str = ":memory:",
    port: int = 0,
    clock: HandClock | None = None,
    **options: Any,
) -> AsyncIterator[Desk]:
    """Run a desk over the database at `path` and a hub at `port`."""
    clock = clock or HandClock()
    store = SqliteStore(path)
    async with fetcher(clock=clock) as client:
        world: dict[str, Any] = {"store": store, "fetcher": client, "workers": InlineWorkers(), "clock": clock}
        app = App(snapshots=InlineSnapshots(store), rules=DEFAULT_RULES, **world)
        polls = Polls(app, lambda *_: None)
        websub = WebSub(app, polls, **options)
        async with hub_on_loopback(lambda: websub.port, port) as hub:
            feed = FeedConfig(url=hub.topic, name="harbour", every=timedelta(hours=1), full_text=FullText.NEVER)
            store.sync_feeds([feed], timedelta(hours=1), clock())
            await app.subscriber.load()
            await websub.take_up(settings)
            try:
                yield Desk(app, polls, websub, clock, hub)
            finally:
                await websub.close()
                app.writer.shutdown()
                store.close()
