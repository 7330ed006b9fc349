"""OPML: what we write is read back whole, and what others write is read as well as it can be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from aggregator.core.config.kinds import Unfit, read_tag, read_text
from aggregator.core.config.opml import MAX_SIZE, read_opml, write_opml
from aggregator.core.config.places import read_url
from aggregator.core.urls import url_key
from aggregator.domain.errors import OpmlError
from aggregator.domain.settings import FeedConfig, FullText

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def fits(reader: object, text: str) -> bool:
    """Return whether `text` is what `reader` makes of it, so that feeds.yaml may hold it."""
    try:
        return bool(reader(text) == text)  # type: ignore[operator]  # one of the readers of core.kinds
    except Unfit:
        return False


NAMES = st.text(min_size=1, max_size=30).filter(lambda text: fits(read_text, text))
TAGS = st.sampled_from(["world", "uk"]) | st.text(min_size=1, max_size=12).filter(lambda text: fits(read_tag, text))
URLS = st.builds("https://{}.example/{}".format, st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.text(max_size=12))
FEEDS = st.builds(
    FeedConfig,
    url=URLS.filter(lambda text: fits(read_url, text)),
    name=st.none() | NAMES,
    tags=st.lists(TAGS, max_size=3, unique=True).map(tuple),
    every=st.none() | st.integers(1, 604_800).map(lambda seconds: timedelta(seconds=seconds)),
    weight=st.floats(0.1, 10),
    full_text=st.sampled_from(FullText),
    enabled=st.booleans(),
    user_agent=st.none() | st.from_regex(r"[!-~]{1,20}", fullmatch=True),
)
FEED_LISTS = st.lists(FEEDS, max_size=8, unique_by=lambda feed: url_key(feed.url))


def opml(body: str, *, before: str = "") -> bytes:
    """Write a file as another program would."""
    return f'{before}<opml version="1.1"><head/><body>{body}</body></opml>'.encode()


@given(FEED_LISTS)
@example([FeedConfig(url=f"https://{name}.example/", tags=(tag,)) for name, tag in ("ax", "by", "cx")])
def test_nothing_is_lost_in_a_round_trip(feeds: list[FeedConfig]) -> None:
    """Every field of every feed, and their order, come back as they went."""
    back = read_opml(write_opml(feeds, "Mine", NOW))
    assert back.feeds == tuple(feeds)
    assert back.warnings == ()


def test_a_feed_that_is_called_like_its_address_keeps_its_name() -> None:
    """The text of a feed without a name is its address; a name that is the address is still a name."""
    feeds = (FeedConfig(url="https://a.example/x", name="https://a.example/x"), FeedConfig(url="https://b.example/x"))
    assert read_opml(write_opml(feeds, "Mine", NOW)).feeds == feeds


def test_others_find_folders_names_and_addresses_where_they_look() -> None:
    """Each feed stands once, in the folder of its first tag, with all its tags as categories."""
    feeds = (
        FeedConfig(url="https://a.example/x", name="A", tags=("world", "uk")),
        FeedConfig(url="https://b.example/x"),
        FeedConfig(url="https://c.example/x", tags=("world",)),
    )
    root = etree.fromstring(write_opml(feeds, "Mine & yours", NOW))
    assert root.get("version") == "2.0"
    assert root.findtext("head/title") == "Mine & yours"
    assert root.findtext("head/dateCreated") == "Wed, 04 Mar 2026 05:06:07 GMT"
    folder = root.find("body/outline")
    assert folder is not None
    assert folder.get("text") == "world"
    inside = [(one.get("text"), one.get("type"), one.get("xmlUrl"), one.get("category")) for one in folder]
    assert inside == [
        ("A", "rss", "https://a.example/x", "/world,/uk"),
        ("https://c.example/x", "rss", "https://c.example/x", "/world"),
    ]
    assert len(root.findall(".//outline[@xmlUrl]")) == 3


def test_nested_folders_are_tags_and_a_feed_in_several_has_several() -> None:
    """Each level is a tag; the same feed met again only gains tags."""
    body = """
      <outline text="News"><outline title="Europe, North">
        <outline type="rss" text="A" xmlUrl="https://a.example/x" category="/Media/Public"/></outline></outline>
      <outline text="Radio"><outline text="Again" xmlUrl="http://www.a.example/x/"/></outline>"""
    (feed,) = read_opml(opml(body)).feeds
    assert feed == FeedConfig(
        url="https://a.example/x", name="A", tags=("News", "Europe North", "Media", "Public", "Radio")
    )


def test_what_cannot_be_used_is_left_out_with_a_warning() -> None:
    """One bad line does not cost the others; each is named."""
    body = """<outline text="A note"/><outline text="Bad" xmlUrl="ftp://a.example"/>
      <outline text="Good" XMLURL="feed://good.example/x" xmlns:aggregator="urn:aggregator:feeds" aggregator:weight="999"/>"""
    found = read_opml(opml(body))
    assert found.feeds == (FeedConfig(url="https://good.example/x", name="Good"),)
    assert len(found.warnings) == 3
    assert '"A note" has no xmlUrl' in found.warnings[0]
    assert "ftp://a.example" in found.warnings[1]
    assert "weight: 999 is not from 0.1 to 10; the default is taken" in found.warnings[2]


@pytest.mark.parametrize("declared", ['encoding="windows-1252"', 'encoding="utf-8"', ""])
def test_files_from_old_windows_programs_are_read(declared: str) -> None:
    """Bytes of Windows-1252 are understood whether they are declared, declared wrongly or not at all."""
    text = f'<?xml version="1.0" {declared}?><opml><body><outline text="Zürich" xmlUrl="https://z.example/x"/></body></opml>'
    assert read_opml(text.encode("windows-1252")).feeds[0].name == "Zürich"


def test_utf_16_is_read() -> None:
    """The byte order mark says it."""
    text = '<?xml version="1.0" encoding="utf-16"?><opml><body><outline text="Zürich" xmlUrl="https://z.example/x"/></body></opml>'
    assert read_opml(text.encode("utf-16")).feeds[0].name == "Zürich"


BOMB = '<!DOCTYPE opml [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (opml("", before=BOMB), "DOCTYPE"),
        (opml("", before=BOMB).decode().encode("utf-16"), "DOCTYPE"),
        (opml("", before='<!DOCTYPE opml SYSTEM "file:///etc/passwd">'), "DOCTYPE"),
        (b"<rss/>", "no OPML"),
        (b"<opml><body>", "no well-formed XML"),
        (b"", "no well-formed XML"),
        (b"hello", "no well-formed XML"),
        (b" " * (MAX_SIZE + 1), "larger than"),
        (opml("<outline>" * 400 + "</outline>" * 400), "no well-formed XML"),
    ],
)
def test_what_is_no_honest_opml_is_refused(content: bytes, told: str) -> None:
    """Entities, other XML, broken, endless and bottomless files are refused in one sentence."""
    with pytest.raises(OpmlError, match=told):
        read_opml(content)


@given(st.binary() | st.text().map(lambda text: f"<opml><body>{text}</body></opml>".encode("utf-8", "replace")))
def test_no_file_raises_anything_else(content: bytes) -> None:
    """Whatever is imported, either feeds come or OpmlError."""
    try:
        assert isinstance(read_opml(content).feeds, tuple)
    except OpmlError as error:
        assert str(error)  # noqa: PT017 -- both ways are right; the rule is that there is no third
