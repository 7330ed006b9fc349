"""The kinds of values that feeds.yaml knows: how each is written and read."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Generic, TypeVar

from aggregator.core.config.tree import Listing, Node, Scalar, shape
from aggregator.core.words.tokens import tokens
from aggregator.domain.settings import LEARNED

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Amount = TypeVar("Amount", int, timedelta)
Choice = TypeVar("Choice", bound=StrEnum)

AUTO = "auto"
FOREVER = "forever"
_DURATION = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?", re.ASCII)
_UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
_SIZE = re.compile(r"(\d{1,6}) ?(KB|MB|GB)", re.ASCII | re.IGNORECASE)
_SIZES = {"KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,18})?", re.ASCII)
#: Neither XML 1.0 nor a terminal takes these.
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
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


def _between(read: Callable[[str], Amount], low: str, high: str) -> Callable[[str], Amount]:
    """Make a reader of amounts that takes those from `low` to `high` only."""
    least, most = read(low), read(high)

    def bounded(text: str) -> Amount:
        value = read(text)
        if not least <= value <= most:
            raise Unfit(f"{text} is not from {low} to {high}")
        return value

    return bounded


def duration(low: str, high: str) -> Kind[timedelta]:
    """Make the kind of durations from `low` to `high`."""
    read = _between(read_duration, low, high)
    form = f"a duration from {low} to {high}, such as 90s, 15m, 2h, 1d or 1h30m"
    return Kind(name="duration", form=form, read=one(read), bounds=(low, high))


def interval(low: str, high: str) -> Kind[timedelta]:
    """Make the kind of intervals from `low` to `high`, `auto` being `LEARNED`."""
    fixed = duration(low, high)

    def reader(node: Node) -> timedelta:
        is_auto = isinstance(node, Scalar) and node.text.strip() == AUTO
        return LEARNED if is_auto else fixed.read(node)

    return Kind(name="auto | duration", form=f"auto or {fixed.form}", read=reader, bounds=fixed.bounds)


def write_interval(every: timedelta) -> str:
    """Write an interval so that it is read back."""
    return write_duration(every) if every else AUTO


def lifetime(low: str, high: str) -> Kind[timedelta | None]:
    """Make the kind of durations from `low` to `high`, `forever` being None."""
    fixed = duration(low, high)

    def reader(node: Node) -> timedelta | None:
        is_forever = isinstance(node, Scalar) and node.text.strip() == FOREVER
        return None if is_forever else fixed.read(node)

    form = f"{FOREVER} or a duration from {low} to {high}, such as 90d"
    return Kind(name=f"{FOREVER} | duration", form=form, read=reader, bounds=fixed.bounds)


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


def read_size(text: str) -> int:
    """Read bytes as `500KB`, `8MB` or `1GB`, in thousands."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise Unfit(f'"{text[:60]}" is not a size')
    return int(match[1]) * _SIZES[match[2].upper()]


def size(low: str, high: str) -> Kind[int]:
    """Make the kind of sizes in bytes from `low` to `high`."""
    read = _between(read_size, low, high)
    form = f"a size from {low} to {high}, such as 500KB or 8MB"
    return Kind(name="size", form=form, read=one(read), bounds=(low, high))


def count(low: int, high: int) -> Kind[int]:
    """Make the kind of whole numbers from `low` to `high`."""

    def read(text: str) -> int:
        if not (re.fullmatch(r"\d{1,9}", text, re.ASCII) and low <= int(text) <= high):
            raise Unfit(f'"{text[:60]}" is not a whole number from {low} to {high}')
        return int(text)

    form = f"a whole number from {low} to {high}"
    return Kind(name="number", form=form, read=one(read), bounds=(str(low), str(high)))


def worker_count(high: int) -> Kind[int | None]:
    """Make the kind of a number of workers, `auto` being None."""

    def read(text: str) -> int | None:
        if text == AUTO:
            return None
        if not (re.fullmatch(r"\d{1,4}", text, re.ASCII) and 1 <= int(text) <= high):
            raise Unfit(f'"{text[:60]}" is neither auto nor a number from 1 to {high}')
        return int(text)

    form = f"auto (one a core) or a number from 1 to {high}"
    return Kind(name="auto | number", form=form, read=one(read), bounds=("1", str(high)))


def read_text(text: str) -> str:
    """Read a line of text, runs of blanks made one."""
    line = " ".join(text.split())
    if not line:
        raise Unfit("the text is empty")
    if UNPRINTABLE.search(line):
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


def _read_phrase(text: str) -> str:
    phrase = read_text(text)
    if not tokens(phrase):
        raise Unfit(f'"{phrase}" has no word in it')
    return phrase


def _read_header(text: str) -> str:
    line = read_text(text)
    if not line.isascii():
        raise Unfit("a user agent is sent as a header, which is ASCII", "leave out what is not ASCII")
    return line


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
PHRASE = Kind(name="text", form="a word or a phrase, such as royal wedding", read=one(_read_phrase))
TAG = Kind(name="text", form="a tag, such as sport", read=one(read_tag))
HEADER = Kind(name="text", form="a line of ASCII text", read=one(_read_header))
TAGS = Kind(name="list of text", form="a list of words, such as [world, uk]", read=many(read_tag))
SWITCH = Kind(name="true | false", form="true or false", read=one(_read_switch))
