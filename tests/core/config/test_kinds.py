from datetime import timedelta

import pytest

from aggregator.adapters.feeds_file.yaml_tree import read_tree
from aggregator.adapters.http import Limits
from aggregator.core.config.checking import default_settings, read_config
from aggregator.core.config.kinds import Unfit, read_size
from aggregator.core.feeds.entries import MAX_ENTRIES
from aggregator.domain.errors import ConfigError
from aggregator.domain.settings import Settings


def settings_of(*lines: str) -> Settings:
    """Return the settings of a file with these lines under `settings:`."""
    tree, faults = read_tree("\n".join(["settings:", *(f"  {line}" for line in lines)]))
    return read_config(tree, faults=faults).settings


@pytest.mark.parametrize(
    ("text", "size"), [("8MB", 8_000_000), ("500KB", 500_000), ("500 kb", 500_000), ("1GB", 1_000_000_000), ("0KB", 0)]
)
def test_sizes_are_read_in_thousands(text: str, size: int) -> None:
    """A size is a whole number of KB, MB or GB, in either case."""
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "8", "MB", "8.5MB", "-8MB", "8MiB", "٨MB", "9999999MB"])
def test_what_is_no_size_is_refused(text: str) -> None:
    """A size without a unit, or with another one, is a fault."""
    with pytest.raises(Unfit):
        read_size(text)


def test_limits_can_be_set() -> None:
    """The four limits of hostile input are settings like others."""
    settings = settings_of("feed_size: 20MB", "page_size: 500KB", "fetch_time: 1m", "max_entries: 50")

    assert (settings.feed_size, settings.page_size) == (20_000_000, 500_000)
    assert (settings.fetch_time, settings.max_entries) == (timedelta(minutes=1), 50)


@pytest.mark.parametrize(
    "line", ["feed_size: 60MB", "feed_size: 10KB", "page_size: 8", "fetch_time: 0s", "max_entries: 9"]
)
def test_limits_have_bounds(line: str) -> None:
    """A limit that would let anything in, or nothing, is a fault that names the setting."""
    with pytest.raises(ConfigError, match=line.partition(":")[0]):
        settings_of(line)


def test_the_defaults_are_those_of_the_rooms_that_heed_them() -> None:
    """What the table says and what the fetcher and the parser do without settings is one thing."""
    settings, limits = default_settings(), Limits()

    assert (settings.feed_size, settings.page_size) == (limits.feed_bytes, limits.page_bytes)
    assert (settings.fetch_time.total_seconds(), settings.max_entries) == (limits.seconds, MAX_ENTRIES)
