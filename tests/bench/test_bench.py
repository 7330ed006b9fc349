"""The bench itself: what it serves, and how it tells what it found."""

import gzip
import sqlite3
import statistics
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest

from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.pages.extract import read_page
from aggregator.domain.feeds import ParsedFeed
from tests.bench.drawing import draw
from tests.bench.load import Load, as_json, from_json, host, outlet_at
from tests.bench.measuring import Figures, amid, in_turn, run, started
from tests.bench.results import Row, medians, table
from tests.bench.serving import served
from tests.builders import NOON

LOAD = Load(feeds=8, pages=2, now=NOON, port=8)
MISSED = Row(stage="cold", figure="CPU", ours=3.0, unit="s", reference=2.0, who="bare", bound=1.25)


def test_the_same_seed_makes_the_same_load() -> None:
    """Who serves, who expects and who measures are processes of their own, and see the same bytes."""
    again = from_json(as_json(LOAD))

    assert again == LOAD
    assert again.page(3, 1) == LOAD.page(3, 1) != LOAD.page(3, 0)
    assert LOAD.page(3, 1) != Load(feeds=8, pages=2, now=NOON, port=8, seed=7).page(3, 1)


def test_pages_are_as_heavy_as_real_ones() -> None:
    """Between 60 and 250 KB, of which the text is a small part."""
    sizes = [len(LOAD.page(outlet, 0)) for outlet in range(LOAD.feeds)]

    assert 60_000 < min(sizes) < statistics.median(sizes) < max(sizes) < 250_000


def test_a_compressed_page_is_the_page() -> None:
    """Though its parts were compressed one by one."""
    assert gzip.decompress(LOAD.gzipped_page(1, 1)) == LOAD.page(1, 1)


def test_feeds_list_their_pages_and_pages_hold_their_text() -> None:
    """What is served can be read, so that what is measured is work that is done."""
    feed = parse_feed(LOAD.feed(2), url=LOAD.feed_url(2), content_type=None)
    page = read_page(LOAD.page(2, 1), url=LOAD.page_url(2, 1), content_type="text/html; charset=utf-8")

    assert isinstance(feed, ParsedFeed)
    assert [entry.url for entry in feed.entries] == [LOAD.page_url(2, page) for page in range(LOAD.pages)]
    assert feed.entries[1].title == page.title == LOAD.telling(2, 1).title
    assert all(line[:60] in page.text for line in LOAD.telling(2, 1).paragraphs)


@pytest.mark.parametrize("outlet", [0, 249, 250, 1999])
def test_each_outlet_has_an_address(outlet: int) -> None:
    """The server knows by the address who is asked."""
    assert outlet_at(host(outlet)) == outlet


def test_a_row_is_judged_by_its_ratio() -> None:
    """Or, without a reference, by its figure."""
    alone = Row(stage="cold", figure="stall", ours=30.0, unit="ms", bound=50)

    assert (MISSED.ratio, MISSED.holds) == (1.5, False)
    assert (alone.ratio, alone.holds) == (None, True)
    assert table([MISSED, alone]).splitlines()[2:] == [
        "| cold | CPU | 3 s | 2 s (bare) | 1.50 | ≤ 1.25 MISSED |",
        "| cold | stall | 30 ms |  |  | ≤ 50 |",
    ]


def test_several_runs_are_told_by_their_medians_and_spread() -> None:
    """Of ours, of the reference and of the ratio, each by itself: what is slow in one run is slow for both."""
    pairs = ((1.0, 4.0), (5.0, 10.0), (3.0, 3.0))
    compared = [Row(stage="s", figure="f", ours=ours, unit="ms", reference=other, bound=0.4) for ours, other in pairs]
    alone = [Row(stage="s", figure="g", ours=ours, unit="") for ours, _ in pairs]
    rows = medians(row for both in zip(compared, alone, strict=True) for row in both)

    assert [(row.ours, row.reference, row.ratio, row.holds) for row in rows] == [
        (3, 4, 0.5, False),
        (3, None, None, None),
    ]
    assert table(rows).splitlines()[2:] == [
        "| s | f | 3 ms | 4 ms () | 0.50 (0.25–1) | ≤ 0.4 MISSED |",
        "| s | g | 3 (1–5) |  |  |  |",
    ]


class _Player:
    """Notes when it plays; each phase takes as long as its place in the whole."""

    def __init__(self, name: str, phases: list[str], heard: list[str]) -> None:
        self._name, self._phases, self._heard = name, phases, heard

    @property
    def next(self) -> str | None:
        return self._phases[0] if self._phases else None

    def play(self) -> Figures:
        self._heard.append(f"{self._name} {self._phases.pop(0)}")
        took = float(len(self._heard))
        return Figures(
            wall=took,
            cpu=took,
            main_cpu=0,
            server_cpu=0,
            memory=took,
            main_memory=0,
            counts={"pages": len(self._heard)},
        )


def test_a_clock_that_drifts_falls_on_all_alike() -> None:
    """Programs play to and fro, or one amid the others; whose clock runs ever slower has the same sum for all."""
    heard = list[str]()
    ours, bare = _Player("ours", ["slice"] * 4 + ["last"], heard), _Player("bare", ["slice"] * 6, heard)
    mine, theirs = in_turn(ours, bare)

    assert heard[:5] == ["ours slice", "bare slice", "bare slice", "ours slice", "ours slice"]
    assert (mine.cpu, mine.counts["pages"], mine.memory) == (18, 18, 8)
    assert ours.next == "last"
    # The other had more to play.
    assert theirs.cpu == 18 + 9 + 10

    heard.clear()
    ours, naive, bare = (_Player(name, ["a", "a"], heard) for name in ("ours", "naive", "bare"))
    figures = amid(ours, naive, bare)

    assert heard == ["naive a", "bare a", "ours a", "bare a", "naive a"]
    assert [found.cpu for found in figures] == [3, 6, 6]


def test_the_image_is_well_formed_and_names_each_ratio() -> None:
    """What is not compared is not drawn."""
    image = draw([MISSED, Row(stage="x", figure="alone", ours=1, unit="")], title="a < b")
    texts = [element.text for element in ET.fromstring(image).iter("{http://www.w3.org/2000/svg}text")]

    assert texts == ["a < b", "cold: CPU / bare", "1.50", "the reference"]


@pytest.mark.slow
def test_a_small_crawl_is_counted(tmp_path: Path) -> None:
    """A cold crawl and a warm cycle, over TLS and in processes of their own, with what each may ask of the database."""
    with served(Load(feeds=6, pages=3, now=NOON, tls=True), latency=0, folder=tmp_path) as by:
        order = {
            "load": as_json(by.load),
            "trust": str(by.trust),
            "full_text": "auto",
            "database": str(tmp_path / "news.db"),
            "phases": ["cold", "warm"],
            "count": True,
        }
        phases = run("tests.bench.crawling", order, servers=by.pids)
    cold, warm = phases["cold"], phases["warm"]

    assert (cold.counts["new"], cold.counts["pages_fetched"], warm.counts["feeds unchanged"]) == (18, 18, 6)
    assert cold.cpu >= cold.main_cpu > 0 < cold.server_cpu
    assert cold.memory > 50 < cold.main_memory
    # Some 300 rows an article are its bands, its terms and its words for the search; more would be a mistake.
    assert cold.counts["rows written"] <= 300 * 18
    assert cold.counts["statements"] <= 400 * 18
    # Claims and ends; of each feed the claim, the state, the poll, the site's hour, and what it and its address are owed.
    assert warm.counts["transactions"] == 2
    assert warm.counts["rows written"] <= 6 * 6


@pytest.mark.slow
def test_the_naive_pipeline_stores_what_is_served(tmp_path: Path) -> None:
    """Whom ours is held against does the same work: every page of both rounds, half of the feeds at a time."""
    with served(Load(feeds=4, pages=2, now=NOON, tls=True), latency=0, folder=tmp_path, moves=True) as by:
        order = {
            "load": as_json(by.load),
            "trust": str(by.trust),
            "database": str(tmp_path / "naive.db"),
            "phases": ["cold", "known"],
        }
        with started("tests.bench.naive", order, servers=by.pids) as naive:
            played = [(naive.next, naive.play().counts["new"]) for _ in range(4)]

    assert played == [("cold", 4), ("cold", 4), ("known", 4), ("known", 4)]
    with closing(sqlite3.connect(tmp_path / "naive.db")) as database:
        texts = [text for (text,) in database.execute("SELECT text FROM article")]
    assert len(texts) == 16
    assert min(map(len, texts)) > 500
