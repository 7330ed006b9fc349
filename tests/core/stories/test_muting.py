"""Which rules mute which stories."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.stories.muting import Mutable, Muting, hidden_by_each, in_force, told
from aggregator.core.words.tokens import tokens
from aggregator.domain.ids import StoryId
from aggregator.domain.settings import MuteKind, MuteRule

WEDDING = MuteRule(kind=MuteKind.WORD, what="Royal Wedding")
TABLOID = MuteRule(kind=MuteKind.SOURCE, what="tabloid.example")
SPORT = MuteRule(kind=MuteKind.TAG, what="sport")
RULES = (WEDDING, TABLOID, SPORT)

HEADLINES = st.text(alphabet="ab ABß'-東京é", max_size=20)
WORDS = st.text(alphabet="abß東京é ", min_size=1, max_size=6).filter(tokens)
OUTLETS = st.tuples(st.sampled_from(["Tabloid", "Wire"]), st.sampled_from(["tabloid.example", "wire.example"]))


def story(
    headline: str = "", *outlets: tuple[str, str], tags: frozenset[str] = frozenset(), starred: bool = False
) -> Mutable:
    """Return what is asked of a story."""
    return Mutable(headline=headline, outlets=frozenset(outlets), tags=tags, starred=starred)


def test_a_phrase_mutes_headlines_that_have_it_in_whole_words() -> None:
    """In that order and in a row, in capitals or not, whatever signs stand between and beside."""
    muting = Muting([WEDDING])

    assert muting.rule_of(story("The ROYAL-wedding: what she wore")) == WEDDING
    assert muting.rule_of(story("“Royal wedding”")) == WEDDING
    assert muting.rule_of(story("Royal weddings cost millions")) is None
    assert muting.rule_of(story("A wedding, not royal")) is None
    assert muting.rule_of(story("Royal family at a wedding")) is None


def test_words_are_found_in_any_script() -> None:
    """Capitals that become two letters, scripts without spaces, and letters that are written in two ways."""
    assert Muting([MuteRule(kind=MuteKind.WORD, what="STRASSE")]).rule_of(story("Die Straße bleibt gesperrt"))
    assert Muting([MuteRule(kind=MuteKind.WORD, what="東京")]).rule_of(story("台風が東京に接近"))
    assert not Muting([MuteRule(kind=MuteKind.WORD, what="京東")]).rule_of(story("台風が東京に接近"))
    assert Muting([MuteRule(kind=MuteKind.WORD, what="cafe\u0301")]).rule_of(story("Le Café rouvre"))


def test_a_source_mutes_what_nobody_else_carries() -> None:
    """By its name or its site; a story that another outlet tells too is shown."""
    tabloid, wire = ("The Tabloid", "tabloid.example"), ("Northern Wire", "wire.example")
    by_name = MuteRule(kind=MuteKind.SOURCE, what="the tabloid")

    assert Muting([TABLOID]).rule_of(story("A", tabloid)) == TABLOID
    assert Muting([by_name]).rule_of(story("A", tabloid)) == by_name
    assert Muting([MuteRule(kind=MuteKind.SOURCE, what="www.tabloid.example")]).rule_of(story("A", tabloid))
    assert Muting([TABLOID]).rule_of(story("A", tabloid, wire)) is None
    assert Muting([MuteRule(kind=MuteKind.SOURCE, what="tabloid")]).rule_of(story("A", tabloid)) is None


def test_a_tag_mutes_what_all_articles_have() -> None:
    """In capitals or not."""
    assert Muting([SPORT]).rule_of(story("A", tags=frozenset({"Sport", "uk"}))) == SPORT
    assert Muting([SPORT]).rule_of(story("A", tags=frozenset({"uk"}))) is None


def test_nothing_is_muted_without_a_rule_and_the_first_rule_counts() -> None:
    """A story that several rules mute is counted once, under the one that stands first."""
    both = story("Royal wedding", ("Tabloid", "tabloid.example"), tags=frozenset({"sport"}))

    assert Muting([]).rule_of(both) is None
    assert Muting(RULES).rule_of(both) == WEDDING
    assert Muting(RULES[::-1]).rule_of(both) == SPORT
    assert Muting(RULES).rules_of(both) == RULES


@given(HEADLINES, st.lists(OUTLETS, max_size=2), st.sets(st.sampled_from(["sport", "uk"])))
def test_a_starred_story_is_never_muted(headline: str, outlets: list[tuple[str, str]], tags: set[str]) -> None:
    """Whatever the rules are."""
    wanted = story(headline, *outlets, tags=frozenset(tags), starred=True)

    assert Muting(RULES).rule_of(wanted) is None


@given(HEADLINES, st.lists(WORDS, min_size=1, max_size=5))
def test_many_words_mute_what_each_of_them_mutes(headline: str, words: list[str]) -> None:
    """A rule holds whatever other rules stand beside it, and just where its words stand in a row in the headline."""
    rules = tuple(MuteRule(kind=MuteKind.WORD, what=word) for word in dict.fromkeys(words))
    have = tokens(headline.casefold())

    def stands(rule: MuteRule) -> bool:
        want = tokens(rule.what.casefold())
        return any(have[place : place + len(want)] == want for place in range(len(have)))

    assert set(Muting(rules).rules_of(story(headline))) == set(filter(stands, rules))


def test_a_rule_holds_through_its_last_day() -> None:
    """And for good where it has none."""
    year = MuteRule(kind=MuteKind.WORD, what="olympics", until=date(2026, 12, 31))

    assert in_force([year, SPORT], date(2026, 12, 31)) == (year, SPORT)
    assert in_force([year, SPORT], date(2027, 1, 1)) == (SPORT,)


def test_a_sum_names_the_rules_that_mute_most() -> None:
    """In the words of the page; many rules are one number in the end."""
    assert told([]) == ""
    assert told([SPORT]) == "1 story muted: 1 by sport"
    assert told([SPORT, WEDDING, WEDDING, WEDDING]) == "4 stories muted: 3 by “Royal Wedding”, 1 by sport"
    many = [MuteRule(kind=MuteKind.TAG, what=f"t{number}") for number in range(6)]
    assert told(many) == "6 stories muted: 1 by t0, 1 by t1, 1 by t2, 1 by t3, 2 by other rules"


def test_each_rule_is_told_what_it_hides_alone() -> None:
    """What two rules mute is counted for both; they are looked at one by one."""
    stories = {StoryId(1): story("Royal wedding", tags=frozenset({"sport"})), StoryId(2): story("Other")}
    hidden = hidden_by_each(Muting([WEDDING, SPORT]), stories)

    assert hidden.by_rule == {WEDDING: (StoryId(1),), SPORT: (StoryId(1),)}
    assert hidden.told(SPORT) == "1 of 2 stories of the last 7 days"
