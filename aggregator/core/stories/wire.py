"""Where a text says that it comes from: the agency named in its dateline."""

import re

# "PORT AMBER, 3 May (Northern Wire) - …", "BERLIN (dpa/lno) – …", "東京（共同）…": a place, then the agency in brackets,
# within the first words. What stands between is short, has no full stop and no bracket.
_DATELINE = re.compile(r"\A[\s\"'«“„]*[^\n.()（）]{1,60}[(（]([^\n()（）]{2,40})[)）]\s*[-–—:：]?")
# A dateline without brackets: "Northern Wire - PORT AMBER" is too close to plain prose and is not read.
_NOISE = re.compile(r"[\W_]+")


def credited(text: str) -> str | None:
    """Return the name in the dateline of `text`, as it stands there; None without a dateline."""
    found = _DATELINE.match(text[:160])
    return found[1].strip() if found else None


def is_original(text: str, source_name: str) -> bool:
    """Tell whether the outlet is the very agency that its text credits."""
    name = credited(text)
    return name is not None and _plain(name) != "" and _plain(name) == _plain(source_name)


def _plain(name: str) -> str:
    return _NOISE.sub("", name.split("/", maxsplit=1)[0]).casefold()
