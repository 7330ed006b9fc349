"""Feeds as lists show them: what stands for them, and what is to be done about them."""

from datetime import UTC, datetime, timedelta

from aggregator.core.crawling.listing import advised, handle, listed
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health
from aggregator.domain.ids import FeedId
from aggregator.domain.reading import FeedHealth
from aggregator.domain.settings import FeedConfig

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B, C, NEW = (f"https://{name}.example/feed" for name in ("a", "b", "c", "new"))


def health(url: str, state: Health, *, moved_to: str | None = None) -> FeedHealth:
    """Return a feed that has been in a state for ten days."""
    since = NOW - timedelta(days=10)
    known = FeedState(health=state, health_since=since, moved_to=moved_to)
    return FeedHealth(
        id=FeedId(1),
        url=url,
        name=url,
        tags=(),
        state=state,
        since=since,
        why=None,
        known=known,
        marks="",
        articles=0,
        weekly=0.0,
        warning=None,
    )


def test_a_handle_is_that_of_every_spelling_and_tells_nothing() -> None:
    """What stands for a feed in an address of ours has no part of the feed's own."""
    assert handle(A) == handle("HTTPS://A.example:443/feed#x")
    assert handle(A) != handle(B)
    assert handle("https://me:sesame@a.example/feed").isalnum()


def test_advice_is_given_by_handles() -> None:
    """To those that are not well; no two feeds get one address."""
    feeds = [FeedConfig(url=url) for url in (A, B, C)]
    healths = [health(A, Health.MOVED, moved_to=NEW), health(B, Health.MOVED, moved_to=NEW), health(C, Health.FINE)]
    advices = advised(listed(feeds, healths), NOW)

    assert set(advices) == {handle(A), handle(B)}
    assert advices[handle(A)].edit == FeedEdit(feed=A, key="url", value=NEW)
    assert advices[handle(B)].edit == Removal(feed=B)
