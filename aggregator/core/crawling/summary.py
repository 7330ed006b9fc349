"""What of a day's changes of feeds is news: the net of them, the worst first, in few enough lines to be read."""

from collections.abc import Iterable
from dataclasses import dataclass

from aggregator.core.printable import printable
from aggregator.domain.health import Health, HealthChange
from aggregator.domain.ids import FeedId

#: States in the order in which a person wants to hear of them, each with what is said of its feeds.
TOLD = {
    Health.GONE: "gone for good",
    Health.NOT_A_FEED: "no feed any more",
    Health.BLOCKED: "refuse us",
    Health.ERRORING: "fail",
    Health.MOVED: "moved",
    Health.ALL_OLD: "list old articles only",
    Health.ALL_FUTURE: "list articles of the future only",
    Health.FROZEN: "say 304 although they changed",
    Health.QUIET: "unusually silent",
    Health.THROTTLED: "asked to be left alone",
    Health.FINE: "well again",
}
#: Feeds named in a group, and characters of a line: the whole stays short enough for a message on a telephone.
NAMED = 8
WIDTH = 160
#: A feed that is new, or was paused by a person, is expected to be well.
_WELL = frozenset({Health.NEW, Health.FINE, Health.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The feeds that came to be in one state."""

    state: Health
    #: The last change of each, in order of time.
    changes: tuple[HealthChange, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What the feeds are called, safe to print."""
        return tuple(printable(change.name)[:WIDTH] for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is to be told."""

    #: The worst state first; empty where there is no news.
    groups: tuple[Group, ...]
    #: Feeds that had a bad time and are as they were.
    passing: int

    @property
    def ill(self) -> int:
        """How many feeds came to be unwell, or unwell in another way."""
        return sum(len(group.changes) for group in self.groups if group.state is not Health.FINE)

    @property
    def recovered(self) -> int:
        """How many are well again."""
        return sum(len(group.changes) for group in self.groups if group.state is Health.FINE)

    @property
    def subject(self) -> str:
        """The whole in a line."""
        parts = []
        if self.ill:
            parts.append(f"{_feeds(self.ill)} not well")
        if self.recovered:
            parts.append(f"{self.recovered if parts else _feeds(self.recovered)} well again")
        return f"aggregator: {', '.join(parts) or 'no news of feeds'}"

    @property
    def text(self) -> str:
        """The whole as plain text."""
        lines = [line for group in self.groups for line in (*_group_lines(group), "")]
        if self.passing:
            lines += [f"{_feeds(self.passing)} had trouble meanwhile and recovered.", ""]
        if self.ill:
            lines.append("`aggregator feeds doctor` says what to do.")
        return "\n".join(lines).rstrip()


def summarize(changes: Iterable[HealthChange]) -> Summary:
    """Return the net of `changes`, which come in order of time."""
    first: dict[FeedId, HealthChange] = {}
    last: dict[FeedId, HealthChange] = {}
    for change in changes:
        first.setdefault(change.feed, change)
        last[change.feed] = change
    lasting = {feed: change for feed, change in last.items() if _settled(first[feed].before) != _settled(change.after)}
    groups = (
        Group(state=state, changes=tuple(change for change in lasting.values() if _settled(change.after) is state))
        for state in TOLD
    )
    passed = [feed for feed in last if feed not in lasting and first[feed] is not last[feed]]
    return Summary(groups=tuple(group for group in groups if group.changes), passing=len(passed))


def _settled(state: Health) -> Health:
    return Health.FINE if state in _WELL else state


def _group_lines(group: Group) -> list[str]:
    lines = [f"{_feeds(len(group.changes))} {TOLD[group.state]}:"]
    for name, change in list(zip(group.names, group.changes, strict=True))[:NAMED]:
        why = printable(change.why)
        lines.append(_cut(f"  {name}: {why}" if why and group.state is not Health.FINE else f"  {name}"))
    more = len(group.changes) - NAMED
    return [*lines, f"  … and {more} more"] if more > 0 else lines


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"


def _feeds(count: int) -> str:
    return "1 feed" if count == 1 else f"{count:,} feeds"
