"""Articles compared by their terms."""

import pytest

from aggregator.core.events.comparing import Comparison, are_series, learn_vocabularies
from aggregator.domain.ids import ArticleId, SourceId
from aggregator.domain.stories import Profile
from tests.builders import hash_of, profile, words

FERRY, BRIDGE = words(40), words(40, start=500)


def _compared(*profiles: Profile) -> Comparison:
    """Return a comparison that knows the words of two more articles of each language, on other days."""
    others = [
        profile(900 + number, text, language=language, at=10_000)
        for language in {one.language for one in profiles}
        for number, text in enumerate([FERRY, BRIDGE, words(40, start=900)])
    ]
    return Comparison(profiles={one.id: one for one in profiles}, vocabularies=learn_vocabularies([*profiles, *others]))


def _members(*ids: int) -> dict[ArticleId, set[SourceId]]:
    """Return texts that nobody but an outlet of their own carries."""
    return {ArticleId(id): {SourceId(1000 + id)} for id in ids}


def test_articles_that_share_their_words_are_alike() -> None:
    """Of three articles the two that tell the same are alike; pairs are named by the articles' numbers."""
    compared = _compared(profile(5, FERRY), profile(3, BRIDGE), profile(9, FERRY, at=2))

    likenesses = compared(_members(9, 3, 5))

    assert set(map(frozenset, likenesses)) == {frozenset({5, 9})}
    assert all(value > 0.9 for value in likenesses.values())
    assert compared(_members(9, 3)) == {}


def test_only_the_members_are_compared() -> None:
    """A comparison may know more profiles than it is asked about; whom it does not know is like nobody."""
    compared = _compared(profile(1, FERRY), profile(2, FERRY), profile(3, FERRY))

    assert set(map(frozenset, compared(_members(1, 2, 77)))) == {frozenset({1, 2})}
    assert compared({}) == {}


def test_languages_are_never_compared_with_each_other() -> None:
    """The same words in two languages are other words; each language has its own vocabulary."""
    compared = _compared(
        profile(1, FERRY, language="en"),
        profile(2, FERRY, language="de"),
        profile(3, FERRY, language="de"),
        profile(4, FERRY, language="en"),
    )

    assert set(map(frozenset, compared(_members(1, 2, 3, 4)))) == {frozenset({1, 4}), frozenset({2, 3})}
    assert set(compared.to(ArticleId(1))) == {4}


def test_a_language_without_a_vocabulary_is_like_nothing() -> None:
    """Before the first articles of a language were learned from, nobody can say what its words are worth."""
    profiles = {one.id: one for one in (profile(1, FERRY, language="fr"), profile(2, FERRY, language="fr"))}

    assert Comparison(profiles=profiles, vocabularies={})(_members(1, 2)) == {}


def test_an_article_is_compared_with_all_others() -> None:
    """`to` tells of one article who is like it, as comparing all of them does."""
    compared = _compared(
        profile(5, FERRY), profile(3, FERRY + " " + BRIDGE), profile(9, FERRY, at=30), profile(2, BRIDGE)
    )

    every = compared(_members(2, 3, 5, 9))
    to_5 = compared.to(ArticleId(5))

    assert set(to_5) == {3, 9}
    assert to_5 == {
        a if b == 5 else b: pytest.approx(value, rel=1e-4) for (a, b), value in every.items() if 5 in {a, b}
    }


def test_what_was_compared_has_a_background() -> None:
    """A background is measured with the comparison and kept; one that the profile brings stays."""
    compared = _compared(profile(1, FERRY), profile(2, FERRY, background=0.03), profile(3, BRIDGE))

    compared(_members(1, 2))
    assert compared.backgrounds == {1: 0.0, 2: 0.03}
    compared.to(ArticleId(3))
    assert compared.backgrounds == {1: 0.0, 2: 0.03, 3: 0.0}


def test_a_series_of_one_outlet_is_parted() -> None:
    """The same headline day by day at one outlet is another piece of news in the same words; elsewhere it is the same."""
    monday = profile(1, FERRY, headline="Weather for the coast on Monday", source=7)
    tuesday = profile(2, FERRY, headline="Weather for the coast on Tuesday", source=7, at=24)
    other = profile(3, FERRY, headline="Weather for the coast on Tuesday", source=8, at=24)
    report = profile(4, FERRY, headline="Storm sinks a ferry", source=7, at=24)
    compared = _compared(monday, tuesday, other, report)

    carriers = {one.id: {one.source} for one in (monday, tuesday, other, report)}

    assert set(map(frozenset, compared(carriers))) == {
        frozenset(pair) for pair in [(1, 3), (2, 3), (1, 4), (2, 4), (3, 4)]
    }
    assert set(compared.to(ArticleId(1))) == {3, 4}


def test_articles_of_no_outlet_make_no_series() -> None:
    """Where the outlet is unknown, which sets of events have as 0, equal headlines part nothing."""
    headline = "Ferry back on the water"
    compared = _compared(profile(1, FERRY, headline=headline, source=0), profile(2, FERRY, headline=headline, source=0))

    assert len(compared({ArticleId(1): {SourceId(0)}, ArticleId(2): {SourceId(0)}})) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Weather for the coast on Monday", "Weather for the coast on Tuesday", True),
        ("WEATHER: Monday", "Weather, Monday!", True),
        ("Ferry sinks off Sundholm", "Ferry back on the water", False),
        ("a b c d e", "a b v w x y", False),
        ("a b c d", "a b x", True),
        ("Ferry", "", False),
        ("", "", False),
        ("…", "!", False),
    ],
)
def test_a_series_has_one_headline_again_and_again(one: str, other: str, *, expected: bool) -> None:
    """Two fifths of all their words make two headlines one; where there is none there is no series."""
    first, second = profile(1, FERRY, headline=one), profile(2, FERRY, headline=other)

    assert are_series(first, second, is_one_outlet=True) is are_series(second, first, is_one_outlet=True) is expected
    assert not are_series(first, second, is_one_outlet=False)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            "Alder Foods to speak at the harbour bank's conference",
            "Brandt Mills to speak at the harbour bank's conference",
            True,
        ),
        ("Ferry runs aground off Sundholm", "Ferry runs aground off Sundholm", False),
        ("Ferry runs aground off Sundholm", "Ferry runs aground off Sundholm in fog", False),
        ("Ferry runs aground off Sundholm", "Lifeboats save all from the Marram", False),
    ],
)
def test_bare_headlines_of_one_pattern_are_a_series_at_any_outlet(one: str, other: str, *, expected: bool) -> None:
    """Without a text, headlines that differ by a word on either side tell of different news; one that adds words does not."""
    first, second = profile(1, one, headline=one), profile(2, other, headline=other)

    assert are_series(first, second, is_one_outlet=False) is expected


def test_each_language_has_a_vocabulary_of_its_own() -> None:
    """Articles are counted language by language, the languages in alphabetical order, the unknown one among them."""
    learned = learn_vocabularies(
        [
            profile(1, "ferry sails", language="en"),
            profile(2, "ferry", language="de"),
            profile(3, "ferry", language="en"),
            profile(4, "ferry", language=""),
        ]
    )

    assert list(learned) == ["", "de", "en"]
    assert {language: one.articles for language, one in learned.items()} == {"": 1, "de": 1, "en": 2}
    assert learned["en"].terms == hash_of("ferry").to_bytes(4, "little")
    assert learned["de"].terms == b""
    assert learn_vocabularies([]) == {}


def test_a_sample_tells_days_and_outlet() -> None:
    """Times are days, so that a difference of one is a day; an unknown one stays unknown."""
    compared = _compared(profile(1, FERRY, source=7), profile(2, FERRY, at=24), profile(3, FERRY, at=None))
    one, next_day, unknown = (compared._sample(compared.profiles[ArticleId(id)], {SourceId(7)}) for id in (1, 2, 3))

    assert one.day is not None
    assert next_day.day == pytest.approx(one.day + 1)
    assert (one.sources, unknown.day) == ({7}, None)
