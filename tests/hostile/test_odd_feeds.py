"""Thousands of odd feeds: whatever comes, parse_feed answers with a value, soon."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.core.feeds.parsing import parse_feed
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Failed
from tests.hostile.documents import entry, rss
from tests.newsworld import feeds
from tests.newsworld.clock import LATEST, WorldClock
from tests.newsworld.sites import Site
from tests.newsworld.world import load_world

#: Seconds of CPU that one document may take; honest ones take milliseconds.
_LONGEST = 5.0
#: Mutants, all feeds of the news world together.
_MUTANTS = 1_500

_TAGS = (
    "rss",
    "channel",
    "item",
    "feed",
    "entry",
    "rdf:RDF",
    "title",
    "link",
    "guid",
    "description",
    "content:encoded",
)
_PIECES = st.one_of(
    st.sampled_from([f"<{tag}>" for tag in _TAGS] + [f"</{tag}>" for tag in _TAGS]),
    st.sampled_from(
        ["<![CDATA[", "]]>", "<!--", "-->", "<?xml?>", "<!DOCTYPE a [", "<!ENTITY a 'b'>", "&a;", "&#0;", "<", "&"]
    ),
    st.sampled_from(["{", "[", '"items":', '"id":1', "]", "}", "\x00", "\ufeff", "\ud800", '<link href="', '" />']),
    st.text(max_size=20),
)
_CONTENT_TYPES = st.sampled_from([None, "text/xml; charset=utf-16", "text/html; charset=\x00", "x; charset=cp037"])


def honest_feeds() -> list[bytes]:
    """Return the news world's feeds in all their formats and charsets."""
    world, clock = load_world(), WorldClock()
    return [
        feeds.feed(Site(world=world, outlet=outlet, clock=clock, root="https://paper.example"), section, LATEST)
        for outlet in world.outlets
        for section in outlet.feed_sections()
    ]


def answered(document: bytes, content_type: str | None = None) -> ParsedFeed | Failed:
    """Parse a document; assert that a value came out, in time."""
    start = time.process_time()
    answer = parse_feed(document, url="https://paper.example/feed", content_type=content_type)
    assert isinstance(answer, ParsedFeed | Failed)
    assert time.process_time() - start < _LONGEST
    return answer


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=40), _CONTENT_TYPES)
def test_pieces_of_feeds_in_any_order_are_answered(pieces: list[str], content_type: str | None) -> None:
    """A document of tags, entities and brackets in no order is a feed or a failure."""
    answered("".join(pieces).encode("utf-8", "surrogatepass"), content_type)


@settings(max_examples=200)
@given(st.binary(max_size=2_000), _CONTENT_TYPES)
def test_random_bytes_are_answered(document: bytes, content_type: str | None) -> None:
    """Bytes of any kind are a feed or a failure."""
    answered(document, content_type)


@settings(max_examples=200)
@given(st.lists(st.text(max_size=60), min_size=3, max_size=3))
def test_any_text_may_stand_in_an_entry(texts: list[str]) -> None:
    """A feed with any text as title, address and markup is read or refused."""
    title, link, more = texts
    answered(rss(entry(title, link, more)))


def _cut(document: bytes, chance: random.Random) -> bytes:
    return document[: chance.randrange(len(document))]


def _without(document: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(document))
    return document[:start] + document[start + chance.randrange(200) :]


def _twice(document: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(document))
    part = document[start : start + chance.randrange(2_000)]
    return document[:start] + part * chance.randrange(1, 20) + document[start:]


def _flipped(document: bytes, chance: random.Random) -> bytes:
    mutant = bytearray(document)
    for _ in range(chance.randrange(1, 30)):
        mutant[chance.randrange(len(mutant))] = chance.randrange(256)
    return bytes(mutant)


def _crossed(document: bytes, chance: random.Random) -> bytes:
    mark = chance.choice([b"<", b">", b'"', b"&", b"/"])
    return document.replace(mark, chance.choice([b"", b"<", b'"', b"&#x0;", b"<![CDATA["]), chance.randrange(1, 9))


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (_cut, _without, _twice, _flipped, _crossed)


@pytest.mark.slow
@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__.strip("_"))
def test_mutants_of_honest_feeds_are_answered(mutate: Callable[[bytes, random.Random], bytes]) -> None:
    """The news world's own feeds, cut, repeated and scrambled, are feeds or failures."""
    chance = random.Random(mutate.__name__)
    documents = honest_feeds()
    for number in range(_MUTANTS // len(MUTATIONS)):
        answered(mutate(documents[number % len(documents)], chance))
