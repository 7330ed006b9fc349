"""How we behaved: what each site got from us, the worst first, and all of it together."""

from collections.abc import Iterable

from aggregator.domain.crawling import SiteHours

#: What stands for all sites together.
ALL = "total"


def worst_first(sites: Iterable[SiteHours]) -> tuple[SiteHours, ...]:
    """Return sites in the order in which we owe them an apology."""
    return tuple(
        sorted(sites, key=lambda one: (-one.early, -one.throttled, -one.busiest_hour, -one.requests, one.site))
    )


def total(sites: Iterable[SiteHours]) -> SiteHours:
    """Return all sites as one; its busiest hour is that of the site that had the busiest."""
    many = tuple(sites)
    return SiteHours(
        site=ALL,
        requests=sum(one.requests for one in many),
        feeds=sum(one.feeds for one in many),
        conditional=sum(one.conditional for one in many),
        unchanged=sum(one.unchanged for one in many),
        throttled=sum(one.throttled for one in many),
        early=sum(one.early for one in many),
        wire_bytes=sum(one.wire_bytes for one in many),
        saved_bytes=sum(one.saved_bytes for one in many),
        busiest_hour=max((one.busiest_hour for one in many), default=0),
    )


def share(part: int, whole: int) -> float | None:
    """Return how much of `whole` is `part`; None where there is no whole."""
    return part / whole if whole else None


def size(count: int) -> str:
    """Return bytes as a person reads them: "9.8 MB"."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:  # noqa: PLR2004 -- the next unit
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
