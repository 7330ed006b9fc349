"""Rules of `core.json_feed`: JSON Feed 1.0 and 1.1, forgiving where the meaning is clear."""

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.feeds.json_feed import parse_json_feed
from aggregator.core.feeds.parsing import parse_feed
from aggregator.domain.feeds import Entry, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind

URL = "https://harbour.example/feed.json"
ENTRY = {"id": "1", "url": "https://harbour.example/1", "title": "Bridge", "content_text": "It is open."}


def document(*entries: object, **parts: object) -> str:
    """Build a JSON Feed 1.1."""
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", "items": entries, **parts})


def only(entry: dict[str, Any]) -> Entry:
    """Parse a feed of one entry."""
    parsed = parse_json_feed(document(entry), url=URL)
    assert isinstance(parsed, ParsedFeed)
    (read,) = parsed.entries
    return read


def test_an_entry_is_read_whole() -> None:
    """All that an entry says arrives in its place."""
    entry = only(
        {
            "id": "bridge-1",
            "url": "/1?utm_source=json",
            "title": "Bed &amp; breakfast",
            "summary": "Open again.",
            "content_html": "<p>It is <b>open</b>.</p>",
            "image": "/bridge.jpg",
            "date_published": "2026-03-02T10:30:00+01:00",
            "date_modified": "2026-03-02T12:00:00Z",
            "authors": [{"name": "Ann Ost"}, {"name": "Bo West"}, {}],
        }
    )

    assert (entry.key, entry.guid, entry.url) == ("bridge-1", "bridge-1", "https://harbour.example/1")
    assert (entry.title, entry.summary, entry.content) == (
        "Bed & breakfast",
        "Open again.",
        "<p>It is <b>open</b>.</p>",
    )
    assert (entry.author, entry.image) == ("Ann Ost, Bo West", "https://harbour.example/bridge.jpg")
    assert (entry.published, entry.updated) == (
        datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
    )


def test_a_feed_says_what_it_is() -> None:
    """Version, title, site and language of the feed are read, through `parse_feed` as well."""
    text = document(ENTRY, home_page_url="https://harbour.example/", language="en")

    parsed = parse_feed(b"\xef\xbb\xbf \n" + text.encode(), url=URL, content_type="text/plain")

    assert isinstance(parsed, ParsedFeed)
    assert (parsed.version, parsed.title, parsed.link, parsed.language) == (
        "json1.1",
        "Harbour",
        "https://harbour.example/",
        "en",
    )
    assert [entry.title for entry in parsed.entries] == ["Bridge"]


@pytest.mark.parametrize(
    ("parts", "attribute", "expected"),
    [
        ({"id": 17}, "guid", "17"),
        ({"id": "https://harbour.example/1"}, "url", "https://harbour.example/1"),
        ({"id": "1", "external_url": "https://other.example/1"}, "url", "https://other.example/1"),
        ({"id": "1", "url": "mailto:x@y.example"}, "url", None),
        ({"id": "1", "author": {"name": "Ann Ost"}}, "author", "Ann Ost"),
        ({"id": "1", "author": "Ann Ost"}, "author", None),
        ({"id": "1", "banner_image": "/b.png"}, "image", "https://harbour.example/b.png"),
        ({"id": "1", "content_text": "1 < 2\n\nand on"}, "content", "<p>1 &lt; 2</p><p>and on</p>"),
        ({"id": "1", "content_html": ["odd"]}, "content", ""),
        ({"id": "1", "date_modified": "2026-03-02"}, "published", datetime(2026, 3, 2, tzinfo=UTC)),
        ({"id": "1", "date_published": 20260302}, "published", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_odd_entries_are_understood_where_they_can_be(
    parts: dict[str, object], attribute: str, expected: object
) -> None:
    """Numbers as ids, 1.0's author, addresses as ids and wrong types do no harm."""
    assert getattr(only({"title": "Bridge", **parts}), attribute) == expected


def test_an_untitled_entry_is_called_by_its_text() -> None:
    """Short messages have no title; their text stands in."""
    assert only({"id": "1", "content_html": "<p>Bridge <i>open</i>.</p>"}).title == "Bridge open."


def test_what_is_listed_but_no_entry_is_passed_over() -> None:
    """One odd thing in the list does not spoil the others."""
    parsed = parse_json_feed(document(None, "text", 5, ENTRY, []), url=URL)

    assert isinstance(parsed, ParsedFeed)
    assert [entry.key for entry in parsed.entries] == ["1"]


def test_a_line_break_inside_a_text_is_forgiven() -> None:
    """Texts that were not escaped, as careless templates write them, are read."""
    parsed = parse_json_feed(document({"id": "1", "title": "LINE"}).replace("LINE", "One\ntwo\t"), url=URL)

    assert isinstance(parsed, ParsedFeed)
    assert parsed.entries[0].title == "One two"


def test_a_missing_version_is_forgiven() -> None:
    """A list of things with an id or address is a feed."""
    parsed = parse_json_feed(json.dumps({"items": [ENTRY]}), url=URL)

    assert isinstance(parsed, ParsedFeed)
    assert len(parsed.entries) == 1


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"version": "https://jsonfeed.org/version/1.1", "items": [', FailureKind.MALFORMED),
        ("[" * 100_000, FailureKind.MALFORMED),
        ('{"a": ' + "9" * 5_000 + "}", FailureKind.MALFORMED),
        ("[]", FailureKind.NOT_A_FEED),
        ('{"error": "not found"}', FailureKind.NOT_A_FEED),
        ('{"items": []}', FailureKind.NOT_A_FEED),
        ('{"items": {"id": 1}}', FailureKind.NOT_A_FEED),
        ('{"version": "https://jsonfeed.org/version/1"}', FailureKind.NOT_A_FEED),
    ],
)
def test_other_json_is_no_feed(text: str, kind: FailureKind) -> None:
    """Broken JSON is malformed, other JSON is not a feed."""
    failed = parse_feed(text.encode(), url=URL, content_type="application/json")

    assert isinstance(failed, Failed)
    assert failed.kind == kind


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("id", "url", "title", "content_html", "content_text", "date_published", "authors", "author", "image", "tags")


@given(st.lists(st.dictionaries(st.sampled_from(FIELDS), json_values), max_size=4), json_values)
def test_any_json_is_a_feed_or_a_failure(entries: list[dict[str, object]], title: object) -> None:
    """Whatever types stand where, nothing raises."""
    assert isinstance(parse_json_feed(document(*entries, title=title), url=URL), ParsedFeed | Failed)


def test_results_travel_between_processes() -> None:
    """Function and result can be pickled."""
    parsed = parse_json_feed(document(ENTRY), url=URL)

    assert pickle.loads(pickle.dumps(parsed)) == parsed
    assert pickle.loads(pickle.dumps(parse_json_feed)) is parse_json_feed
