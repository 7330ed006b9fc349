"""Place a file of articles by the same rules as the store's; what is held of it is what is near in time, and one story.

::

    [Line] ─▶ slate ─learn─▶ boilerplate ─sign─▶ slate ─in order of time: meeting, verify─▶ [Tie] ─▶ slate
    what copies tie ─texts─▶ slate ─in order of time, by Vocabulary: alike─▶ likenesses ─▶ slate
    what ties and likenesses connect ─arrange─▶ [Placement]
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice

from aggregator.core.copies.copies import WINDOW, texts, verify
from aggregator.core.copies.meeting import meeting
from aggregator.core.events.comparing import learn_vocabularies
from aggregator.core.events.languages import compared_as
from aggregator.core.events.passing import Passing, alike
from aggregator.core.linking import Parts
from aggregator.core.pages.language import language_code, language_of
from aggregator.core.stories.placement import arrange, fullest_of
from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.core.urls import site
from aggregator.core.wire.wire import agency_of, is_original
from aggregator.core.words.boilerplate import learn_boilerplate, lines_of, without
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, SourceId, StoryId
from aggregator.domain.lines import Line, Meeting, Signed
from aggregator.domain.stories import Candidate, Member, Placement, Profile, Relation, Tie
from aggregator.pipeline.planning import LEARNED_FROM
from aggregator.pipeline.signing import READ_FROM
from aggregator.pipeline.slate import Slate

#: Articles taken in at once, to be compared with those of the window: to look through that costs what some thousand cost.
STRIDE = 4_096
#: Articles arranged at once, at least.
_ARRANGED = 1_024


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where the article of a line went; `article` and `copy_of` count the lines from 1."""

    article: ArticleId
    story: StoryId
    copy_of: ArticleId | None


@dataclass(slots=True, eq=False)
class Batch:
    """Articles that were placed together; ids count them from 1 in their order."""

    articles: Mapping[ArticleId, Signed] = field(default_factory=dict)
    ties: tuple[Tie, ...] = ()
    placement: Placement = field(default_factory=lambda: Placement(ties=(), stories=()))
    likenesses: Mapping[tuple[ArticleId, ArticleId], float] = field(default_factory=dict)

    def arranged(self, rules: Rules) -> Placement:
        """Return the stories that the articles make by other rules."""
        members = [article.member for article in self.articles.values()]
        return arrange(members, self.ties, alike=lambda _: self.likenesses, rules=rules)

    def likeness(self, a: ArticleId, b: ArticleId) -> float | None:
        """Return how much two articles tell of one event; None where that is nothing or was not asked."""
        return self.likenesses.get((a, b), self.likenesses.get((b, a)))

    def placed(self) -> Iterator[Placed]:
        """Say where each article went, in order. Stories are numbered in the order of their first articles."""
        return answers([self.placement])


def place_all(lines: Iterable[Line], now: datetime, slate: Slate) -> Batch:
    """Place the articles of `lines`, and read all that was found back into memory."""
    placements = list(place(lines, now, slate))
    ids = [id for placement in placements for story in placement.stories for id in story.members]
    return Batch(
        articles={signed.member.id: signed for signed in slate.signed(sorted(ids))},
        ties=tuple(slate.ties(ids)),
        placement=Placement(
            ties=(),
            stories=tuple(story for placement in placements for story in placement.stories),
            events=tuple(tie for placement in placements for tie in placement.events),
        ),
        likenesses=slate.likenesses(ids),
    )


def answers(placements: Iterable[Placement]) -> Iterator[Placed]:
    """Say where each article of these stories went, in order. Stories are numbered in the order of their first articles."""
    first, copy_of = array("q", [0]), array("q", [0])
    for story in chain.from_iterable(placement.stories for placement in placements):
        if (missing := story.members[-1] + 1 - len(first)) > 0:
            for column in (first, copy_of):
                column.extend([0] * missing)
        for id in story.members:
            first[id] = story.members[0]
        for copy in story.copies:
            copy_of[copy.article] = copy.of
    stories, numbers = 0, array("q", [0]) * len(first)
    for number in range(1, len(first)):
        if first[number] == number:
            stories += 1
            numbers[number] = stories
        of = ArticleId(copy_of[number])
        yield Placed(article=ArticleId(number), story=StoryId(numbers[first[number]]), copy_of=of or None)


def place(lines: Iterable[Line], now: datetime, slate: Slate, *, stride: int = STRIDE) -> Iterator[Placement]:
    """Place the articles of `lines` and yield the stories they make, as they are arranged.

    Each line is an article of its own, even where addresses repeat. What is learned is learned from the newest.

    Args:
        lines: The articles.
        now: Stands in for a date that nobody knows where the articles must have an order.
        slate: An empty one.
        stride: How many articles are taken in at once.
    """
    size = _sign(_gathered(lines, now, slate), now, slate)
    # Numbers count from 0 there.
    parts, connected = Parts(size), Parts(size)
    for tie in _ties(slate, stride):
        slate.add_tie(tie)
        if tie.relation is Relation.COPY:
            parts.join(tie.a - 1, tie.b - 1)
        # Templates speak against each other.
        if tie.relation is not Relation.TEMPLATE:
            connected.join(tie.a - 1, tie.b - 1)
    for ids in _batches(parts):
        found = texts(slate.members(ids), slate.ties(ids))
        slate.add_texts({fullest_of(text).id: {member.source for member in text} for text in found})
    for (a, b), value in _likenesses(slate, stride):
        slate.add_likeness(a, b, value)
        if value >= DEFAULT_RULES.same_event:
            connected.join(a - 1, b - 1)
    for ids in _batches(connected):
        yield arrange(slate.members(ids), slate.ties(ids), alike=slate.likenesses)


def _gathered(lines: Iterable[Line], now: datetime, slate: Slate) -> dict[SourceId, str]:
    """Put the lines on the slate; return the outlets.

    They are numbered; 0 is no outlet, so that two lines which name none are not taken for one outlet's.
    """
    sources = {"": SourceId(0)}
    for number, line in enumerate(lines, 1):
        source = sources.setdefault(_source(line), SourceId(len(sources)))
        slate.add_line(ArticleId(number), source, line, line.published or now, lines_of(line.text or ""))
    return {source: name for name, source in sources.items()}


def _sign(sources: Mapping[SourceId, str], now: datetime, slate: Slate) -> int:
    """Sign all articles; return how many there are."""
    boilerplate: dict[SourceId, frozenset[int]] = {}
    for source, hashes in slate.hashes(READ_FROM):
        boilerplate |= learn_boilerplate((source, own) for own in hashes)
    size = 0
    for id, source, line in slate.take_lines():
        signature = sign(line.title or "", without(line.text or "", boilerplate.get(source, frozenset())))
        slate.add_signed(_signed(line, signature, _member(id, line, source, sources[source], now)))
        size += 1
    return size


def _member(id: ArticleId, line: Line, source: SourceId, name: str, now: datetime) -> Member:
    text = line.text or ""
    credit = agency_of(text, author=None, source_site=name, source_name=name)
    return Member(
        id=id,
        story=None,
        url=line.url or "",
        source=source,
        dated=line.published or now,
        length=len(text),
        is_original=is_original(credit, source_site=name, source_name=name),
    )


def _signed(line: Line, signature: Signature, member: Member) -> Signed:
    title, text = line.title or "", line.text or ""
    language = compared_as(language_code(line.language) or language_of(f"{title}\n{text}", declared=None))
    profile = Profile(
        id=member.id,
        source=member.source,
        dated=line.published,
        language=language,
        headline=title,
        terms=signature.terms,
    )
    return Signed(title=title, member=member, profile=profile, signature=replace(signature, terms=b""))


def _ties(slate: Slate, stride: int) -> Iterator[Tie]:
    """Compare the articles with those before them that are near in time."""
    held: list[Meeting] = []
    coming = slate.meetings(is_dated=True)
    while new := list(islice(coming, stride)):
        held = [one for one in held if new[0].dated - one.dated <= WINDOW]
        first = len(held)
        held += new
        yield from _verified(held, first, slate, is_dated=True)
    # Those that nobody knows the date of are near to all, which are looked through for what any of them has.
    undated = list(slate.meetings(is_dated=False))
    if undated:
        wanted = {key for one in undated for key in one.keys}
        known = [one for one in (_having(wanted, one) for one in slate.meetings(is_dated=True)) if one.keys]
        yield from _verified([*known, *undated], len(known), slate, is_dated=False)


def _having(wanted: set[int], one: Meeting) -> Meeting:
    return replace(one, keys=[key for key in one.keys if key in wanted])


def _verified(order: Sequence[Meeting], first: int, slate: Slate, *, is_dated: bool) -> Iterator[Tie]:
    """Compare the articles from `first` on with those before them."""
    dates = [one.dated for one in order] if is_dated else []
    since = [bisect_left(dates, dated - WINDOW) for dated in dates]
    met = meeting([one.keys for one in order], since, first=first)
    known = slate.compared({order[place].id for place in {*met, *chain.from_iterable(met.values())}})
    for place, near in met.items():
        one = order[place]
        signature = known[one.id]
        yield from verify(
            one.id,
            dated=one.dated,
            shingles=signature.shingles,
            facts=signature.facts,
            candidates=[
                Candidate(
                    id=other.id,
                    story=StoryId(0),
                    text=other.id,
                    dated=other.dated if is_dated else one.dated,
                    shingles=known[other.id].shingles,
                    facts=known[other.id].facts,
                )
                for other in map(order.__getitem__, near)
            ],
        )


def _likenesses(slate: Slate, stride: int) -> Iterator[tuple[tuple[ArticleId, ArticleId], float]]:
    """Compare the texts of each language."""
    vocabularies = learn_vocabularies(slate.newest_profiles(LEARNED_FROM))
    for language, size in slate.languages().items():
        # Of a language that none of the newest articles has nothing is known.
        if language in vocabularies:
            dated, undated = (
                (
                    Passing(profile=profile, sources=sources)
                    for profile, sources in slate.texts(language, is_dated=known)
                )
                for known in (True, False)
            )
            yield from alike(dated, list(undated), vocabularies[language], size=size, rows=stride)


def _batches(parts: Parts) -> Iterator[list[ArticleId]]:
    return ([ArticleId(number + 1) for number in batch] for batch in parts.batches(_ARRANGED))


def _source(line: Line) -> str:
    """Return what tells an outlet from others; nothing where the line does not say."""
    try:
        return line.source or (site(line.url) if line.url else "")
    except ValueError:
        return ""
