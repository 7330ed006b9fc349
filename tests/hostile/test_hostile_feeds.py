"""Feeds that mean harm, played by the real line in one cycle with a healthy one."""

import socket
import time
from dataclasses import dataclass

import pytest

from aggregator.domain.outcomes import PollKind
from tests.adapters.loopback import reply
from tests.hostile.cases import CASES, READ, Case
from tests.hostile.documents import DEEP, article, entry, external, rss, sentence
from tests.hostile.line import Played, play

HEALTHY = "/healthy"

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    played: Played
    seconds: float


def _path(case: Case) -> str:
    return f"/case-{CASES.index(case)}"


@pytest.fixture(scope="module")
def cycle() -> Cycle:
    """Play all cases at once."""
    served = {_path(case): case.make() for case in CASES}
    served[HEALTHY] = reply(body=rss(entry(title="All is well", link="/page")))
    served["/page"] = reply(body=f"<html><body><article>{article()}</article>".encode(), Content_Type="text/html")
    start = time.monotonic()
    return Cycle(played=play(served, (*map(_path, CASES), HEALTHY)), seconds=time.monotonic() - start)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hostile_feed_ends_as_stated(cycle: Cycle, case: Case) -> None:
    """Each case is read in part or fails as a value of a stated kind, and never by a killed worker or a bug."""
    outcome = cycle.played.outcomes[_path(case)]

    if case.outcome == READ:
        assert outcome.kind is PollKind.READ, outcome
        assert case.articles in (None, outcome.new), outcome
        assert outcome.warning is None or "could not be read" not in outcome.warning
    else:
        assert outcome.failure is not None, outcome
        assert outcome.failure.kind == case.outcome, outcome.failure


def test_a_healthy_feed_beside_them_is_read(cycle: Cycle) -> None:
    """Among all that, a healthy feed and its page are read in the same cycle."""
    assert cycle.played.outcomes[HEALTHY].new == 1
    assert sentence(3) in cycle.played.texts["All is well"]


@pytest.mark.parametrize("title", [DEEP, f"{DEEP} in Atom"])
def test_what_lies_deep_is_read(cycle: Cycle, title: str) -> None:
    """An entry keeps its text, however deep in elements that stands."""
    assert cycle.played.texts[title] == sentence(3)


def test_memory_stays_bounded(cycle: Cycle) -> None:
    """Neither the daemon's process nor a worker swells, though 10 GB were on offer."""
    assert cycle.played.main < 1_000
    assert 0 < cycle.played.worker < 700


def test_nothing_of_a_file_and_no_escape_sequence_is_kept(cycle: Cycle) -> None:
    """What an external entity names is not read in, and titles hold no control characters."""
    assert not [text for title, text in cycle.played.texts.items() if "root:" in title + text]
    assert all(title.isprintable() for title in cycle.played.texts)


@pytest.mark.parametrize("parameter", [False, True])
def test_what_an_external_entity_names_is_never_asked_for(*, parameter: bool) -> None:
    """A DOCTYPE, an entity or a parameter entity that names another server makes nobody ask it."""
    asked = _Trap()
    feed = external(asked.address, parameter=parameter)
    play({"/feed": reply(body=feed)}, ("/feed",))

    assert not asked.visitors()


class _Trap:
    """A listening socket that notes who connects."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}/trap"

    def visitors(self) -> list[object]:
        """Return who waits at the door, and close it."""
        with self._listener:
            try:
                return [self._listener.accept()]
            except BlockingIOError:
                return []
