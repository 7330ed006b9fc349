"""Editing feeds.yaml as text: whatever people's files look like, an edit changes nothing but what it is about."""

from datetime import timedelta

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aggregator.adapters.feeds_file.yaml_tree import read_tree
from aggregator.core.config.checking import read_config
from aggregator.core.config.edits import with_feeds, without_feed
from aggregator.core.config.kinds import Unfit, read_tag, read_text
from aggregator.core.config.places import read_url
from aggregator.core.config.tree import Mapping
from aggregator.domain.errors import ConfigError
from aggregator.domain.settings import Config, FeedConfig, FullText


def meaning(text: str) -> Config:
    """Return what a text means."""
    tree, found = read_tree(text)
    return read_config(tree, faults=found)


def mapping(text: str) -> Mapping | None:
    """Return the tree of a text."""
    tree, _ = read_tree(text)
    return tree if isinstance(tree, Mapping) else None


# Pieces that people's files are made of; every one is put together with every other.
STARTS = ["", "\ufeff", "# head\n\n", "---\n", "settings:\n  every: 5m # x\n\n", "%YAML 1.2\n---\n"]
ENDS = [
    "",
    "\n",
    "\n\n",
    "# end\n",
    "\n# end\n",
    "\n  # - url: https://off.example\n",
    "settings:\n  every: 5m\n",
    "...\n",
]
LAYOUTS = [
    "- {0}\n- url: {1}\n  name: x\n",
    "  - url: {0}\n\n  - url: {1} # y\n\n  # section\n  - {2}\n",
    "  # one\n  -   url: '{0}'\n      name: |\n        block\n\n  -   name: y\n      # off: 1\n      url: \"{1}\"\n      # z\n",
    "    -\n      url: {0}\n    - {{url: {1}, tags: [a, b]}}\n",
    "  - url: {0}\n    tags:\n      - a\n      - b\n\n\n  - url: {1}\n    tags:\n    - c\n",
    "  - url: {0}",
    "  - name: x\u2028y # \x85 z\n    url: {0}\n",
]
FITTING = st.text(min_size=1, max_size=12)


def fits(reader: object, text: str) -> bool:
    """Return whether feeds.yaml may hold `text` as it is."""
    try:
        return bool(reader(text) == text)  # type: ignore[operator]  # one of the readers of core.kinds
    except Unfit:
        return False


FEEDS = st.builds(
    FeedConfig,
    url=st.builds("https://new.example/{}".format, st.text(max_size=12)).filter(lambda text: fits(read_url, text)),
    name=st.none() | FITTING.filter(lambda text: fits(read_text, text)),
    tags=st.lists(FITTING.filter(lambda text: fits(read_tag, text)), max_size=2, unique=True).map(tuple),
    every=st.none() | st.integers(1, 604_800).map(lambda seconds: timedelta(seconds=seconds)),
    weight=st.floats(0.1, 10),
    full_text=st.sampled_from(FullText),
    enabled=st.booleans(),
    user_agent=st.none() | st.from_regex(r"[!-~]{1,20}", fullmatch=True),
)
URLS = [f"https://{name}.example/feed" for name in ("one", "two", "three")]
TEXTS = st.builds(
    lambda start, key, layout, end, newline: (start + key + layout.format(*URLS) + end).replace("\n", newline),
    st.sampled_from(STARTS),
    st.sampled_from(["feeds:\n", "feeds:   # all\n\n", '"feeds" :\n']),
    st.sampled_from(LAYOUTS),
    st.sampled_from(ENDS),
    st.sampled_from(["\n", "\r\n"]),
)


def is_sound(text: str) -> bool:
    """Return whether a text put together from pieces is a faultless file."""
    try:
        return bool(meaning(text).feeds)
    except ConfigError:
        return False


@settings(max_examples=150, suppress_health_check=[HealthCheck.filter_too_much])
@given(TEXTS.filter(is_sound), FEEDS)
@example("feeds:\n  - https://one.example/feed", FeedConfig(url="https://new.example/"))
@example(
    "feeds:\n- https://one.example/feed\n\n- https://two.example/feed\n# end", FeedConfig(url="https://new.example/")
)
def test_a_feed_added_and_removed_leaves_every_byte_as_it_was(text: str, feed: FeedConfig) -> None:
    """Whatever a file looks like, what comes in reads back as it was meant, and its going leaves no trace."""
    known = meaning(text)
    added = with_feeds(text, mapping(text), known.feeds, [feed])
    assert meaning(added) == Config(settings=known.settings, feeds=(*known.feeds, feed))
    tree = mapping(added)
    assert tree
    assert without_feed(added, tree, (*known.feeds, feed), len(known.feeds)) == text


@settings(max_examples=100, suppress_health_check=[HealthCheck.filter_too_much])
@given(TEXTS.filter(is_sound), st.integers(0, 2))
def test_a_removed_feed_leaves_the_others_alone(text: str, index: int) -> None:
    """Every line that is left stood there before, in that order, and the other feeds are as they were."""
    known = meaning(text)
    index %= len(known.feeds)
    tree = mapping(text)
    assert tree
    rest = without_feed(text, tree, known.feeds, index)
    left = (*known.feeds[:index], *known.feeds[index + 1 :])
    assert meaning(rest) == Config(settings=known.settings, feeds=left)
    before = iter(text.splitlines())
    assert all(line in before for line in rest.splitlines())
