"""Setting one value of one feed: the value is what was meant, and every other byte is as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.core.config.edits import with_value
from aggregator.core.config.kinds import read_tag, read_text
from aggregator.core.config.places import read_url
from aggregator.core.config.sheet import NotEditable
from aggregator.domain.edits import FeedKey, FeedValue
from aggregator.domain.settings import LEARNED, Config
from tests.core.config.test_edits import ENDS, LAYOUTS, STARTS, URLS, fits, is_sound, mapping, meaning

BRACKETED = [
    "  - {{url: {0}}}\n  - {{ name: x, 'url' : '{1}' , tags: [a], }}  # y\n",
    '  - {{url: "{0}", # y\n     user_agent: z,\n     enabled: no}}\n  - url: {1}\n',
    "  [{0}, {{url: {1}, every: 1h}}] # y\n",
    '  [\n    "{0}", # y\n    {{url: {1},\n    tags: [b]}},\n  ]\n',
]
KEYED = [
    "  - url: {0}   # y\n    enabled: yes # no\n    user_agent: 'it''s'\n    every: \"1h\"\n  # z\n  - url: {1}\n",
    "  - enabled: off\n    user_agent: >-\n      folded\n      twice\n\n    url:\n      {0}\n    # z\n",
    "  -   user_agent: two\n        lines\n\n      every: auto\n      url: |\n        {0}\n\n\n  - {1}\n",
]
TEXTS = st.builds(
    lambda start, key, layout, end, newline: (start + key + layout.format(*URLS) + end).replace("\n", newline),
    st.sampled_from([start for start in STARTS if start != "\ufeff"]),
    st.sampled_from(["feeds:\n", "feeds:   # all\n\n", '"feeds" :\n']),
    st.sampled_from([*LAYOUTS, *BRACKETED, *KEYED]),
    st.sampled_from(ENDS),
    st.sampled_from(["\n", "\r\n"]),
).filter(is_sound)
TAGS = st.text(st.characters(min_codepoint=32, max_codepoint=255), min_size=1, max_size=8).filter(
    lambda text: fits(read_tag, text)
)
CHANGES: st.SearchStrategy[tuple[FeedKey, FeedValue]] = st.one_of(
    st.tuples(
        st.just("url"),
        st.builds("https://new.example/{}".format, st.text(max_size=12)).filter(lambda text: fits(read_url, text)),
    ),
    st.tuples(st.just("enabled"), st.booleans()),
    st.tuples(
        st.just("user_agent"),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12).filter(
            lambda text: fits(read_text, text)
        ),
    ),
    st.tuples(st.just("every"), st.integers(0, 604_800).map(lambda seconds: timedelta(seconds=seconds))),
    st.tuples(st.just("tags"), st.lists(TAGS, max_size=3, unique=True).map(tuple)),
)


def edited(text: str, index: int, key: FeedKey, value: FeedValue, note: str | None = None) -> str:
    """Return `text` with the value set."""
    tree = mapping(text)
    assert tree
    return with_value(text, tree, index, key, value, note=note)


def in_common(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (ours, theirs) in pairs if ours != theirs), min(len(one), len(other)))


def with_changed(config: Config, index: int, key: FeedKey, value: FeedValue) -> Config:
    """Return what is meant."""
    feeds = list(config.feeds)
    feeds[index] = replace(feeds[index], **{key: value})  # type: ignore[arg-type]  # one of its keys
    return replace(config, feeds=tuple(feeds))


@settings(max_examples=400, suppress_health_check=[HealthCheck.filter_too_much])
@given(TEXTS, st.integers(0, 2), CHANGES)
def test_a_value_is_set_and_nothing_else(text: str, index: int, change: tuple[FeedKey, FeedValue]) -> None:
    """Whatever a file looks like, it then means what was meant, and what differs is no more than key and value."""
    key, value = change
    known = meaning(text)
    index %= len(known.feeds)
    after = edited(text, index, key, value)
    assert meaning(after) == with_changed(known, index, key, value)
    start = in_common(text, after)
    end = in_common(text[start:][::-1], after[start:][::-1])
    gone, come = text[start : len(text) - end], after[start : len(after) - end]
    # A bare address may become a mapping, so the address itself may stand within what came.
    address = known.feeds[index].url
    assert "#" not in gone.replace(address, "")
    assert len(come) <= len(f"{{url: '{address}',\r\n            {key}: }}") + 10 * len(str(value)) + 12


@settings(max_examples=200, suppress_health_check=[HealthCheck.filter_too_much])
@given(TEXTS, st.integers(0, 2), CHANGES)
def test_a_value_that_is_set_can_be_set_again(text: str, index: int, change: tuple[FeedKey, FeedValue]) -> None:
    """Once a key is there, another value and back leaves the very bytes that were."""
    key, value = change
    index %= len(meaning(text).feeds)
    once = edited(text, index, key, value)
    other: FeedValue
    match key:
        case "enabled":
            other = not value
        case "every":
            other = timedelta(days=2)
        case "tags":
            other = ("another", "one")
        case _:
            other = "https://other.example/"
    assert edited(edited(once, index, key, other), index, key, value) == once


@pytest.mark.parametrize(
    ("before", "key", "value", "after"),
    [
        ("- url: 'https://a.example/'   # mine\n", "url", "https://b.example/", "- url: 'https://b.example/'   # mine\n"),
        ('- "https://a.example/" # x\n', "url", "https://b.example/", '- "https://b.example/" # x\n'),
        ("- https://a.example/ # x\n", "enabled", False, "- url: https://a.example/ # x\n  enabled: false  # why\n"),
        ("- url: https://a.example/\n# x\n", "every", LEARNED, "- url: https://a.example/\n  every: auto  # why\n# x\n"),
        ("- url: https://a.example/\n  enabled: yes # x\n", "enabled", False,
         "- url: https://a.example/\n  enabled: false # x\n"),
        ("- {url: https://a.example/}\n", "enabled", False, "- {url: https://a.example/, enabled: false}\n"),
        ("- {url: https://a.example/}\n", "url", "https://b.example/a,b", '- {url: "https://b.example/a,b"}\n'),
        ("- url: https://a.example/\n  tags: ['b', c] # x\n", "tags", ("d", "e f"), "- url: https://a.example/\n  tags: [d, e f] # x\n"),
        ("- url: https://a.example/\n  tags:\n    - b\n    - c\n# x\n", "tags", (), "- url: https://a.example/\n  tags: []\n# x\n"),
        ("- url: https://a.example/", "user_agent", "on", '- url: https://a.example/\n  user_agent: "on"  # why'),
    ],
)  # fmt: skip
def test_an_edit_looks_as_a_person_would_write_it(before: str, key: FeedKey, value: FeedValue, after: str) -> None:
    """Quotes, comments and layout are kept; a new key stands in a line of its own, with the remark."""
    assert edited(f"feeds:\n{before}", 0, key, value, note="why") == f"feeds:\n{after}"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("feeds: [url: https://a.example/]\n", "enabled"),
        ("feeds:\n- url: | # x\n    https://a.example/\n", "url"),
        ("feeds:\n- |\n  https://a.example/\n", "every"),
        ("feeds:\n- url: https://a.example/\n  tags:\n    - b # x\n    - c\n", "tags"),
    ],
)
def test_what_leaves_no_room_is_refused(text: str, key: FeedKey) -> None:
    """A layout that an edit would disturb is left alone, and the reason is told."""
    with pytest.raises(NotEditable):
        edited(text, 0, key, "https://b.example/")
