"""Articles are found by their keys, wherever these stand."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.key_tables import BAND, FLOODED, KEY_TABLES, KeyTable
from aggregator.adapters.store.parts import PART, going
from aggregator.core.copies.copies import WINDOW
from aggregator.core.words.signature import sign
from tests.builders import words

DAY = 24 * 60 * 60
KEYS = (7, -(2**63), 2**63 - 2, 1 << 34 | 8)
#: A key, and days before or after a middle.
_ROWS = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(-60, 60)), max_size=3 * FLOODED, unique=True)
_CROWD = [(key, day) for times, key in enumerate(KEYS, 1) for day in range(-5, 5 * times)]
#: Whole seconds of all times that can be written.
_ANY_TIME = st.integers(-62_135_596_800, 253_402_300_799)
_ANY_KEY = st.integers(-(2**63), 2**63 - 1)


@pytest.fixture(scope="module")
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


@pytest.mark.parametrize("table", KEY_TABLES, ids=[table.name for table in KEY_TABLES])
@pytest.mark.parametrize("middle", [0, 20_500 * DAY], ids=["1970", "2026"])
@settings(max_examples=40)
@given(rows=_ROWS, limit=st.integers(1, 3))
@example(rows=_CROWD, limit=1)
def test_keys_are_looked_up_together_as_each_for_itself(
    store: SqliteStore, table: KeyTable, middle: int, rows: list[tuple[int, int]], limit: int
) -> None:
    """Several keys at once find what each finds: all that have it, but of very many the nearest before and after."""
    span = (middle - 50 * DAY, middle, middle + 50 * DAY)
    with store.transaction():
        store._sql.write(f"DELETE FROM {table.name}")
        for number, (key, day) in enumerate(rows):
            table.add(store._sql, number, [key], middle + day * DAY)
    together = table.nearest(store._sql, KEYS, span, limit)
    apart = {key: table.nearest(store._sql, [key], span, limit).get(key, []) for key in KEYS}

    assert {key: set(together.get(key, ())) for key in KEYS} == {key: set(ids) for key, ids in apart.items()}
    assert {key: len(ids) for key, ids in apart.items()} == {key: len(set(ids)) for key, ids in apart.items()}
    for key, found in apart.items():
        having = sorted((day, number) for number, (own, day) in enumerate(rows) if own == key and abs(day) <= 50)
        if len(having) > 2 * limit:
            before = [number for day, number in having if day <= 0][-limit - 1 :]
            having_near = {*before, *[number for day, number in having if day > 0][:limit]}
        else:
            having_near = {number for _, number in having}
        assert set(found) == having_near


@pytest.mark.parametrize("table", KEY_TABLES, ids=[table.name for table in KEY_TABLES])
def test_what_is_removed_is_found_no_more(table: KeyTable) -> None:
    """Of an article that had keys no row is left, and those of others stay."""

    def numbers(connection: Connection) -> list[int]:
        return [row[0] for row in connection.rows(f"SELECT DISTINCT article_id FROM {table.name}")]

    with SqliteStore(":memory:") as store, store.transaction():
        table.add(store._sql, 1, KEYS, DAY)
        table.add(store._sql, 2, KEYS, DAY)
        table.remove(store._sql, 1, KEYS, DAY)
        assert numbers(store._sql) == [2]


@given(key=_ANY_KEY, dated=_ANY_TIME, before=st.integers(0, 40 * DAY), after=st.integers(0, 40 * DAY))
def test_a_key_stands_where_it_is_looked_for(key: int, dated: int, before: int, after: int) -> None:
    """Whatever the date, one of the places that are looked at in a span that has it is the one, and they are in order of time."""
    looked_at = BAND.may_stand_as(key, dated - before, dated + after)

    assert BAND.stands_as(key, dated) in looked_at
    assert list(looked_at) == sorted(looked_at)
    assert 0 <= min(looked_at) <= max(looked_at) < 2**47


@given(_ANY_KEY, _ANY_TIME, _ANY_KEY, _ANY_TIME)
def test_what_is_earlier_stands_before(key: int, dated: int, other: int, later: int) -> None:
    """Keys of one part of time stand together, before all of the next; those that will go stand apart, in the same order."""
    dated, later = sorted((dated, later))
    one, two = BAND.stands_as(key, dated), BAND.stands_as(other, later)
    if later - dated >= PART and later >= PART and dated < (2**14 - 1) * PART:
        assert one < two or (one in going(2**40)) > (two in going(2**40))


def test_three_parts_have_all_that_may_be_a_copy() -> None:
    """A part is as long as the window in which copies are looked for, so whenever an article is dated they stand in three."""
    window = WINDOW // timedelta(seconds=1)
    for dated in (0, 1, PART - 1, PART, 20_500 * DAY, 20_500 * DAY + 12_345):
        assert len(BAND.may_stand_as(1, dated - window, dated + window)) <= 3


def test_the_keys_of_a_text_stand_apart() -> None:
    """Half of a key tells it from the others as well as the whole: bands have theirs, and so have sampled shingles."""
    keys = sign("", words(1_000)).bands

    assert len(BAND.standing(keys, 0)) == len(set(keys)) > 150
