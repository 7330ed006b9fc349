"""A file of articles that memory need not hold."""

import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store.slate import SqliteSlate
from aggregator.bootstrap.clustering import on_a_slate
from aggregator.core.copies.copies import WINDOW, verify
from aggregator.core.copies.meeting import meeting
from aggregator.core.events.comparing import Comparison, learn_vocabularies
from aggregator.core.stories.placement import arrange
from aggregator.core.words.signature import keys_of
from aggregator.domain.ids import SourceId, StoryId
from aggregator.domain.lines import Line, Meeting, Signed
from aggregator.domain.stories import Candidate, Placement, Profile, Tie
from aggregator.pipeline.batch import Placed, answers, place
from aggregator.pipeline.memory_slate import MemorySlate
from aggregator.pipeline.slate import Slate
from tests.builders import NOON, hours, placed_lines
from tests.pipeline.archive import Report

_REPORTS = st.builds(
    Report,
    number=st.integers(1, 6),
    events=st.lists(st.integers(0, 2), min_size=1, max_size=2, unique=True).map(tuple),
    telling=st.integers(0, 2),
    at=st.floats(0, 40 * 24),
    language=st.sampled_from(["en", "en", "de"]),
)


def _line(report: Report, *, is_dated: bool = True) -> Line:
    published = hours(report.at) if is_dated else None
    source = f"Paper {report.number}"
    return Line(title="A headline", text=report.text, published=published, source=source, language=report.language)


_LINES = st.lists(st.builds(lambda report, undated: _line(report, is_dated=undated > 0), _REPORTS, st.integers(0, 5)))


def _streamed(lines: Sequence[Line], stride: int, slate: Slate | None = None) -> list[Placed]:
    with closing(SqliteSlate()) as large:
        return list(answers(place(lines, NOON, slate or large, stride=stride)))


def _at_once(articles: Iterable[Signed]) -> Placement:
    """Arrange articles that are all in memory, and compared all with all."""
    order = sorted(articles, key=lambda one: (one.profile.dated is None, one.member.dated, one.member.id))
    profiles = {one.member.id: one.profile for one in order}
    comparison = Comparison(profiles=profiles, vocabularies=learn_vocabularies(profiles.values()))
    return arrange([one.member for one in order], list(_ties(order)), alike=comparison)


def _ties(order: Sequence[Signed]) -> Iterator[Tie]:
    for number, near in meeting([keys_of(one.signature.shingles) for one in order]).items():
        one = order[number]
        yield from verify(
            one.member.id,
            dated=one.member.dated,
            shingles=one.signature.shingles,
            facts=one.signature.facts,
            candidates=[_candidate(order[other], one) for other in near],
        )


def _candidate(other: Signed, one: Signed) -> Candidate:
    is_dated = None not in (one.profile.dated, other.profile.dated)
    return Candidate(
        id=other.member.id,
        story=StoryId(0),
        text=other.member.id,
        dated=other.member.dated if is_dated else one.member.dated,
        shingles=other.signature.shingles,
        facts=other.signature.facts,
    )


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(_LINES, st.integers(1, 7))
def test_what_passes_is_placed_as_if_all_were_there_at_once(lines: list[Line], stride: int) -> None:
    """However few articles are taken in at once, the stories and copies are those of all compared with all."""
    articles = placed_lines(lines, NOON).articles

    expected = list(answers([_at_once(articles.values())]))
    assert _streamed(lines, stride) == expected
    assert _streamed(lines, stride, MemorySlate()) == expected


class _Watched(SqliteSlate):
    """Knows how many of the articles that it gave are held."""

    def __init__(self) -> None:
        super().__init__()
        self.held = self.most = 0

    def meetings(self, *, is_dated: bool) -> Iterator[Meeting]:
        for one in super().meetings(is_dated=is_dated):
            watched = _WatchedMeeting(id=one.id, dated=one.dated, keys=one.keys)
            self._watch(watched)
            yield watched
            del watched

    def texts(self, language: str, *, is_dated: bool) -> Iterator[tuple[Profile, frozenset[SourceId]]]:
        for profile, sources in super().texts(language, is_dated=is_dated):
            values = {name: getattr(profile, name) for name in Profile.__slots__}
            watched = _WatchedProfile(**values)
            self._watch(watched)
            yield watched, sources
            del watched

    def _watch(self, article: object) -> None:
        self.held += 1
        self.most = max(self.most, self.held)
        weakref.finalize(article, self._let_go)

    def _let_go(self) -> None:
        self.held -= 1


class _WatchedMeeting(Meeting):
    __slots__ = ("__weakref__",)


class _WatchedProfile(Profile):
    __slots__ = ("__weakref__",)


def test_no_more_is_held_than_is_near_in_time() -> None:
    """Of half a year's articles those of the window are held, and those that are taken in at once."""
    a_day, stride = 2, 4
    lines = [_line(Report(number=number, events=(number,), at=24 * number / a_day)) for number in range(180 * a_day)]
    with closing(_Watched()) as slate:
        answered = list(answers(place(lines, NOON, slate, stride=stride)))

        assert len(answered) == len(lines)
        assert slate.held == 0
        assert 10 < slate.most <= a_day * (WINDOW / timedelta(days=1)) + 2 * a_day * 9 + 2 * stride


def test_a_file_is_held_in_memory_up_to_so_many_articles() -> None:
    """What is read ahead of a larger one is as much and one more; nothing of either is lost."""
    lines = [_line(Report(number=number, events=(number,), at=number)) for number in range(5)]
    for most, read, is_in_memory in ((5, 5, True), (4, 5, False), (2, 3, False)):
        coming = iter(lines)
        with closing(SqliteSlate()) as large:
            every, slate = on_a_slate(coming, large, most=most)

            assert isinstance(slate, MemorySlate) is is_in_memory
            assert len(list(coming)) == len(lines) - read
        assert list(every) == lines[:read]


def test_an_id_that_was_there_is_known() -> None:
    """The first line with an id is told; each line's is found again by its number."""
    with closing(SqliteSlate()) as slate:
        assert [slate.note_name(name, number) for number, name in ((1, '"a"'), (3, "7"), (4, '"a"'))] == [1, 3, 1]
        assert [slate.name(article) for article in (1, 2)] == ['"a"', "7"]  # type: ignore[arg-type]


def test_half_a_character_is_placed_like_any_other() -> None:
    """What no database takes as text is kept all the same."""
    assert [answer.story for answer in _streamed([Line(title="\ud800", text="\udfff", url="\ud800")], 3)] == [1]
