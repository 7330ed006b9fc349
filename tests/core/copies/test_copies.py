"""Copies: ties between texts, and which articles carry one text."""

from itertools import combinations, pairwise, permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.copies.copies import (
    CONTAINMENT_SHINGLES,
    COPY_CONTAINMENT,
    COPY_JACCARD,
    PART_CONTAINMENT,
    RULE,
    TIES,
    WINDOW,
    is_copy,
    related,
    strength,
    strongest,
    texts,
    verify,
)
from aggregator.core.copies.similarity import Overlap
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Member, Relation, Ruling, Tie, Verdict
from tests.builders import apart, candidate, hours, member, tie, together, words

WIRE = words(300)
#: A report with gaps, of which nearly every word is the last one's.
DRAW = (
    "The winning numbers in the drawing of the Northmark Lottery on {0} were {1}. Players who match all of them win the "
    "jackpot, which stands at {2} dollars. Tickets are sold in shops all over the state until half an hour before the "
    "drawing, and prizes must be claimed within a year. Anyone who has lost a ticket should call the office."
)


def _tied(text: str, *, at: float = 0, against: str = WIRE) -> tuple[Tie, ...]:
    signature = sign("", text)
    return verify(
        ArticleId(9),
        dated=hours(at),
        shingles=signature.shingles,
        facts=signature.facts,
        candidates=[candidate(1, against)],
    )


def _texts(members: list[Member], ties: list[Tie], *rulings: Ruling) -> list[list[int]]:
    return [[one.id for one in text] for text in texts(members, ties, rulings)]


def _members(count: int) -> list[Member]:
    """Return members 1, 2, …, each an hour later than the one before."""
    return [member(id, at=id) for id in range(1, count + 1)]


def test_whole_trimmed_and_extended_copies_are_tied() -> None:
    """A text is a copy whole, cut to a third, and with paragraphs added; the tie says how much is shared."""
    (whole,), (cut,), (longer,) = _tied(WIRE), _tied(words(100)), _tied(WIRE + " " + words(200, start=5000))

    assert whole.jaccard == whole.containment == 1
    assert cut.jaccard is not None
    assert cut.jaccard < 0.5 < (cut.containment or 0) == 1
    assert longer.containment == 1
    assert {one.relation for one in (whole, cut, longer)} == {Relation.COPY}


def test_a_tie_has_no_direction() -> None:
    """The lesser number comes first and the time apart is never negative, whichever article came last."""
    (one,) = _tied(WIRE, at=-1.5)
    signature = sign("", WIRE)
    (other,) = verify(
        ArticleId(1),
        dated=hours(0),
        shingles=signature.shingles,
        facts=signature.facts,
        candidates=[candidate(9, WIRE, at=-1.5)],
    )

    assert one == other
    assert (one.a, one.b, one.hours_apart, one.rule) == (1, 9, 1.5, RULE)
    assert (one.likeness, one.shared) == (None, ())


def test_a_text_that_stands_in_good_part_in_another_is_a_part() -> None:
    """More than half of the shorter text makes it a part of the longer one, too little for a copy."""
    (part,) = _tied(words(80) + " " + words(60, start=5000))

    assert part.relation is Relation.PART
    assert PART_CONTAINMENT <= (part.containment or 0) < COPY_CONTAINMENT


def test_the_same_words_about_other_facts_are_a_template() -> None:
    """Two draws of one lottery share what makes a copy, and are tied as what they are."""
    first = DRAW.format("Monday", "4, 17, 23, 31 and 40", "125,000")
    second = DRAW.format("Thursday", "8, 12, 19, 28 and 36", "140,000")

    (template,), (same,) = _tied(second, against=first), _tied(first, against=first)

    assert template.relation is Relation.TEMPLATE
    assert same.relation is Relation.COPY


def test_texts_that_merely_share_a_passage_are_not_tied() -> None:
    """A quoted paragraph or an outlet's boilerplate ties nothing."""
    assert not _tied(words(80) + " " + words(220, start=5000))
    assert not _tied(words(40, start=5000) + " " + words(20))


def test_a_short_text_inside_a_long_one_is_no_copy() -> None:
    """Containment makes copies from some sixty shingles on; a few sentences of boilerplate inside a long text are a part."""
    (short,), (enough,) = _tied(words(40)), _tied(words(CONTAINMENT_SHINGLES + 4))

    assert short.relation is Relation.PART
    assert enough.relation is Relation.COPY


def test_tiny_texts_are_not_compared() -> None:
    """Without shingles nothing is tied, on either side."""
    assert not _tied("In brief")
    assert not _tied(WIRE, against="In brief")


def test_an_article_is_not_tied_to_itself() -> None:
    """An article whose text is placed anew may find its own former self among the candidates."""
    assert not verify(
        ArticleId(1), dated=hours(0), shingles=sign("", WIRE).shingles, facts=b"", candidates=[candidate(1, WIRE)]
    )


def test_only_articles_within_the_window_are_compared() -> None:
    """The same text after more than two weeks is a piece of news of its own."""
    days = WINDOW.days * 24

    assert _tied(WIRE, at=days)
    assert not _tied(WIRE, at=days + 1)
    assert not _tied(WIRE, at=-days - 1)


@pytest.mark.parametrize(
    ("jaccard", "containment", "shorter", "relation"),
    [
        (COPY_JACCARD, 0.7, 20, Relation.COPY),
        (0.49, COPY_CONTAINMENT, CONTAINMENT_SHINGLES, Relation.COPY),
        (0.49, COPY_CONTAINMENT, CONTAINMENT_SHINGLES - 1, Relation.PART),
        (0.49, 0.79, 500, Relation.PART),
        (0.1, PART_CONTAINMENT, 20, Relation.PART),
        (0.3, 0.49, 500, None),
        (0.0, 0.0, 20, None),
    ],
)
def test_what_two_texts_are_to_each_other(
    jaccard: float, containment: float, shorter: int, relation: Relation | None
) -> None:
    """Copies by Jaccard, or by containment where the shorter text is long enough; parts by containment alone."""
    shared = Overlap(jaccard=jaccard, containment=containment, shorter=shorter)

    assert related(shared, b"", b"") is relation
    assert is_copy(shared) is (relation is Relation.COPY)


def test_ties_of_one_article_are_bounded_for_each_story() -> None:
    """Of many ties to one story the strongest are kept, and none of another story's is lost for them."""
    near = [candidate(id, WIRE, story=1) for id in range(1, 60)] + [candidate(99, WIRE, story=2)]
    ties = [tie(id, 200, jaccard=0.5 + id / 200) for id in range(1, 60)] + [tie(99, 200, jaccard=0.51)]

    kept = {one.a for one in strongest(ties, near)}

    assert kept == {*range(60 - TIES, 60), 99}


def test_ties_are_sorted_by_what_is_shared() -> None:
    """The word sequences decide, then what the shorter text has of them, then the likeness; events come last."""
    events = [tie(1, 6, relation=Relation.EVENT, likeness=value) for value in (0.9, 0.5)]
    ties = [tie(1, 2), tie(1, 3, jaccard=0.6, containment=0.9), tie(1, 4, jaccard=0.6, containment=0.8), *events]

    assert sorted([ties[place] for place in (3, 0, 4, 2, 1)], key=strength) == ties


def test_copies_of_copies_are_one_text() -> None:
    """Articles that are copies of one another by most of their pairs carry one text, the earliest first."""
    ties = [tie(a, b, jaccard=0.6) for a, b in combinations(range(1, 5), 2) if (a, b) != (1, 4)]

    assert _texts(list(reversed(_members(5))), ties) == [[1, 2, 3, 4], [5]]


@pytest.mark.parametrize("relation", [Relation.PART, Relation.TEMPLATE, Relation.EVENT])
def test_only_copies_make_a_text(relation: Relation) -> None:
    """Parts, templates and events are ties between texts."""
    assert _texts(_members(2), [tie(1, 2, relation=relation)]) == [[1], [2]]


def test_ties_to_absent_articles_are_ignored() -> None:
    """A tie that leads out of the articles at hand neither breaks nor counts."""
    assert _texts(_members(2), [tie(1, 99), tie(2, 99)]) == [[1], [2]]
    assert _texts([], [tie(1, 2)]) == []


def test_a_digest_does_not_make_one_text_of_the_reports_it_holds() -> None:
    """Two whole reports that stand in a third text stay two texts; the digest goes with one of them."""
    digest = [tie(1, 3, jaccard=0.45), tie(2, 3, jaccard=0.45)]

    assert _texts(_members(3), digest) in ([[1, 3], [2]], [[1], [2, 3]])


def test_a_digest_of_reports_that_many_carry_leaves_them_apart() -> None:
    """Nor does it when each of the reports has copies, and the digest has some too."""
    crowds = (range(1, 5), range(5, 9), range(9, 11))
    same = [tie(a, b, jaccard=0.8) for crowd in crowds for a, b in combinations(crowd, 2)]
    held = [tie(one, digest, jaccard=0.4) for digest in crowds[2] for one in range(1, 9)]

    found = _texts(_members(10), same + held)

    assert len(found) == 2
    assert {frozenset(range(1, 5)), frozenset(range(5, 9))} & set(map(frozenset, found))
    assert not any({1, 5} <= set(text) for text in found)


@pytest.mark.parametrize("step", [1, 2])
def test_a_chain_of_small_changes_does_not_become_one_text(step: int) -> None:
    """Of 200 articles that share 60 % with the next one or two, and nothing with others, none makes a text of a crowd."""
    chain = [tie(a, a + near, jaccard=0.6) for a in range(1, 201) for near in range(1, step + 1) if a + near <= 200]

    assert max(map(len, _texts(_members(200), chain))) <= 3 * step


def test_a_chain_of_twins_does_not_become_one_text() -> None:
    """Nor do 200 articles each of which is the next one to the letter: who leads twins is tied to each of them."""
    chain = [tie(a, b, jaccard=0.95) for a, b in pairwise(range(1, 201))]

    assert max(map(len, _texts(_members(200), chain))) <= 6


def test_a_real_chain_of_texts_ends_by_itself() -> None:
    """Texts that move along, each with three quarters of the words of the last, are verified and told apart."""
    near = [candidate(id, words(200, start=50 * id)) for id in range(1, 21)]
    ties = [
        found
        for one in near
        for found in verify(one.id, dated=hours(0), shingles=one.shingles, facts=one.facts, candidates=near)
    ]

    assert {(one.a, one.b) for one in ties if one.relation is Relation.COPY} == set(pairwise(range(1, 21)))
    assert max(map(len, _texts(_members(20), ties))) <= 3


def test_twins_of_one_article_are_one_text_whatever_is_known_among_them() -> None:
    """In a flood each article is compared with few others; who is the leader's twin carries the leader's text."""
    flood = [tie(1, id, jaccard=0.95) for id in range(2, 60)]

    assert _texts(_members(59), flood) == [[*range(1, 60)]]
    assert len(_texts(_members(59), [tie(1, id, jaccard=0.6) for id in range(2, 60)])) > 50


def test_a_copy_of_a_twin_is_a_copy_of_its_leader() -> None:
    """A tie to any of a leader's twins counts for all of them."""
    ties = [*(tie(1, id, jaccard=0.95) for id in range(2, 10)), tie(9, 10, jaccard=0.6)]

    assert _texts(_members(10), ties) == [[*range(1, 11)]]


def test_the_strongest_tie_of_a_crowd_counts() -> None:
    """A text that is cut out of one twin and like another one as a whole counts as the latter."""
    ties = [tie(1, 2, jaccard=0.95), tie(1, 3, jaccard=0.6), tie(1, 4, jaccard=0.6), tie(2, 4, jaccard=0.4)]

    assert _texts(_members(4), ties) == _texts(_members(4), ties[::-1]) == [[1, 2, 3, 4]]
    assert _texts(_members(4), [*ties[:2], ties[3]]) == [[1, 2, 3], [4]]


def test_a_reader_parts_twins() -> None:
    """Articles that are to be apart carry two texts, and the others go with one of them."""
    ties = [tie(a, b, jaccard=1.0) for a, b in combinations(range(1, 5), 2)]

    found = _texts(_members(4), ties, apart(2, 3))

    assert len(found) == 2
    assert not any({2, 3} <= set(text) for text in found)
    assert _texts(_members(2), [tie(1, 2)], apart(1, 2)) == [[1], [2]]


def test_rulings_on_other_articles_and_together_do_not_make_texts() -> None:
    """That articles belong to one story makes no copies of them; nor does a word on articles that are not here part any."""
    assert _texts(_members(2), [], together(1, 2)) == [[1], [2]]
    assert _texts(_members(2), [tie(1, 2)], apart(1, 99)) == [[1, 2]]


_IDS = range(1, 8)
_PAIRS = st.sampled_from(list(combinations(_IDS, 2)))
_TIES = st.lists(
    st.builds(
        lambda pair, jaccard, relation: tie(*pair, jaccard=jaccard, relation=relation),
        _PAIRS,
        st.sampled_from([0.3, 0.6, 0.9, 1.0]),
        st.sampled_from([Relation.COPY, Relation.COPY, Relation.PART, Relation.TEMPLATE]),
    ),
    unique_by=lambda one: (one.a, one.b),
    max_size=14,
)
_RULINGS = st.lists(st.builds(lambda pair, way: way(*pair), _PAIRS, st.sampled_from([apart, together])), max_size=3)


@given(_TIES, _RULINGS, st.randoms(use_true_random=False))
def test_no_order_matters(ties: list[Tie], rulings: list[Ruling], chance: Random) -> None:
    """Members, ties and rulings in any order make the same texts; every article is in one, and none with whom it may not be."""
    members = [member(id, at=id % 3) for id in _IDS]
    before = _texts(members, ties, *rulings)

    for several in (members, ties, rulings):
        chance.shuffle(several)

    assert _texts(members, ties, *rulings) == before
    assert sorted(id for text in before for id in text) == list(_IDS)
    for ruling in rulings:
        if ruling.verdict is Verdict.APART:
            assert not any({ruling.a, ruling.b} <= set(text) for text in before)


def test_numbers_do_not_decide() -> None:
    """Articles of the same time are told apart by their addresses, not by the numbers that the store gave them."""
    found = set()
    for numbers in permutations((1, 2, 3)):
        members = [member(number, url=f"https://{name}.example/") for number, name in zip(numbers, "abc", strict=True)]
        a, b, c = numbers
        ties = [tie(a, c, jaccard=0.45), tie(b, c, jaccard=0.45)]
        found.add(tuple(tuple(one.url for one in text) for text in texts(members, ties)))

    assert len(found) == 1
