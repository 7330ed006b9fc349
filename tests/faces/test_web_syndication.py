"""Stories as feeds: what RFC 4287, RSS 2.0 and JSON Feed 1.1 ask, what the W3C's validator looks for, and what readers do with it."""

import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from aggregator.adapters.store import SqliteStore
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.markup.sanitising import TAGS
from aggregator.core.words.signature import sign
from aggregator.domain.articles import Source
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.placing import place
from tests.builders import article, words
from tests.faces.paged import Served, paths_of, serving

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
FORMS = {"atom": "application/atom+xml", "rss": "application/rss+xml", "json": "application/feed+json"}
HOSTILE = "Bridge \x00\x08\x1b[31m\ufffe </title>]]> <script>alert(1)</script> & \u202eturned"
NOW = datetime.now().astimezone().replace(microsecond=0)


def add(store: SqliteStore, text: str, *, ago: float, outlet: str, **more: Any) -> int:
    """Place an article that was seen some hours ago."""
    seen = NOW - timedelta(hours=ago)
    made = article(text, outlet=outlet, dated=seen, published=seen, **more)
    signature = sign(made.title, made.text)
    with store.transaction():
        id = store.add_article(made, signature, seen)
        place(store, id, signature, dated=made.dated, now=seen)
    return id


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a database of four stories is: one of three outlets, one in German, one that is hostile, one with an odd address."""
    folder = tmp_path_factory.mktemp("told")
    ferry, other = words(120), words(120, start=700)
    with SqliteStore(folder / "news.db") as store:
        store.sync_feeds([FeedConfig(url="https://a.example/feed", tags=("local",))], timedelta(hours=1), NOW)
        first = add(store, ferry, ago=9, outlet="wire", title="Ferry aground", language="en", summary="It ran aground.")
        add(store, f"{ferry} More of it.", ago=8, outlet="courier", title="Ferry & buoys", language="en")
        add(store, ferry, ago=7, outlet="ledger", title="Ferry aground", language="en")
        add(store, other, ago=6, outlet="blatt", title="Brücke gesperrt", language="de", summary="Die Brücke <ist> zu.")
        hostile = {"summary": HOSTILE, "source": Source(site="evil.example", name=HOSTILE)}
        add(store, words(120, start=1500), ago=5, outlet="evil", title=HOSTILE, url="javascript:alert(1)", **hostile)
        add(store, words(120, start=2500), ago=4, outlet="odd", title="", url="https://odd.example/a b/ü?q=<x>&y=1#z")
        with store.transaction():
            store._sql.write(
                "INSERT INTO entry (feed_id, key, article_id, digest, first_seen) VALUES (1, 'k', ?, x'', '2026')",
                (first,),
            )
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Served]:
    """Its feeds; nothing may go wrong in them."""
    with serving(paths_of(folder)) as served:
        yield served
        assert served.crashes == []


def keys(feed: ParsedFeed) -> list[str]:
    """Return the identities of what a feed lists."""
    return [entry.guid or "" for entry in feed.entries]


def read(served: Served, form: str, query: str = "") -> ParsedFeed:
    """Ask for a feed, and read it as we read the feeds of others."""
    got = served.get(f"/stories.{form}{query}")
    assert got.status_code == 200, got.text
    parsed = parse_feed(got.content, url=str(got.url), content_type=got.headers["content-type"])
    assert isinstance(parsed, ParsedFeed), parsed
    assert parsed.warning is None
    return parsed


def tree(served: Served, form: str) -> etree._Element:
    """Ask for a feed of XML."""
    return etree.fromstring(served.get(f"/stories.{form}").content)


@pytest.mark.parametrize(("form", "version"), [("atom", "atom10"), ("rss", "rss20"), ("json", "json1.1")])
def test_our_own_reader_reads_them(served: Served, form: str, version: str) -> None:
    """All that was put in comes out: headlines, addresses, dates, authors."""
    parsed = read(served, form)

    assert parsed.version == version
    assert [entry.title for entry in parsed.entries][2:] == ["Brücke gesperrt", "Ferry aground"]
    assert parsed.entries[1].title.startswith("Bridge")
    assert (parsed.entries[3].url or "").startswith("https://wire.example/")
    assert parsed.entries[3].published == (NOW - timedelta(hours=9)).astimezone()
    assert "3 articles" in parsed.entries[3].content
    assert parsed.self_link == f"{served.url}stories.{form}"
    assert parsed.link == served.url


def test_all_forms_tell_the_same(served: Served) -> None:
    """The same stories under the same identities, the latest news first."""
    one, *others = (keys(read(served, form)) for form in FORMS)

    assert len(set(one)) == 4
    assert others == [one, one]


@pytest.mark.parametrize(("form", "version"), [("atom", "atom10"), ("rss", "rss20")])
def test_feedparser_finds_nothing_odd(served: Served, form: str, version: str) -> None:
    """Well-formed, and known for what it is."""
    got = served.get(f"/stories.{form}")
    parsed = feedparser.parse(io.BytesIO(got.content), response_headers={"content-type": got.headers["content-type"]})

    assert not parsed.bozo
    assert parsed.version == version
    assert [entry.id for entry in parsed.entries] == keys(read(served, "json"))


def test_atom_is_as_rfc_4287_has_it(served: Served) -> None:
    """Each has its id, title, updated and author once; dates are RFC 3339, addresses absolute, the alternate is one."""
    feed = tree(served, "atom")
    for element in (feed, *feed.iter(f"{ATOM}entry")):
        children = [child.tag for child in element]
        for name in ("id", "title", "updated", "author"):
            assert children.count(f"{ATOM}{name}") == 1, name
        assert len([link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]) == 1
        for link in element.findall(f"{ATOM}link"):
            assert re.fullmatch(r"https?://[!-~]+", link.get("href", "")), link.attrib
        for name in ("updated", "published"):
            for moment in element.findall(f"{ATOM}{name}"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment.text or "")
    ids = [element.text or "" for element in feed.iter(f"{ATOM}id") if element.getparent().tag != f"{ATOM}source"]  # type: ignore[union-attr]
    assert len(ids) == len(set(ids)) == 5
    assert all(re.fullmatch(r"tag:aggregator,\d{4}-\d\d-\d\d:[0-9a-f]+/[!-~]+", id) for id in ids)
    for source in feed.iter(f"{ATOM}source"):
        assert [child.tag for child in source] == [f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated"]
    assert feed.findtext(f"{ATOM}updated") == max(element.text or "" for element in feed.iter(f"{ATOM}updated"))


def test_copies_are_related_links(served: Served) -> None:
    """Of each other outlet its first article, and our own page as that by way of which it was found."""
    entry = tree(served, "atom").findall(f"{ATOM}entry")[3]
    links = {(link.get("rel"), (link.get("href") or "").split("/")[2]) for link in entry.findall(f"{ATOM}link")}

    own = served.url.split("/")[2]
    assert links == {
        ("alternate", "wire.example"), ("via", own), ("related", "courier.example"), ("related", "ledger.example"),
    }  # fmt: skip
    assert entry.get(LANG) == "en"
    assert [category.get("term") for category in entry.findall(f"{ATOM}category")] == ["local"]


def test_rss_is_as_the_specification_has_it(served: Served) -> None:
    """The channel has what it must, each story once, no guid is a link that it is not, dates are RFC 822."""
    root = tree(served, "rss")
    (channel,) = root
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    for name in ("title", "link", "description"):
        assert len(channel.findall(name)) == 1
    assert {child.tag for child in channel if not str(child.tag).startswith("{")} <= {
        *("title", "link", "description", "language", "lastBuildDate", "generator", "docs", "item"),
    }  # fmt: skip
    assert len(channel.findall(f"{ATOM}link[@rel='self']")) == 1
    for entry in channel.findall("item"):
        assert [len(entry.findall(name)) for name in ("title", "link", "guid", "pubDate", "description")] == [1] * 5
        assert entry.find("guid").get("isPermaLink") == "false"  # type: ignore[union-attr]
        assert parsedate_to_datetime(entry.findtext("pubDate") or "").tzinfo is not None
        assert re.fullmatch(r"https?://[!-~]+", entry.findtext("link") or "")


def test_json_feed_is_as_version_1_1_has_it(served: Served) -> None:
    """Keys and types; what is not known is left out; our own knowledge is under a key of its own."""
    feed = served.get("/stories.json").json()

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert isinstance(feed["title"], str)
    kinds: Mapping[str, type] = {
        "id": str, "url": str, "title": str, "content_html": str, "summary": str, "date_published": str,
        "date_modified": str, "authors": list, "tags": list, "language": str, "_aggregator": dict,
    }  # fmt: skip
    for entry in feed["items"]:
        assert {"id", "url", "content_html", "date_published"} <= entry.keys() <= kinds.keys()
        assert all(isinstance(value, kinds[name]) for name, value in entry.items())
    assert feed["items"][3]["_aggregator"]["counts"] == {"articles": 3, "texts": 1, "sources": 3}


@pytest.mark.parametrize("form", FORMS)
def test_strangers_words_stay_words(served: Served, form: str) -> None:
    """No control character, no element but plain ones, no address but of the web; what cannot be opened leads to our page."""
    got = served.get(f"/stories.{form}")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ufffe\u202e]", got.text)
    for entry in read(served, form).entries:
        assert {name.lower() for name in re.findall(r"</?([a-zA-Z]+)", entry.content)} <= TAGS
        assert "script>" not in entry.content.replace("&lt;script&gt;", "").replace("&lt;/script&gt;", "")
        assert "javascript:" not in (entry.url or "") + entry.content
    assert read(served, form).entries[1].url == f"{served.url}story/3"
    assert read(served, form).entries[0].title == "(no headline)"


def test_identities_are_the_same_by_whatever_name_we_are_asked(served: Served) -> None:
    """Links lead to the host that was asked for."""
    port = served.url.rstrip("/").rpartition(":")[2]
    other = served.get("/stories.json", host=f"localhost:{port}").json()

    assert [entry["id"] for entry in other["items"]] == keys(read(served, "json"))
    assert other["feed_url"] == f"http://localhost:{port}/stories.json"
    assert other["items"][0]["_aggregator"]["about"].startswith(f"http://localhost:{port}/story/")


@pytest.mark.parametrize(
    ("query", "titles", "page"),
    [
        ("?tag=local", ["Ferry aground"], "?tag=local"),
        ("?language=de", ["Brücke gesperrt"], "?lang=de"),
        ("?source=BLATT", ["Brücke gesperrt"], "?source=BLATT"),
        ("?min_sources=2", ["Ferry aground"], "?min=2"),
        ("?q=ferry%20buoys", ["Ferry aground"], "search?q=ferry+buoys"),
        ("?q=nothing&tag=local", [], "search?q=nothing"),
        ("?limit=1", ["(no headline)"], ""),
    ],
)
def test_feeds_can_be_narrowed(served: Served, query: str, titles: list[str], page: str) -> None:
    """By tag, language, source, number of sources, and a search; each leads to the page that shows the same."""
    feed = served.get(f"/stories.json{query}").json()

    assert [entry["title"] for entry in feed["items"]] == titles
    assert feed["home_page_url"] == f"{served.url}{page}"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/stories.atom?q=%22%22", 400), ("/stories.atom?min_sources=0", 400), ("/stories.xml", 404), ("/stories.", 404)],
)
def test_what_makes_no_feed_is_told(served: Served, path: str, status: int) -> None:
    """As pages tell it."""
    assert served.get(path).status_code == status


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_that_did_not_change_is_not_sent_again(served: Served, form: str) -> None:
    """By ETag, by date, and where both are given by the ETag; heads too."""
    first = served.get(f"/stories.{form}")
    tag, date = first.headers["etag"], first.headers["last-modified"]

    assert parsedate_to_datetime(date) == NOW - timedelta(hours=4)
    assert served.get(f"/stories.{form}", **{"if-none-match": f'"other", W/{tag}'}).status_code == 304
    assert served.get(f"/stories.{form}", **{"if-modified-since": date}).status_code == 304
    assert served.get(f"/stories.{form}", **{"if-modified-since": "Mon, 01 Jan 2024 00:00:00 GMT"}).status_code == 200
    assert served.get(f"/stories.{form}", **{"if-modified-since": date, "if-none-match": '"x"'}).status_code == 200
    assert served.get(f"/stories.{form}", **{"if-modified-since": "soon"}).status_code == 200
    assert first.headers["content-type"].startswith(FORMS[form])
    assert served.client.head(f"/stories.{form}").headers["etag"] == tag


def test_pages_say_where_the_feed_is(served: Served) -> None:
    """So that a reader finds it by the address of the page."""
    link = '<link rel="alternate" type="application/atom+xml" title="Stories" href="/stories.atom">'
    assert link in served.get("/").text


def test_a_copy_changes_the_counts_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    """The story stays where it is, with its dates; readers that look see another count."""
    database = tmp_path / "news.db"
    database.write_bytes((folder / "news.db").read_bytes())
    with serving(paths_of(tmp_path)) as served:
        before = served.get("/stories.json")
        with SqliteStore(database) as store:
            add(store, words(120), ago=0.5, outlet="late", title="Ferry aground", language="en")
        after = served.get("/stories.json")

    told = [
        [(entry["id"], entry["date_modified"], entry["url"]) for entry in json.loads(got.content)["items"]]
        for got in (before, after)
    ]
    assert told[0] == told[1]
    assert before.headers["last-modified"] == after.headers["last-modified"]
    assert before.headers["etag"] != after.headers["etag"]
    assert after.json()["items"][3]["_aggregator"]["counts"]["articles"] == 4
