"""Wrappers are trusted after proofs, checked on a sample, and kept as one line."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.wrappers.forms import from_json, to_json
from aggregator.core.wrappers.layouts import merged, places
from aggregator.core.wrappers.trust import CLOSE_SAMPLE, MOST_PLACES, PROOFS, SAMPLE, is_trusted, taught, way_for
from aggregator.domain.wrappers import Branch, Fate, Layout, Lesson, Verdict, Way, Wrapper

AGREED = Lesson(verdict=Verdict.AGREED)
LEFT, KEPT = Branch(fate=Fate.LEFT), Branch(fate=Fate.KEPT)
ADDRESSES = [f"https://paper.example/{number}" for number in range(1_600)]


def _branch(**branches: Branch) -> Branch:
    fate = Fate.NONE
    for branch in branches.values():
        fate |= branch.fate
    return Branch(fate=fate, branches=branches)


LAYOUT = Layout(body=_branch(article=_branch(p=KEPT), footer=LEFT), inline=frozenset({"sub"}), most_left=400)
TRUSTED = Wrapper(layout=LAYOUT, proofs=PROOFS)
BRANCHES = st.recursive(
    st.builds(Branch, fate=st.sampled_from([Fate.LEFT, Fate.KEPT, Fate.LISTED, Fate.KEPT | Fate.TRAILING])),
    lambda within: st.builds(
        Branch,
        fate=st.just(Fate.LEFT | Fate.KEPT),
        branches=st.dictionaries(st.text(min_size=1), within, min_size=1, max_size=3),
    ),
    max_leaves=9,
)
LAYOUTS = st.builds(Layout, body=BRANCHES, inline=st.frozensets(st.text(), max_size=3), most_left=st.integers(0, 10**6))
COUNTS = st.integers(0, 99)
WRAPPERS = st.builds(
    Wrapper, layout=st.none() | LAYOUTS, proofs=COUNTS, shortest=st.none() | COUNTS, falls=COUNTS, barren=COUNTS
)


def _share(wrapper: Wrapper, way: Way) -> float:
    return sum(way_for(wrapper, url) is way for url in ADDRESSES) / len(ADDRESSES)


def test_a_wrapper_is_trusted_after_proofs() -> None:
    """Until it has read so many pages right it is only compared; from then on it reads alone."""
    wrapper = Wrapper()
    for lesson in (Lesson(verdict=Verdict.SURPRISED, layout=LAYOUT), *[AGREED] * PROOFS):
        assert not is_trusted(wrapper)
        assert _share(wrapper, Way.BOTH) == 1
        wrapper = taught(wrapper, lesson)

    assert is_trusted(wrapper)
    assert taught(wrapper, AGREED) == wrapper


@pytest.mark.parametrize(("barren", "sample"), [(0, SAMPLE), (1, CLOSE_SAMPLE)])
def test_a_sample_of_pages_is_read_both_ways(barren: int, sample: int) -> None:
    """One page in so many is compared, more after a surprise; which ones, their addresses tell."""
    wrapper = replace(TRUSTED, barren=barren)

    assert _share(wrapper, Way.BOTH) == pytest.approx(1 / sample, rel=0.25)
    assert _share(wrapper, Way.QUICK) + _share(wrapper, Way.BOTH) == 1


def test_learning_that_leads_nowhere_is_tried_seldom() -> None:
    """A site whose pages share nothing costs little more than the full reading."""
    wrapper = Wrapper()
    for _ in range(20):
        wrapper = taught(wrapper, Lesson(verdict=Verdict.SURPRISED))

    assert _share(wrapper, Way.FULL) == pytest.approx(1 - 1 / SAMPLE, abs=0.03)


def test_a_wrapper_that_was_wrong_is_given_up() -> None:
    """A trusted wrapper that differed begins anew with what the page shows, and needs twice the proofs."""
    other = replace(LAYOUT, most_left=7)
    after = taught(TRUSTED, Lesson(verdict=Verdict.DIFFERED, layout=other))

    assert after == Wrapper(layout=other, falls=1)
    for _ in range(PROOFS):
        assert not is_trusted(after := taught(after, AGREED)) or after.proofs == 2 * PROOFS
    assert not is_trusted(after)


def test_an_untrusted_wrapper_that_differed_has_no_proofs() -> None:
    """Proofs are pages in a row."""
    lesson = Lesson(verdict=Verdict.DIFFERED, layout=LAYOUT)
    assert taught(Wrapper(layout=LAYOUT, proofs=1), lesson).proofs == 0


def test_a_page_that_was_read_elsewhere_is_set_aside() -> None:
    """A stub whose footer was read instead does not make footers a part of texts; many in a row are a new design."""
    lesson = Lesson(verdict=Verdict.SURPRISED, layout=Layout(body=_branch(footer=KEPT, article=LEFT)))
    wrapper = taught(TRUSTED, lesson)
    assert wrapper.layout == LAYOUT

    for _ in range(20):
        wrapper = taught(wrapper, lesson)
    assert wrapper.layout == lesson.layout


def test_what_grows_without_end_is_no_template() -> None:
    """A layout of too many places is given up for the last page's."""
    many = Layout(body=_branch(**{f"p{number}": KEPT for number in range(MOST_PLACES)}))

    assert taught(TRUSTED, Lesson(verdict=Verdict.SURPRISED, layout=many)).layout == many


def test_layouts_come_together() -> None:
    """Merged, a place has the fates of both, and what either page shows is known."""
    other = Layout(body=_branch(article=_branch(p=LEFT), header=LEFT), inline=frozenset({"sup"}), most_left=900)
    both = merged(LAYOUT, other)

    assert both.body.branches["article"].branches["p"].fate is Fate.LEFT | Fate.KEPT
    assert set(both.body.branches) == {"article", "header", "footer"}
    assert both.inline == {"sub", "sup"}
    assert both.most_left == 900
    assert places(both.body) == 5
    assert merged(LAYOUT, LAYOUT) == LAYOUT


def test_kinds_are_loosened_to_what_they_share() -> None:
    """Two containers that stand in each other's stead become one kind, of the classes that both have."""
    one, other = (Layout(body=_branch(**{f"article.post.{label}": _branch(p=KEPT)})) for label in ("tag-a", "tag-b"))

    assert set(merged(one, other).body.branches) == {"*article.post"}
    assert set(merged(merged(one, other), one).body.branches) == {"*article.post"}
    left = Layout(body=_branch(**{"article.post.tag-c": LEFT}))
    assert set(merged(one, left).body.branches) == {"article.post.tag-a", "article.post.tag-c"}


@given(WRAPPERS)
def test_what_is_kept_comes_back(wrapper: Wrapper) -> None:
    """A wrapper is the same after it was written as a line."""
    assert from_json(to_json(wrapper)) == wrapper


def test_what_another_version_wrote_is_learned_anew() -> None:
    """A line of another version says nothing."""
    assert from_json('[0,"whatever"]') is None
