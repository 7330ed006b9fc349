"""Rules that mute, as feeds.yaml has them: what they mean, what is said of faults, and how they are written."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.core.config.edits import with_rule, without_rule
from aggregator.core.config.kinds import read_tag, read_text
from aggregator.core.config.values import read_rule
from aggregator.core.words.tokens import tokens
from aggregator.domain.errors import ConfigError, UsageError
from aggregator.domain.settings import Config, MuteKind, MuteRule
from tests.core.config.test_edits import FITTING, TEXTS, fits, is_sound, mapping, meaning

RULES = st.builds(
    MuteRule,
    kind=st.sampled_from(MuteKind),
    what=FITTING.filter(lambda text: fits(read_text, text) and fits(read_tag, text) and bool(tokens(text))),
    until=st.none() | st.dates(),
)
SOME = "mute:\n  - word: royal wedding   # for now\n    until: 2026-12-31\n  # those\n  - {source: tabloid.example}\n  - tag: sport\n"


def faults(text: str) -> list[str]:
    """Return where and what is wrong in a file."""
    with pytest.raises(ConfigError) as caught:
        meaning(text)
    return [f"{fault.line}:{fault.column} {fault.problem}; {fault.cure}" for fault in caught.value.faults]


def test_rules_are_a_list_of_words_sources_and_tags() -> None:
    """Each of which may end on a day."""
    assert meaning(SOME).mute == (
        MuteRule(kind=MuteKind.WORD, what="royal wedding", until=date(2026, 12, 31)),
        MuteRule(kind=MuteKind.SOURCE, what="tabloid.example"),
        MuteRule(kind=MuteKind.TAG, what="sport"),
    )
    assert meaning("mute:\nfeeds: []\n").mute == meaning("feeds: []\n").mute == ()


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("- words: x", '2:5 unknown key "words"; did you mean word?'),
        (
            "- royal wedding",
            '2:5 a rule is wanted, not "royal wedding"; write `- word: …`, `- source: …` or `- tag: …`',
        ),
        ("- until: 2026-01-01", "2:5 the rule mutes nothing; add `word: …`, `source: …` or `tag: …`"),
        ("- {word: a, tag: b}", "2:20 the rule has word and tag; make two rules of it"),
        ("- word: '!!'", '2:11 word: "!!" has no word in it; write a word or a phrase, such as royal wedding'),
        ("- {tag: a, until: soon}", '2:21 until: "soon" is no date; write a date, such as 2026-12-31'),
        ("- tag: a/b", '2:10 tag: the tag "a/b" holds a comma or a slash; make two tags of it'),
        ("- tag: a\n  - tag: A", "3:5 this rule stands already in line 2; delete one of the two"),
        (
            "- word:",
            "2:10 word: there is no value; write a word or a phrase, such as royal wedding, or delete the line",
        ),
    ],
)
def test_a_faulty_rule_is_told_with_its_place_and_cure(rule: str, told: str) -> None:
    """As every other fault of the file."""
    assert faults(f"mute:\n  {rule}\n") == [told]


def test_a_list_is_wanted() -> None:
    """One rule alone is none."""
    assert faults("mute: sport\n") == [
        '1:7 mute: a list is wanted, not "sport"; begin each rule with a dash: `- word: royal wedding`'
    ]


@settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(TEXTS.filter(is_sound).filter(lambda text: "..." not in text), RULES)
def test_a_rule_added_and_removed_leaves_every_other_byte(text: str, rule: MuteRule) -> None:
    """Whatever a file looks like that does not end its document; only the list's own name stays behind."""
    known = meaning(text)
    added = with_rule(text, mapping(text), known.mute, rule)
    assert meaning(added) == Config(settings=known.settings, feeds=known.feeds, mute=(rule,))
    tree = mapping(added)
    assert tree
    rest = without_rule(added, tree, (rule,), 0)
    assert meaning(rest) == known
    assert rest.startswith(text)


@settings(max_examples=50, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.sampled_from([SOME, "mute: [{tag: sport}]\n", "mute:\nfeeds: []\n"]), RULES)
def test_a_rule_stands_behind_the_others(text: str, rule: MuteRule) -> None:
    """In a list of any layout, in one that is empty too; comments stay."""
    known = meaning(text)
    added = with_rule(text, mapping(text), known.mute, rule)

    assert meaning(added).mute == (*known.mute, rule)
    assert set(added.splitlines()) >= {line for line in text.splitlines() if "#" in line}


def test_a_rule_is_read_from_what_a_person_gives() -> None:
    """One thing, checked as the file's is; the message says what is wrong with anything else."""
    assert read_rule({"word": " royal  wedding ", "tag": ""}, "2026-12-31") == MuteRule(
        kind=MuteKind.WORD, what="royal wedding", until=date(2026, 12, 31)
    )
    for given_, until, told in (
        ({}, None, "one of word, source and tag"),
        ({"word": "a", "tag": "b"}, None, "one of word, source and tag"),
        ({"word": "?"}, None, "has no word in it"),
        ({"tag": "a"}, "31.12.2026", "is no date"),
    ):
        with pytest.raises(UsageError, match=told):
            read_rule(given_, until)
