"""Articles that mean harm to the finding of copies: floods of one text, and signatures made to collide."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId
from aggregator.pipeline.placing import place
from tests.builders import NOON, article, hours, placed, words

#: Articles of a flood; the cost of one must not grow with those before it.
_FLOOD = 10_000
#: Articles that are measured: before so many of the flood have come, and at its end.
_MEASURED = 200
_EARLY = 1_000
#: Instructions of SQLite's machine between two counts.
_STEP = 100


def _add(store: SqliteStore, text: str, number: int, signature: Signature | None = None) -> ArticleId:
    made = article(text, outlet=f"paper-{number}", dated=hours(0))
    signature = signature or sign(made.title, made.text)
    with store.transaction():
        added = store.add_article(made, signature, NOON)
        place(store, added, signature, dated=hours(0), now=NOON)
    return added


@pytest.mark.slow
def test_a_flood_of_one_text_costs_the_same_an_article() -> None:
    """Of 10,000 articles under one boilerplate text the last 200 cost SQLite less than twice what those before the 1,000th do."""
    boilerplate = words(60, start=90_000)
    with SqliteStore(":memory:") as store:
        spent = _flooded(store, (f"{words(1, start=10 * number)} {boilerplate}" for number in range(_FLOOD)))
        stories = {story for _, story, _ in placed(store)}

    early = spent[_EARLY] - spent[_EARLY - _MEASURED]
    assert 0 < spent[-1] - spent[-1 - _MEASURED] < 2 * early
    assert len(stories) == 1


@pytest.mark.slow
def test_a_flood_that_differs_in_a_few_words_is_no_dearer() -> None:
    """Copies that are no twins are arranged while they are few; a crowd of them is joined, at the same cost each, and sound."""
    boilerplate = words(80, start=90_000)
    with SqliteStore(":memory:") as store:
        spent = _flooded(store, (f"{boilerplate} {words(5, start=10 * number)}" for number in range(_EARLY)))
        stories = {story for _, story, _ in placed(store)}
        flaws = store.flaws()

    half = _EARLY // 2
    early = spent[half] - spent[half - _MEASURED]
    assert 0 < spent[-1] - spent[-1 - _MEASURED] < 2 * early
    assert len(stories) < 20
    assert flaws == ()


def _flooded(store: SqliteStore, texts: Iterable[str]) -> list[int]:
    """Add articles; return what SQLite had done before each of them, in hundreds of its instructions."""
    steps = _count_steps(store)
    spent = []
    for number, text in enumerate(texts):
        spent.append(next(steps))
        _add(store, text, number)
    return spent


def _count_steps(store: SqliteStore) -> Iterator[int]:
    """Return a counter of what SQLite does for `store` from now on, in hundreds of its instructions."""
    made = itertools.count()
    now = 0

    def step() -> int:
        nonlocal now
        now = next(made)
        return 0  # go on

    store._sql.raw.set_progress_handler(step, _STEP)
    return iter(lambda: now, None)


def test_a_signature_that_shares_all_bands_ties_nothing() -> None:
    """Bands only find candidates: articles that collide in every band of one, but not in its text, are no copies of it."""
    with SqliteStore(":memory:") as store:
        victim = sign("A headline", words(120))
        _add(store, words(120), 0)
        for number in range(1, 80):
            text = words(120, start=1_000 * number)
            _add(store, text, number, replace(sign(f"Other {number}", text), bands=victim.bands))
        copy = _add(store, words(120), 99)

        copies = {id: original for id, _, original in placed(store) if original is not None}

    assert set(copies.values()) <= {ArticleId(1)}
    assert set(copies) <= {copy}
