"""How values and feeds are written into feeds.yaml."""

import json
import re
from datetime import timedelta

from aggregator.core.config.kinds import write_interval, write_number
from aggregator.domain.edits import FeedValue
from aggregator.domain.settings import FeedConfig, FullText, MuteRule

#: Words that YAML 1.1 or 1.2 may read as something other than text.
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
#: Text that is safe without quotes, in a line and in [ ].
_BARE = re.compile(r"[^\W\d_](?:[\w./'()+-]| (?=[^\s#]))*")
_BARE_URL = re.compile(r"https?://[\w./~%?=&+;@!$*'(),:#-]*[\w/=]", re.ASCII)
#: What ends bare text within brackets.
_BRACKETS = re.compile(r"[\[\]{},]")


def feed_lines(feed: FeedConfig, *, margin: str = "  ", inset: int = 2) -> list[str]:
    """Write one feed, a key a line, leaving out what is as by default."""
    written = {
        "url": feed.url if _BARE_URL.fullmatch(feed.url) else _quoted(feed.url),
        "name": feed.name and _scalar(feed.name),
        "tags": feed.tags and write_value(feed.tags),
        "every": None if feed.every is None else write_interval(feed.every),
        "weight": feed.weight != 1 and write_number(feed.weight),
        "full_text": feed.full_text is not FullText.AUTO and feed.full_text.value,
        "enabled": not feed.enabled and "false",
        "user_agent": feed.user_agent and _scalar(feed.user_agent),
    }
    return _dashed([f"{key}: {value}" for key, value in written.items() if value], margin, inset)


def rule_lines(rule: MuteRule, *, margin: str = "  ", inset: int = 2) -> list[str]:
    """Write one rule that mutes, a key a line."""
    until = [] if rule.until is None else [f"until: {rule.until.isoformat()}"]
    return _dashed([f"{rule.kind}: {_scalar(rule.what)}", *until], margin, inset)


def write_value(value: FeedValue, *, like: str = "", inside: bool = False) -> str:
    """Write one value of a feed: in the quotes of `like`, which stood there, or `inside` brackets, where less is safe bare."""
    match value:
        case bool():
            text, is_bare = ("true" if value else "false"), True
        case timedelta():
            text, is_bare = write_interval(value), True
        case tuple():
            return f"[{', '.join(map(_scalar, value))}]"
        case str():
            text, is_bare = value, bool(_BARE_URL.fullmatch(value)) or _scalar(value) == value
    if like.startswith("'") and text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    if like.startswith('"') or not is_bare or (inside and _BRACKETS.search(text)):
        return _quoted(text)
    return text


def _dashed(lines: list[str], margin: str, inset: int) -> list[str]:
    dash = f"{margin}-{' ' * (inset - 1)}"
    return [f"{dash if number == 0 else margin + ' ' * inset}{line}" for number, line in enumerate(lines)]


def _scalar(text: str) -> str:
    return text if _BARE.fullmatch(text) and text.lower() not in _WORDS else _quoted(text)


def _quoted(text: str) -> str:
    # JSON's strings are YAML's too; what YAML takes for unprintable is escaped.
    return "".join(map(_escaped, json.dumps(text, ensure_ascii=False)))


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 -- the end of the basic plane
