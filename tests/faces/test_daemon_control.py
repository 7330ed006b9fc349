import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from aggregator.daemon.control import Message, ask, serve
from aggregator.domain.errors import AggregatorError, NotRunning, UsageError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    """The daemon runs on asyncio."""
    return "asyncio"


@pytest.fixture
def path() -> Iterator[Path]:
    """A socket's address in a private folder, short enough for a socket."""
    with TemporaryDirectory() as folder:
        yield Path(folder) / "ours" / "d.sock"


async def echo(request: Message) -> AsyncIterator[Message]:
    """Answer with the numbers up to the one asked for; fail in the way that is asked for."""
    match request:
        case {"count": int(count)}:
            for number in range(count):
                yield {"number": number}
        case {"do": "wrong"}:
            raise UsageError("there is no such feed")
        case {"do": "fail"}:
            raise AggregatorError("the disk is full")
        case {"do": "crash"}:
            raise KeyError("a bug")
        case {"do": "hang"}:
            await asyncio.sleep(60)


async def asked(path: Path, request: Message) -> list[dict[str, object]]:
    """Ask as a client does, in a thread of its own."""
    return await asyncio.to_thread(lambda: list(ask(path, request, patience=5)))


async def test_answers_stream_line_by_line(path: Path) -> None:
    """Each message of the answer arrives in order; the end is no message."""
    async with serve(path, echo):
        assert await asked(path, {"count": 3}) == [{"number": 0}, {"number": 1}, {"number": 2}]
        assert await asked(path, {"count": 0}) == []


async def test_errors_cross_the_socket(path: Path) -> None:
    """What the daemon raises, the client raises: wrong use as UsageError, all else as AggregatorError."""
    async with serve(path, echo):
        with pytest.raises(UsageError, match="no such feed"):
            await asked(path, {"do": "wrong"})
        with pytest.raises(AggregatorError, match="disk is full"):
            await asked(path, {"do": "fail"})


async def test_a_bug_in_an_answer_is_told_and_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The client hears that the log tells more, the log has the traceback, and the next request is answered."""
    async with serve(path, echo):
        with pytest.raises(AggregatorError, match="its log tells"):
            await asked(path, {"do": "crash"})
        assert "request failed" in caplog.text
        assert await asked(path, {"count": 1}) == [{"number": 0}]


async def test_many_clients_are_answered_at_once(path: Path) -> None:
    """One that waits does not keep another waiting."""
    async with serve(path, echo):
        waiting = socket.socket(socket.AF_UNIX)
        waiting.connect(str(path))
        waiting.sendall(b'{"do": "hang"}\n')
        assert len(await asked(path, {"count": 50})) == 50
        waiting.close()


@pytest.mark.parametrize("noise", [b"\n", b"not json\n", b"\xff\xfe\n", b"", b"[1]\n", b"{"])
async def test_noise_does_not_disturb(path: Path, noise: bytes) -> None:
    """A client that talks nonsense or leaves is forgotten."""
    async with serve(path, echo):
        with socket.socket(socket.AF_UNIX) as channel:
            channel.connect(str(path))
            channel.sendall(noise)
        assert await asked(path, {"count": 1}) == [{"number": 0}]


def mode(path: Path) -> int:
    """Return the permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


async def test_only_the_owner_gets_in(path: Path) -> None:
    """The socket has mode 0600 and its folder 0700."""
    async with serve(path, echo):
        assert mode(path) == 0o600
        assert mode(path.parent) == 0o700


async def test_a_stale_socket_is_replaced_and_ours_removed(path: Path) -> None:
    """A socket left by a killed daemon is in nobody's way; a daemon that ends takes its own away."""
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))

    async with serve(path, echo):
        assert await asked(path, {"count": 1}) == [{"number": 0}]
    assert not path.exists()  # noqa: ASYNC240  # nothing else runs in this loop


async def test_a_folder_that_others_may_enter_is_refused(path: Path) -> None:
    """In /tmp anybody may have made the folder first."""
    path.parent.mkdir(mode=0o755)

    with pytest.raises(AggregatorError, match="private"):
        async with serve(path, echo):
            pass


def test_nobody_there_means_not_running(path: Path) -> None:
    """Neither a missing socket nor a stale one is an error of its own."""
    with pytest.raises(NotRunning):
        list(ask(path, {"do": "status"}))
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with pytest.raises(NotRunning):
        list(ask(path, {"do": "status"}))


async def test_an_answer_that_breaks_off_is_an_error(path: Path) -> None:
    """A daemon that ends amid its answer is not taken for one that had no more to say."""
    async with serve(path, echo):
        asking = asyncio.create_task(asked(path, {"do": "hang"}))
        await asyncio.sleep(0.2)

    with pytest.raises(AggregatorError, match="ended before"):
        await asking
