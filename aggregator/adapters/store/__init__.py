"""The store: one SQLite file with every feed, article and story.

Who only reads loads nothing of what writes, which takes a tenth of a second.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aggregator.adapters.store.feeds import FeedChanges
    from aggregator.adapters.store.reads import StoreReader
    from aggregator.adapters.store.writes import SqliteStore, snapshot

__all__ = ["FeedChanges", "SqliteStore", "StoreReader", "snapshot"]

_HOMES = {"FeedChanges": "feeds", "SqliteStore": "writes", "StoreReader": "reads", "snapshot": "writes"}


def __getattr__(name: str) -> Any:
    """Load what is asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
