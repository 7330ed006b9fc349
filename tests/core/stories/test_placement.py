"""Placing: ties, stories, and what happens to their ids."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.placement import TIES, WINDOW, arrange, join, strongest, verify
from aggregator.core.stories.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.settings import Canonical
from aggregator.domain.stories import Member, StoryFacts, Tie
from tests.builders import candidate, hours, member, tie, words

WIRE = words(300)


def _tied(text: str, *, at: float = 0, against: str = WIRE) -> tuple[Tie, ...]:
    return verify(ArticleId(9), dated=hours(at), shingles=sign("", text).shingles, candidates=[candidate(1, against)])


def test_whole_trimmed_and_extended_copies_are_tied() -> None:
    """A text is a copy whole, cut to a third, and with paragraphs added; the tie says how much is shared."""
    (whole,), (cut,), (longer,) = _tied(WIRE), _tied(words(100)), _tied(WIRE + " " + words(200, start=5000))

    assert whole.jaccard == whole.containment == 1
    assert cut.jaccard < 0.5 < cut.containment == 1
    assert longer.containment == 1
    assert (whole.a, whole.b) == (1, 9)


def test_texts_that_merely_share_a_passage_are_not_copies() -> None:
    """A quoted paragraph or an outlet's boilerplate ties nothing."""
    assert not _tied(words(80) + " " + words(220, start=5000))
    assert not _tied(words(40, start=5000) + " " + words(20))


def test_a_short_text_inside_a_long_one_is_no_copy() -> None:
    """Containment decides from some sixty shingles on; a few sentences of boilerplate inside a long text do not."""
    assert not _tied(words(40))


def test_only_articles_within_the_window_are_compared() -> None:
    """The same text after more than two weeks is a piece of news of its own."""
    days = WINDOW.days * 24

    assert _tied(WIRE, at=days)
    assert not _tied(WIRE, at=days + 1)
    assert not _tied(WIRE, at=-days - 1)


def test_an_article_alone_is_a_new_story() -> None:
    """Without ties an article makes a story of its own that has no id yet."""
    (story,) = arrange([member(1)], []).stories

    assert (story.id, story.members, story.canonical, story.copies) == (None, (1,), 1, ())
    assert (story.texts, story.sources) == (1, 1)


def test_a_copy_joins_the_story_and_names_what_it_copies() -> None:
    """A new article tied to a stored one goes on under that story's id; counts follow."""
    placement = arrange([member(1, story=5), member(2, at=1)], [], new=(tie(1, 2, jaccard=0.8),))

    (story,) = placement.stories
    assert (story.id, story.members, story.canonical, story.texts, story.sources) == (5, (1, 2), 1, 1, 2)
    assert [(copy.article, copy.of, copy.similarity) for copy in story.copies] == [(2, 1, 0.8)]
    assert placement.ties == (tie(1, 2, jaccard=0.8),)
    assert not placement.merged


def test_an_article_that_ties_two_stories_merges_them() -> None:
    """The larger story keeps its id, the other one leads to it; among equals the older id stays."""
    larger = [member(1, story=7), member(2, story=7), member(3, story=5), member(4)]
    equal = [member(1, story=7), member(2, story=5), member(3)]

    merged = arrange(larger, [tie(1, 2)], new=(tie(1, 4), tie(3, 4)))
    of_equals = arrange(equal, [], new=(tie(1, 3), tie(2, 3)))

    assert [story.id for story in merged.stories] == [7]
    assert merged.merged == ((5, 7),)
    assert of_equals.merged == ((7, 5),)


def test_a_changed_text_leaves_the_story() -> None:
    """When the ties of an article are gone the rest keeps the id, and the article starts a story of its own."""
    placement = arrange([member(1, story=5), member(2, story=5), member(3, story=5)], [tie(1, 2)])

    assert [(story.id, story.members) for story in placement.stories] == [(5, (1, 2)), (None, (3,))]
    assert not placement.merged


def test_texts_are_counted_by_who_is_tied_to_whom() -> None:
    """A chain a-b-c in which a and c share nothing is one story of two texts; c is not passed off as a copy of a."""
    chain = [tie(1, 2, jaccard=0.6), tie(2, 3, jaccard=0.6)]
    (story,) = arrange([member(1), member(2, at=1), member(3, at=2)], chain).stories

    assert story.texts == 2
    assert [(copy.article, copy.of) for copy in story.copies] == [(2, 1)]


def test_sources_are_counted_once() -> None:
    """Two section feeds of one outlet are one source."""
    (story,) = arrange([member(1, source=30), member(2, source=30), member(3)], [tie(1, 2), tie(2, 3)]).stories

    assert story.sources == 2


def test_ties_to_absent_articles_are_ignored() -> None:
    """A tie that leads out of the stories at hand neither breaks nor counts."""
    assert len(arrange([member(1)], [tie(1, 99)]).stories) == 1


@given(
    st.sets(st.tuples(st.integers(1, 7), st.integers(1, 7)).filter(lambda pair: pair[0] < pair[1]), max_size=9),
    st.randoms(use_true_random=False),
)
def test_arranging_does_not_depend_on_any_order(pairs: set[tuple[int, int]], chance: object) -> None:
    """Shuffled members and ties give the same stories, texts and copies; arranging twice changes nothing."""
    members = [member(id, at=id % 3, length=800 + 100 * (id % 4)) for id in range(1, 8)]
    ties = [tie(a, b) for a, b in sorted(pairs)]
    before = arrange(members, ties)
    chance.shuffle(members)  # type: ignore[attr-defined]
    chance.shuffle(ties)  # type: ignore[attr-defined]

    assert arrange(members, ties).stories == before.stories
    assert sorted(id for story in before.stories for id in story.members) == list(range(1, 8))


def test_every_order_of_arrival_makes_the_same_stories() -> None:
    """Placed one after the other in each of 120 orders, five articles end in the same stories and copies."""
    ties = [tie(1, 2), tie(2, 3), tie(4, 5)]
    outcomes = set()
    for order in permutations(range(1, 6)):
        stories: dict[int, int] = {}
        for place, id in enumerate(order):
            here = [member(other, story=stories[other], at=other) for other in order[:place]]
            placement = arrange([*here, member(id, at=id)], ties)
            for number, story in enumerate(placement.stories):
                stories.update(dict.fromkeys(story.members, story.id or 100 * place + number + 1000))
        final = arrange([member(id, story=stories[id], at=id) for id in order], ties)
        outcomes.add(frozenset((s.members, s.canonical, s.copies, s.texts) for s in final.stories))

    assert len(outcomes) == 1


def test_the_rule_for_the_canonical_article_can_be_changed() -> None:
    """The story and its copies name the article that the rule puts first."""
    members = [member(1), member(2, at=1, length=1100), member(3, at=2, weight=5.0)]
    ties = [tie(1, 2), tie(1, 3), tie(2, 3)]

    spoken = {}
    for rule in Canonical:
        (story,) = arrange(members, ties, canonical=rule).stories
        spoken[rule] = story.canonical
        assert {copy.of for copy in story.copies} == {story.canonical}
    assert spoken == {Canonical.ORIGINAL: 1, Canonical.FULLEST: 2, Canonical.MY_WEIGHTS: 3}


def test_twins_stand_for_each_other() -> None:
    """What is the same to the letter as a copy is a copy, compared with the first text or not."""
    ties = [tie(1, 2, jaccard=0.6), tie(2, 3, jaccard=0.95)]
    (story,) = arrange([member(1), member(2, at=1), member(3, at=2)], ties).stories

    assert story.texts == 1
    assert [(copy.article, copy.of, copy.similarity) for copy in story.copies] == [(2, 1, 0.6), (3, 1, None)]


def test_one_more_copy_simply_joins() -> None:
    """A later, no longer copy of a story's one text joins it; the outcome is what arranging the whole would give."""
    first, later = member(1, story=5), member(2, at=1)
    facts = StoryFacts(id=StoryId(5), canonical=first, longest=first.length)
    ties = (tie(1, 2, jaccard=0.7),)

    joined = join(later, ties, [candidate(1, WIRE, story=5)], facts)

    assert joined is not None
    assert (joined.story, joined.copy, joined.ties) == (5, arrange([first, later], ties).stories[0].copies[0], ties)


@pytest.mark.parametrize(
    ("newcomer", "text", "jaccard"),
    [
        (member(2, at=-1), 1, 0.9),  # earlier: it speaks for the story
        (member(2, at=1, length=1300), 1, 0.9),  # longer: it changes what is complete
        (member(2, at=1), 7, 0.6),  # tied to a copy only, which might not make it one
    ],
)
def test_what_may_change_the_others_does_not_simply_join(newcomer: Member, text: int, jaccard: float) -> None:
    """An article that may speak for the story, change what is complete, or is no clear copy needs a look at all."""
    first = member(1, story=5)
    facts = StoryFacts(id=StoryId(5), canonical=first, longest=first.length)
    near = replace(candidate(1, WIRE, story=5), text=ArticleId(text))

    assert join(newcomer, (tie(1, 2, jaccard=jaccard),), [near], facts) is None


def test_ties_of_one_article_are_bounded_for_each_story() -> None:
    """Of many ties to one story the strongest are kept, and none of another story's is lost for them."""
    near = [candidate(id, WIRE, story=1) for id in range(1, 60)] + [candidate(99, WIRE, story=2)]
    ties = [tie(id, 200, jaccard=0.5 + id / 200) for id in range(1, 60)] + [tie(99, 200, jaccard=0.51)]

    kept = {one.a for one in strongest(ties, near)}

    assert kept == {*range(60 - TIES, 60), 99}
