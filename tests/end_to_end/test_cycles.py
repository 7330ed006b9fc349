"""One cycle after another: nothing twice, nothing lost, nothing fetched in vain."""

import signal

import pytest

from tests.end_to_end.desk import WorldDesk, wait_until
from tests.newsworld.running import RunningWorld

pytestmark = pytest.mark.slow

CONTENT = ("article", "body", "version", "entry", "article_url", "story", "tie", "signature")


def _content(desk: WorldDesk) -> dict[str, list[tuple[object, ...]]]:
    return {table: sorted(desk.rows(f"SELECT * FROM {table}"), key=repr) for table in CONTENT}


def test_a_second_cycle_with_nothing_new_changes_nothing(desk: WorldDesk, world: RunningWorld) -> None:
    """The second update fetches no page, gets 304 from each feed that can say so, and changes no row of content."""
    desk.update()
    before = _content(desk)
    world.forget()

    outcomes = desk.update()

    assert world.pages_fetched() == 0
    assert {outcome["kind"] for outcome in outcomes.values()} == {"unchanged"}
    assert {visit.status for visit in world.visits("feed")} == {304}
    assert _content(desk) == before


def test_pages_are_fetched_once_and_one_at_a_time(desk: WorldDesk, world: RunningWorld) -> None:
    """No page is asked for twice, although several feeds list it, and no outlet sees two requests at once."""
    desk.update()
    asked = [(visit.outlet, visit.path) for visit in world.visits("page")]

    assert len(asked) == len(set(asked))
    assert {world.most_at_once(outlet.slug) for outlet in world.world.outlets} <= {0, 1}


def test_full_text_feeds_need_no_pages(desk: WorldDesk, world: RunningWorld) -> None:
    """The Signal's feed carries whole articles, so only pages of its short notices are fetched to make sure."""
    desk.update()
    long = [a for a in world.world.released("the-signal", "front", 36.0) if len(a.text(36.0).split()) >= 260]
    fetched = {visit.path for visit in world.visits("page", "the-signal")}

    assert long
    assert not [article.id for article in long if any(article.id in path for path in fetched)]
    assert desk.rows("SELECT count(*) FROM article WHERE url LIKE ?", f"{world.outlet_url('the-signal')}%")[0][0] > 0


def test_a_site_in_trouble_harms_no_other(desk: WorldDesk, world: RunningWorld) -> None:
    """One outlet answers 500 and one hangs up; their feeds are named as failed, all others are read, exit status is 3."""
    world.fail("daily-ledger", "/", 500)
    world.fail("metro-pulse", "/", "reset")

    outcomes = desk.update(status=3)

    failed = {name for name, outcome in outcomes.items() if outcome["kind"] == "failed"}
    assert failed
    assert all(name.startswith(("The Daily Ledger", "Metro Pulse")) for name in failed)
    listed = desk.run("feeds", "list")
    assert "500" in listed


def test_a_page_that_cannot_be_had_leaves_the_feeds_own_text(desk: WorldDesk, world: RunningWorld) -> None:
    """An article whose page fails is kept with what its feed says of it."""
    world.fail("harbour-herald", "/", 503, times=None)
    world.heal()
    story = next(a for a in world.world.released("harbour-herald", "front", 36.0))
    path = world.article_url(story.id).removeprefix(world.outlet_url("harbour-herald").rstrip("/"))
    world.fail("harbour-herald", path, 500)

    desk.update()

    number = desk.articles()[story.id]
    assert desk.rows("SELECT text_from FROM article WHERE id = ?", number) == [("feed",)]


def test_a_throttled_site_is_left_alone(desk: WorldDesk, world: RunningWorld) -> None:
    """After a 429 with Retry-After not even `update` asks the site again before its time."""
    world.fail("evening-courier", "/", 429, retry_after=3600)
    desk.update(status=3)
    world.forget()
    world.heal()

    outcomes = desk.update()

    assert not world.visits(outlet="evening-courier")
    assert {o["kind"] for name, o in outcomes.items() if name.startswith("The Evening Courier")} == {"resting"}


def test_an_edited_article_is_a_version(desk: WorldDesk, world: RunningWorld) -> None:
    """An article that comes back corrected is revised in place: one article, one more version."""
    world.clock.advance_to("2 13:00")
    desk.update()
    before = desk.rows("SELECT count(*) FROM article"), desk.articles()
    revised = [a for a in world.world.articles if a.at < 37 and any(37 < r.at <= 46 for r in a.revisions)]
    assert revised

    world.clock.advance_to("2 22:00")
    outcomes = desk.update()

    assert sum(outcome["revised"] for outcome in outcomes.values()) >= len(revised)
    after = desk.articles()
    for article in revised:
        assert after[article.id] == before[1][article.id]
        assert desk.rows("SELECT count(*) FROM version WHERE article_id = ?", after[article.id])[0][0] >= 1


@pytest.mark.parametrize("pages", [3, 25, 60])
def test_a_kill_in_mid_cycle_loses_nothing(desk: WorldDesk, world: RunningWorld, pages: int) -> None:
    """Kill -9 while pages come in, then another update: the database is sound, nothing is missing, nothing is twice."""
    (desk.folder / "beside").mkdir()
    whole = WorldDesk(desk.folder / "beside", world)
    whole.update()
    world.forget()
    world.latency = 0.02
    running = desk.begin("update")
    wait_until(lambda: world.pages_fetched() >= pages)
    running.send_signal(signal.SIGKILL)
    running.wait()
    world.latency = 0

    desk.update()

    assert desk.rows("PRAGMA integrity_check") == [("ok",)]
    assert desk.articles().keys() == whole.articles().keys()
    assert desk.rows("SELECT count(*) FROM article") == whole.rows("SELECT count(*) FROM article")
    assert desk.texts() == whole.texts()
    assert not desk.rows("SELECT id FROM article WHERE story_id IS NULL")
