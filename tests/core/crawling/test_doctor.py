"""What is to be done about feeds that are not well."""

from datetime import timedelta
from typing import Any

import pytest

from aggregator.core.crawling.doctor import Advice, Look, diagnose, remedy, with_look, without_doubles
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health
from aggregator.domain.settings import FeedConfig
from tests.builders import NOON

URL, OTHER = "http://harbour.example/feed", "https://harbour.example/news.xml"
FEED = FeedConfig(url=URL)


def advice(health: Health, *, days: float = 1, feed: FeedConfig = FEED, **state: Any) -> Advice:
    """Return the advice on a feed that has been in a state for so many days."""
    found = diagnose(feed, ill(health, days=days, **state), NOON)
    assert found
    return found


def ill(health: Health, *, days: float = 1, **state: Any) -> FeedState:
    """Return the state of such a feed."""
    return FeedState(health=health, health_since=NOON - timedelta(days=days), **state)


def test_a_feed_that_is_well_paused_or_new_needs_nothing() -> None:
    """Neither does one that a person has switched off, whatever its last poll said."""
    for health in (Health.FINE, Health.NEW, Health.PAUSED):
        assert diagnose(FEED, ill(health), NOON) is None
    assert diagnose(FeedConfig(url=URL, enabled=False), ill(Health.GONE, days=9), NOON) is None


def test_a_feed_that_moved_gets_its_new_address() -> None:
    """From http to https too; one that has it already, as somebody wrote it by hand, needs nothing."""
    told = advice(Health.MOVED, moved_to=OTHER)
    assert told.edit == FeedEdit(feed=URL, key="url", value=OTHER)
    assert OTHER in told.do
    assert "2026-03-01" in told.what
    secure = URL.replace("http:", "https:")
    assert advice(Health.MOVED, moved_to=secure).edit == FeedEdit(feed=URL, key="url", value=secure)
    assert diagnose(FEED, ill(Health.MOVED, moved_to=URL), NOON) is None


def test_an_address_that_feeds_yaml_would_refuse_is_not_proposed() -> None:
    """Where the redirect leads is a stranger's word."""
    assert advice(Health.MOVED, moved_to="ftp://harbour.example/").edit is None
    assert advice(Health.MOVED, moved_to=None).edit is None


@pytest.mark.parametrize(("days", "is_off"), [(2.9, False), (3, True), (300, True)])
def test_a_feed_that_is_gone_for_three_days_is_switched_off(days: float, *, is_off: bool) -> None:
    """Before that it may be a mistake, and passes; after it the reason is written beside the edit."""
    told = advice(Health.GONE, days=days)
    assert (told.edit is not None, told.passes) == (is_off, not is_off)
    if is_off:
        assert isinstance(told.edit, FeedEdit)
        assert (told.edit.key, told.edit.value) == ("enabled", False)
        assert "gone (410) since 20" in str(told.edit.note)


@pytest.mark.parametrize("kind", ["dns", "not-found", "tls", "connect"])
def test_what_has_not_been_there_for_a_month_is_switched_off(kind: str) -> None:
    """A name, page, certificate or server that is missing for 30 days is; for 29 it may come back."""
    told = advice(Health.ERRORING, days=30, error_kind=kind, error="no")
    assert isinstance(told.edit, FeedEdit)
    assert (told.edit.key, told.edit.value, told.passes) == ("enabled", False, False)
    early = advice(Health.ERRORING, days=29, error_kind=kind)
    assert (early.edit, early.passes) == (None, True)


def test_a_server_that_stumbles_for_a_month_is_for_a_person_to_look_at() -> None:
    """Somebody is there, so nothing is switched off."""
    told = advice(Health.ERRORING, days=99, error_kind="server-error", error="the server answers 500")
    assert (told.edit, told.passes) == (None, False)
    assert "the server answers 500" in told.what


def test_a_false_name_is_never_proposed() -> None:
    """A server that refuses us is a matter between its owner and a person."""
    told = advice(Health.BLOCKED)
    assert told.edit is None
    assert "owner" in told.do
    assert "user_agent:" in told.do


def test_a_command_that_is_told_can_be_copied() -> None:
    """An address with an ampersand stands in quotes, as a shell wants it."""
    told = advice(Health.ALL_OLD, feed=FeedConfig(url="https://a.example/?a=1&b=2"))
    assert told.do.endswith("`aggregator feeds remove 'https://a.example/?a=1&b=2'`")


@pytest.mark.parametrize("health", Health)
def test_every_state_that_is_not_well_has_a_remedy(health: Health) -> None:
    """One sentence, the same that `feeds list` shows."""
    told = remedy(health, FeedState())
    assert (told is None) == (health in {Health.NEW, Health.FINE, Health.PAUSED})
    assert told is None or diagnose(FEED, ill(health), NOON) is not None


def test_what_the_page_names_is_taken_if_it_is_of_the_same_site() -> None:
    """A feed elsewhere may be that of somebody who bought the name; nothing found leaves it to a person."""
    told = advice(Health.NOT_A_FEED)
    found = with_look(told, FEED, Look(url=OTHER, found="Harbour, 3 entries"))
    assert found.edit == FeedEdit(feed=URL, key="url", value=OTHER)
    assert "Harbour, 3 entries" in found.do
    strange = with_look(told, FEED, Look(url="https://casino.example/feed", found="Luck, 3 entries"))
    assert strange.edit is None
    assert "https://casino.example/feed" in strange.do
    assert with_look(told, FEED, Look(found="the page there names none")).edit is None


def test_a_feed_that_moved_to_where_another_is_goes() -> None:
    """No two feeds get one address, whether a feed has it or is about to get it; itself in https is no other."""
    secure = FeedEdit(feed=URL, key="url", value=URL.replace("http:", "https:"))
    third = FeedConfig(url="https://third.example/")
    known = (FEED, third, FeedConfig(url=OTHER))
    blank = Advice(what="", do="")
    to_other = [
        Advice(what="", do="", edit=FeedEdit(feed=feed.url, key="url", value="https://new.example/")) for feed in known
    ]
    first, second = without_doubles(list(zip(known, to_other, strict=True))[:2], known)
    assert isinstance(first.edit, FeedEdit)
    assert second.edit == Removal(feed=third.url)
    assert URL in second.do
    taken = Advice(what="", do="", edit=FeedEdit(feed=third.url, key="url", value=f"{OTHER}#top"))
    kept, gone, none = without_doubles(
        [(FEED, Advice(what="", do="", edit=secure)), (third, taken), (known[2], blank)], known
    )
    assert (kept.edit, gone.edit, none) == (secure, Removal(feed=third.url), blank)
