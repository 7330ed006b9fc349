"""What feeds.yaml means, over trees built by hand as any reader of any notation may build them."""

from datetime import time, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.config.checking import default_settings, read_config
from aggregator.core.config.kinds import Unfit, read_duration, read_tag, read_text, write_duration, write_number
from aggregator.core.config.places import complete_url, read_url
from aggregator.core.config.table import (
    CANONICAL,
    ENABLED,
    EVERY,
    FEED_KEYS,
    FULL_TEXT,
    KEEP,
    SAME_EVENT,
    SETTINGS,
    SITE_DELAY,
    WEIGHT,
    WORKERS,
)
from aggregator.core.config.tree import Listing, Mapping, Node, Scalar, Span
from aggregator.core.stories.rules import DEFAULT_RULES
from aggregator.domain.errors import ConfigError
from aggregator.domain.settings import LEARNED, Canonical, Config, FeedConfig, FullText

Plain = str | list["Plain"] | dict[str, "Plain"]


def tree(value: Plain, *, line: int = 1) -> Node:
    """Make a tree of plain values; every member of a list and every key stands one line below the one before."""
    span = Span(line=line, column=1, end_line=line, end_column=2)
    match value:
        case str():
            return Scalar(span=span, text=value)
        case list():
            return Listing(span=span, members=tuple(tree(one, line=line + at) for at, one in enumerate(value)))
        case _:
            pairs = [
                (Scalar(span=Span(line=line + at, column=1, end_line=line + at, end_column=2), text=key), one)
                for at, (key, one) in enumerate(value.items())
            ]
            return Mapping(span=span, pairs=tuple((key, tree(one, line=key.span.line)) for key, one in pairs))


def read(value: Plain) -> Config:
    """Read a whole file of plain values."""
    return read_config(tree(value))


def faults(value: Plain) -> list[str]:
    """Return the problems and cures of a faulty file."""
    with pytest.raises(ConfigError) as caught:
        read(value)
    return [f"{fault.problem}; {fault.cure}" for fault in caught.value.faults]


def test_an_empty_file_means_the_defaults() -> None:
    """Nothing at all, and keys with nothing under them, are a configuration without feeds."""
    assert read_config(None) == read({"settings": "", "feeds": "~"}) == read({"feeds": []})
    assert read_config(None).feeds == ()
    assert default_settings().every == LEARNED
    assert default_settings().same_event == DEFAULT_RULES.same_event


@pytest.mark.parametrize(
    "setting",
    [EVERY, SITE_DELAY, WORKERS, CANONICAL, SAME_EVENT, KEEP, WEIGHT, FULL_TEXT, ENABLED],
    ids=lambda one: one.name,
)
def test_the_default_that_is_shown_is_the_default_that_is_used(setting: object) -> None:
    """The text of a default, read as feeds.yaml would be, is its value."""
    assert setting.kind.read(tree(setting.default)) == setting.value  # type: ignore[attr-defined]  # any Setting


def test_the_table_names_every_field_of_the_types_in_their_order() -> None:
    """No setting can be had in code that is missing in the table, or the other way round."""
    assert [setting.name for setting in SETTINGS] == list(default_settings().__dataclass_fields__)
    assert [key.name for key in FEED_KEYS] == list(FeedConfig.__dataclass_fields__)
    assert all(setting.help.endswith(".") and setting.default for setting in (*SETTINGS, *FEED_KEYS))


def test_every_key_is_read() -> None:
    """Each setting and each key of a feed reaches its field."""
    config = read(
        {
            "settings": {
                "every": "1h30m",
                "site_delay": "0s",
                "workers": "3",
                "timezone": "Europe/Berlin",
                "canonical": "my-weights",
                "same_event": "0.6",
                "allow_networks": ["127.0.0.0/8", "::1"],
                "keep": "90d",
                "digest": "7:30",
                "digest_to": ["mailto://me@a.example"],
            },
            "feeds": [
                {
                    "url": "https://a.example/feed",
                    "name": "  A  feed ",
                    "tags": ["world", "uk", "world"],
                    "every": "90s",
                    "weight": "2.5",
                    "full_text": "never",
                    "enabled": "no",
                    "user_agent": "Reader/1",
                },
                "https://b.example/feed",
            ],
        }
    )
    assert config.settings.every == timedelta(minutes=90)
    assert config.settings.site_delay == timedelta(0)
    assert config.settings.workers == 3
    assert config.settings.timezone == "Europe/Berlin"
    assert config.settings.canonical is Canonical.MY_WEIGHTS
    assert config.settings.same_event == 0.6
    assert config.settings.keep == timedelta(days=90)
    assert config.settings.digest == time(7, 30)
    assert config.settings.digest_services == ("mailto://me@a.example",)
    assert config.settings.allow_networks == (ip_network("127.0.0.0/8"), ip_network("::1/128"))
    assert config.feeds == (
        FeedConfig(
            url="https://a.example/feed",
            name="A feed",
            tags=("world", "uk"),
            every=timedelta(seconds=90),
            weight=2.5,
            full_text=FullText.NEVER,
            enabled=False,
            user_agent="Reader/1",
        ),
        FeedConfig(url="https://b.example/feed"),
    )


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"settings": {"evry": "5m"}}, 'unknown key "evry"; did you mean every?'),
        ({"settings": {"site-delay": "5s"}}, 'unknown key "site-delay"; did you mean site_delay?'),
        ({"colour": "red"}, 'unknown key "colour"; known here: settings, feeds'),
        ({"every": "5m"}, 'unknown key "every"; move it under `settings:`'),
        ({"url": "x"}, 'unknown key "url"; move it under the feed it belongs to'),
        ({"settings": {"every": "15"}}, 'every: "15" has no unit; write 15s, 15m or 15h, whichever you mean'),
        ({"settings": {"every": "0s"}}, "every: 0s is not from 1s to 7d; write auto or a duration from 1s to 7d"),
        ({"settings": {"every": "8d"}}, "every: 8d is not from 1s to 7d"),
        ({"settings": {"site_delay": "61s"}}, "site_delay: 61s is not from 0s to 60s"),
        ({"settings": {"workers": "0"}}, 'workers: "0" is neither auto nor a number from 1 to 64'),
        ({"settings": {"canonical": "fulest"}}, '"fulest" is no choice; did you mean fullest?'),
        ({"settings": {"same_event": "1"}}, "same_event: 1 is not from 0.2 to 0.9; write a number from 0.2 to 0.9"),
        (
            {"settings": {"keep": "1d"}},
            "keep: 1d is not from 7d to 3650d; write forever or a duration from 7d to 3650d",
        ),
        ({"settings": {"keep": "for ever"}}, 'keep: "for ever" is not a duration; write forever or a duration'),
        ({"settings": {"same_event": "0.1"}}, "same_event: 0.1 is not from 0.2 to 0.9"),
        ({"settings": {"same_event": "high"}}, 'same_event: "high" is not a number'),
        ({"settings": {"same_event": "nan"}}, 'same_event: "nan" is not a number'),
        ({"settings": {"same_events": "0.5"}}, 'unknown key "same_events"; did you mean same_event?'),
        ({"settings": {"timezone": "Europe/Berln"}}, "is no known time zone; did you mean Europe/Berlin?"),
        ({"settings": {"timezone": "../../etc/passwd"}}, "is no known time zone"),
        ({"settings": {"timezone": "Europe"}}, "is no known time zone"),
        (
            {"settings": {"digest": "7.30"}},
            'digest: "7.30" is no time of day; write off or a time of day, such as "07:30"',
        ),
        ({"settings": {"digest": "24:00"}}, 'digest: "24:00" is no time of day'),
        ({"settings": {"digest_to": ["me@example.org"]}}, "digest_to: a member is not an address as Apprise knows it"),
        ({"settings": {"allow_networks": ["127.0.0.1/8"]}}, "bits beyond its prefix; write 127.0.0.0/8"),
        ({"settings": {"allow_networks": "127.0.0.0/8"}}, 'allow_networks: a list is wanted, not "127.0.0.0/8"'),
        ({"settings": ["x"]}, "settings: keys with values are wanted, not a list"),
        ({"settings": {"every": ""}}, "every: there is no value"),
        ({"feeds": {"url": "x"}}, "feeds: a list is wanted, not keys with values; begin each feed with a dash"),
        ({"feeds": [["x"]]}, "a feed is wanted, not a list"),
        ({"feeds": [{"name": "x"}]}, "the feed has no url; add `url: https://…`"),
        ({"feeds": ["example.org/feed"]}, "is not an http or https address; write https://example.org/feed"),
        ({"feeds": ["feed://example.org/x"]}, "is not an http or https address; write https://example.org/x"),
        ({"feeds": ["file:///etc/passwd"]}, "is not an http or https address; write an address that begins with"),
        ({"feeds": ["https://a.example/a b"]}, "holds blanks or control characters"),
        ({"feeds": [{"url": "https://a.example", "weight": "11"}]}, "weight: 11 is not from 0.1 to 10"),
        ({"feeds": [{"url": "https://a.example", "weight": "nan"}]}, 'weight: "nan" is not a number'),
        ({"feeds": [{"url": "https://a.example", "full_text": "allways"}]}, "is no choice; did you mean always?"),
        ({"feeds": [{"url": "https://a.example", "enabled": "2"}]}, "is neither true nor false"),
        ({"feeds": [{"url": "https://a.example", "tags": ["a,b"]}]}, "holds a comma or a slash; make two tags of it"),
        ({"feeds": [{"url": "https://a.example", "name": "a\x1b[31m"}]}, "name: the text holds a control character"),
        ({"feeds": [{"url": "https://a.example", "user_agent": "é"}]}, "user_agent: a user agent is sent as a header"),
        (["https://a.example"], "the file is a list; write `feeds:` on a line of its own"),
        ("hello", 'the file is "hello"'),
    ],
)
def test_each_mistake_is_told_with_its_cure(value: Plain, told: str) -> None:
    """Whatever a person gets wrong is named, with what to do about it, and is the only thing told."""
    found = faults(value)
    assert len(found) == 1
    assert told in found[0]


def test_all_faults_are_told_at_once_and_in_order() -> None:
    """A person mends a file once, from top to bottom, not once a fault."""
    with pytest.raises(ConfigError) as caught:
        read({"settings": {"every": "x", "workers": "x"}, "feeds": [{"url": "x", "weight": "x"}, {"nme": "x"}]})
    assert [fault.line for fault in caught.value.faults] == [1, 2, 2, 3, 3, 3]
    assert str(caught.value).startswith('feeds.yaml:1:1: every: "x" is not a duration; write')


def test_one_feed_under_two_spellings_is_refused_naming_the_other_line() -> None:
    """Two spellings of an address would be polled as two feeds."""
    told = faults({"feeds": ["https://example.org/feed", "x", "http://www.EXAMPLE.org/feed/"]})
    assert told[1] == "this feed stands already in line 1 as https://example.org/feed; delete one of the two"
    assert faults({"feeds": ["https://a.example/f", "https://a.example/f"]}) == [
        "this feed stands already in line 1; delete one of the two"
    ]


def test_a_key_given_twice_is_refused() -> None:
    """The second of two equal keys would silently win elsewhere."""
    node = tree({"feeds": ""})
    assert isinstance(node, Mapping)
    doubled = Mapping(span=node.span, pairs=node.pairs * 2)
    with pytest.raises(ConfigError, match="feeds stands already in line 1; delete one of the two"):
        read_config(doubled)


def test_where_the_file_broke_off_nothing_is_said_to_be_missing() -> None:
    """A feed that the syntax cut short is not also blamed for having no address."""
    whole = tree({"name": "x"})
    assert isinstance(whole, Mapping)
    cut = Mapping(span=whole.span, pairs=whole.pairs, cut=True)
    feeds = Listing(span=whole.span, members=(cut,))
    key = Scalar(span=whole.span, text="feeds")
    assert read_config(Mapping(span=whole.span, pairs=((key, feeds),))).feeds == (FeedConfig(url="", name="x"),)


@given(st.integers(min_value=0, max_value=10_000_000))
def test_durations_survive_being_written(seconds: int) -> None:
    """A duration that we write is the one we read."""
    assert read_duration(write_duration(timedelta(seconds=seconds))) == timedelta(seconds=seconds)


@given(st.floats(min_value=0.1, max_value=10))
def test_weights_survive_being_written(weight: float) -> None:
    """A number that we write is the one we read, to the last bit."""
    assert WEIGHT.kind.read(tree(write_number(weight))) == weight


@pytest.mark.parametrize("text", ["", "m", "1x", "1m1h", "-1m", "1 m", "1.5h", "\u0661m", "1m\n", "999999999d"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    """Only whole numbers with units in falling order are durations."""
    with pytest.raises(Unfit):
        read_duration(text)


@given(st.text())
def test_readers_of_text_only_raise_their_own_error(text: str) -> None:
    """Whatever stands in a file, a fault is told and nothing crashes; what is read is read the same again."""
    for reader in (read_duration, read_text, read_tag, read_url):
        try:
            value = reader(text)
        except Unfit:
            continue
        if isinstance(value, str):
            assert reader(value) == value


@given(st.text(max_size=40))
def test_no_address_crashes_the_configuration(text: str) -> None:
    """Any text may stand where an address belongs."""
    for url in (text, f"https://{text}", f"feed:{text}"):
        try:
            read_config(tree({"feeds": [url]}))
        except ConfigError as error:
            assert error.faults  # noqa: PT017 -- both ways are right; the rule is that there is no third


def test_people_may_type_less_than_a_whole_address() -> None:
    """What browsers and feed links leave out is filled in."""
    assert complete_url("example.org/x") == complete_url("feed://example.org/x") == "https://example.org/x"
    assert complete_url("feed:http://example.org/x") == "http://example.org/x"
