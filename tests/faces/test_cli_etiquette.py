"""`aggregator etiquette`, as installed."""

import os
import pty
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.crawling import Visit
from aggregator.domain.fetching import Purpose
from tests.faces.installed import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with an empty database; no daemon ever runs there."""
    place = Place(folder=tmp_path, runtime=tmp_path)
    place.write()
    SqliteStore(place.database).close()
    return place


def test_what_sites_got_is_told(place: Place) -> None:
    """In a pipe a line a site, the worst first and the sum last; exit 3 where a server was asked too early."""
    visit = Visit(
        site="a.example", at=datetime.now(UTC), purpose=Purpose.FEED, conditional=True, status=304, saved_bytes=1500
    )
    with SqliteStore(place.database) as store:
        store.record_visits(
            [visit, replace(visit, site="b.example", conditional=False, status=200, wire_bytes=10, saved_bytes=0)], []
        )
    done = place.call("etiquette")
    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["a.example", "1", "1", "100%", "100%", "0B", "1.5kB", "0", "0"],
        ["b.example", "1", "1", "0%", "0%", "10B", "0B", "0", "0"],
        ["total", "2", "1", "50%", "50%", "10B", "1.5kB", "0", "0"],
    ]
    assert "no server was asked before the time that it had named, of 2 requests" in done.stderr
    with SqliteStore(place.database) as store:
        store.record_visits([replace(visit, site="b.example", early=True)], [])
    done = place.call("etiquette", "--since", "24h", "--worst", "1", "--json")
    assert done.returncode == 3
    assert "1 request came before the time that the server had named" in done.stderr
    facts = place.json("etiquette", "--worst", "1")
    assert [site["site"] for site in facts["sites"]] == ["b.example"]
    assert (facts["total"]["requests"], facts["total"]["early"]) == (3, 1)
    assert facts["sites"][0]["conditional_share"] == 0.5


def test_etiquette_without_visits_or_with_a_strange_span(place: Place) -> None:
    """Nothing asked is said on stderr; a span without a unit, or one that is forgotten, is wrong usage."""
    done = place.call("etiquette")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no site was asked for anything since" in done.stderr
    assert "write 7s, 7m or 7h" in place.call("etiquette", "--since", "7").stderr
    assert place.call("etiquette", "--since", "31d").returncode == 2
    place.database.unlink()
    assert place.call("etiquette").returncode == 1


def test_a_terminal_gets_a_table_that_fits(place: Place) -> None:
    """Headings, a row a site and the sum, within 80 columns however large the numbers are."""
    many = Visit(
        site="a-site-of-a-rather-long-name.example",
        at=datetime.now(UTC),
        purpose=Purpose.FEED,
        conditional=True,
        status=304,
        wire_bytes=999_900_000,
        saved_bytes=999_900_000,
    )
    with SqliteStore(place.database) as store:
        store.record_visits([many] * 2000, [])
    ours, theirs = pty.openpty()
    environ = place.environ | {"COLUMNS": "80", "TERM": "dumb"}
    done = subprocess.run(place.command("etiquette"), env=environ, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert done.returncode == 0
    assert shown.split()[:3] == ["site", "requests", "peak/h"]
    assert shown.splitlines()[-1].split()[:3] == ["total", "2,000", "2,000"]
    assert max(map(len, shown.splitlines())) <= 80
