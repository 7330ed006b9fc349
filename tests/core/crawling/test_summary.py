"""What of a day's changes is news."""

from aggregator.core.crawling.summary import NAMED, TOLD, WIDTH, Summary, summarize
from aggregator.domain.health import Health, HealthChange
from aggregator.domain.ids import FeedId
from tests.builders import hours


def change(feed: int, before: Health, after: Health, at: float = 0, why: str = "it said so") -> HealthChange:
    """Return a change of a feed."""
    return HealthChange(
        feed=FeedId(feed),
        name=f"Feed {feed}",
        url=f"https://{feed}.example/",
        at=hours(at),
        before=before,
        after=after,
        why=why,
    )


def states(summary: Summary) -> list[tuple[Health, tuple[str, ...]]]:
    """Return what a summary tells, in short."""
    return [(group.state, group.names) for group in summary.groups]


def test_every_state_but_those_of_health_has_its_place() -> None:
    """No feed's state can be forgotten in the order of what is told."""
    assert set(TOLD) == set(Health) - {Health.NEW, Health.PAUSED}


def test_the_net_of_changes_is_told_the_worst_first() -> None:
    """Of several changes of one feed the first and the last count."""
    found = summarize(
        [
            change(1, Health.FINE, Health.QUIET),
            change(2, Health.ERRORING, Health.FINE),
            change(3, Health.FINE, Health.ERRORING),
            change(3, Health.ERRORING, Health.GONE, 1),
            change(4, Health.QUIET, Health.GONE, 2),
        ]
    )
    assert states(found) == [
        (Health.GONE, ("Feed 3", "Feed 4")),
        (Health.QUIET, ("Feed 1",)),
        (Health.FINE, ("Feed 2",)),
    ]
    assert found.subject == "aggregator: 3 feeds not well, 1 well again"
    assert found.text.splitlines()[:3] == [
        "2 feeds gone for good:",
        "  Feed 3: it said so",
        "  Feed 4: it said so",
    ]


def test_a_new_feed_that_is_fine_is_no_news() -> None:
    """Neither is one that a person had paused; one that is not well from the first is."""
    found = summarize(
        [
            change(1, Health.NEW, Health.FINE),
            change(2, Health.PAUSED, Health.FINE),
            change(3, Health.FINE, Health.PAUSED),
            change(4, Health.NEW, Health.BLOCKED),
        ]
    )
    assert states(found) == [(Health.BLOCKED, ("Feed 4",))]
    assert found.passing == 0


def test_a_feed_that_came_back_is_counted_only() -> None:
    """It gets no line of its own; where nothing else happened there is no news."""
    back = [change(1, Health.FINE, Health.ERRORING), change(1, Health.ERRORING, Health.FINE, 1)]
    assert (summarize(back).groups, summarize(back).passing) == ((), 1)
    with_news = summarize([*back, change(2, Health.FINE, Health.GONE)])
    assert "1 feed had trouble meanwhile and recovered." in with_news.text
    assert "Feed 1" not in with_news.text


def test_the_text_is_bounded_whatever_feeds_are_called() -> None:
    """Many feeds are counted, long reasons cut, and names from strangers made printable."""
    why = "because\x1b[31m " * 99
    found = summarize(
        change(100 * number + feed, Health.FINE if state is not Health.FINE else Health.GONE, state, why=why)
        for number, state in enumerate(TOLD)
        for feed in range(NAMED + 12)
    )
    lines = found.text.splitlines()
    assert lines.count("  … and 12 more") == len(TOLD)
    assert max(map(len, lines)) <= WIDTH
    assert len(lines) <= len(TOLD) * (NAMED + 3) + 3
    assert "\x1b" not in found.text
