"""The table of feeds mirrors feeds.yaml and keeps what polls taught."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.adapters.store import FeedChanges, SqliteStore
from aggregator.domain.errors import UsageError
from aggregator.domain.feeds import DueFeed, FeedState, ParsedFeed, Rhythm
from aggregator.domain.health import Health
from aggregator.domain.settings import FeedConfig, FullText
from tests.builders import NOON, hours

RHYTHM = Rhythm(since=NOON, hours=b"\0\2\1", last=hours(2.5))
QUARTER = timedelta(minutes=15)
A, B = "https://a.example/feed", "https://b.example/feed"


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(":memory:") as store:
        yield store


def _sync(store: SqliteStore, *feeds: FeedConfig, at: float = 0) -> FeedChanges:
    return store.sync_feeds(feeds, QUARTER, hours(at))


def _feed(url: str = A, **more: Any) -> FeedConfig:
    return FeedConfig(url=url, **more)


def _only(store: SqliteStore) -> DueFeed:
    (feed,) = store.all_feeds()
    return feed


def _finish(store: SqliteStore, feed: DueFeed, parsed: ParsedFeed | None = None, **state: Any) -> None:
    store.finish_poll(feed.feed.id, FeedState(**state), parsed, NOON)


@given(st.data())
@settings(max_examples=60)
def test_a_state_comes_back_as_it_was_kept(data: st.DataObject) -> None:
    """Whatever a poll taught is what the next one starts from, to the microsecond and the byte."""
    moments = st.timedeltas(timedelta(), timedelta(days=36_500)).map(lambda age: NOON + age)
    strategies = {"rhythm": st.builds(Rhythm, since=st.none() | moments, hours=st.binary(max_size=30), last=st.none())}
    state = data.draw(
        st.builds(
            FeedState,
            etag=st.none() | st.text(st.characters(max_codepoint=255), max_size=20),
            next_poll=moments,
            ttl=st.none() | st.timedeltas(timedelta(minutes=1), timedelta(days=7)),
            skip_hours=st.lists(st.integers(0, 23), max_size=3).map(tuple),
            skip_days=st.lists(st.integers(0, 6), max_size=3).map(tuple),
            moved_times=st.integers(0, 99),
            waste=st.floats(0, 1),
            health=st.sampled_from(Health),
            **dict.fromkeys(
                ("moved_since", "fresh_until", "last_full", "latest_entry", "health_since"), st.none() | moments
            ),
            **strategies,
        )
    )
    with SqliteStore(":memory:") as store:
        _sync(store, _feed())
        store.finish_poll(_only(store).feed.id, state, None, NOON)

        assert _only(store).state == state


def test_a_new_feed_is_due_now(store: SqliteStore) -> None:
    """A feed that was just written into feeds.yaml is polled at once, with everything that is written there."""
    config = _feed(
        name="Amber", tags=("world", "küste"), every=timedelta(hours=1), weight=2.5, full_text=FullText.NEVER,
        user_agent="reader/1",
    )  # fmt: skip
    changes = _sync(store, config)

    (due,) = store.due(NOON)
    feed = due.feed
    assert changes == FeedChanges(added=("Amber",))
    assert (feed.url, feed.name, feed.tags, feed.every) == (A, "Amber", ("world", "küste"), timedelta(hours=1))
    assert (feed.weight, feed.full_text, feed.user_agent) == (2.5, FullText.NEVER, "reader/1")
    assert due.state == FeedState(next_poll=NOON)


def test_the_same_feeds_again_change_no_row(store: SqliteStore) -> None:
    """Reading an unchanged feeds.yaml writes nothing."""
    feeds = (_feed(tags=("x",)), _feed(B, enabled=False))
    _sync(store, *feeds)
    before = store._sql.raw.total_changes

    assert _sync(store, *feeds, at=5) == FeedChanges()
    assert store._sql.raw.total_changes == before


def test_a_feed_without_an_interval_follows_the_setting(store: SqliteStore) -> None:
    """`every` of the settings holds for feeds that name none of their own."""
    _sync(store, _feed())
    store.sync_feeds([_feed()], timedelta(hours=2), NOON)

    assert _only(store).feed.every == timedelta(hours=2)


def test_another_spelling_is_the_same_feed(store: SqliteStore) -> None:
    """A feed keeps its number and its rhythm when its address is spelled otherwise, but nothing that its server said."""
    _sync(store, _feed("http://www.a.example/feed/"))
    before = _only(store)
    _finish(store, before, etag="x", last_modified="y", body_digest=b"z", failures=3, next_poll=hours(8), rhythm=RHYTHM)
    changes = _sync(store, _feed(), at=1)

    after = _only(store)
    assert changes == FeedChanges(changed=(A,))
    assert (after.feed.id, after.feed.url) == (before.feed.id, A)
    assert after.state == FeedState(next_poll=hours(1), rhythm=RHYTHM)


def test_a_removed_feed_comes_back_to_what_it_had(store: SqliteStore) -> None:
    """A feed that is taken out is not polled; put back, it has its number and state again."""
    _sync(store, _feed(), _feed(B, name="Bay"))
    bay = store.feeds_named(["Bay"])[0]
    _finish(store, bay, etag="x", next_poll=hours(2), last_poll=NOON)

    assert _sync(store, _feed()) == FeedChanges(removed=("Bay",))
    assert [due.feed.url for due in store.due(hours(9))] == [A]
    assert _sync(store, _feed(), _feed(B, name="Bay")) == FeedChanges(added=("Bay",))
    back = store.feeds_named(["Bay"])[0]
    assert (back.feed.id, back.state) == (bay.feed.id, FeedState(etag="x", next_poll=hours(2), last_poll=NOON))


def test_a_paused_feed_is_not_polled(store: SqliteStore) -> None:
    """`enabled: false` keeps a feed from being due until it is taken away."""
    _sync(store, _feed(enabled=False))
    assert (store.due(hours(99)), store.next_due(), store.all_feeds()) == ((), None, ())

    assert _sync(store, _feed()) == FeedChanges(changed=(A,))
    assert store.next_due() == NOON


@pytest.mark.parametrize(
    ("every", "polled", "at", "expected"),
    [(1, True, 0.5, 1), (1, True, 3, 3), (8, True, 0.5, 8), (1, False, 0.5, 0.5)],
)
def test_a_changed_interval_moves_the_next_poll(
    store: SqliteStore, every: float, at: float, expected: float, *, polled: bool
) -> None:
    """The next poll is then one interval after the last, but not in the past."""
    _sync(store, _feed())
    _finish(store, _only(store), next_poll=hours(4), last_poll=NOON if polled else None)
    _sync(store, _feed(every=timedelta(hours=every)), at=at)

    assert store.next_due() == hours(expected)


@pytest.mark.parametrize("change", [_feed(every=timedelta(minutes=1)), _feed("http://a.example/feed")])
def test_no_change_wakes_a_site_that_asked_to_be_left_alone(store: SqliteStore, change: FeedConfig) -> None:
    """Neither another interval nor another spelling polls a resting feed before its time."""
    _sync(store, _feed())
    _finish(store, _only(store), next_poll=hours(6), rest_until=hours(6), last_poll=NOON)
    _sync(store, change, at=1)

    assert store.next_due() == hours(6)


def test_the_longest_overdue_is_first(store: SqliteStore) -> None:
    """Feeds are due from their moment on, the longest overdue first."""
    _sync(store, _feed(), _feed(B), _feed("https://c.example/feed"))
    by_url = {due.feed.url: due.feed.id for due in store.all_feeds()}
    store.claim({by_url[A]: hours(3), by_url[B]: hours(1), by_url["https://c.example/feed"]: hours(4)})

    assert [due.feed.url for due in store.due(hours(3))] == [B, A]
    assert store.next_due() == hours(1)


def test_a_claim_survives_being_part_of_a_transaction(store: SqliteStore) -> None:
    """Claims and states may be written alone or within a transaction, and are undone with it."""
    _sync(store, _feed())
    id = _only(store).feed.id

    def claim_and_fail() -> None:
        with store.transaction():
            store.claim({id: hours(9)})
            raise KeyError

    with pytest.raises(KeyError):
        claim_and_fail()

    assert store.next_due() == NOON


def test_a_poll_leaves_its_state(store: SqliteStore) -> None:
    """Everything a poll taught is there for the next one."""
    _sync(store, _feed())
    state = FeedState(
        etag='W/"é"', last_modified="Mon, 02 Mar 2026", body_digest=b"\0\xff", next_poll=hours(1), last_poll=NOON,
        last_success=hours(-1), failures=2, error="no answer", error_kind="timeout", rest_until=hours(3),
    )  # fmt: skip
    store.finish_poll(_only(store).feed.id, state, None, NOON)

    assert _only(store).state == state


def test_a_poll_without_a_next_time_keeps_the_claimed_one(store: SqliteStore) -> None:
    """A feed can never drop out of the polls for want of a time."""
    _sync(store, _feed())
    _finish(store, _only(store), last_poll=NOON)

    assert store.next_due() == NOON


def test_a_feed_is_called_by_its_name_its_title_or_its_address(store: SqliteStore) -> None:
    """The name in feeds.yaml wins over the feed's own title, and that over the address; a title once seen stays."""
    _sync(store, _feed())
    assert _only(store).feed.name == A
    for title in ("Amber Daily", None):
        parsed = ParsedFeed(version="rss20", title=title, link="https://a.example", language=None, entries=())
        _finish(store, _only(store), parsed)
        assert _only(store).feed.name == "Amber Daily"
    _sync(store, _feed(name="Amber"))

    assert _only(store).feed.name == "Amber"


@pytest.mark.parametrize("name", ["Amber", A, "http://www.a.example/feed/?utm_source=x"])
def test_feeds_are_found_by_name_address_or_other_spelling(store: SqliteStore, name: str) -> None:
    """A person may call a feed by what they see."""
    _sync(store, _feed(name="Amber"), _feed(B, enabled=False))

    assert [due.feed.url for due in store.feeds_named([name])] == [A]
    assert [due.feed.url for due in store.feeds_named([B, name, B])] == [B, A]


def test_unknown_feeds_are_all_named_with_what_is_close(store: SqliteStore) -> None:
    """All names that fit no feed are told at once, each with what may have been meant."""
    _sync(store, _feed(name="Amber Daily"), _feed(B, name="gone"))
    _sync(store, _feed(name="Amber Daily"))
    with pytest.raises(UsageError) as caught:
        store.feeds_named(["amber dayly", "gone", "Amber Daily"])

    assert str(caught.value) == (
        "no feed is called amber dayly; did you mean Amber Daily?; "
        "no feed is called gone; `aggregator feeds list` shows them all"
    )


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_name_finds_a_feed_or_is_unknown(name: str) -> None:
    """Whatever is typed as a name, the answer is feeds or a UsageError."""
    with SqliteStore(":memory:") as store:
        _sync(store, _feed(name="Amber"))
        try:
            found = store.feeds_named([name])
        except UsageError:
            found = ()
    assert bool(found) == (name == "Amber")
