"""What is learned of the pages of sites survives a restart."""

from pathlib import Path

from aggregator.adapters.store import SqliteStore
from aggregator.domain.wrappers import Branch, Fate, Layout, Wrapper
from tests.builders import NOON, hours

WRAPPER = Wrapper(layout=Layout(body=Branch(fate=Fate.KEPT), most_left=7), proofs=2, shortest=900)


def test_what_was_learned_comes_back(tmp_path: Path) -> None:
    """A site's wrapper is the same after a restart, the last one kept; of other sites nothing is known."""
    with SqliteStore(tmp_path / "news.db") as store:
        store.keep_wrapper("paper.example", Wrapper(barren=3), NOON)
        store.keep_wrapper("paper.example", WRAPPER, NOON)
    with SqliteStore(tmp_path / "news.db") as store:
        assert store.wrapper("paper.example") == WRAPPER
        assert store.wrapper("other.example") is None


def test_what_has_not_changed_for_months_is_forgotten() -> None:
    """Sites that are seen once do not fill the database."""
    with SqliteStore(":memory:") as store:
        store.keep_wrapper("once.example", WRAPPER, NOON)
        store.keep_wrapper("paper.example", WRAPPER, hours(24 * 59))
        assert store.wrapper("once.example") == WRAPPER
        store.keep_wrapper("paper.example", WRAPPER, hours(24 * 61))
        assert store.wrapper("once.example") is None
