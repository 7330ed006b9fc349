"""The control socket: one JSON line asks, JSON lines answer. Only the daemon's own user gets in."""

import asyncio
import json
import os
import socket
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aggregator.daemon.logs import tell_crash
from aggregator.domain.errors import AggregatorError, NotRunning, UsageError

Message = Mapping[str, object]
Answer = Callable[[Message], AsyncIterator[Message]]

#: A request names feeds; a thousand long addresses fit.
REQUEST_BYTES = 1 << 20
#: A client writes its request at once; one that does not is not ours.
REQUEST_SECONDS = 5


@asynccontextmanager
async def serve(path: Path, answer: Answer) -> AsyncIterator[None]:
    """Listen at `path` while the block runs. Whoever calls holds the daemon's lock, so a socket found there is stale."""
    connections: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_converse(reader, writer, answer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_unix_server(connected, sock=_listener(path), limit=REQUEST_BYTES)
    try:
        yield
    finally:
        server.close()
        _remove(path)
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


def ask(path: Path, request: Message, *, patience: float | None = None) -> Iterator[dict[str, object]]:
    """Yield the daemon's answers to `request`, waiting at most `patience` seconds for each.

    Raises:
        NotRunning: nobody listens at `path`.
        AggregatorError: what the daemon itself says is wrong, or that it ended before its answer did.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel:
        channel.settimeout(patience)
        try:
            channel.connect(os.fspath(path))
        except OSError as error:
            raise NotRunning(f"no daemon listens at {path}") from error
        yield from _answers_on(channel, request)


def _answers_on(channel: socket.socket, request: Message) -> Iterator[dict[str, object]]:
    try:
        channel.sendall(json.dumps(request).encode() + b"\n")
        with channel.makefile("rb") as lines:
            for line in lines:
                answer = json.loads(line)
                _raise_error(answer)
                if "end" in answer:
                    return
                yield answer
    except (OSError, ValueError) as error:
        raise AggregatorError(f"the daemon gave no answer: {error}") from error
    raise AggregatorError("the daemon ended before it had answered")


def _raise_error(answer: Message) -> None:
    if "error" in answer and "feed" not in answer:
        kind = UsageError if answer.get("usage") else AggregatorError
        raise kind(str(answer["error"]))


def _listener(path: Path) -> socket.socket:
    _own_directory(path.parent)
    _remove(path)
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mask makes the socket ours alone from its first moment; a chmod afterwards would come too late.
    mask = os.umask(0o177)
    try:
        channel.bind(os.fspath(path))
    except OSError as error:
        channel.close()
        raise AggregatorError(f"the control socket {path} cannot be made ({error}); set XDG_RUNTIME_DIR") from error
    finally:
        os.umask(mask)
    return channel


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _own_directory(place: Path) -> None:
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        status = place.lstat()
    except OSError as error:
        raise AggregatorError(f"{place} cannot be made ({error.strerror}); set XDG_RUNTIME_DIR") from error
    # In /tmp anybody may have been there first.
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise AggregatorError(f"{place} is not a private directory of ours; remove it or set XDG_RUNTIME_DIR")


async def _converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer) -> None:
    # A client that goes away is no fault of ours; a request that makes no sense ends the talk.
    with suppress(OSError, ValueError, RecursionError, asyncio.CancelledError):
        async with asyncio.timeout(REQUEST_SECONDS):
            line = await reader.readline()
        async for message in _answers(json.loads(line), answer):
            writer.write(json.dumps(message).encode() + b"\n")
            await writer.drain()
    writer.close()


async def _answers(request: Message, answer: Answer) -> AsyncIterator[Message]:
    try:
        async for message in answer(request):
            yield message
        yield {"end": True}
    except AggregatorError as error:
        yield {"error": str(error), "usage": isinstance(error, UsageError)}
    except (OSError, asyncio.CancelledError, GeneratorExit):
        raise
    except Exception as error:  # noqa: BLE001  # a fault in one answer must not end the daemon
        tell_crash("request failed", error)
        yield {"error": "the daemon failed on this request; its log tells how", "usage": False}
