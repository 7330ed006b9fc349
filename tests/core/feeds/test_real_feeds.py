"""Real files of real outlets, untouched: where they are at hand, each gives its entries or says why not."""

import tarfile
from collections.abc import Iterator

import pytest
from lxml import etree

from aggregator.core.feeds.parsing import parse_feed
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.fetching import Failed
from tests.quality.corpora import CORPORA

ARCHIVE = CORPORA / "feeds" / "outlets_2020_21.tar.gz"
FILES = 105


def real_feeds() -> Iterator[tuple[str, bytes]]:
    """Yield each file's name and bytes."""
    with tarfile.open(ARCHIVE) as archive:
        for member in archive:
            stream = archive.extractfile(member)
            if stream:
                yield member.name, stream.read()


def listed_in(body: bytes) -> int | None:
    """Count a feed's entries with a strict parser; None where it is not well-formed or another kind of document."""
    try:
        root = etree.fromstring(body)
    except etree.XMLSyntaxError:
        return None
    return len(list(root.iter("{*}item", "{*}entry"))) or None


@pytest.mark.skipif(not ARCHIVE.exists(), reason=f"the corpus of real feeds is not at {ARCHIVE}")
def test_real_feeds_give_their_entries() -> None:
    """Every well-formed file yields all its entries, titled and addressed; every other yields some, or a failure."""
    count = 0
    for name, body in real_feeds():
        count += 1
        parsed = parse_feed(body, url=f"https://{name}", content_type="text/xml")
        expected = listed_in(body)
        if expected is None:
            assert isinstance(parsed, Failed) or (parsed.entries and parsed.warning), name
            continue
        assert isinstance(parsed, ParsedFeed), name
        assert len(parsed.entries) == expected, name
        assert all(entry.title and entry.url for entry in parsed.entries), name

    assert count == FILES
