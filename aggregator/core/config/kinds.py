"""The kinds of values that feeds.yaml knows: how each is written and read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_interface
from typing import Generic, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from aggregator.core.config.tree import Listing, Node, Scalar, shape
from aggregator.core.urls import url_key

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Choice = TypeVar("Choice", bound=StrEnum)
Network = IPv4Network | IPv6Network

_DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?", re.ASCII)
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,18})?", re.ASCII)
#: Neither XML 1.0 nor a terminal takes these.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with one value; `cure` where the kind's form does not say it."""

    node: Node
    what: str
    cure: str | None = None


class Misfit(Exception):
    """A value is not of its kind; carries every problem found in it."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__(*(problem.what for problem in problems))


class Unfit(ValueError):
    """A text is not of its kind."""

    def __init__(self, what: str, cure: str | None = None) -> None:
        self.what = what
        self.cure = cure
        super().__init__(what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[T_co]):
    """How a value is written and read."""

    name: str
    #: Completes "write …".
    form: str
    read: Callable[[Node], T_co]
    bounds: tuple[str, str] | None = None


def one(read: Callable[[str], T]) -> Callable[[Node], T]:
    """Make a reader of single values out of a reader of text, which raises `Unfit`."""

    def reader(node: Node) -> T:
        if not isinstance(node, Scalar):
            raise Misfit(Problem(node=node, what=f"one value is wanted, not {shape(node)}"))
        try:
            return read(node.text.strip())
        except Unfit as unfit:
            raise Misfit(Problem(node=node, what=unfit.what, cure=unfit.cure)) from None

    return reader


def many(read: Callable[[str], T]) -> Callable[[Node], tuple[T, ...]]:
    """Make a reader of lists; every faulty member is told, doubles are dropped."""
    read_one = one(read)

    def reader(node: Node) -> tuple[T, ...]:
        if not isinstance(node, Listing):
            raise Misfit(Problem(node=node, what=f"a list is wanted, not {shape(node)}"))
        found: dict[T, None] = {}
        problems: list[Problem] = []
        for member in node.members:
            try:
                found[read_one(member)] = None
            except Misfit as misfit:
                problems += misfit.problems
        if problems:
            raise Misfit(*problems)
        return tuple(found)

    return reader


def read_duration(text: str) -> timedelta:
    """Read `90s`, `15m`, `2h`, `1d` or several of these in falling order, such as `1h30m`."""
    if text.isdecimal():
        raise Unfit(f'"{text}" has no unit', f"write {text}s, {text}m or {text}h, whichever you mean")
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise Unfit(f'"{text[:60]}" is not a duration')
    seconds = sum(int(count or 0) * length for count, (_, length) in zip(match.groups(), _UNITS, strict=True))
    return timedelta(seconds=seconds)


def write_duration(duration: timedelta) -> str:
    """Write a duration of whole seconds so that `read_duration` reads it back."""
    rest = int(duration.total_seconds())
    parts = []
    for unit, length in _UNITS:
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def duration(low: str, high: str) -> Kind[timedelta]:
    """Make the kind of durations from `low` to `high`."""
    least, most = read_duration(low), read_duration(high)

    def read(text: str) -> timedelta:
        value = read_duration(text)
        if not least <= value <= most:
            raise Unfit(f"{text} is not from {low} to {high}")
        return value

    form = f"a duration from {low} to {high}, such as 90s, 15m, 2h, 1d or 1h30m"
    return Kind(name="duration", form=form, read=one(read), bounds=(low, high))


def number(low: str, high: str) -> Kind[float]:
    """Make the kind of numbers from `low` to `high`."""

    def read(text: str) -> float:
        if not _NUMBER.fullmatch(text):
            raise Unfit(f'"{text[:60]}" is not a number')
        if not float(low) <= float(text) <= float(high):
            raise Unfit(f"{text} is not from {low} to {high}")
        return float(text)

    return Kind(name="number", form=f"a number from {low} to {high}", read=one(read), bounds=(low, high))


def write_number(value: float) -> str:
    """Write a number without needless decimals."""
    return repr(float(value)).removesuffix(".0")


def worker_count(high: int) -> Kind[int | None]:
    """Make the kind of a number of workers, `auto` being None."""

    def read(text: str) -> int | None:
        if text == "auto":
            return None
        if not (re.fullmatch(r"\d{1,4}", text, re.ASCII) and 1 <= int(text) <= high):
            raise Unfit(f'"{text[:60]}" is neither auto nor a number from 1 to {high}')
        return int(text)

    form = f"auto (one a core) or a number from 1 to {high}"
    return Kind(name="auto | number", form=form, read=one(read), bounds=("1", str(high)))


def _read_timezone(text: str) -> str:
    # The time-zone tables lie on disk, but they are as constant as the library they come with.
    if text == "local":
        return text
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        near = get_close_matches(text, sorted(available_timezones()), n=1)
        raise Unfit(f'"{text[:60]}" is no known time zone', f"did you mean {near[0]}?" if near else None) from None


def _read_network(text: str) -> Network:
    try:
        interface = ip_interface(text)
    except ValueError:
        raise Unfit(f'"{text[:60]}" is not a network') from None
    if interface.ip != interface.network.network_address:
        raise Unfit(f'"{text}" has bits beyond its prefix', f"write {interface.network}")
    return interface.network


def read_text(text: str) -> str:
    """Read a line of text, runs of blanks made one."""
    line = " ".join(text.split())
    if not line:
        raise Unfit("the text is empty")
    if _UNPRINTABLE.search(line):
        raise Unfit("the text holds a control character", "delete it")
    if len(line) > 200:  # noqa: PLR2004 -- a headline's length; longer ones ruin every table
        raise Unfit("the text is longer than 200 characters", "shorten it")
    return line


def read_tag(text: str) -> str:
    """Read a tag; commas and slashes part tags elsewhere (OPML's category), so no tag holds them."""
    tag = read_text(text)
    if "," in tag or "/" in tag:
        raise Unfit(f'the tag "{tag}" holds a comma or a slash', "make two tags of it")
    return tag


def _read_header(text: str) -> str:
    line = read_text(text)
    if not line.isascii():
        raise Unfit("a user agent is sent as a header, which is ASCII", "leave out what is not ASCII")
    return line


def read_url(text: str) -> str:
    """Read the address of a feed."""
    if not text:
        raise Unfit("the address is empty")
    if len(text) > 2000:  # noqa: PLR2004 -- what servers and sitemaps.org take at least
        raise Unfit("the address is longer than 2000 characters")
    if _UNPRINTABLE.search(text) or any(character.isspace() for character in text):
        raise Unfit(f'the address "{text[:60]}" holds blanks or control characters', "write them as %20 and the like")
    try:
        parts = urlsplit(text)
        url_key(text)
    except ValueError:
        raise Unfit(f'"{text[:60]}" is not an http or https address', _url_cure(text)) from None
    if not parts.hostname:
        raise Unfit(f'the address "{text[:60]}" names no host')
    return text


def complete_url(text: str) -> str:
    """Make an address of what people type or copy: `example.org`, `feed://example.org`, `feed:https://example.org`."""
    rest = re.sub(r"^feed:(//)?", "", text)
    return rest if "://" in rest else f"https://{rest}"


def _url_cure(text: str) -> str | None:
    whole = complete_url(text)
    host = whole.split("/")[2]
    return f"write {whole[:200]}" if whole != text and "." in host else None


def _read_switch(text: str) -> bool:
    try:
        return _SWITCHES[text.lower()]
    except KeyError:
        raise Unfit(f'"{text[:60]}" is neither true nor false') from None


def choice(choices: type[Choice]) -> Kind[Choice]:
    """Make the kind of a choice between a few words."""

    def read(text: str) -> Choice:
        try:
            return choices(text)
        except ValueError:
            near = get_close_matches(text, list(choices), n=1)
            raise Unfit(f'"{text[:60]}" is no choice', f"did you mean {near[0]}?" if near else None) from None

    return Kind(name=" | ".join(choices), form=_either(list(choices)), read=one(read))


def _either(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"


TEXT = Kind(name="text", form="a line of text", read=one(read_text))
HEADER = Kind(name="text", form="a line of ASCII text", read=one(_read_header))
URL = Kind(name="address", form="an address that begins with http:// or https://", read=one(read_url))
TAGS = Kind(name="list of text", form="a list of words, such as [world, uk]", read=many(read_tag))
SWITCH = Kind(name="true | false", form="true or false", read=one(_read_switch))
TIMEZONE = Kind(name="local | IANA name", form="local or an IANA name, such as Europe/Berlin", read=one(_read_timezone))
NETWORKS = Kind(
    name="list of networks",
    form='a list of networks, such as ["127.0.0.0/8", "::1/128"]',
    read=many(_read_network),
)
