"""lemon24/reader at the same feeds, twice: run by the bench with the Python that has it, with an order."""

from pathlib import Path
from typing import Any

from tests.bench.load import from_json
from tests.bench.measuring import ordered, phase

#: Feeds under way at once, as many as ours.
_AT_ONCE = 64


def main(order: dict[str, Any]) -> None:
    """Update all feeds of a load."""
    from reader import make_reader  # noqa: PLC0415 (what else is here must not need it)

    load = from_json(order["load"])
    reader = make_reader(str(Path(order["folder"]) / "reader.db"))
    for outlet in range(load.feeds):
        reader.add_feed(load.feed_url(outlet))
    for name in ("cold", "warm"):
        with phase(name) as counts:
            for _ in reader.update_feeds_iter(scheduled=False, workers=_AT_ONCE):
                pass
            counts["feeds"] = load.feeds
            counts["entries"] = reader.get_entry_counts().total
    reader.close()


if __name__ == "__main__":
    main(ordered())
