"""What reading heeds of feeds.yaml. It never fails because of that file: the daemon complains about it already."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from aggregator.bootstrap import load_config, settings_in
from aggregator.bootstrap.paths import Paths
from aggregator.domain.errors import AggregatorError

if TYPE_CHECKING:
    from datetime import datetime, tzinfo

    from aggregator.domain.settings import Config, MuteRule, Settings


def reading_settings(paths: Paths) -> Settings:
    """Return the settings of feeds.yaml, the defaults where it cannot be read."""
    from aggregator.core.config.checking import default_settings

    try:
        return settings_in(paths)
    except AggregatorError:
        return default_settings()


class LastingConfig:
    """feeds.yaml for a face that reads often: it is read again only when it has changed."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._known: tuple[object, Config | None] | None = None

    def read(self) -> Config | None:
        """Return what it says, None where it cannot be read."""
        from aggregator.adapters.feeds_file import FeedsFile

        fingerprint = FeedsFile(self._paths.config).fingerprint()
        if self._known is None or self._known[0] != fingerprint:
            config = None
            with suppress(AggregatorError):
                config = load_config(self._paths)
            # One assignment, for threads share this.
            self._known = (fingerprint, config)
        return self._known[1]


def zone_of(paths: Paths) -> tzinfo | None:
    """Return the zone that feeds.yaml names; None, the machine's own, where it names none or cannot be read."""
    return zone_in(LastingConfig(paths).read())


def zone_in(config: Config | None) -> tzinfo | None:
    """Return the zone that a configuration names; None, the machine's own, where it names none or there is none."""
    return None if config is None else zone_set(config.settings)


def zone_set(settings: Settings) -> tzinfo | None:
    """Return the zone that settings name; None, the machine's own, where they name none."""
    from zoneinfo import ZoneInfo

    return None if settings.timezone == "local" else ZoneInfo(settings.timezone)


def muting_in(config: Config | None, now: datetime) -> tuple[MuteRule, ...]:
    """Return the rules of a configuration that mute stories at `now`, none where there is none."""
    from aggregator.core.days import today
    from aggregator.core.stories.muting import in_force

    return in_force(config.mute, today(now, zone_in(config))) if config else ()


def muting_of(paths: Paths, now: datetime) -> tuple[MuteRule, ...]:
    """Return the rules of feeds.yaml that mute stories at `now`, none where it cannot be read."""
    return muting_in(LastingConfig(paths).read(), now)
