"""What an article takes in the database."""

from contextlib import closing
from itertools import islice
from random import Random

from aggregator.adapters.store import SqliteStore
from aggregator.core.words.signature import sign
from tests.builders import NOON, article, words

#: Articles, their words, and the words of the language that they are drawn from.
_ARTICLES, _LONG, _LANGUAGE = 60, 400, 8_000
#: Bytes of an article, where it was 8,100 when this was written.
_MOST = 9_500


def test_an_article_takes_few_bytes() -> None:
    """One of 400 words takes no more than was allowed: its text, words that are searched, what is compared of it."""
    chance, language = Random(1), words(_LANGUAGE).split()
    with closing(SqliteStore(":memory:")) as store:
        before = _bytes(store)
        for number in range(_ARTICLES):
            text = " ".join(language[int(_LANGUAGE ** chance.random()) - 1] for _ in range(_LONG))
            made = article(
                text, url=f"https://paper.example/{number}", url_keys=(), title=" ".join(islice(text.split(), 8))
            )
            with store.transaction():
                store.add_article(made, sign(made.title, made.text), NOON)
        assert _bytes(store) - before <= _MOST * _ARTICLES


def _bytes(store: SqliteStore) -> int:
    return int(store._sql.value("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
