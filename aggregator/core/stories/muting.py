"""Which stories a reader does not want to see in lists, and by which rule. Nothing is deleted: lists say what they leave out."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aggregator.core.words.tokens import tokens
from aggregator.domain.ids import StoryId
from aggregator.domain.settings import MuteKind, MuteRule

#: How far back it is looked for what a rule hides: long enough to see what it does, short enough to be read at once.
LOOK_BACK = timedelta(days=7)
#: Rules that a sum names, those that mute most; the others are one number.
_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutable:
    """What the rules ask of a story."""

    #: That of its canonical article.
    headline: str
    #: The name and the site of each outlet that carries it.
    outlets: frozenset[tuple[str, str]]
    #: Those that each of its articles has, through a feed that lists it.
    tags: frozenset[str]
    starred: bool = False


class Muting:
    """Rules, ready to be asked of many stories."""

    def __init__(self, rules: Iterable[MuteRule]) -> None:
        self.rules = tuple(rules)
        self.kinds = frozenset(rule.kind for rule in self.rules)
        #: By its first word, which a headline has or has not, however many rules there are: a phrase and whose it is.
        self._phrases = defaultdict[str, list[tuple[str, int]]](list)
        self._sources: dict[str, int] = {}
        self._tags: dict[str, int] = {}
        for number, rule in enumerate(self.rules):
            match rule.kind:
                case MuteKind.WORD:
                    first, *_ = words = tokens(rule.what.casefold())
                    self._phrases[first].append((_line(words), number))
                case MuteKind.SOURCE:
                    self._sources[rule.what.casefold().removeprefix("www.")] = number
                case MuteKind.TAG:
                    self._tags[rule.what.casefold()] = number

    def rule_of(self, story: Mutable) -> MuteRule | None:
        """Return the first rule that mutes a story; None where none does."""
        found = self._that_hold(story)
        return self.rules[min(found)] if found else None

    def rules_of(self, story: Mutable) -> tuple[MuteRule, ...]:
        """Return all rules that mute a story, each as if it stood alone."""
        return tuple(self.rules[number] for number in sorted(self._that_hold(story)))

    def names_outlet(self, name: str, site: str) -> bool:
        """Tell whether a rule mutes the stories of an outlet; where none does, nobody need ask who else carries them."""
        return bool(self._outlet(name, site))

    def names_tag(self, tag: str) -> bool:
        """Tell whether a rule mutes the stories of a tag."""
        return tag.casefold() in self._tags

    def _outlet(self, name: str, site: str) -> set[int]:
        called = (name.casefold(), site.casefold())
        return {self._sources[one] for one in called if one in self._sources}

    def _that_hold(self, story: Mutable) -> set[int]:
        # What a person has starred is wanted, whatever it is about.
        if story.starred:
            return set()
        found = self._by_words(story.headline) if self._phrases else set()
        if self._sources and story.outlets:
            found |= set.intersection(*(self._outlet(*outlet) for outlet in story.outlets))
        if self._tags:
            found |= {self._tags[tag.casefold()] for tag in story.tags if self.names_tag(tag)}
        return found

    def _by_words(self, headline: str) -> set[int]:
        words = tokens(headline.casefold())
        line = ""
        found = set[int]()
        for word in words:
            if word in self._phrases:
                line = line or _line(words)
                found |= {number for phrase, number in self._phrases[word] if phrase in line}
        return found


def in_force(rules: Iterable[MuteRule], day: date) -> tuple[MuteRule, ...]:
    """Return the rules that hold on `day`."""
    return tuple(rule for rule in rules if rule.until is None or day <= rule.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What each of some rules hides of the stories of `LOOK_BACK`, as if it stood alone."""

    total: int
    by_rule: Mapping[MuteRule, tuple[StoryId, ...]]

    def told(self, rule: MuteRule) -> str:
        """Say how many a rule hides: "12 of 340 stories of the last 7 days"."""
        stories = "1 story" if self.total == 1 else f"{self.total:,} stories"
        return f"{len(self.by_rule[rule]):,} of {stories} of the last {LOOK_BACK.days} days"


def hidden_by_each(muting: Muting, stories: Mapping[StoryId, Mutable]) -> Hidden:
    """Return which stories each rule hides; those of the most sources stand where they stood."""
    hidden: dict[MuteRule, list[StoryId]] = {rule: [] for rule in muting.rules}
    for id, story in stories.items():
        for rule in muting.rules_of(story):
            hidden[rule].append(id)
    return Hidden(total=len(stories), by_rule={rule: tuple(ids) for rule, ids in hidden.items()})


def told(rules: Iterable[MuteRule]) -> str:
    """Sum up by which rules stories are muted: "4 stories muted: 3 by “royal wedding”, 1 by sport"; nothing of none."""
    counts = Counter(rules)
    if not counts:
        return ""
    named = [f"{count:,} by {rule.short}" for rule, count in counts.most_common(_NAMED)]
    if more := counts.total() - sum(count for _, count in counts.most_common(_NAMED)):
        named.append(f"{more:,} by other rules")
    return f"{counts.total():,} {'story' if counts.total() == 1 else 'stories'} muted: {', '.join(named)}"


def _line(words: Iterable[str]) -> str:
    """Return words between blanks, so that some in a row can be looked for as one string."""
    return f" {' '.join(words)} "
