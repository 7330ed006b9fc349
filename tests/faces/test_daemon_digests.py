"""The daemon's digest: at its time, once to each service, and again to those that failed."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.adapters.notices import mark
from aggregator.adapters.snapshots import ProcessSnapshots
from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.bootstrap import App
from aggregator.bootstrap.paths import Paths, find_paths
from aggregator.core.config.checking import default_settings
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.core.words.signature import sign
from aggregator.daemon.digests import AGAIN, Digests
from aggregator.domain.articles import Article
from aggregator.domain.settings import Settings
from aggregator.pipeline.placing import place as place_article
from tests.adapters.mailbox import Mailbox
from tests.adapters.noticeboard import Noticeboard
from tests.builders import NOON, article, words
from tests.faces.installed import SETTINGS, Place, new_place, wait_until
from tests.pipeline.fakes import HandWeb

HOUR, DAY, MINUTE = timedelta(hours=1), timedelta(days=1), timedelta(minutes=1)


class Wall:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def _add(store: SqliteStore, made: Article) -> None:
    signature = sign(made.title, made.text)
    with store.transaction():
        id = store.add_article(made, signature, made.dated)
        place_article(store, id, signature, dated=made.dated, now=made.dated)


@pytest.fixture
def boards() -> Iterator[tuple[Noticeboard, Noticeboard]]:
    with Noticeboard() as one, Noticeboard() as other:
        yield one, other


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A database with a story at one in the afternoon of each of three days."""
    path = tmp_path / "news.db"
    with SqliteStore(path) as store:
        for day in range(3):
            _add(store, article(words(60, start=100 * day), title=f"News of day {day}", at=1 + 24 * day, language="en"))
    return find_paths(tmp_path / "feeds.yaml", path, {"HOME": str(tmp_path)})


def settings(*boards: Noticeboard, at: time | None = time(14)) -> Settings:
    """Return settings with the digest at two in the afternoon."""
    to = tuple(f"{board.address()}?format=text" for board in boards)
    return replace(default_settings(), timezone="UTC", digest=at, digest_to=to)


Work = Callable[[Digests, Wall], Awaitable[None]]


def run(paths: Paths, settings: Settings, work: Work) -> None:
    """Do `work` with the digests of a daemon that polls nothing."""
    wall = Wall()
    idle: dict[str, Any] = {"fetcher": HandWeb(), "workers": InlineWorkers(), "rules": DEFAULT_RULES}

    async def attended() -> None:
        with SqliteStore(paths.database) as store:
            app = App(store=store, clock=wall, snapshots=ProcessSnapshots(paths.database), **idle)
            await work(Digests(app, paths, settings), wall)
            app.writer.shutdown()

    asyncio.run(attended())


@pytest.fixture
def mailed(tmp_path: Path) -> Iterator[tuple[Place, Mailbox]]:
    """A place with a story of yesterday, whose mailbox had its last digest the day before that."""
    now = datetime.now(UTC)
    with Mailbox() as box, new_place(tmp_path) as place:
        place.write(settings=f'{SETTINGS}  digest: "00:00"\n  digest_to: ["{box.address()}"]\n')
        with SqliteStore(place.database) as store:
            _add(store, article("The bridge is open.", title="Bridge reopens", dated=now - DAY))
            store.digests_told((mark(box.address()),), now - 2 * DAY)
        yield place, box


@pytest.mark.slow
def test_a_daemon_sends_the_digest_by_mail(mailed: tuple[Place, Mailbox]) -> None:
    """What was due while it did not run comes at its start, once; a mail server that refuses is told of."""
    place, box = mailed
    box.refuses = True
    with place.daemon() as daemon:
        (line,) = daemon.wait_for("digest failed")
        assert line.endswith('digest failed scheme=mailto problem="it did not take it" retry="in an hour"')
        daemon.end()
    box.refuses = False
    with place.daemon() as daemon:
        wait_until(lambda: box.messages)
        daemon.end()
    with place.daemon() as daemon:
        daemon.end()
    (mail,) = box.messages
    body = mail.get_body(("html",))
    assert body is not None
    assert "Bridge reopens" in body.get_content()


def told(board: Noticeboard) -> list[str]:
    """Return the subjects that a service got."""
    return [subject for subject, _ in board.notices]


def test_a_digest_comes_at_its_time_and_once(paths: Paths, boards: tuple[Noticeboard, Noticeboard]) -> None:
    """Not before, not twice, not again after a restart; it tells what came since that hour of the day before."""
    board, _ = boards

    async def day(digests: Digests, wall: Wall) -> None:
        await digests.look()
        assert told(board) == []
        for wall.now in (NOON + 2 * HOUR, NOON + 3 * HOUR):
            await digests.look()
        assert told(board) == ["Monday 2 March: 1 story"]
        assert "News of day 0" in board.notices[0][1]
        wall.now = NOON + DAY + 2 * HOUR
        await digests.look()
        assert told(board)[1:] == ["Tuesday 3 March: 1 story"]
        assert "News of day 0" not in board.notices[1][1]

    async def again(digests: Digests, wall: Wall) -> None:
        wall.now = NOON + DAY + 2 * HOUR + MINUTE
        await digests.look()
        assert len(told(board)) == 2

    run(paths, settings(board), day)
    run(paths, settings(board), again)


def test_what_was_missed_is_sent_at_the_start(paths: Paths, boards: tuple[Noticeboard, Noticeboard]) -> None:
    """A daemon that was stopped over the hour sends the latest digest, and no older ones."""
    board, _ = boards

    async def first(digests: Digests, _: Wall) -> None:
        await digests.look()

    async def later(digests: Digests, wall: Wall) -> None:
        wall.now = NOON + 2 * DAY + 9 * HOUR
        await digests.look()
        assert told(board) == ["Wednesday 4 March: 1 story"]

    run(paths, settings(board), first)
    run(paths, settings(board), later)


def test_a_service_that_failed_gets_it_an_hour_later(paths: Paths, boards: tuple[Noticeboard, Noticeboard]) -> None:
    """The other one does not get it again; a restart forgets neither."""
    one, other = boards
    other.status = 500
    both = settings(one, other)

    async def failing(digests: Digests, wall: Wall) -> None:
        await digests.look()
        wall.now = NOON + 2 * HOUR
        await digests.look()
        other.status = 200
        await digests.look()
        assert (len(told(one)), len(told(other))) == (1, 0)
        digests._not_before = {service: at - AGAIN.total_seconds() for service, at in digests._not_before.items()}
        other.status = 500
        await digests.look()
        assert (len(told(one)), len(told(other))) == (1, 0)

    async def recovered(digests: Digests, wall: Wall) -> None:
        wall.now = NOON + 3 * HOUR
        other.status = 200
        await digests.look()
        await digests.look()
        assert (len(told(one)), len(told(other))) == (1, 1)

    run(paths, both, failing)
    run(paths, both, recovered)


def test_another_hour_brings_no_second_digest(paths: Paths, boards: tuple[Noticeboard, Noticeboard]) -> None:
    """A service that is named later gets what is due after that; switched off, nothing comes."""
    one, other = boards

    async def changing(digests: Digests, wall: Wall) -> None:
        await digests.look()
        wall.now = NOON + 2 * HOUR
        await digests.look()
        await digests.reconfigure(settings(one, other))
        await digests.look()
        assert (len(told(one)), len(told(other))) == (1, 0)
        await digests.reconfigure(settings(one, other, at=time(15)))
        wall.now = NOON + 4 * HOUR
        await digests.look()
        assert (len(told(one)), len(told(other))) == (1, 0)
        wall.now = NOON + DAY + 4 * HOUR
        await digests.look()
        assert (len(told(one)), len(told(other))) == (2, 1)
        await digests.reconfigure(settings(one, other, at=None))
        wall.now = NOON + 2 * DAY + 4 * HOUR
        await digests.look()
        assert (len(told(one)), len(told(other))) == (2, 1)

    run(paths, settings(one), changing)


def test_without_a_story_nothing_is_sent(paths: Paths, boards: tuple[Noticeboard, Noticeboard]) -> None:
    """Nor later that day."""
    board, _ = boards

    async def quiet(digests: Digests, wall: Wall) -> None:
        wall.now = NOON + 9 * DAY
        await digests.look()
        wall.now = NOON + 10 * DAY + 2 * HOUR
        await digests.look()
        assert told(board) == []

    run(paths, settings(board), quiet)


def test_a_clock_that_leapt_and_was_set_right_keeps_no_digest_back(
    paths: Paths, boards: tuple[Noticeboard, Noticeboard]
) -> None:
    """What was told by a clock of next year was told now."""
    board, _ = boards

    async def leaping(digests: Digests, wall: Wall) -> None:
        await digests.look()
        wall.now = NOON + 400 * DAY
        await digests.look()

    async def right(digests: Digests, wall: Wall) -> None:
        wall.now = NOON + DAY + 2 * HOUR
        await digests.look()
        assert told(board) == ["Tuesday 3 March: 1 story"]

    run(paths, settings(board), leaping)
    with SqliteStore(paths.database) as store:
        store.move_times(-399 * DAY, NOON + HOUR, since=NOON + HOUR)
    run(paths, settings(board), right)


def test_who_is_stopped_while_it_sends_does_not_send_again(
    paths: Paths, boards: tuple[Noticeboard, Noticeboard]
) -> None:
    """What became of it nobody knows; it may have arrived."""
    board, _ = boards

    async def stopped(digests: Digests, wall: Wall) -> None:
        await digests.look()
        wall.now = NOON + 2 * HOUR
        board.go.clear()
        sending = asyncio.create_task(digests.look())
        await asyncio.to_thread(wait_until, lambda: board.asked)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        board.go.set()

    async def again(digests: Digests, wall: Wall) -> None:
        wall.now = NOON + 2 * HOUR
        await digests.look()

    run(paths, settings(board), stopped)
    run(paths, settings(board), again)
    assert board.asked == 1
