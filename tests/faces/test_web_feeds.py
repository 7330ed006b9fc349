"""What readers do with feeds on the page; all of it lands in feeds.yaml, whose comments stay."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.adapters.store import SqliteStore
from aggregator.core.config.opml import MAX_SIZE, read_opml, write_opml
from aggregator.core.crawling.listing import handle
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import Failed, FailureKind
from aggregator.domain.health import Health, Poll
from aggregator.domain.settings import FeedConfig
from tests.faces.installed import SETTINGS, Place
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_cli_feeds import LINK, Site
from tests.faces.test_cli_feeds import site as site  # noqa: PLC0414 -- the fixture
from tests.faces.test_web_acts import post, told, undo
from tests.faces.test_web_pages import shown

AMBER, BASALT, CORAL = (f"https://{name}.example/feed" for name in ("amber", "basalt", "coral"))
FILE = f"""\
{SETTINGS}feeds:
  # mine
  - url: {AMBER}  # the first
    name: Amber
    tags: [local]  # for mornings
  - url: {BASALT}
    name: Basalt
  - {CORAL}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Served]]:
    """A place and its page, with a desk."""
    folder = tmp_path_factory.mktemp("feeds")
    with serving(paths_of(folder), acts=True) as served:
        yield Place(folder=folder, runtime=folder), served


@pytest.fixture
def place(home: tuple[Place, Served]) -> Place:
    """The place, with three feeds and no database."""
    place, _ = home
    place.config.write_text(FILE)
    for path in place.folder.glob("news.db*"):
        path.unlink()
    return place


@pytest.fixture
def served(home: tuple[Place, Served], place: Place) -> Iterator[Served]:
    """Its page; nothing may go wrong in it."""
    assert place.config.exists()
    yield home[1]
    assert home[1].crashes == []


def feeds(place: Place) -> dict[str, FeedConfig]:
    """Return the feeds of its feeds.yaml by their addresses."""
    return {feed.url: feed for feed in FeedsFile(place.config).load().feeds}


def becomes(place: Place, url: str, health: Health, *, days: float = 5, poll: Poll | None = None, **state: Any) -> None:
    """Let a feed have been in a state for so many days, as polls would."""
    now = datetime.now(UTC)
    with SqliteStore(place.database) as store:
        store.sync_feeds(tuple(feeds(place).values()), timedelta(hours=1), now)
        due = store.feeds_named([url])[0]
        since = now - timedelta(days=days)
        store.finish_poll(due.feed.id, FeedState(health=health, health_since=since, **state), None, now, poll)


def test_a_feed_is_paused_and_polled_again(served: Served, place: Place) -> None:
    """The file says so, with its comments; the bar takes it back."""
    page = post(served, "/do/feeds", pause=handle(AMBER), back="/feeds").text
    assert told(page) == "Paused: Amber Undo"
    assert not feeds(place)[AMBER].enabled
    assert "# mine" in place.config.read_text()
    assert "# the first" in place.config.read_text()
    assert f'name="resume" value="{handle(AMBER)}"' in page

    undo(served, page)
    assert feeds(place)[AMBER].enabled
    post(served, "/do/feeds", pause=handle(CORAL), back="/feeds")
    assert told(post(served, "/do/feeds", resume=handle(CORAL), back="/feeds").text) == f"Polled again: {CORAL} Undo"


def test_a_feed_is_removed_and_put_back(served: Served, place: Place) -> None:
    """Its name and its tags come back with it."""
    before = feeds(place)
    page = post(served, "/do/feeds", remove=handle(AMBER), back=f"/feeds/{handle(AMBER)}").text
    assert told(page) == "Removed: Amber; its articles stay Undo"
    assert AMBER not in feeds(place)
    undo(served, page)
    assert feeds(place) == before


@pytest.mark.parametrize(
    ("url", "written", "tags"),
    [
        (AMBER, " sport ,local,, sport", ("sport", "local")),
        (AMBER, "", ()),
        (BASALT, "a b", ("a b",)),
        (CORAL, "true, x: y" , ("true", "x: y")),
    ],
)  # fmt: skip
def test_tags_are_changed(served: Served, place: Place, url: str, written: str, tags: tuple[str, ...]) -> None:
    """Commas divide them; the line's comment stays, and the bar takes it back."""
    before = feeds(place)[url].tags
    page = post(served, "/do/feeds/tags", feed=handle(url), tags=written, back=f"/feeds/{handle(url)}").text
    assert feeds(place)[url].tags == tags
    assert "# for mornings" in place.config.read_text()
    undo(served, page)
    assert feeds(place)[url].tags == before


def test_a_feed_that_moved_takes_its_new_address(served: Served, place: Place) -> None:
    """The list has the button and the edit, the feed's page the diff; the bar takes it back."""
    new = "https://amber.example/new"
    becomes(place, AMBER, Health.MOVED, moved_to=new, health_why="301 ten times")
    page = served.get("/feeds").text
    assert f'name="cure" value="{handle(AMBER)}"' in page
    assert f"Take the new address url: {new}" in shown(page)
    detail = served.get(f"/feeds/{handle(AMBER)}").text.replace("\u00a0", " ")
    assert f"<del>-  - url: {AMBER}  # the first</del>" in detail
    assert f"<ins>+  - url: {new}  # the first</ins>" in detail

    page = post(served, "/do/feeds", cure=handle(AMBER), back="/feeds").text
    assert told(page) == "Takes the new address: Amber Undo"
    assert set(feeds(place)) == {new, BASALT, CORAL}
    undo(served, page)
    assert AMBER in feeds(place)


def test_a_feed_that_is_gone_is_switched_off(served: Served, place: Place) -> None:
    """With the reason beside it, as the doctor writes it; one that is well has no such button."""
    becomes(place, AMBER, Health.FINE)
    becomes(place, BASALT, Health.GONE)
    assert served.get("/feeds").text.count('name="cure"') == 1
    assert told(post(served, "/do/feeds", cure=handle(BASALT), back="/feeds").text) == "Switched off: Basalt Undo"
    assert "enabled: false  # gone (410) since " in place.config.read_text()

    answer = served.client.post("/do/feeds", data={"cure": handle(AMBER)})
    assert answer.status_code == 400
    assert "no edit of feeds.yaml helps Amber now" in shown(answer.text)


def test_opml_is_taken_in_and_given_out(served: Served, place: Place) -> None:
    """What is new is added, the rest stays as it is; the bar takes it back. An export has all, as a file."""
    before = feeds(place)
    new = FeedConfig(url="https://dune.example/feed", name="Dune", tags=("world",))
    opml = write_opml([new, *before.values()], "feeds", datetime.now(UTC))
    answer = served.client.post("/do/feeds/import", data={"back": "/feeds"}, files={"file": ("x.opml", BytesIO(opml))})
    page = served.get(answer.headers["location"]).text
    assert told(page) == "1 feed added, 3 there already Undo"
    assert feeds(place)[new.url] == new

    given = served.get("/feeds.opml")
    assert given.headers["content-disposition"] == 'attachment; filename="feeds.opml"'
    assert given.headers["cache-control"] == "private, no-store"
    assert {feed.url for feed in read_opml(given.content).feeds} == set(feeds(place))
    undo(served, page)
    assert feeds(place) == before


def test_an_export_has_no_secrets(served: Served, place: Place) -> None:
    """Whoever sees the page may ask for it."""
    place.write("https://me:sesame@amber.example/feed?key=sesame")

    assert b"sesame" not in served.get("/feeds.opml").content
    assert "sesame" not in served.get("/feeds").text
    assert "sesame" not in served.get(f"/feeds/{handle('https://me:sesame@amber.example/feed?key=sesame')}").text


@pytest.mark.parametrize(
    ("content", "status", "sentence"),
    [
        (b"", 400, "choose an OPML file"),
        (b"<rss/>", 400, "no OPML"),
        (b"<!DOCTYPE x><opml/>", 400, "DOCTYPE"),
        (b"x" * (MAX_SIZE + 20_000), 413, "bytes"),
    ],
)
def test_what_is_no_opml_is_refused(served: Served, place: Place, content: bytes, status: int, sentence: str) -> None:
    """Nothing is written; a file that is too large is not read to its end."""
    answer = served.client.post("/do/feeds/import", files={"file": ("x.opml", BytesIO(content))})

    assert answer.status_code == status
    assert sentence in shown(answer.text)
    assert place.config.read_text() == FILE


@pytest.mark.parametrize(
    ("path", "fields", "sentence"),
    [
        ("/do/feeds", {"back": "/"}, "no button was pressed"),
        ("/do/feeds", {"pause": "nobody"}, "is not in"),
        ("/do/feeds/tags", {"feed": handle(AMBER), "tags": "a/b"}, ""),
        ("/do/feeds/add", {"url": ""}, "write the address"),
        ("/do/feeds/add", {"url": "file:///etc/passwd"}, ""),
        ("/do/feeds/add", {"url": f"{AMBER}#x"}, "this feed is there already: Amber"),
    ],
)
def test_what_cannot_be_done_with_feeds_is_told(
    served: Served, place: Place, path: str, fields: dict[str, str], sentence: str
) -> None:
    """In the words of the command line; nothing is written."""
    answer = served.client.post(path, data=fields)

    assert answer.status_code == 400
    assert sentence in shown(answer.text)
    assert place.config.read_text() == FILE


def test_a_file_that_cannot_be_edited_is_told(served: Served, place: Place) -> None:
    """A fault is named with its line (409); nothing is written."""
    place.config.write_text(f"{FILE}  - 5\n")
    answer = served.client.post("/do/feeds", data={"pause": handle(AMBER)})

    assert answer.status_code == 409
    assert "feeds.yaml:" in shown(answer.text)


def test_a_feed_has_a_history(served: Served, place: Place) -> None:
    """Its polls with what came of each, how its state changed, what to do, and when it is polled next."""
    now = datetime.now(UTC)
    failure = Failed(kind=FailureKind.NOT_FOUND, why="404 Not Found at https://x:sesame@basalt.example", status=404)
    becomes(place, BASALT, Health.FINE, poll=Poll(at=now, kind="read", status=200, entries=12, new=3, wire_bytes=4_000))
    becomes(
        place,
        BASALT,
        Health.ERRORING,
        poll=Poll(at=now, kind="failed", failure=failure),
        health_why="404 Not Found",
        next_poll=now + timedelta(hours=3),
    )
    page = served.get(f"/feeds/{handle(BASALT)}").text

    assert "3 new of 12 entries 200 · 4.0 KB" in shown(page)
    assert "404 Not Found at https://x:***@basalt.example" in shown(page)
    assert "erroring" in shown(page).partition("Rhythm")[0]
    assert "Next poll" in shown(page)
    assert 'class="polls"' in page
    assert served.get("/feeds/nobody").status_code == 404
    assert "Not polled yet" in shown(served.get(f"/feeds/{handle(CORAL)}").text)


def test_the_first_start_shows_what_is_fetched(served: Served, place: Place) -> None:
    """The feeds by name, before and after there is a database; without JavaScript the page is loaded again as well."""
    first = served.get("/").text
    with SqliteStore(place.database) as store:
        store.sync_feeds(tuple(feeds(place).values()), timedelta(hours=1), datetime.now(UTC))
    second = served.get("/").text

    for page in (first, second):
        assert "Amber Basalt https://coral.example/feed" in shown(page)
        assert "data-fills" in page
        assert '<noscript><meta http-equiv="refresh" content="10"></noscript>' in page
    assert "The first feeds are being fetched" in shown(second)


@pytest.mark.slow
def test_a_site_is_added_by_its_address(served: Served, place: Place, site: Site) -> None:
    """The one feed that it names is fetched, named by its title and written; the bar takes it back."""
    url = site.feed("/news.xml")
    page = post(
        served, "/do/feeds/add", url=site.page("/", LINK.format("News", "news.xml")), tags="local", back="/feeds"
    )

    assert told(page.text) == "Added: The Harbour Post Undo"
    assert feeds(place)[url] == FeedConfig(url=url, name="The Harbour Post", tags=("local",))
    undo(served, page.text)
    assert url not in feeds(place)


@pytest.mark.slow
def test_of_several_feeds_one_is_chosen(served: Served, place: Place, site: Site) -> None:
    """The page lists what the site names, escaped; the choice is a form."""
    url = site.feed("/b.xml")
    links = LINK.format("&lt;b&gt;A", "a.xml") + LINK.format("Bees", "b.xml")
    page = post(served, "/do/feeds/add", url=site.page("/", links), tags="local", back="/feeds").text

    assert "names several feeds; which one?" in told(page)
    assert "&lt;b&gt;A" in page
    assert re.findall(r'name="url" value="([^"]+)"', page) == [f"{site.url}/a.xml", url]
    post(served, "/do/feeds/add", url=url, tags="local", back="/feeds")
    assert feeds(place)[url].tags == ("local",)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "sentence"), [("/none", "404"), ("/", "neither a feed nor a page that names one")])
def test_what_is_no_feed_is_told(served: Served, place: Place, site: Site, path: str, sentence: str) -> None:
    """Nothing is written."""
    site.page("/", "")
    answer = served.client.post("/do/feeds/add", data={"url": f"{site.url}{path}"})

    assert answer.status_code == 400
    assert sentence in shown(answer.text)
    assert place.config.read_text() == FILE


@pytest.mark.slow
def test_addresses_of_the_inside_are_not_asked(served: Served, place: Place, site: Site) -> None:
    """What the settings do not allow is not fetched for a form either."""
    site.feed("/news.xml")
    place.config.write_text(re.sub(r"\n  allow_networks.*", "", FILE))
    answer = served.client.post("/do/feeds/add", data={"url": f"{site.url}/news.xml"})

    assert answer.status_code == 400
    assert site.asked == []
