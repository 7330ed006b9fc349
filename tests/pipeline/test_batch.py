"""A file of articles, placed all at once by the rules of the store."""

from collections import Counter
from collections.abc import Iterable, Iterator
from random import Random

import pytest

from aggregator.core.stories.rules import Rules
from aggregator.domain.ids import ArticleId
from aggregator.domain.lines import Line
from aggregator.domain.stories import Relation
from aggregator.pipeline.batch import Batch, Placed
from tests.builders import NOON, hours, placed_lines, words
from tests.pipeline.archive import Report, three_events

TEXT, OTHER_TEXT = words(120), words(120, start=5000)


def _line(text: str = TEXT, *, at: float | None = None, url: str | None = None, source: str | None = None) -> Line:
    published = None if at is None else hours(at)
    return Line(title="A headline", text=text, published=published, url=url, source=source)


def _told(reports: Iterable[Report]) -> Batch:
    """Place reports as lines of a file."""
    lines = [
        Line(
            title="A headline",
            text=report.text,
            published=hours(report.at),
            source=f"Paper {report.number}",
            language=report.language,
        )
        for report in reports
    ]
    return placed_lines(lines, NOON)


def _together(batch: Batch) -> set[frozenset[int]]:
    """Return which lines stand in one story."""
    return {frozenset(story.members) for story in batch.placement.stories}


def test_lines_are_told_in_their_order_and_counted_from_one() -> None:
    """What comes out is one answer a line, in the order of the lines, naming the line that is copied."""
    first, second, third = placed_lines([_line(at=2), _line(OTHER_TEXT, at=0), _line(at=1)], NOON).placed()

    assert [first.article, second.article, third.article] == [1, 2, 3]
    assert (first.copy_of, second.copy_of, third.copy_of) == (3, None, None)
    assert (first.story, second.story, third.story) == (1, 2, 1)


def test_a_long_file_is_placed_whole() -> None:
    """Copies find each other however many lines lie between them."""
    lines = [_line("", at=0) for _ in range(1000)]
    *_, last = answers = list(placed_lines(iter([_line(at=0), *lines, _line(at=1)]), NOON).placed())

    assert len(answers) == 1002
    assert last == Placed(article=ArticleId(1002), story=answers[0].story, copy_of=ArticleId(1))


def test_nothing_is_placed_as_nothing() -> None:
    """A file without lines makes no story."""
    batch = placed_lines([], NOON)

    assert (list(batch.placed()), batch.ties, batch.placement.stories) == ([], (), ())


def test_lines_with_one_address_are_articles_of_their_own() -> None:
    """A repeated address merges nothing: what a line says is placed, not looked up."""
    url = "https://paper.example/a"
    batch = placed_lines([_line(url=url), _line(OTHER_TEXT, url=url), _line(url=url)], NOON)

    assert [answer.copy_of for answer in batch.placed()] == [None, None, 1]


def test_lines_without_a_text_stand_alone() -> None:
    """Lines of which nothing is known, or next to nothing, are each a story of their own."""
    answers = list(placed_lines([Line(), Line(), _line(""), Line(text="Short."), Line(text="Short.")], NOON).placed())

    assert [answer.copy_of for answer in answers] == [None] * 5
    assert len({answer.story for answer in answers}) == 5


def test_a_headline_alone_can_be_a_text() -> None:
    """A title is a part of what is compared."""
    assert _together(placed_lines([Line(title=TEXT), Line(text=TEXT)], NOON)) == {frozenset({1, 2})}


def test_a_text_that_comes_back_is_no_copy() -> None:
    """The same words fifteen days later are another text, but those of a day that nobody knows are near to any."""
    first, late = _line(at=0), _line(at=15 * 24)

    assert [answer.copy_of for answer in placed_lines([first, late], hours(0)).placed()] == [None, None]
    assert [answer.copy_of for answer in placed_lines([late, _line()], hours(0)).placed()] in ([2, None], [None, 1])


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        (("The Paper", "https://www.other.example/a"), ("The Paper", None), True),
        ((None, "https://www.paper.example/a"), (None, "https://paper.example/b"), True),
        ((None, "https://www.paper.example/a"), ("paper.example", None), True),
        (("The Paper", None), ("Other", None), False),
        ((None, "not an address"), (None, "not an address"), False),
        ((None, None), ("", ""), False),
    ],
)
def test_a_source_is_what_the_line_says_or_its_site(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None], *, are_one: bool
) -> None:
    """The named source counts, else the site of the address; lines of which nobody knows it have none in common."""
    lines = [_line(source=source, url=url) for source, url in (one, other)]
    first, second = (article.member.source for article in placed_lines(lines, NOON).articles.values())

    assert (first == second != 0) == are_one


def test_the_agency_speaks_for_its_own_text() -> None:
    """A text that credits the agency it stands at is the original, even where a reprint came first."""
    text = f"PORT AMBER (Northern Wire) - {TEXT}"
    batch = placed_lines([_line(text, at=0, source="Paper"), _line(text, at=1, source="Northern Wire")], NOON)

    assert [answer.copy_of for answer in batch.placed()] == [2, None]


def test_lines_that_cannot_be_read_end_the_batch() -> None:
    """When the lines themselves break off with an error, the error comes out."""

    def lines() -> Iterator[Line]:
        yield _line(at=0)
        raise LookupError("a faulty line")

    with pytest.raises(LookupError, match="faulty"):
        placed_lines(lines(), NOON)


def test_the_tellings_of_each_event_are_one_story() -> None:
    """Words are learned from the file itself; each text of a story of several says which it is most alike."""
    batch = _told(three_events())

    assert _together(batch) == {frozenset(range(first, first + 4)) for first in (1, 5, 9)}
    assert batch.ties == ()
    assert {tie.relation for tie in batch.placement.events} == {Relation.EVENT}
    assert {id for tie in batch.placement.events for id in (tie.a, tie.b)} == set(range(1, 13))


def test_the_order_of_the_lines_makes_no_difference() -> None:
    """The same lines in another order make the same stories and texts."""
    reports = [*three_events(), Report(number=20, events=(0,), telling=0, at=6), Report(number=21, events=(0, 1), at=7)]
    straight, turned = _told(reports), _told(reports[::-1])

    def texts(batch: Batch) -> set[frozenset[int]]:
        return {
            frozenset(answer.article for answer in batch.placed() if (answer.copy_of or answer.article) == text)
            for text in batch.articles
        }

    def turn(sets: set[frozenset[int]]) -> set[frozenset[int]]:
        return {frozenset(len(reports) + 1 - id for id in ids) for ids in sets}

    assert _together(straight) == turn(_together(turned))
    assert len(texts(straight)) == len(texts(turned))


def test_lines_of_two_languages_tell_no_event_together() -> None:
    """Only articles of one language are compared by their words."""
    batch = _told([*three_events(), Report(number=20, events=(0,), telling=9, language="de")])

    assert frozenset({13}) in _together(batch)


def test_likeness_is_known_either_way_round() -> None:
    """How alike two lines are does not depend on which is asked about first; of those unlike nothing is known."""
    batch = _told(three_events())
    found = batch.likeness(ArticleId(1), ArticleId(2))

    assert found is not None
    assert 0.45 <= found <= 1
    assert batch.likeness(ArticleId(2), ArticleId(1)) == found
    assert batch.likeness(ArticleId(1), ArticleId(12)) is None


def test_other_rules_make_other_stories_of_the_same_lines() -> None:
    """At a threshold that nothing reaches all events fall apart; what was placed stays as it is."""
    batch = _told(three_events())
    before = batch.placement

    assert len(batch.arranged(Rules(same_event=1.0)).stories) == 12
    assert batch.arranged(Rules()).stories == before.stories
    assert batch.placement is before


@pytest.mark.slow
def test_the_news_of_the_day_stays_one_story() -> None:
    """Of an event that 300 outlets tell, each in words of its own, nine tenths are one story; no small event is torn or in it."""
    chance = Random(5)
    common = [f"common{number}" for number in range(400)]

    def line(event: int, telling: int, at: float) -> Line:
        of_event = [f"event{event}word{number}" for number in range(60)]
        own = [f"own{event}of{telling}word{number}" for number in range(15)]
        said = [*chance.sample(of_event, 35), *chance.choices(common, k=120), *own]
        chance.shuffle(said)
        title = " ".join([*chance.sample(of_event, 4), *chance.sample(common, 3)])
        outlet = f"Paper {event}-{telling}"
        return Line(title=title, text=" ".join(said), published=hours(at), source=outlet, language="en")

    large = [line(0, telling, telling / 10) for telling in range(300)]
    small = [line(event, telling, event % 100 / 4 + telling) for event in range(1, 1001) for telling in range(3)]
    stories = [place.story for place in placed_lines([*large, *small], NOON).placed()]

    (story, articles), *_ = Counter(stories[:300]).most_common()
    assert articles >= 270
    assert story not in stories[300:]
    assert [len(set(stories[place : place + 3])) for place in range(300, len(stories), 3)] == [1] * 1000
