"""`aggregator feeds`, as installed, against a site on loopback."""

import os
import pty
import subprocess
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.domain.settings import FeedConfig, FullText
from tests.faces.installed import PATIENCE, SETTINGS, Place

RSS = b"""<rss version="2.0"><channel><title>The  Harbour Post</title><link>/</link>
<item><title>A ferry is late</title><link>/ferry</link></item>
<item><title>A bridge is opened</title><link>/bridge</link></item></channel></rss>"""
LINK = '<link rel="alternate" type="application/rss+xml" title="{}" href="{}">'

Pages = dict[str, tuple[int, dict[str, str], bytes]]


class Site:
    """A site whose pages a test writes down: status, headers, body."""

    def __init__(self) -> None:
        self.pages: Pages = {}
        self.asked: list[str] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                status, headers, body = site.pages.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def feed(self, path: str, body: bytes = RSS) -> str:
        """Put a feed at `path`; return its address."""
        self.pages[path] = (200, {"Content-Type": "application/rss+xml"}, body)
        return self.url + path

    def page(self, path: str, head: str) -> str:
        """Put a page at `path`; return its address."""
        body = f"<!doctype html><html><head><title>x</title>{head}</head><body><p>Hello.</p></body></html>"
        self.pages[path] = (200, {"Content-Type": "text/html"}, body.encode())
        return self.url + path

    def moves(self, path: str, to: str) -> str:
        """Have `path` lead to another path for good; return its address."""
        self.pages[path] = (301, {"Location": to}, b"")
        return self.url + path


@pytest.fixture
def site() -> Iterator[Site]:
    """Serve a site on loopback."""
    site = Site()
    thread = Thread(target=site.server.serve_forever, args=(0.02,))
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Make a place with an empty list of feeds that may fetch from loopback; no daemon ever runs there."""
    place = Place(folder=tmp_path, runtime=tmp_path)
    place.write()
    return place


def feeds(place: Place) -> tuple[FeedConfig, ...]:
    """Return the feeds of its feeds.yaml."""
    return FeedsFile(place.config).load().feeds


def test_a_feed_is_proved_named_by_its_title_and_written(place: Place, site: Site) -> None:
    """`add` fetches once and says what it found on stderr; stdout stays free."""
    url = site.feed("/news.xml")
    done = place.call("feeds", "add", url, "--tag", "harbour", "--tag", "local", "--every", "1h")
    assert (done.returncode, done.stdout) == (0, "")
    assert "The Harbour Post: 2 entries" in done.stderr
    (feed,) = feeds(place)
    assert (feed.url, feed.name, feed.tags) == (url, "The Harbour Post", ("harbour", "local"))
    assert feed.every is not None
    assert site.asked == ["/news.xml"]


def test_another_spelling_is_refused_before_anything_is_fetched(place: Place, site: Site) -> None:
    """Exit 2, naming the feed and its line; the file stays as it is."""
    url = site.feed("/news.xml")
    place.write(f"url: {url}\n    name: Harbour")
    before = place.config.read_bytes()
    done = place.call("feeds", "add", f"{url}#top")
    assert done.returncode == 2
    assert f"this feed is there already: Harbour, {url}, in line 8 of " in done.stderr
    assert place.config.read_bytes() == before
    assert site.asked == []


def test_the_one_feed_that_a_page_names_is_taken(place: Place, site: Site) -> None:
    """A site's address is enough where the site names one feed."""
    url = site.feed("/feed/news.xml")
    page = site.page("/", LINK.format("News", "feed/news.xml"))
    assert place.call("feeds", "add", page, "--name", "Harbour").returncode == 0
    assert feeds(place) == (FeedConfig(url=url, name="Harbour"),)


def test_of_several_feeds_one_is_picked(place: Place, site: Site) -> None:
    """Without a terminal the choices are listed and nothing is written; --pick N takes one."""
    page = site.page("/", LINK.format("News", "/a.xml") + LINK.format("Sport", "/b.xml"))
    sport = site.feed("/b.xml")
    done = place.call("feeds", "add", page)
    assert done.returncode == 2
    assert "choose one with --pick N" in done.stderr
    assert f"  2  Sport  {sport}" in done.stderr
    assert feeds(place) == ()
    assert place.call("feeds", "add", page, "--pick", "3").returncode == 2
    assert place.call("feeds", "add", page, "--pick", "2").returncode == 0
    assert [feed.url for feed in feeds(place)] == [sport]


def test_a_person_at_a_terminal_is_asked_which(place: Place, site: Site) -> None:
    """The answer is read from the terminal."""
    page = site.page("/", LINK.format("News", "/a.xml") + LINK.format("Sport", "/b.xml"))
    sport = site.feed("/b.xml")
    ours, theirs = pty.openpty()
    command = place.command("feeds", "add", page)
    with subprocess.Popen(command, env=place.environ, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        told = b""
        while b"Which one" not in told:
            told += os.read(ours, 1000)
        os.write(ours, b"2\n")
        assert process.wait(PATIENCE) == 0
    os.close(ours)
    assert [feed.url for feed in feeds(place)] == [sport]


def test_a_feed_that_has_moved_for_good_is_added_where_it_is(place: Place, site: Site) -> None:
    """The new address is taken, and the person is told."""
    url = site.feed("/new.xml")
    done = place.call("feeds", "add", site.moves("/old.xml", "/new.xml"))
    assert done.returncode == 0
    assert f"has moved for good; taking {url}" in done.stderr
    assert [feed.url for feed in feeds(place)] == [url]


def test_what_is_no_feed_is_not_added(place: Place, site: Site) -> None:
    """A page without a feed, a missing page and a faulty option each say why; the list stays empty."""
    done = place.call("feeds", "add", site.page("/page", ""))
    assert done.returncode == 1
    assert "neither a feed nor a page that names one" in done.stderr
    done = place.call("feeds", "add", f"{site.url}/none")
    assert done.returncode == 1
    assert "404" in done.stderr
    assert "--no-check adds it all the same" in done.stderr
    done = place.call("feeds", "add", site.feed("/news.xml"), "--every", "15")
    assert done.returncode == 2
    assert "write 15s, 15m or 15h" in done.stderr
    assert feeds(place) == ()


def test_without_a_check_nothing_is_fetched_and_a_missing_file_is_begun(place: Place, site: Site) -> None:
    """--no-check trusts the address; what browsers leave out of it is filled in."""
    place.config.unlink()
    assert place.call("feeds", "add", "example.org/feed", "--no-check", "--full-text", "never").returncode == 0
    assert feeds(place) == (FeedConfig(url="https://example.org/feed", full_text=FullText.NEVER),)
    assert site.asked == []


def test_a_feed_is_removed_by_name_or_by_any_spelling(place: Place) -> None:
    """One that is not there, and a name that several have, are wrong usage."""
    place.write(
        "url: https://a.example/x\n    name: Harbour Post",
        "url: https://b.example/x\n    name: Twin",
        "url: https://c.example/x\n    name: Twin",
    )
    assert place.call("feeds", "remove", "harbour post").returncode == 0
    done = place.call("feeds", "remove", "Twin")
    assert done.returncode == 2
    assert "https://b.example/x\n  https://c.example/x" in done.stderr
    assert place.call("feeds", "remove", "http://www.b.example/x/").returncode == 0
    assert place.call("feeds", "remove", "nobody").returncode == 2
    assert [feed.url for feed in feeds(place)] == ["https://c.example/x"]


def test_a_list_shows_feeds_that_were_never_polled_as_new(place: Place) -> None:
    """In a pipe: aligned lines without tabs; as JSON: every key; without feeds: what to do, and exit 0."""
    done = place.call("feeds", "list")
    assert (done.returncode, done.stdout) == (0, "")
    assert "no feeds yet; add one with `aggregator feeds add URL`" in done.stderr
    place.write(
        "url: https://a.example/x\n    name: A\n    tags: [b]", "url: https://long.example/x\n    enabled: false"
    )
    lines = place.call("feeds", "list").stdout.splitlines()
    assert lines[0].split() == ["new", "-", "A", "-", "-", "-", "https://a.example/x"]
    assert lines[1].startswith("paused  -  https://long.example/x")
    assert lines[0].index("A") == lines[1].index("https://")
    assert "\t" not in "".join(lines)
    assert place.json("feeds", "list")[0] == {
        "url": "https://a.example/x",
        "name": "A",
        "tags": ["b"],
        "state": "new",
        "since": None,
        "why": None,
        "do": None,
        "last_success": None,
        "last_poll": None,
        "next_poll": None,
        "articles": 0,
        "weekly": 0.0,
        "failures": 0,
        "error": None,
        "error_kind": None,
        "moved_to": None,
        "warning": None,
        "polls": [],
    }


def test_a_list_tells_how_polled_feeds_are(place: Place, site: Site) -> None:
    """After an update one feed is fine and the other erroring, since when and why; each poll stands in its history."""
    place.write(f"{{url: {site.feed('/a.xml')}, full_text: never}}", f"url: {site.url}/none")
    assert place.call("update").returncode == 3
    fine, erroring = place.json("feeds", "list")
    assert (fine["state"], fine["name"], fine["error"]) == ("fine", "The Harbour Post", None)
    assert fine["last_success"] == fine["last_poll"] is not None
    assert (erroring["state"], erroring["last_success"]) == ("erroring", None)
    assert "404" in erroring["error"]
    assert erroring["since"] == erroring["last_poll"]
    assert [(poll["kind"], poll["status"], poll["new"]) for poll in fine["polls"]] == [("read", 200, fine["articles"])]
    assert [(poll["kind"], poll["status"]) for poll in erroring["polls"]] == [("failed", 404)]
    lines = place.call("feeds", "list").stdout.splitlines()
    assert "  +  " in lines[0]
    assert "404" in lines[1]


def test_a_check_tries_every_enabled_feed(place: Place, site: Site) -> None:
    """Exit 0 when all is well, 3 when a feed fails, 1 when feeds.yaml has faults; --offline fetches nothing."""
    place.write(f"url: {site.feed('/a.xml')}\n    name: A", f"url: {site.url}/off\n    enabled: false")
    done = place.call("feeds", "check")
    assert (done.returncode, done.stdout) == (0, "fine    A\n")
    place.write(f"url: {site.feed('/a.xml')}\n    name: A", f"url: {site.page('/page', '')}\n    name: B")
    site.asked.clear()
    assert place.call("feeds", "check", "--offline").returncode == 0
    assert site.asked == []
    done = place.call("feeds", "check")
    assert done.returncode == 3
    assert done.stdout.splitlines()[0] == "fine    A"
    assert done.stdout.splitlines()[1].startswith("failed  B  ")
    place.write("url: x", "nme: y")
    done = place.call("feeds", "check")
    assert done.returncode == 1
    assert f"{place.config}:8:10: url: " in done.stderr
    assert f'{place.config}:9:5: unknown key "nme"; did you mean name?' in done.stderr


def long_feed(entries: int, elements: int = 0) -> bytes:
    """Return a feed of so many entries; the last has so many elements besides."""
    listed = "".join(f"<item><title>Number {number}</title></item>" for number in range(entries))
    return f"<rss version='2.0'><channel><title>T</title>{listed}{'<d/>' * elements}</channel></rss>".encode()


def test_no_more_entries_are_read_than_the_settings_say(place: Place, site: Site) -> None:
    """`add` reads a feed as the daemon will, by `max_entries`."""
    place.write(settings=f"{SETTINGS}  max_entries: 10\n")
    done = place.call("feeds", "add", site.feed("/news.xml", long_feed(12)), "--name", "News")
    assert done.stderr.startswith("T: 10 entries")


@pytest.mark.slow
def test_a_check_reads_as_much_as_the_settings_say(place: Place, site: Site) -> None:
    """A feed that is too much for the default `max_entries` is fine where the settings ask for more."""
    feed = f"url: {site.feed('/news.xml', long_feed(1, 101_000))}"
    place.write(feed)
    assert place.call("feeds", "check").returncode == 3
    place.write(feed, settings=f"{SETTINGS}  max_entries: 3000\n")
    assert place.call("feeds", "check").returncode == 0


def test_what_is_exported_can_be_imported(place: Place, tmp_path: Path) -> None:
    """Feeds travel whole; those that are there already stay as they are."""
    place.write(
        "url: https://a.example/x\n    name: A & Ä\n    tags: [b, c]\n    weight: 2",
        "url: https://b.example/x\n    enabled: false",
    )
    exported = place.call("feeds", "export")
    assert exported.stdout.startswith("<?xml")
    wanted = feeds(place)
    file = tmp_path / "mine.opml"
    assert place.call("feeds", "export", str(file)).stdout == ""
    place.write("url: http://www.b.example/x/\n    name: mine")
    done = place.call("feeds", "import", str(file))
    assert (done.returncode, "1 added, 1 there already, 0 warnings" in done.stderr) == (0, True)
    assert feeds(place) == (FeedConfig(url="http://www.b.example/x/", name="mine"), wanted[0])
    place.config.unlink()
    command = place.command("feeds", "import", "-")
    subprocess.run(command, env=place.environ, input=exported.stdout.encode(), check=True, capture_output=True)
    assert feeds(place) == wanted


def test_what_cannot_be_imported_is_told(place: Place, tmp_path: Path) -> None:
    """A missing file and one that is no OPML exit with 1 and a sentence."""
    assert "cannot be read" in place.call("feeds", "import", str(tmp_path / "none.opml")).stderr
    (tmp_path / "x.opml").write_text("hello")
    done = place.call("feeds", "import", str(tmp_path / "x.opml"))
    assert done.returncode == 1
    assert "no well-formed XML" in done.stderr
