"""WebSub in the daemon: opens the door for hubs where there is a public address, and has hubs asked in time."""

import asyncio
import logging
from collections.abc import Coroutine

from aggregator.bootstrap import App
from aggregator.daemon.callback import Callback, Door
from aggregator.daemon.logs import tell, tell_crash
from aggregator.daemon.polls import Polls
from aggregator.domain.errors import StoreError
from aggregator.domain.settings import Settings
from aggregator.domain.websub import Asked, Mode, Push

#: What may wait to be read, in bytes and in number; a hub that finds us full comes again.
HELD_BYTES = 64_000_000
HELD_PUSHES = 500
#: After WebSub was switched off hubs still ask whether it was us who wants no more.
FAREWELL_SECONDS = 20.0


class WebSub:
    """Nothing listens and nobody is asked until `take_up` brings a public address."""

    def __init__(
        self,
        app: App,
        polls: Polls,
        *,
        held_pushes: int = HELD_PUSHES,
        farewell_seconds: float = FAREWELL_SECONDS,
    ) -> None:
        self._app = app
        self._polls = polls
        self._held_pushes = held_pushes
        self._farewell_seconds = farewell_seconds
        self._url: str | None = None
        self._listen = ""
        self._most_bytes = 0
        self._door: Door | None = None
        self._farewell: asyncio.Task[None] | None = None
        self._reading: set[asyncio.Task[None]] = set()
        self._held = 0
        self._opening = asyncio.Lock()

    @property
    def port(self) -> int | None:
        """Where hubs are listened to; None while they are not."""
        return None if self._door is None else self._door.port

    @property
    def most_bytes(self) -> int:
        """How large a push may be: as large as a feed that is polled."""
        return self._most_bytes

    @property
    def is_full(self) -> bool:
        """Whether no more pushes can be held."""
        return self._held >= HELD_BYTES or len(self._reading) >= self._held_pushes

    async def take_up(self, settings: Settings) -> None:
        """Take up the settings: open the door, move it, or take leave and close it."""
        self._url, self._listen = settings.websub_url, settings.websub_listen
        self._most_bytes = settings.feed_size
        if self._url is None:
            if self._door is not None and self._farewell is None:
                self._farewell = asyncio.create_task(self._leave())
            return
        await self._break_off_farewell()
        await self._open()
        self._say_where()

    async def tend(self) -> None:
        """Ask the hubs that are to be asked now; try again to open a door that could not be opened."""
        if self._url is None:
            return
        await self._open()
        self._say_where()
        await _told(self._app.subscriber.tend())

    async def close(self) -> None:
        """Close the door. Subscriptions stay: the next run has them."""
        await self._break_off_farewell()
        await self._shut()

    def put(self, push: Push) -> None:
        """Read a push when its feed is free."""
        size = len(push.response.body)
        self._held += size
        task = asyncio.create_task(self._read(push))
        self._reading.add(task)

        def read(task: asyncio.Task[None]) -> None:
            self._reading.discard(task)
            self._held -= size

        task.add_done_callback(read)

    async def _read(self, push: Push) -> None:
        try:
            due = await self._app.subscriber.polled(push)
        except StoreError as error:
            # The next poll finds what it brought.
            tell(logging.ERROR, "push lost", topic=push.subscription.hub.topic, problem=error)
            return
        if due is not None:
            await asyncio.wait([self._polls.receive(due, push.response)])

    async def _open(self) -> None:
        async with self._opening:
            if self._door is not None and self._door.listen != self._listen:
                await self._shut()
            if self._door is None:
                await self._open_door()

    async def _open_door(self) -> None:
        try:
            self._door = await Door.open(self._listen, Callback(self._app.subscriber, self))
        except OSError as error:
            cure = "free it, or choose another websub_listen; feeds are polled meanwhile"
            tell(logging.ERROR, "callback cannot open", listen=self._listen, problem=error, cure=cure)
        else:
            tell(logging.INFO, "callback open", listen=self._listen, address=self._url)

    def _say_where(self) -> None:
        # Hubs would ask in vain, and polls would rely on pushes, if nobody listened.
        self._app.subscriber.callback = None if self._door is None else self._url

    async def _shut(self) -> None:
        self._app.subscriber.callback = None
        door, self._door = self._door, None
        if door is not None:
            await door.close()

    async def _leave(self) -> None:
        """Tell hubs that we want no more, and listen a little longer for what they ask back."""
        await _told(self._app.subscriber.leave_all())
        await asyncio.sleep(self._farewell_seconds)
        await self._shut()
        tell(logging.INFO, "callback closed")

    async def _break_off_farewell(self) -> None:
        farewell, self._farewell = self._farewell, None
        if farewell is not None:
            farewell.cancel()
            await asyncio.gather(farewell, return_exceptions=True)


async def _told(asking: Coroutine[None, None, tuple[Asked, ...]]) -> None:
    """Let hubs be asked, and log how that went."""
    try:
        asked = await asking
    except StoreError as error:
        tell(logging.ERROR, "subscriptions not kept", problem=error)
    except Exception as error:  # noqa: BLE001  # feeds are polled all the same
        tell_crash("asking hubs broke off", error)
    else:
        _log_asked(asked)


def _log_asked(asked: tuple[Asked, ...]) -> None:
    for one in asked:
        event = "subscribing" if one.mode is Mode.SUBSCRIBE else "unsubscribing"
        told = {"topic": one.subscription.hub.topic, "hub": one.subscription.hub.url}
        if one.failure is None:
            tell(logging.INFO, event, **told)
        else:
            tell(logging.WARNING, f"{event} failed", **told, error=one.failure.why)
