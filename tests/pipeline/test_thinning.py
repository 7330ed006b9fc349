"""Old articles are found by some of their keys only."""

from collections.abc import Iterable, Iterator
from random import Random

import pytest

from aggregator.adapters.store.parts import KEPT, in_part
from aggregator.core.copies.copies import WINDOW
from aggregator.core.words.signature import sign
from aggregator.domain.keeping import FlawKind
from aggregator.pipeline.mending import mend
from aggregator.pipeline.pruning import LATE, prune_some, thin_some, thinned_before
from tests.builders import hours, words
from tests.pipeline.archive import Archive, Report

#: Hours after which nothing that is told at noon is compared with anything but what comes late, and some more.
YEAR = 24.0 * 365
OLD, YOUNG = range(4), range(4, 6)


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Four reports, and two others a year later."""
    reports = [Report(number=number, events=(number,), at=YEAR if number in YOUNG else 0) for number in (*OLD, *YOUNG)]
    with Archive.told(reports) as archive:
        yield archive


def thin(archive: Archive, *, at: float = YEAR, limit: int = 50) -> list[int]:
    """Thin out so many hours after noon; return how many keys went with each step."""
    before, steps = thinned_before(archive.store, hours(at)), list[int]()
    while removed := thin_some(archive.store, before, limit=limit):
        steps.append(removed)
    return steps


def keys(archive: Archive, numbers: Iterable[int]) -> set[tuple[int, int]]:
    """Return where reports stand."""
    ids = {archive.id(number) for number in numbers}
    rows = archive.store._sql.rows("SELECT key, article_id FROM band")
    return {(row["key"], row["article_id"]) for row in rows if row["article_id"] in ids}


def test_most_keys_of_old_articles_go(archive: Archive) -> None:
    """About one in four stays, the young keep all of theirs, and it is done a little at a time and once."""
    old, young = keys(archive, OLD), keys(archive, YOUNG)

    steps = thin(archive)

    left = keys(archive, OLD)
    assert left < old
    assert len(old) / KEPT / 2 < len(left) < len(old) / KEPT * 2
    assert keys(archive, YOUNG) == young
    assert sum(steps) == len(old - left)
    assert all(step == 50 for step in steps[:-1])
    assert 0 < steps[-1] <= 50
    before = archive.changes()
    assert thin(archive) == []
    assert archive.changes() == before


def test_what_may_still_be_compared_is_left_alone(archive: Archive) -> None:
    """As long as articles that come up to six weeks late would be compared with them, articles have all of their keys."""
    before = keys(archive, OLD)

    thin(archive, at=(WINDOW + LATE).days * 24)

    assert keys(archive, OLD) == before


def test_a_clock_that_leapt_thins_nothing() -> None:
    """Age is counted from the newest of the outlets' dates where the clock is in doubt."""
    with Archive.told([Report(number=0, events=(0,))]) as archive:
        assert thin(archive, at=YEAR) == []


def test_what_comes_late_finds_what_it_reprints(archive: Archive) -> None:
    """An old text that a new feed still lists joins the story of the article whose text it has."""
    thin(archive)

    assert archive.tell(Report(number=50, events=(0,), telling=0, at=7)) == archive.story(0)


def test_what_comes_late_is_thinned_the_next_time(archive: Archive) -> None:
    """An old article has all keys when it comes; afterwards it has as many as the others."""
    thin(archive)
    archive.tell(Report(number=50, events=(0,), telling=0, at=7))
    twin, late = archive.id(0), archive.id(50)
    had = len(sign("A headline", Report(number=50, events=(0,)).text).bands)

    steps = thin(archive)

    counts = "SELECT article_id, count(*) FROM band WHERE article_id IN (?, ?) GROUP BY article_id"
    found = dict(map(tuple, archive.store._sql.rows(counts, (twin, late))))
    assert found[late] == found[twin]
    assert sum(steps) == had - found[late]


def test_a_thinned_archive_is_sound(archive: Archive) -> None:
    """The check misses no key that went for its age, in the midst of thinning or later; a key that should be there it misses."""
    before = thinned_before(archive.store, hours(YEAR))
    assert thin_some(archive.store, before, limit=50)
    assert archive.store.flaws() == ()
    thin(archive)
    assert archive.store.flaws() == ()
    for number in (0, 5):
        archive.store._sql.raw.execute(
            "DELETE FROM band WHERE (key, dated, article_id) IN"
            " (SELECT key, dated, article_id FROM band WHERE article_id = ? LIMIT 1)",
            (archive.id(number),),
        )
    (flaw,) = archive.store.flaws()

    assert (flaw.kind, flaw.examples) == (FlawKind.BANDS, (str(archive.id(0)), str(archive.id(5))))


def test_mending_and_thinning_come_to_the_same(archive: Archive) -> None:
    """Who mends an old article gives it all keys, and what goes for its age goes again."""
    thin(archive)
    before = keys(archive, OLD)
    archive.store._sql.raw.execute("DELETE FROM band")
    mend(archive.store, archive.store.flaws(), hours(YEAR))
    assert before < keys(archive, OLD)

    thin(archive)

    assert keys(archive, OLD) == before
    assert archive.store.flaws() == ()


def test_a_thinned_article_is_pruned_without_a_trace(archive: Archive) -> None:
    """It does not matter which of its keys are still there."""
    thin(archive)
    archive.tell(Report(number=50, events=(0,), telling=0, at=7))
    archive.tell(Report(number=51, events=(50,), at=YEAR))

    assert prune_some(archive.store, hours(100), hours(YEAR)).articles == 5
    assert keys(archive, OLD) == set()
    assert archive.store._sql.value("SELECT count(*) FROM band WHERE article_id = ?", (archive.id(50),)) == 0
    assert archive.store.flaws() == ()


def test_a_sign_of_most_texts_stays() -> None:
    """Of thirty old texts each is found by a reprint, and nearly each by half of it or by a quarter of it."""
    chance, missed = Random(1), {"whole": 0, "half": 0, "quarter": 0}
    for number in range(30):
        told = words(434, start=1000 * number).split()
        chance.shuffle(told)
        stays = {key for key in _keys(told) if not key >> 46}
        for name, part in (("whole", told), ("half", told[100:320]), ("quarter", told[200:310])):
            missed[name] += stays.isdisjoint(_keys(part))

    assert missed["whole"] == 0
    assert missed["half"] <= 1
    assert missed["quarter"] <= 4


def _keys(told: list[str]) -> set[int]:
    return {in_part(key, 0) for key in sign("", " ".join(told)).bands}
