"""`aggregator feeds doctor`, as installed."""

import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.adapters.store import SqliteStore
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health
from tests.faces.installed import SETTINGS, Place
from tests.faces.test_cli_feeds import LINK, Site, long_feed
from tests.faces.test_cli_feeds import place as place  # noqa: PLC0414 -- the fixture
from tests.faces.test_cli_feeds import site as site  # noqa: PLC0414 -- the fixture

NEW = "https://a.example/new"


def becomes(place: Place, url: str, health: Health, *, days: float = 5, **state: Any) -> None:
    """Let a feed have been in a state for so many days, as polls would."""
    config = FeedsFile(place.config).load()
    now = datetime.now(UTC)
    with SqliteStore(place.database) as store:
        store.sync_feeds(config.feeds, timedelta(hours=1), now)
        due = store.feeds_named([url])[0]
        since = now - timedelta(days=days)
        store.finish_poll(due.feed.id, FeedState(health=health, health_since=since, **state), None, now)


def test_without_a_database_nothing_is_known(place: Place) -> None:
    """That is said, and the exit code is 1."""
    done = place.call("feeds", "doctor")
    assert done.returncode == 1
    assert "there is no database" in done.stderr


def test_feeds_that_are_well_need_nothing(place: Place) -> None:
    """Exit 0 and a sentence on stderr; a feed that asked for a rest needs nobody either."""
    place.write("url: https://a.example/x")
    becomes(place, "https://a.example/x", Health.FINE)
    done = place.call("feeds", "doctor")
    assert (done.returncode, done.stdout) == (0, "")
    assert "all feeds are well" in done.stderr
    becomes(place, "https://a.example/x", Health.THROTTLED)
    done = place.call("feeds", "doctor")
    assert done.returncode == 0
    assert done.stdout.startswith("throttled  https://a.example/x\n  its server asked to be left alone")


def test_edits_are_shown_then_applied(place: Place) -> None:
    """The diff is what `patch` takes; --apply writes the same, keeping comments, and then nothing is left to do."""
    place.write(
        "url: 'https://a.example/x'   # mine\n    name: Amber", "https://b.example/x  # bare", "https://c.example/x"
    )
    becomes(place, "https://a.example/x", Health.MOVED, moved_to=NEW, health_why="301 five times")
    becomes(place, "https://b.example/x", Health.GONE)
    becomes(place, "https://c.example/x", Health.GONE, days=1)
    before = place.config.read_text()

    done = place.call("feeds", "doctor")
    assert done.returncode == 3
    assert place.config.read_text() == before
    assert "moved  Amber\n  https://a.example/x\n" in done.stdout
    assert "301 five times" in done.stdout
    assert "-  - url: 'https://a.example/x'   # mine\n+  - url: 'https://a.example/new'   # mine\n" in done.stdout
    assert "`aggregator feeds doctor --apply` writes these 2 edits" in done.stderr
    patched = place.folder / "patched.yaml"
    subprocess.run(
        ["patch", "-o", str(patched), str(place.config)], input=done.stdout, text=True, check=True, capture_output=True
    )

    done = place.call("feeds", "doctor", "--apply")
    assert done.returncode == 0
    assert "2 edits written to " in done.stderr
    assert place.config.read_text() == patched.read_text()
    assert "  - url: https://b.example/x  # bare\n    enabled: false  # gone (410) since " in place.config.read_text()
    assert FeedsFile(place.config).load().feeds[0].url == NEW
    assert place.call("feeds", "doctor", "Amber").returncode == 0


def test_only_the_feeds_named_are_treated(place: Place) -> None:
    """By name or by any spelling of the address; a name that nobody has is wrong usage."""
    place.write("url: https://a.example/x\n    name: Amber", "url: https://b.example/x")
    becomes(place, "https://a.example/x", Health.GONE)
    becomes(place, "https://b.example/x", Health.ERRORING, days=40, error_kind="dns", error="no such name")
    assert place.call("feeds", "doctor", "www.b.example/x/", "--apply").returncode == 0
    assert [feed.enabled for feed in FeedsFile(place.config).load().feeds] == [True, False]
    assert place.call("feeds", "doctor", "nobody").returncode == 2
    (amber,) = place.json("feeds", "doctor", "amber")["feeds"]
    assert (amber["name"], amber["state"], amber["edit"]) == ("Amber", "gone", {"enabled": False})
    assert amber["applied"] is False


def test_what_a_person_has_to_decide_is_left_to_do(place: Place) -> None:
    """A feed that is refused gets advice and no edit, so that --apply writes nothing and exits with 3."""
    place.write("url: https://a.example/x")
    becomes(place, "https://a.example/x", Health.BLOCKED, health_why="403")
    before = place.config.read_text()
    done = place.call("feeds", "doctor", "--apply")
    assert done.returncode == 3
    assert "user_agent:" in done.stdout
    assert place.config.read_text() == before


def test_an_edit_that_cannot_be_made_does_not_keep_others_back(place: Place) -> None:
    """What is laid out in a strange way is left to a person, with the reason."""
    place.write("|\n    https://a.example/x", "url: https://b.example/x")
    becomes(place, "https://a.example/x", Health.GONE)
    becomes(place, "https://b.example/x", Health.GONE)
    done = place.call("feeds", "doctor", "--apply")
    assert done.returncode == 3
    assert "by hand, for " in done.stdout
    assert [feed.enabled for feed in FeedsFile(place.config).load().feeds] == [True, False]


def test_a_feed_that_moved_to_another_of_ours_is_taken_out(place: Place) -> None:
    """Two feeds never get one address."""
    place.write("url: https://a.example/x", f"url: {NEW}")
    becomes(place, "https://a.example/x", Health.MOVED, moved_to=NEW)
    facts = place.json("feeds", "doctor", "--apply")
    assert facts["feeds"][0]["edit"] == {"remove": True}
    assert facts["applied"] is True
    assert [feed.url for feed in FeedsFile(place.config).load().feeds] == [NEW]


@pytest.fixture
def page(place: Place, site: Site) -> str:
    """A page that stands where a feed was, and names the feed's new address."""
    url = site.page("/old.xml", LINK.format("News", "/new.xml"))
    place.write(f"url: {url}")
    becomes(place, url, Health.NOT_A_FEED)
    site.asked.clear()
    return url


def test_the_feed_that_the_page_names_is_taken(place: Place, site: Site, page: str) -> None:
    """The page is fetched once and the feed that it names once; --offline fetches nothing."""
    new = site.feed("/new.xml")
    assert place.json("feeds", "doctor", "--offline")["feeds"][0]["edit"] is None
    assert site.asked == []
    done = place.call("feeds", "doctor", "--apply")
    assert done.returncode == 0
    assert "The Harbour Post, 2 entries" in done.stdout
    assert site.asked == ["/old.xml", "/new.xml"]
    assert [feed.url for feed in FeedsFile(place.config).load().feeds] == [new]
    assert page != new


def test_a_feed_that_is_found_is_read_as_far_as_the_settings_say(place: Place, site: Site, page: str) -> None:
    """Of the feed that the page names as many entries are read as `max_entries` says."""
    place.write(f"url: {page}", settings=f"{SETTINGS}  max_entries: 10\n")
    site.feed("/new.xml", long_feed(12))
    assert "T, 10 entries" in place.call("feeds", "doctor").stdout


def test_what_is_uncertain_is_only_told(place: Place, site: Site, page: str) -> None:
    """A feed that does not answer, several feeds, none, and a page that is a feed again."""

    def do() -> str:
        (case,) = place.json("feeds", "doctor")["feeds"]
        assert case["edit"] is None
        return str(case["do"])

    assert "names http" in do()
    assert "404" in do()
    site.page("/old.xml", LINK.format("News", "/a.xml") + LINK.format("Sport", "/b.xml"))
    assert "names several: " in do()
    site.page("/old.xml", "")
    assert "names none" in do()
    site.feed("/old.xml")
    assert "answers as a feed again" in do()
    asked = len(site.asked)
    becomes(place, page, Health.NOT_A_FEED, rest_until=datetime.now(UTC) + timedelta(hours=1))
    assert "asked not to be asked before" in do()
    assert len(site.asked) == asked
