"""Articles that mean harm to the finding of copies: floods of one text, and signatures made to collide."""

import time
from dataclasses import replace

import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId
from aggregator.pipeline.placing import place
from tests.builders import NOON, article, hours, placed, words

#: Articles of a flood, told in three parts; the cost of one must not grow with those before it.
_FLOOD = 1_500


def _add(store: SqliteStore, text: str, number: int, signature: Signature | None = None) -> ArticleId:
    made = article(text, outlet=f"paper-{number}", dated=hours(0))
    signature = signature or sign(made.title, made.text)
    with store.transaction():
        added = store.add_article(made, signature, NOON)
        place(store, added, signature, dated=hours(0), now=NOON)
    return added


@pytest.mark.slow
def test_a_flood_of_one_text_costs_the_same_an_article() -> None:
    """Of 1,500 articles under one boilerplate text the last 500 cost at most thrice what the second 500 do."""
    boilerplate = words(150, start=90_000)
    seconds = []
    with SqliteStore(":memory:") as store:
        for part in range(3):
            start = time.process_time()
            for number in range(part * _FLOOD // 3, (part + 1) * _FLOOD // 3):
                _add(store, f"{words(5, start=10 * number)} {boilerplate}", number)
            seconds.append(time.process_time() - start)

    assert seconds[2] < 3 * seconds[1], seconds
    assert seconds[2] / (_FLOOD / 3) < 0.25, seconds


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
