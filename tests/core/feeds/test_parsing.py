"""Rules of `core.feeds` and `core.entries`: every format and fault gives entries that are told apart, or says why not."""

import pickle
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.feeds.entries import MAX_ENTRIES, MAX_TITLE
from aggregator.core.feeds.parsing import LONG_DESCRIPTION, parse_feed
from aggregator.domain.feeds import Entry, ParsedFeed
from aggregator.domain.fetching import Failed, FailureKind

URL = "https://harbour.example/news/feed.xml"
NAMESPACES = (
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
)


def rss(*entries: str, channel: str = "<title>Harbour News</title><link>https://harbour.example/</link>") -> str:
    """Build an RSS 2.0 document."""
    listed = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel>{channel}{listed}</channel></rss>'


def atom(*entries: str, attributes: str = "") -> str:
    """Build an Atom document."""
    listed = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {attributes}><title>Harbour News</title>{listed}</feed>'


def feed(body: str | bytes, content_type: str | None = None) -> ParsedFeed:
    """Parse what must be a feed."""
    parsed = parse_feed(body.encode() if isinstance(body, str) else body, url=URL, content_type=content_type)
    assert isinstance(parsed, ParsedFeed), parsed
    return parsed


def only(body: str | bytes) -> Entry:
    """Parse what must be a feed with one entry."""
    (entry,) = feed(body).entries
    return entry


def failure(body: bytes, content_type: str | None = None) -> Failed:
    """Parse what must be no feed."""
    failed = parse_feed(body, url=URL, content_type=content_type)
    assert isinstance(failed, Failed)
    return failed


RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://harbour.example/"><title>Harbour</title>'
    "<link>https://harbour.example/</link></channel><item rdf:about='https://harbour.example/1'><title>Bridge</title>"
    "<link>https://harbour.example/1</link><dc:date>2026-03-02T10:00:00+01:00</dc:date></item></rdf:RDF>"
)


@pytest.mark.parametrize(
    ("body", "version"),
    [
        (rss("<title>Bridge</title><link>https://harbour.example/1</link>"), "rss20"),
        (rss("<title>Bridge</title><link>/1</link>").replace("2.0", "0.91"), "rss091u"),
        (rss("<title>Bridge</title><link>/1</link>").replace("2.0", "0.92"), "rss092"),
        (atom("<title>Bridge</title><link href='https://harbour.example/1'/>"), "atom10"),
        (RDF, "rss10"),
    ],
)
def test_every_format_gives_its_entries(body: str, version: str) -> None:
    """RSS 0.9x to 2.0, RDF and Atom are understood."""
    parsed = feed(body)

    assert parsed.version == version
    assert [(entry.title, entry.url) for entry in parsed.entries] == [("Bridge", "https://harbour.example/1")]
    assert parsed.warning is None


def test_an_entry_is_read_whole() -> None:
    """All that an RSS entry says arrives in its place."""
    entry = only(
        rss(
            "<title>Bridge reopens</title><link>https://harbour.example/1?utm_source=rss</link>"
            "<guid isPermaLink='false'>bridge-1</guid><pubDate>Mon, 02 Mar 2026 10:30:00 CET</pubDate>"
            "<description>&lt;p&gt;After &lt;b&gt;two&lt;/b&gt; years.&lt;/p&gt;</description>"
            "<content:encoded><![CDATA[<p>After two years of work.</p>]]></content:encoded>"
            "<dc:creator>Ann Ost</dc:creator><media:thumbnail url='/bridge.jpg'/>"
        )
    )

    assert (entry.key, entry.guid, entry.url_is_own) == ("bridge-1", "bridge-1", True)
    assert (entry.title, entry.url) == ("Bridge reopens", "https://harbour.example/1")
    assert (entry.summary, entry.content) == ("After two years.", "<p>After two years of work.</p>")
    assert (entry.author, entry.image) == ("Ann Ost", "https://harbour.example/bridge.jpg")
    assert entry.published == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert len(entry.digest) == 32


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Bed &amp; breakfast", "Bed & breakfast"),
        ("1 &amp;lt; 2", "1 < 2"),
        ("&lt;b&gt;Bold&lt;/b&gt; move", "Bold move"),
        ("<![CDATA[<em>Bold</em> move & more]]>", "Bold move & more"),
        ("<![CDATA[One<br>two]]>", "One two"),
        ("Caf&eacute; &nbsp; culture &#8211; more", "Café culture – more"),
        ("Nul&#0;l and &#xD800;gone\x0b", "Null and gone"),
        ("  far \n\t apart ", "far apart"),
        ("3 &lt; 4 at noon", "3 < 4 at noon"),
        ("Łódź: 東京 🎉", "Łódź: 東京 🎉"),
    ],
)
def test_titles_are_plain_text(title: str, expected: str) -> None:
    """Entities are resolved once, tags and forbidden characters go, whitespace collapses; the XML is not at fault."""
    parsed = feed(rss(f"<title>{title}</title><link>/1</link>"))

    assert [entry.title for entry in parsed.entries] == [expected]
    assert parsed.warning is None


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("<title type='text'>a &lt;b&gt; c</title>", "a <b> c"),
        ("<title type='html'>a &lt;b&gt;bold&lt;/b&gt; c</title>", "a bold c"),
        ("<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>a <b>bold</b> c</div></title>", "a bold c"),
    ],
)
def test_atom_says_what_its_titles_are(title: str, expected: str) -> None:
    """Text is taken literally, html and xhtml are markup."""
    assert only(atom(f"{title}<link href='/1'/>")).title == expected


def test_an_untitled_entry_is_called_by_its_beginning() -> None:
    """Without a title the summary's first words stand in, whole words and an ellipsis."""
    entry = only(rss(f"<link>/1</link><description>{'The harbour bridge is open again. ' * 9}</description>"))

    assert entry.title == "The harbour bridge is open again. The harbour bridge is open again. The…"


@pytest.mark.parametrize(
    ("parts", "url"),
    [
        ("<link>https://harbour.example/1</link>", "https://harbour.example/1"),
        ("<link>\n /1#top </link>", "https://harbour.example/1"),
        ("<link>story.html</link>", "https://harbour.example/news/story.html"),
        ("<guid>https://harbour.example/1</guid>", "https://harbour.example/1"),
        ("<link/><guid>https://harbour.example/1</guid>", "https://harbour.example/1"),
        ("<guid isPermaLink='false'>https://harbour.example/1</guid>", "https://harbour.example/1"),
        ("<guid>12345</guid>", None),
        ("<link>mailto:ann@harbour.example</link>", None),
        ("<link>javascript:void(0)</link>", None),
        ("<link>/1</link><atom:link rel='self' href='/self.xml'/>", "https://harbour.example/1"),
        (
            "<link>https://proxy.example/x</link><feedburner:origLink>https://harbour.example/1</feedburner:origLink>",
            "https://harbour.example/1",
        ),
        ("", None),
    ],
)
def test_an_entry_has_the_address_of_its_page(parts: str, url: str | None) -> None:
    """The link, else a guid that is an address, as an absolute http(s) address without tracking; else none."""
    assert only(rss(f"<title>Bridge</title>{parts}")).url == url


def test_relative_addresses_are_seen_from_their_base() -> None:
    """xml:base holds for its element only; outside of it the document's own address counts."""
    body = atom("<title>a</title><id>a</id><link href='a.html'/>", attributes="xml:base='https://other.example/b/'")

    assert only(body).url == "https://other.example/b/a.html"
    assert only(atom("<title>a</title><id>a</id><link href='a.html'/>")).url == "https://harbour.example/news/a.html"


def test_atom_prefers_the_alternate_link() -> None:
    """Links to the feed itself, replies and enclosures are not the entry's page."""
    entry = only(
        atom(
            "<title>a</title><id>a</id><link rel='self' href='/self'/><link rel='alternate' type='text/html' href='/a'/>"
            "<link rel='replies' href='/replies'/><link rel='enclosure' type='image/png' href='/a.png'/>"
        )
    )

    assert (entry.url, entry.image) == ("https://harbour.example/a", "https://harbour.example/a.png")


def keys(*entries: str) -> list[str]:
    """Return the keys of an RSS document's entries."""
    return [entry.key for entry in feed(rss(*entries)).entries]


def test_a_guid_makes_an_entry_itself() -> None:
    """The guid stays the key when title, link and date change."""
    before = keys("<guid>x</guid><title>Old</title><link>/1</link>")
    after = keys("<guid>x</guid><title>New</title><link>/2</link>")

    assert before == after == ["x"]


def test_a_shared_guid_is_told_apart_by_address() -> None:
    """Duplicate guids with different links are different entries, with keys that do not depend on their order."""
    one, other = "<guid>x</guid><title>One</title><link>/1</link>", "<guid>x</guid><title>Two</title><link>/2</link>"

    assert len(set(keys(one, other))) == 2
    assert keys(one, other) == keys(other, one)[::-1]


def test_the_same_entry_twice_is_one() -> None:
    """A repeated entry is listed once, whether it has a guid or not."""
    with_guid, without = "<guid>x</guid><title>One</title><link>/1</link>", "<title>Two</title><link>/2</link>"

    assert len(keys(with_guid, without, with_guid, without)) == 2


def test_without_a_guid_the_address_is_the_key() -> None:
    """The address in its one spelling is the key, so that tracking does not make a new entry."""
    assert keys("<title>a</title><link>/1?utm_source=x</link>") == ["https://harbour.example/1"]


def test_without_guid_and_address_title_and_date_are_the_key() -> None:
    """Entries that have nothing else are told apart by what they say and when."""
    monday = "<title>Weather</title><pubDate>Mon, 02 Mar 2026 06:00:00 GMT</pubDate>"
    tuesday = "<title>Weather</title><pubDate>Tue, 03 Mar 2026 06:00:00 GMT</pubDate>"

    assert len(set(keys(monday, tuesday))) == 2
    assert keys(monday) == keys(monday)


def test_entries_that_share_an_address_do_not_own_it() -> None:
    """Where several entries link to one page, none of them is known by it, and none is lost."""
    entries = feed(rss("<title>One</title><link>/live</link>", "<title>Two</title><link>/live</link>")).entries

    assert [(entry.title, entry.url_is_own) for entry in entries] == [("One", False), ("Two", False)]


def test_a_front_page_is_no_entrys_own() -> None:
    """A link to the site's front page does not name an article."""
    for link in ("https://harbour.example/", "http://www.harbour.example/index.html", "https://other.example"):
        assert only(rss(f"<guid>x</guid><title>One</title><link>{link}</link>")).url_is_own is False
    assert only(rss("<guid>x</guid><title>One</title><link>/1</link>")).url_is_own is True


def test_the_digest_tells_a_change() -> None:
    """Another title, text or address is a change; other markup around the same words is not."""
    before = "<guid>x</guid><title>One</title><link>/1</link><content:encoded><![CDATA[<p>Text</p>]]></content:encoded>"
    digest = only(rss(before)).digest

    assert only(rss(before.replace("<p>", "<p class='x'>"))).digest == digest
    for old, new in (("One", "Two"), ("/1", "/2"), ("Text", "More")):
        assert only(rss(before.replace(old, new, 1))).digest != digest


def test_the_longest_content_counts() -> None:
    """Of several contents, and a description long enough to be one, the longest is the entry's content."""
    long = f"&lt;p&gt;{'word ' * (LONG_DESCRIPTION // 5 + 1)}&lt;/p&gt;"

    assert only(rss(f"<title>a</title><description>{long}</description>")).content.startswith("<p>word")
    assert only(rss("<title>a</title><description>Short.</description>")).content == ""
    assert only(atom("<title>a</title><id>a</id><content>1 &lt; 2</content>")).content == "1 &lt; 2"


def test_content_stays_as_the_feed_has_it() -> None:
    """Markup is kept whole and its addresses as they are; it is made safe when it is shown, not here."""
    markup = '<p style="color: red"><a href="/2">on</a></p><iframe src="https://video.example/"></iframe>'

    assert only(rss(f"<title>a</title><content:encoded><![CDATA[{markup}]]></content:encoded>")).content == markup


def test_dates_come_from_what_there_is() -> None:
    """Published, else updated; unreadable dates are unknown."""
    both = only(
        atom(
            "<title>a</title><id>a</id><published>2026-03-02T10:00:00Z</published><updated>2026-03-03T10:00:00Z</updated>"
        )
    )
    updated = only(atom("<title>a</title><id>a</id><updated>2026-03-03T10:00:00Z</updated>"))

    assert (both.published, both.updated) == (
        datetime(2026, 3, 2, 10, tzinfo=UTC),
        datetime(2026, 3, 3, 10, tzinfo=UTC),
    )
    assert updated.published == updated.updated == datetime(2026, 3, 3, 10, tzinfo=UTC)
    assert only(rss("<title>a</title><pubDate>soon</pubDate>")).published is None
    assert only(rss("<title>a</title><pubDate>2026-március-02T10:00-05:00</pubDate>")).published is not None


@pytest.mark.parametrize(
    ("channel", "ttl"),
    [
        ("<ttl>15</ttl>", timedelta(minutes=15)),
        ("<ttl>0</ttl>", None),
        ("<ttl>often</ttl>", None),
        ("<ttl>999999999999</ttl>", None),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", timedelta(minutes=15)),
        ("<sy:updatePeriod>daily</sy:updatePeriod>", timedelta(days=1)),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", timedelta(days=1)),
        ("<sy:updatePeriod>yearly</sy:updatePeriod>", None),
        ("", None),
    ],
)
def test_a_feed_may_name_its_rhythm(channel: str, ttl: timedelta | None) -> None:
    """The ttl counts, else the syndication module, within a week."""
    assert feed(rss(channel=channel)).ttl == ttl


def test_a_feed_says_what_it_is() -> None:
    """Title, link and language of the feed itself are read."""
    parsed = feed(rss(channel="<title>Harbour &amp;amp; Sea</title><link>/</link><language>en-GB</language>"))

    assert (parsed.title, parsed.link, parsed.language) == ("Harbour & Sea", "https://harbour.example/", "en-GB")
    assert parsed.entries == ()


GERMAN = rss("<title>Grüße: „schön“</title><link>/1</link>")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"\xef\xbb\xbf" + GERMAN.encode(), "application/rss+xml"),
        (b"\r\n  \t" + GERMAN.encode(), None),
        (GERMAN.encode(), "text/html; charset=utf-8"),
        (GERMAN.encode(), "text/xml"),
        (GERMAN.encode(), "text/xml; charset=iso-8859-1"),
        (GERMAN.encode("cp1252"), "text/xml; charset=iso-8859-1"),
        (GERMAN.encode("utf-16"), "application/octet-stream"),
        (GERMAN.replace('"1.0"?', '"1.0" encoding="windows-1252"?').encode("cp1252"), None),
        (GERMAN.replace('"1.0"?', '"1.0" encoding="utf-16"?').encode(), None),
        (GERMAN.replace('"1.0"?', '"1.0" encoding="no-such"?').encode(), "text/plain"),
    ],
)
def test_letters_arrive_whatever_is_declared(body: bytes, content_type: str | None) -> None:
    """Marks, blanks before the document and wrong declarations do not spoil the text."""
    assert [entry.title for entry in feed(body, content_type).entries] == ["Grüße: „schön“"]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("broken", ["", "<b>&</channel>"])
def test_an_entity_bomb_stays_small(codec: str, broken: str) -> None:
    """A declared entity is never expanded, in any encoding, by neither the strict nor the loose parser."""
    doctype = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY boom "{"x" * 50_000}"><!-- "\' ]> <rss> -->]>'
    body = doctype + rss(f"<title>{'&boom;' * 1_700}</title>{broken}").partition("?>")[2]

    parsed = parse_feed(body.encode(codec), url=URL, content_type=None)

    assert isinstance(parsed, ParsedFeed)
    assert all(len(entry.title) <= MAX_TITLE and "x" * 100 not in entry.title for entry in parsed.entries)


def test_a_doctype_does_no_harm() -> None:
    """Markup inside comments and entity values of the prolog is not taken for the document."""
    prolog = (
        "<?xml version='1.0'?><!-- <html> --><!DOCTYPE rss SYSTEM 'x' [<!ENTITY a '<html>&b;</html>'>]><?pi <html>?>"
    )

    assert only(prolog + rss("<title>a</title>").partition("?>")[2]).title == "a"


@pytest.mark.parametrize(
    ("body", "kind", "what"),
    [
        (b"", FailureKind.NOT_A_FEED, "empty"),
        (b" \n", FailureKind.NOT_A_FEED, "empty"),
        (b"<!DOCTYPE html><title>Log in</title>", FailureKind.NOT_A_FEED, "HTML"),
        (b"<html><body><rss></body></html>", FailureKind.NOT_A_FEED, "HTML"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", FailureKind.NOT_A_FEED, "HTML"),
        (b"<?xml version='1.0'?><urlset><url/></urlset>", FailureKind.NOT_A_FEED, "<urlset>"),
        (b"<?xml version='1.0'?><catalogue><cd/></catalogue>", FailureKind.NOT_A_FEED, "XML"),
        (b"Too many requests", FailureKind.NOT_A_FEED, "plain text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", FailureKind.NOT_A_FEED, "binary"),
        (b"<!-- " * 9, FailureKind.NOT_A_FEED, "plain text"),
        (b"<rss version='2.0'><channel><item><title>Half &", FailureKind.MALFORMED, "not readable"),
        (b"<rss version='2.0'><channel><title>Half", FailureKind.MALFORMED, "not readable"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, kind: FailureKind, what: str) -> None:
    """Something else than a feed is named; a feed of which nothing can be got is malformed."""
    failed = failure(body)

    assert failed.kind == kind
    assert what in failed.why


def test_a_broken_feed_gives_what_can_be_got() -> None:
    """A feed that breaks off yields the entries before, with a warning."""
    body = rss("<title>One</title><link>/1</link>", "<title>Two</title><link>/2</link>")

    parsed = feed(body[: body.index("Two") + 2])

    assert parsed.entries[0].title == "One"
    assert "not well-formed" in (parsed.warning or "")


@pytest.mark.parametrize("part", [b"<", b"<!--", b"<?", b'<!ENTITY a "', b"<!ENTITY a \"'", b"<![CDATA["])
def test_hostile_prologs_are_read_in_no_time(part: bytes) -> None:
    """A document of nothing but openings takes time in step with its length, not with its square."""
    assert failure(part * (500_000 // len(part))).kind == FailureKind.NOT_A_FEED


def test_the_number_of_entries_is_bounded() -> None:
    """More entries than news has are not read."""
    body = rss(*(f"<guid>{number}</guid><title>a</title>" for number in range(MAX_ENTRIES + 5)))

    assert len(feed(body).entries) == MAX_ENTRIES


@given(
    st.one_of(
        st.binary(),
        st.text().map(lambda text: rss(f"<title>{text}</title>").encode("utf-8", "surrogatepass")),
        st.lists(
            st.sampled_from(["<rss>", "<item>", "<title>", "</title>", "<![CDATA[", "]]>", "<!ENTITY a '", "&#x1;"])
        ).map(lambda parts: b"<rss version='2.0'>" + "".join(parts).encode()),
    )
)
def test_any_bytes_are_a_feed_or_a_failure(body: bytes) -> None:
    """Nothing makes the parser raise."""
    parsed = parse_feed(body, url=URL, content_type=None)

    assert isinstance(parsed, ParsedFeed | Failed)


def test_results_travel_between_processes() -> None:
    """The function and both of its answers can be pickled, a warning's exception included."""
    assert pickle.loads(pickle.dumps(parse_feed)) is parse_feed
    for body in (rss("<title>a</title>"), rss("<title>a</title>")[:-9], "<html>"):
        answer = parse_feed(body.encode(), url=URL, content_type=None)

        assert pickle.loads(pickle.dumps(answer)) == answer
