"""What lists leave out: what is gathered for `mute.html`."""

from dataclasses import asdict, dataclass
from datetime import datetime

from aggregator.adapters.store import StoreReader
from aggregator.bootstrap.reading import zone_in
from aggregator.core.config.values import read_rule
from aggregator.core.days import today
from aggregator.core.stories.muting import LOOK_BACK, Hidden, in_force
from aggregator.domain.errors import UsageError
from aggregator.domain.reading import ListedStory, StoryQuery
from aggregator.domain.settings import Config, MuteRule

#: Stories of a preview that are shown, those of the most sources.
MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the form says, as it was written."""

    word: str
    source: str
    tag: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleLine:
    """A rule, and what it does."""

    rule: MuteRule
    is_over: bool
    #: "12 of 340 stories of the last 7 days"; nothing before anything was polled.
    hides: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule would hide."""

    rule: MuteRule
    is_known: bool
    hides: str
    stories: tuple[ListedStory, ...]
    #: Stories that are not shown.
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MutePage:
    """The rules, and one that may become one."""

    wanted: Wanted
    #: Why that is no rule.
    problem: str | None
    preview: Preview | None
    rules: tuple[RuleLine, ...]


def read_mute_page(reader: StoreReader | None, config: Config | None, wanted: Wanted, now: datetime) -> MutePage:
    """Gather the rules of feeds.yaml and, where one thing alone is wanted, what a rule for it would hide."""
    rules = config.mute if config else ()
    proposed, problem = _proposed(wanted)
    asked = rules if proposed is None else (*rules, proposed)
    hidden = None
    if reader is not None and asked:
        hidden = reader.hidden(StoryQuery(since=now - LOOK_BACK, mute=asked))
    holding = in_force(rules, today(now, zone_in(config)))
    return MutePage(
        wanted=wanted,
        problem=problem,
        preview=None if proposed is None else _preview(reader, proposed, rules, hidden),
        rules=tuple(
            RuleLine(rule=rule, is_over=rule not in holding, hides=hidden.told(rule) if hidden else "")
            for rule in rules
        ),
    )


def _proposed(wanted: Wanted) -> tuple[MuteRule | None, str | None]:
    given = asdict(wanted)
    until = given.pop("until")
    # A story leads here with its headline and its outlet, one of which a person then chooses.
    if sum(map(bool, given.values())) != 1:
        return None, None
    try:
        return read_rule(given, until), None
    except UsageError as error:
        return None, str(error)


def _preview(reader: StoreReader | None, rule: MuteRule, known: tuple[MuteRule, ...], hidden: Hidden | None) -> Preview:
    ids = hidden.by_rule[rule] if hidden else ()
    return Preview(
        rule=rule,
        is_known=any(other.key == rule.key for other in known),
        hides=hidden.told(rule) if hidden else "",
        stories=reader.listed(ids[:MOST]) if reader else (),
        more=max(len(ids) - MOST, 0),
    )
