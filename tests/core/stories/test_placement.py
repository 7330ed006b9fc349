"""Placing: which stories articles make, and what happens to their ids."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.copies.copies import RULE
from aggregator.core.stories.placement import Alike, arrange, join
from aggregator.core.stories.rules import DEFAULT_RULES, SAME_EVENT, Rules
from aggregator.domain.ids import ArticleId, SourceId, StoryId
from aggregator.domain.settings import Canonical
from aggregator.domain.stories import (
    Candidate,
    Join,
    Member,
    Placement,
    Relation,
    Ruling,
    Story,
    StoryFacts,
    Tie,
    Verdict,
)
from tests.builders import apart, candidate, member, tie, together, words

WIRE = words(300)
Likenesses = Mapping[tuple[int, int], float]


def _alike(likenesses: Likenesses) -> Alike:
    """Return what knows how alike these articles are, as far as it is asked about them."""

    def compared(asked: Mapping[ArticleId, AbstractSet[SourceId]]) -> dict[tuple[ArticleId, ArticleId], float]:
        return {
            (ArticleId(a), ArticleId(b)): value
            for (a, b), value in likenesses.items()
            if {a, b} <= asked.keys() and a != b
        }

    return compared


def _members(count: int) -> list[Member]:
    """Return members 1, 2, …, each an hour later than the one before."""
    return [member(id, at=id) for id in range(1, count + 1)]


def _stories(placement: Placement) -> list[tuple[int, ...]]:
    return [story.members for story in placement.stories]


def _arranged(members: Sequence[Member], ties: Iterable[Tie] = (), *rulings: Ruling, **alike: float) -> list[list[int]]:
    """Return which articles are one story; `alike` names pairs, as in `_1_2=.9`."""
    pairs = {tuple(map(int, name[1:].split("_"))): value for name, value in alike.items()}
    found = arrange(members, ties, alike=_alike(pairs), rulings=rulings)  # type: ignore[arg-type]  # pairs of two
    return [list(story) for story in _stories(found)]


def test_an_article_alone_is_a_new_story() -> None:
    """Without ties an article makes a story of its own that has no id yet."""
    (story,) = arrange([member(1)], []).stories

    assert (story.id, story.members, story.canonical, story.copies) == (None, (1,), 1, ())
    assert (story.texts, story.sources) == (1, 1)
    assert arrange([], []) == Placement(ties=(), stories=())


def test_a_copy_joins_the_story_and_names_what_it_copies() -> None:
    """A new article tied to a stored one goes on under that story's id; counts follow."""
    placement = arrange([member(1, story=5), member(2, at=1)], [], new=(tie(1, 2, jaccard=0.8),))

    (story,) = placement.stories
    assert (story.id, story.members, story.canonical, story.texts, story.sources) == (5, (1, 2), 1, 1, 2)
    assert [(copy.article, copy.of, copy.similarity) for copy in story.copies] == [(2, 1, 0.8)]
    assert placement.ties == (tie(1, 2, jaccard=0.8),)
    assert (placement.merged, placement.events) == ((), ())


def test_texts_that_tell_one_event_are_one_story() -> None:
    """A story has several texts, each with its copies; the dates are those of all."""
    members = [member(1, story=5), member(2, at=1), member(3, at=2), member(4, at=3)]
    placement = arrange(members, [tie(1, 2), tie(3, 4, jaccard=0.8)], alike=_alike({(1, 3): 0.6}))

    (story,) = placement.stories
    assert (story.id, story.members, story.texts, story.sources, story.canonical) == (5, (1, 2, 3, 4), 2, 4, 1)
    assert [(copy.article, copy.of, copy.similarity) for copy in story.copies] == [(2, 1, 0.9), (4, 3, 0.8)]
    assert (story.first_dated, story.last_dated) == (members[0].dated, members[3].dated)


def test_an_event_needs_the_threshold_of_the_rules() -> None:
    """Texts are one story from a mean likeness of `same_event` on."""
    for threshold in (SAME_EVENT, 0.3, 0.7):
        rules = Rules(same_event=threshold)

        assert len(arrange(_members(2), [], alike=_alike({(1, 2): threshold}), rules=rules).stories) == 1
        assert len(arrange(_members(2), [], alike=_alike({(1, 2): threshold - 0.01}), rules=rules).stories) == 2
    assert DEFAULT_RULES.same_event == SAME_EVENT


def test_the_mean_over_all_texts_decides() -> None:
    """A text that is alike to one of three, and to the others not at all, stays out: no chain makes a story."""
    assert _arranged(_members(4), _1_2=0.9, _1_3=0.9, _2_3=0.9, _3_4=0.8) == [[1, 2, 3], [4]]
    assert _arranged(_members(4), _1_2=0.9, _1_3=0.9, _2_3=0.9, _3_4=0.8, _2_4=0.6) == [[1, 2, 3, 4]]


def test_a_text_is_compared_once_by_its_fullest_article() -> None:
    """However many carry a text it is asked about once, with all the outlets that carry it."""
    asked = []

    def alike(carriers: Mapping[ArticleId, AbstractSet[SourceId]]) -> dict[tuple[ArticleId, ArticleId], float]:
        asked.append(dict(carriers))
        return {}

    members = [member(1, length=500), member(2, at=1, length=900), member(3, at=2, length=900), member(4, at=3)]
    arrange(members, [tie(a, b) for a, b in combinations((1, 2, 3), 2)], alike=alike)

    assert asked == [{2: {1, 2, 3}, 4: {4}}]


def test_each_text_of_a_story_is_tied_to_the_one_most_alike() -> None:
    """The evidence of an event: one tie for each text, a pair that is each other's nearest once, other stories' none."""
    members = [member(1), member(2, at=1), member(3, at=5), member(4, at=9)]
    likenesses = {(1, 2): 0.9, (2, 3): 0.8, (3, 1): 0.70049, (3, 4): 0.3, (4, 1): 0.2}

    placement = arrange(members, [], alike=_alike(likenesses))

    assert _stories(placement) == [(1, 2, 3), (4,)]
    assert [(one.a, one.b, one.likeness, one.hours_apart) for one in placement.events] == [
        (1, 2, 0.9, 1.0),
        (2, 3, 0.8, 4.0),
    ]
    assert {(one.relation, one.jaccard, one.containment, one.rule) for one in placement.events} == {
        (Relation.EVENT, None, None, RULE)
    }


def test_words_once_found_stay_with_their_tie() -> None:
    """An event's tie that is found anew keeps the words that were told of it; its likeness is today's."""
    known = tie(1, 2, relation=Relation.EVENT, likeness=0.6, shared=("ferry", "Sundholm"))
    (event,) = arrange(_members(2), [known], alike=_alike({(1, 2): 0.7})).events

    assert (event.shared, event.likeness) == (("ferry", "Sundholm"), 0.7)


def test_old_ties_of_events_hold_nothing_together() -> None:
    """Events are found anew each time: a tie of yesterday does not make a story of texts that are not alike today."""
    assert len(arrange(_members(2), [tie(1, 2, relation=Relation.EVENT, likeness=0.9)]).stories) == 2


def test_a_text_that_stands_in_good_part_in_another_is_of_its_story() -> None:
    """The words that two texts share count where their terms say less, and are evidence enough."""
    parts = [tie(1, 2, jaccard=0.4, containment=0.7, relation=Relation.PART)]
    placement = arrange(_members(2), parts)

    assert _stories(placement) == [(1, 2)]
    assert placement.stories[0].texts == 2
    assert placement.stories[0].copies == ()
    assert placement.events == ()
    assert len(arrange(_members(2), [replace(parts[0], containment=0.5)]).stories) == 2


def test_parts_are_counted_over_all_pairs_of_two_texts() -> None:
    """That one of many copies holds a part of another text says little of all of them."""
    copies = [tie(a, b) for a, b in combinations(range(1, 5), 2)]
    part = tie(4, 5, jaccard=0.4, containment=0.75, relation=Relation.PART)
    every = [replace(part, a=ArticleId(id)) for id in range(1, 5)]

    assert _arranged(_members(5), [*copies, part]) == [[1, 2, 3, 4], [5]]
    assert _arranged(_members(5), [*copies, *every]) == [[1, 2, 3, 4, 5]]


def test_a_digest_makes_no_story_of_the_reports_it_holds() -> None:
    """A text that holds two reports whole goes with one of them, and the other stays a story of its own."""
    held = [tie(1, 3, jaccard=0.45), tie(2, 3, jaccard=0.45)]

    assert _arranged(_members(3), held) in ([[1, 3], [2]], [[1], [2, 3]])


def test_a_template_speaks_against_one_story() -> None:
    """Two draws of one lottery are two stories, however alike their terms."""
    template = tie(1, 2, jaccard=0.7, relation=Relation.TEMPLATE)

    assert _arranged(_members(2), [template], _1_2=0.99) == [[1], [2]]
    assert _arranged(_members(2), [template], _2_1=0.99) == [[1], [2]]
    assert _arranged(_members(2), [tie(1, 2, jaccard=0.7, relation=Relation.PART)], _2_1=0.99) == [[1, 2]]


def test_a_template_outweighs_what_lies_between() -> None:
    """A text that is like both of two draws does not bring them together."""
    template = tie(1, 2, jaccard=0.7, relation=Relation.TEMPLATE)

    assert _arranged(_members(3), [template], _1_2=0.99, _1_3=0.8, _2_3=0.7) == [[1, 3], [2]]


def test_one_template_among_many_copies_is_a_slip() -> None:
    """Where more pairs of two texts are copies than templates, they are not made from one template."""
    twins = [tie(1, 2, jaccard=0.95), tie(3, 4, jaccard=0.95)]
    template, copy = tie(1, 3, jaccard=0.7, relation=Relation.TEMPLATE), tie(2, 4, jaccard=0.45)

    assert _arranged(_members(4), [*twins, template], _2_4=0.9, _1_3=0.9) == [[1, 2], [3, 4]]
    assert _arranged([*_members(3), member(4, at=4)], [*twins, template, copy], _1_3=0.9) == [[1, 2, 3, 4]]


def test_together_is_the_last_word() -> None:
    """What a reader puts together is one story whatever is found, and each text stays what it is."""
    template = tie(1, 2, jaccard=0.7, relation=Relation.TEMPLATE)
    (story,) = arrange(_members(2), [template], rulings=[together(1, 2)]).stories

    assert (story.members, story.texts, story.copies) == ((1, 2), 2, ())
    assert _arranged(_members(5), [tie(1, 2), tie(4, 5)], together(2, 4)) == [[1, 2, 4, 5], [3]]


def test_what_a_reader_alone_puts_together_is_no_event() -> None:
    """Between texts that are not alike, or made from one template, no evidence is made up."""
    ties = [tie(1, 3, jaccard=0.95), tie(2, 3, jaccard=0.7, relation=Relation.TEMPLATE)]
    placement = arrange(_members(4), ties, rulings=[together(1, 2), together(1, 4)])

    assert _stories(placement) == [(1, 2, 3, 4)]
    assert placement.events == ()


def test_apart_is_the_last_word() -> None:
    """What a reader parts is two stories, be it one text to the letter or one event; the others go where they belong."""
    every = [tie(a, b, jaccard=1.0) for a, b in combinations((1, 2, 3), 2)]

    assert _arranged(_members(2), [tie(1, 2, jaccard=1.0)], apart(1, 2)) == [[1], [2]]
    assert _arranged(_members(2), [], apart(1, 2), _1_2=1.0) == [[1], [2]]
    assert _arranged(_members(3), every, apart(1, 2)) in ([[1, 3], [2]], [[1], [2, 3]])
    assert _arranged(_members(3), [], apart(1, 3), _1_2=0.6, _2_3=0.9, _1_3=0.9) == [[1], [2, 3]]


def test_copies_do_not_lead_around_a_readers_word() -> None:
    """Where 1 is to be with 2 and 3 apart from it, 1 and 3 are no one text, however alike; so it is by way of others."""
    copies = [tie(1, 3, jaccard=1.0), tie(4, 5, jaccard=1.0)]

    assert _arranged(_members(3), copies, together(1, 2), apart(2, 3)) == [[1, 2], [3]]
    assert _arranged(_members(6), copies, together(1, 2), together(3, 4), together(5, 6), apart(2, 6)) == [
        [1, 2],
        [3, 4],
        [5, 6],
    ]


def test_rulings_on_absent_articles_are_ignored() -> None:
    """A reader's word on articles of other stories has nothing to say here."""
    assert _arranged(_members(2), [tie(1, 2)], apart(1, 99), together(2, 98)) == [[1, 2]]


def test_an_article_that_ties_two_stories_merges_them() -> None:
    """The larger story keeps its id, the other one leads to it; among equals the older id stays."""
    larger = [member(1, story=7), member(2, story=7), member(3, story=5), member(4)]
    equal = [member(1, story=7), member(2, story=5), member(3)]
    of_larger = arrange(larger, [tie(1, 2)], new=tuple(tie(a, b) for a, b in ((1, 4), (3, 4), (2, 4))))
    of_equals = arrange(equal, [], new=(tie(1, 3), tie(2, 3)))

    assert [story.id for story in of_larger.stories] == [7]
    assert of_larger.merged == ((5, 7),)
    assert [story.id for story in of_equals.stories] == [5]
    assert of_equals.merged == ((7, 5),)


def test_stories_that_tell_one_event_are_merged() -> None:
    """Two stories found to be alike become one of several texts."""
    members = [member(1, story=5), member(2, story=7, at=1), member(3, story=7, at=2)]
    placement = arrange(members, [tie(2, 3)], alike=_alike({(1, 2): 0.8, (1, 3): 0.8}))

    assert [(story.id, story.members, story.texts) for story in placement.stories] == [(7, (1, 2, 3), 2)]
    assert placement.merged == ((5, 7),)


def test_a_changed_text_leaves_the_story() -> None:
    """When the ties of an article are gone the rest keeps the id, and the article starts a story of its own."""
    placement = arrange([member(1, story=5), member(2, story=5), member(3, story=5)], [tie(1, 2)])

    assert [(story.id, story.members) for story in placement.stories] == [(5, (1, 2)), (None, (3,))]
    assert not placement.merged


def test_the_larger_part_of_a_parted_story_keeps_its_id() -> None:
    """However old the smaller part is; among equals that with the earlier article goes on."""
    parted = arrange([member(id, story=5, at=id) for id in range(1, 4)], [tie(2, 3)])
    halves = arrange([member(id, story=5, at=id) for id in range(1, 5)], [tie(1, 2), tie(3, 4)])

    assert [(story.id, story.members) for story in parted.stories] == [(None, (1,)), (5, (2, 3))]
    assert [story.id for story in halves.stories] == [5, None]
    assert parted.merged == halves.merged == ()


def test_a_story_that_goes_on_in_part_is_not_merged() -> None:
    """Where most of a story went into another and the rest keeps its id, nothing leads elsewhere."""
    members = [*(member(id, story=7) for id in (1, 2, 3)), *(member(id, story=5) for id in (4, 5, 6))]
    placement = arrange(members, [tie(a, b, jaccard=1.0) for a, b in combinations((1, 2, 3, 4, 5), 2)])

    assert [(story.id, story.members) for story in placement.stories] == [(7, (1, 2, 3, 4, 5)), (5, (6,))]
    assert not placement.merged


def test_a_chain_of_copies_is_no_text() -> None:
    """A chain a-b-c in which a and c share nothing joins b with one of them, and nobody is passed off as what it is not."""
    chain = [tie(1, 2, jaccard=0.4), tie(2, 3, jaccard=0.4)]
    stories = arrange(_members(3), chain).stories

    assert [(story.members, story.texts) for story in stories] == [((1, 2), 1), ((3,), 1)]


def test_sources_are_counted_once() -> None:
    """Two section feeds of one outlet are one source."""
    members = [member(1, source=30), member(2, source=30, at=1), member(3, at=2)]
    (story,) = arrange(members, [tie(a, b) for a, b in combinations((1, 2, 3), 2)]).stories

    assert story.sources == 2


def test_ties_to_absent_articles_are_ignored() -> None:
    """A tie that leads out of the stories at hand neither breaks nor counts."""
    placement = arrange([member(1)], [tie(1, 99)], new=(tie(1, 98),))

    assert _stories(placement) == [(1,)]
    assert placement.ties == (tie(1, 98),)


def test_what_was_found_just_now_stands_above_what_was_known() -> None:
    """When a text changed, its new tie takes the place of the old one."""
    old, new = tie(1, 2, jaccard=0.9), tie(1, 2, jaccard=0.7, relation=Relation.TEMPLATE)

    assert len(arrange(_members(2), [old], new=(new,)).stories) == 2
    assert len(arrange(_members(2), [new], new=(old,)).stories) == 1


def test_the_rule_for_the_canonical_article_can_be_changed() -> None:
    """The story and its copies name the article that the rule puts first."""
    members = [member(1), member(2, at=1, length=1100), member(3, at=2, weight=5.0)]
    ties = [tie(1, 2), tie(1, 3), tie(2, 3)]

    spoken = {}
    for rule in Canonical:
        (story,) = arrange(members, ties, rules=Rules(canonical=rule)).stories
        spoken[rule] = story.canonical
        assert {copy.of for copy in story.copies} == {story.canonical}
    assert spoken == {Canonical.ORIGINAL: 1, Canonical.FULLEST: 2, Canonical.MY_WEIGHTS: 3}


def test_the_text_that_most_carry_speaks() -> None:
    """Copies name the first of their own text, and the story the first of the text that most outlets carry."""
    placement = arrange(_members(3), [tie(2, 3)], alike=_alike({(1, 2): 0.9, (1, 3): 0.9}))

    (story,) = placement.stories
    assert story.canonical == 2
    assert [(copy.article, copy.of) for copy in story.copies] == [(3, 2)]


def test_twins_stand_for_each_other() -> None:
    """What is the same to the letter as a copy is a copy, compared with the first text or not."""
    ties = [tie(1, 2, jaccard=0.95), tie(2, 3, jaccard=0.6)]
    (story,) = arrange(_members(3), ties).stories

    assert story.texts == 1
    assert [(copy.article, copy.of, copy.similarity) for copy in story.copies] == [(2, 1, 0.95), (3, 1, None)]


def test_only_a_copy_says_how_similar_it_is() -> None:
    """Where two articles of one text are tied as something else, that is not told as the likeness of a copy."""
    ties = [tie(1, 2), tie(2, 3), tie(1, 3, jaccard=0.4, relation=Relation.PART)]
    (story,) = arrange(_members(3), ties).stories

    assert [(copy.article, copy.similarity) for copy in story.copies] == [(2, 0.9), (3, None)]


# What one more article changes.

FIRST = member(1, story=5)
FACTS = StoryFacts(id=StoryId(5), canonical=FIRST, longest=FIRST.length)
TWIN = tie(1, 2, jaccard=0.95)


def _joined(
    newcomer: Member,
    ties: Sequence[Tie] = (TWIN,),
    near: Sequence[Candidate] = (candidate(1, WIRE, story=5),),
    **more: Canonical,
) -> Join | None:
    return join(newcomer, ties, near, FACTS, **more)


def test_one_more_twin_simply_joins() -> None:
    """A later, no longer twin of a story's speaker joins it; the outcome is what arranging the whole would give."""
    later = member(2, at=1)
    joined = _joined(later)

    assert joined is not None
    assert (joined.story, joined.copy, joined.ties) == (
        5,
        arrange([FIRST, later], [TWIN]).stories[0].copies[0],
        (TWIN,),
    )


def test_a_twin_of_copies_too_simply_joins() -> None:
    """Ties to other articles that carry the speaker's text, twins or not, are kept and change nothing."""
    near = [candidate(1, WIRE), candidate(3, WIRE, carries=1), candidate(4, WIRE, carries=9)]
    ties = (TWIN, tie(3, 2, jaccard=0.6))
    joined = _joined(member(2, at=1), ties, near)

    assert joined is not None
    assert (joined.copy.of, joined.ties) == (1, ties)


@pytest.mark.parametrize(
    ("newcomer", "ties", "near"),
    [
        pytest.param(member(2, at=-1), [TWIN], [candidate(1, WIRE)], id="earlier: it speaks"),
        pytest.param(member(2, at=1, is_original=True), [TWIN], [candidate(1, WIRE)], id="the agency's: it speaks"),
        pytest.param(member(2, at=1, length=1001), [TWIN], [candidate(1, WIRE)], id="longer: changes what is complete"),
        pytest.param(member(2, at=1), [tie(1, 2, jaccard=0.89)], [candidate(1, WIRE)], id="no twin"),
        pytest.param(
            member(2, at=1),
            [tie(3, 2, jaccard=0.95)],
            [candidate(1, WIRE), candidate(3, WIRE, carries=1)],
            id="twin of a copy alone",
        ),
        pytest.param(
            member(2, at=1), [tie(3, 2, jaccard=0.95)], [candidate(3, WIRE, carries=7)], id="twin of another text"
        ),
        pytest.param(
            member(2, at=1),
            [TWIN, tie(3, 2, jaccard=0.6)],
            [candidate(1, WIRE), candidate(3, WIRE)],
            id="copy of another text too",
        ),
        pytest.param(
            member(2, at=1),
            [TWIN, tie(3, 2, jaccard=0.4, relation=Relation.PART)],
            [candidate(1, WIRE), candidate(3, WIRE, carries=1)],
            id="part of a copy",
        ),
        pytest.param(
            member(2, at=1),
            [replace(TWIN, relation=Relation.TEMPLATE)],
            [candidate(1, WIRE)],
            id="made from the same template",
        ),
        pytest.param(member(2, at=1), [], [candidate(1, WIRE)], id="tied to nothing"),
    ],
)
def test_what_may_change_the_others_does_not_simply_join(
    newcomer: Member, ties: list[Tie], near: list[Candidate]
) -> None:
    """An article that may speak, change what is complete, is no clear copy, or has to do with another text needs a look."""
    assert _joined(newcomer, ties, near) is None


def test_who_may_speak_depends_on_the_rule() -> None:
    """A later article of a weightier feed may speak under `my-weights` alone; one as long as the fullest speaks nowhere."""
    heavy = member(2, at=1, weight=2.0)

    assert _joined(heavy) is not None
    assert _joined(heavy, canonical=Canonical.FULLEST) is not None
    assert _joined(heavy, canonical=Canonical.MY_WEIGHTS) is None


# What holds for any articles at all.

_IDS = range(1, 8)
_PAIRS = st.sampled_from(list(combinations(_IDS, 2)))
_RELATIONS = [Relation.COPY, Relation.COPY, Relation.COPY, Relation.PART, Relation.TEMPLATE, Relation.EVENT]
_TIES = st.lists(
    st.builds(
        lambda pair, jaccard, relation: tie(*pair, jaccard=jaccard, relation=relation),
        _PAIRS,
        st.sampled_from([0.3, 0.6, 0.95]),
        st.sampled_from(_RELATIONS),
    ),
    unique_by=lambda one: (one.a, one.b),
    max_size=12,
)
_LIKENESSES = st.dictionaries(_PAIRS, st.integers(1, 16).map(lambda value: value / 16), max_size=12)
_RULINGS = st.lists(st.builds(lambda pair, way: way(*pair), _PAIRS, st.sampled_from([apart, together])), max_size=3)
_MEMBERS = st.tuples(
    *(
        st.builds(
            member,
            st.just(id),
            story=st.none() | st.integers(1, 3),
            at=st.integers(0, 2),
            source=st.integers(1, 4),
            length=st.sampled_from([500, 900, 1000]),
        )
        for id in _IDS
    )
).map(list)
_CHANCE = st.randoms(use_true_random=False)


def _with_ids(members: Iterable[Member], stories: Sequence[Story]) -> list[Member]:
    """Return the members as the store has them after it recorded the stories, new ones under new ids."""
    story_of = {
        id: story.id if story.id is not None else StoryId(100 + number)
        for number, story in enumerate(stories)
        for id in story.members
    }
    return [replace(one, story=story_of[one.id]) for one in members]


@given(_MEMBERS, _TIES, _LIKENESSES, _RULINGS, _CHANCE)
def test_arranging_does_not_depend_on_any_order(
    members: list[Member],
    ties: list[Tie],
    likenesses: dict[tuple[int, int], float],
    rulings: list[Ruling],
    chance: Random,
) -> None:
    """Shuffled members, ties, rulings and likenesses, these either way round, give the same stories and evidence."""
    before = arrange(members, ties, alike=_alike(likenesses), rulings=rulings)
    for several in (members, ties, rulings):
        chance.shuffle(several)
    turned = {
        (pair if chance.random() < 0.5 else pair[::-1]): likenesses[pair]
        for pair in chance.sample(list(likenesses), len(likenesses))
    }

    assert arrange(members, ties, alike=_alike(turned), rulings=rulings) == before
    assert sorted(id for story in before.stories for id in story.members) == list(_IDS)


@given(_MEMBERS, _TIES, _LIKENESSES, _RULINGS)
def test_arranging_the_outcome_changes_nothing(
    members: list[Member], ties: list[Tie], likenesses: dict[tuple[int, int], float], rulings: list[Ruling]
) -> None:
    """Arranged again from what was recorded, all stories keep their ids, nothing is merged and the evidence is the same."""
    before = arrange(members, ties, alike=_alike(likenesses), rulings=rulings)
    recorded = _with_ids(members, before.stories)
    kept = [one for one in ties if one.relation is not Relation.EVENT]
    after = arrange(recorded, [*kept, *before.events], alike=_alike(likenesses), rulings=rulings)

    assert [replace(story, id=None) for story in after.stories] == [replace(story, id=None) for story in before.stories]
    assert _with_ids(recorded, after.stories) == recorded
    assert (after.events, after.merged) == (before.events, ())


@given(_MEMBERS, _TIES, _LIKENESSES)
def test_ids_are_kept_and_lead_on(
    members: list[Member], ties: list[Tie], likenesses: dict[tuple[int, int], float]
) -> None:
    """Every story there was goes on in one that holds some of its articles, or leads to such a one, never both."""
    placement = arrange(members, ties, alike=_alike(likenesses))
    ids = [story.id for story in placement.stories if story.id is not None]
    leads = dict(placement.merged)
    members_of = {story.id: set(story.members) for story in placement.stories}

    assert len(ids) == len(set(ids))
    assert set(ids) | leads.keys() == {one.story for one in members if one.story is not None}
    assert leads.keys().isdisjoint(ids)
    for story in {one.story for one in members if one.story is not None}:
        assert any(one.story == story and one.id in members_of[leads.get(story, story)] for one in members)


def _closure(pairs: Iterable[tuple[int, int]]) -> Callable[[int], frozenset[int]]:
    """Return what tells with which articles each is together, by pairs of pairs."""
    parts = {id: {id} for id in _IDS}
    for a, b in pairs:
        joined = parts[a] | parts[b]
        parts.update(dict.fromkeys(joined, joined))
    return lambda article: frozenset(parts[article])


@given(_MEMBERS, _TIES, _LIKENESSES, st.lists(_PAIRS, max_size=3), st.lists(_PAIRS, max_size=3))
def test_a_readers_word_is_kept(
    members: list[Member],
    ties: list[Tie],
    likenesses: dict[tuple[int, int], float],
    joined: list[tuple[int, int]],
    parted: list[tuple[int, int]],
) -> None:
    """What is to be together ends in one story, what is to be apart in two, unless that contradicts the former."""
    part_of = _closure(joined)
    parted = [(a, b) for a, b in parted if b not in part_of(a)]
    rulings = [*(together(*pair) for pair in joined), *(apart(*pair) for pair in parted)]
    stories = [set(story) for story in _stories(arrange(members, ties, alike=_alike(likenesses), rulings=rulings))]

    assert all(any({a, b} <= story for story in stories) for a, b in joined)
    assert not any({a, b} <= story for story in stories for a, b in parted)
    assert {ruling.verdict for ruling in rulings} <= set(Verdict)


@given(_MEMBERS, _TIES, _LIKENESSES, st.sampled_from(Canonical))
def test_a_story_tells_what_it_holds(
    members: list[Member], ties: list[Tie], likenesses: dict[tuple[int, int], float], rule: Canonical
) -> None:
    """Each article is a copy or the first of its text; the story's speaker is one of these; counts and dates are right."""
    by_id = {one.id: one for one in members}
    for story in arrange(members, ties, alike=_alike(likenesses), rules=Rules(canonical=rule)).stories:
        own = [by_id[id] for id in story.members]
        copies = {copy.article: copy.of for copy in story.copies}
        firsts = set(story.members) - copies.keys()
        assert len(copies) == len(story.copies)
        assert set(copies.values()) <= firsts
        assert story.canonical in firsts
        assert story.texts == len(firsts)
        assert story.sources == len({one.source for one in own})
        assert (story.first_dated, story.last_dated) == (min(one.dated for one in own), max(one.dated for one in own))


def test_every_order_of_arrival_makes_the_same_stories() -> None:
    """Placed one after the other in each of 120 orders, five articles end in the same stories and copies."""
    ties = [tie(1, 2), tie(2, 3, jaccard=0.6), tie(1, 3, jaccard=0.6)]
    alike = _alike({(1, 4): 0.8, (2, 4): 0.8, (3, 4): 0.5, (4, 5): 0.4})
    outcomes = set()
    for order in permutations(range(1, 6)):
        recorded: list[Member] = []
        for place, id in enumerate(order):
            here = [*recorded, member(id, at=id)]
            stories = [
                replace(story, id=story.id or StoryId(100 * place + number + 1000))
                for number, story in enumerate(arrange(here, ties, alike=alike).stories)
            ]
            recorded = _with_ids(here, stories)
        final = arrange(recorded, ties, alike=alike)
        assert not final.merged
        outcomes.add(frozenset((story.members, story.canonical, story.copies, story.texts) for story in final.stories))

    assert {frozenset(story[0] for story in outcome) for outcome in outcomes} == {frozenset({(1, 2, 3, 4), (5,)})}
    assert len(outcomes) == 1
