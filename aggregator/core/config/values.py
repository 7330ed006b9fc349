"""Values of a feed or a rule that a person gives elsewhere than in feeds.yaml, read as that file would."""

from collections.abc import Mapping
from typing import TypeVar

from aggregator.core.config import table
from aggregator.core.config.kinds import Misfit
from aggregator.core.config.mute_keys import MUTED, MUTED_UNTIL
from aggregator.core.config.table import Setting
from aggregator.core.config.tree import Listing, Node, Scalar, Span
from aggregator.core.printable import printable
from aggregator.domain.errors import UsageError
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.settings import MuteKind, MuteRule

T = TypeVar("T")

_NOWHERE = Span(line=1, column=1, end_line=1, end_column=1)
_NAME_LENGTH = 200


def read_value(setting: Setting[T], given: str | tuple[str, ...] | None) -> T:
    """Return what feeds.yaml would mean by it, the default for None.

    Raises:
        UsageError: it is no such value; the message says what is.
    """
    node: Node
    match given:
        case None:
            return setting.value
        case str():
            node = Scalar(span=_NOWHERE, text=given, plain=False)
        case _:
            members = tuple(Scalar(span=_NOWHERE, text=text, plain=False) for text in given)
            node = Listing(span=_NOWHERE, members=members)
    try:
        return setting.kind.read(node)
    except Misfit as misfit:
        problem = misfit.problems[0]
        raise UsageError(f"{problem.what}; {problem.cure or f'write {setting.kind.form}'}") from None


def own_name(parsed: ParsedFeed) -> str | None:
    """Return what a feed calls itself, None where that is no name for feeds.yaml."""
    try:
        return read_value(table.NAME, printable(parsed.title or "")[:_NAME_LENGTH])
    except UsageError:
        return None


def read_rule(given: Mapping[str, str | None], until: str | None = None) -> MuteRule:
    """Return the rule that mutes what is `given` by "word", "source" or "tag", nothing by the others.

    Raises:
        UsageError: nothing is given, or several things are, or one of them is no such value.
    """
    settings = [setting for setting in MUTED if given.get(setting.name)]
    if len(settings) != 1:
        raise UsageError("a rule has one of word, source and tag; give one, and make another rule of the next")
    (setting,) = settings
    what = read_value(setting, given[setting.name])
    return MuteRule(kind=MuteKind(setting.name), what=what, until=read_value(MUTED_UNTIL, until or None))
