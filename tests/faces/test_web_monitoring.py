"""What machines watch: whether all is well, and what is counted."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.daemon.heart import Heart
from aggregator.daemon.outcomes import report
from aggregator.domain.errors import StoreError
from aggregator.domain.feeds import Feed
from aggregator.domain.health import Health
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome
from aggregator.domain.settings import FeedConfig
from aggregator.web.monitoring.checkup import PATIENCE, check_up
from aggregator.web.monitoring.metrics import CONTENT_TYPE, Metric, exposition
from tests.builders import NOON
from tests.faces.installed import PATIENCE as SECONDS
from tests.faces.installed import Outlet, new_place, wait_until
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_daemon_page import page_of

FEED = Feed(id=FeedId(1), url="https://harbour.example/feed", name="Harbour")
#: A line of the exposition format: a name, perhaps one label, and a number.
SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z]+)="((?:[^"\\\n]|\\[\\"n])*)"\})? (-?[0-9.]+(?:e[+-]?[0-9]+)?)')


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a database with two feeds is."""
    with SqliteStore(tmp_path / "news.db") as store:
        urls = ("https://harbour.example/feed", "https://metro.example/feed")
        store.sync_feeds([FeedConfig(url=url) for url in urls], timedelta(hours=1), NOON)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """Its page."""
    with serving(paths_of(folder)) as served:
        yield served
        assert served.crashes == []


@pytest.fixture
def heart() -> Heart:
    """That of a daemon that has ended one cycle."""
    heart = Heart(lambda: NOON)
    outcomes = [
        PollOutcome(feed=FEED, kind=PollKind.READ, new=3, revised=1, pages_fetched=4, pages_failed=1),
        PollOutcome(feed=FEED, kind=PollKind.FAILED),
    ]
    heart.count(outcomes)
    heart.last_cycle = report(outcomes, ended=NOON, seconds=1.0)
    return heart


def samples(text: str) -> dict[tuple[str, str], float]:
    """Read the exposition format as strictly as it is written: help, type, then the values, each name once."""
    found: dict[tuple[str, str], float] = {}
    named: list[str] = []
    for line in text.splitlines():
        if line.startswith("# HELP "):
            named.append(line.split(" ")[2])
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2:] in ([named[-1], "gauge"], [named[-1], "counter"])
            assert (line.split(" ")[3] == "counter") == named[-1].endswith("_total")
        else:
            sample = SAMPLE.fullmatch(line)
            assert sample, line
            assert sample[1] == named[-1]
            found[sample[1], sample[3] or ""] = float(sample[4])
    assert text.endswith("\n")
    assert len(named) == len(set(named))
    return found


def test_all_is_well_while_the_database_can_be_read(served: Served) -> None:
    """200; nobody keeps the answer."""
    answer = served.get("/healthz")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {"status": "ok", "trouble": [], "daemon": False, "last_poll": None, "last_cycle": None}


def test_what_is_wrong_with_the_database_is_told(served: Served, folder: Path) -> None:
    """503, and in metrics what can be told all the same."""
    (folder / "news.db").write_bytes(b"no database at all" * 100)
    answer = served.get("/healthz")
    counted = samples(served.get("/metrics").text)

    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    assert "is not a database" in answer.json()["trouble"][0]
    assert counted["aggregator_healthy", ""] == 0
    assert ("aggregator_stories", "") not in counted


def test_a_daemon_that_looks_for_no_feed_is_not_well(folder: Path, heart: Heart) -> None:
    """After some patience, for the stories of a large archive may be in the way."""
    paths = paths_of(folder)
    assert check_up(paths, lambda: heart.vital(0)).trouble == ()

    heart._beat -= (PATIENCE + timedelta(minutes=1)).total_seconds()
    assert "no feed was looked for in 16 minutes" in check_up(paths, lambda: heart.vital(0)).trouble[0]
    heart.beat()
    assert check_up(paths, lambda: heart.vital(0)).trouble == ()
    heart.trouble = StoreError("the disk is full")
    assert check_up(paths, lambda: heart.vital(0)).trouble == ("the disk is full",)


def test_metrics_tell_what_the_store_and_the_daemon_count(folder: Path, heart: Heart) -> None:
    """Each state of a feed and each end of a poll has its value, nought too; all can be read."""
    counted = samples(exposition(check_up(paths_of(folder), lambda: heart.vital(2))))

    assert {state for name, state in counted if name == "aggregator_feeds"} == {str(state) for state in Health}
    assert counted["aggregator_feeds", "new"] == counted["aggregator_feeds_due", ""] == 2
    assert {kind for name, kind in counted if name == "aggregator_polls_total"} == {str(kind) for kind in PollKind}
    assert counted["aggregator_polls_total", "read"] == counted["aggregator_polls_total", "failed"] == 1
    assert counted["aggregator_new_articles_total", ""] == 3
    assert counted["aggregator_pages_total", "fetched"] == 4
    assert counted["aggregator_polls_in_hand", ""] == 2
    assert counted["aggregator_last_cycle_timestamp_seconds", ""] == NOON.timestamp()
    assert counted["aggregator_database_bytes", "database"] == (folder / "news.db").stat().st_size
    assert counted["process_resident_memory_bytes", ""] > 10_000_000
    assert counted["process_cpu_seconds_total", ""] > 0


def test_metrics_are_sent_as_prometheus_reads_them(served: Served) -> None:
    """With the version of the format; a reader without a daemon counts no polls."""
    answer = served.get("/metrics")

    assert answer.headers["content-type"] == CONTENT_TYPE
    assert not [name for name, _ in samples(answer.text) if name == "aggregator_polls_total"]


def test_labels_are_escaped() -> None:
    """Quotes, backslashes and line breaks."""
    metric = Metric(name="a", kind="gauge", told="x", label="b", values={'"\\\n': 1.5})

    assert str(metric).splitlines()[-1] == 'a{b="\\"\\\\\\n"} 1.5'


@pytest.mark.slow
def test_a_running_daemon_says_how_it_is(tmp_path: Path) -> None:
    """Over HTTP: its cycles, what they brought, and that it looks for feeds."""
    with (
        new_place(tmp_path) as place,
        Outlet() as outlet,
        place.daemon("--port=0") as daemon,
        httpx.Client(base_url=page_of(daemon), timeout=SECONDS) as client,
    ):
        place.write(outlet.lists("harbour", "Bridge closed"))
        daemon.wait_for("entries=1 new=1")
        wait_until(lambda: client.get("/healthz").json()["last_cycle"] is not None)
        counted = samples(client.get("/metrics").text)

        assert client.get("/healthz").json()["status"] == "ok"
        assert counted["aggregator_new_articles_total", ""] == 1
        assert counted["aggregator_polls_total", "read"] >= 1
        assert counted["aggregator_seconds_since_look", ""] < 35
        assert counted["aggregator_articles", ""] == counted["aggregator_stories", ""] == 1
