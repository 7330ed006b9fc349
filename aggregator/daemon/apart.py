"""Work that may hang, in a thread that nobody waits for too long: sending to a person's services."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")
Late = TypeVar("Late")


async def apart(work: Callable[[], T], seconds: float, *, late: Late) -> T | Late:
    """Return what `work` does in a thread of its own, `late` if it takes longer than `seconds`.

    The loop's end does not wait for it, as it would for a thread of the loop's executor.
    """
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            value = work()
        except Exception as error:  # noqa: BLE001  # whoever waits is to have it
            settle = partial(_settle, ended, error=error)
        else:
            settle = partial(_settle, ended, value=value)
        # The loop may have closed meanwhile; then nobody waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle)

    threading.Thread(target=run, name="notices", daemon=True).start()
    try:
        return await asyncio.wait_for(ended, seconds)
    except TimeoutError:
        return late


def _settle(ended: asyncio.Future[Any], *, value: object = None, error: Exception | None = None) -> None:
    if ended.done():
        return
    if error is None:
        ended.set_result(value)
    else:
        ended.set_exception(error)
