"""What a document asks of those who poll it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.feeds.wishes import skip_days, skip_hours
from aggregator.domain.feeds import ParsedFeed

CHANNEL = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>{}
<item><title>One</title><link>https://paper.example/1</link></item></channel></rss>"""


def parsed(channel: str) -> ParsedFeed:
    feed = parse_feed(CHANNEL.format(channel).encode(), url="https://paper.example/feed", content_type=None)
    assert isinstance(feed, ParsedFeed)
    return feed


def test_all_hours_and_days_are_read() -> None:
    """Both skipHours and skipDays of RSS 2.0, each with all of its members."""
    feed = parsed(
        "<skipHours><hour>0</hour><hour> 1 </hour><hour>23</hour></skipHours>"
        "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"
    )

    assert (feed.skip_hours, feed.skip_days) == ((0, 1, 23), (5, 6))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("<skipHours><hour>24</hour></skipHours>", (0,)),
        ("<skipHours><hour>25</hour><hour>x</hour><hour>7</hour></skipHours>", (7,)),
        ("<skiphours><HOUR>7</HOUR></skiphours>", (7,)),
        ("".join(["<skipHours>", *(f"<hour>{hour}</hour>" for hour in range(24)), "</skipHours>"]), ()),
        ("<skipHours>", ()),
        ("", ()),
    ],
)
def test_hours_that_make_no_sense_are_passed_over(document: str, expected: tuple[int, ...]) -> None:
    """RSS 0.91 counts to 24; who asks never to be polled is polled."""
    assert skip_hours(document) == expected


def test_who_skips_all_days_skips_none() -> None:
    """A week without a day is a mistake."""
    days = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    listed = "".join(f"<day>{day}</day>" for day in days)

    assert skip_days(f"<skipDays>{listed}</skipDays>") == ()
    assert skip_days("<skipDays><day>sunday</day><day>Funday</day></skipDays>") == (6,)


@given(st.text(max_size=200), st.text(max_size=50))
def test_whatever_is_written_is_read_within_bounds(inside: str, before: str) -> None:
    """No document raises, and only hours of a day and days of a week come out."""
    assert set(skip_hours(f"{before}<skipHours>{inside}</skipHours>")) <= set(range(24))
    assert set(skip_days(f"{before}<skipDays>{inside}</skipDays>")) <= set(range(7))


def test_hub_and_own_address_are_read() -> None:
    """What WebSub needs: where the hub is, and by what address it knows the feed."""
    feed = parsed('<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="/feed.xml"/>')

    assert (feed.hub, feed.self_link) == ("https://hub.example/", "https://paper.example/feed.xml")
    assert (parsed("").hub, parsed("").self_link) == (None, None)


def test_json_feeds_name_theirs() -> None:
    """JSON Feed has feed_url and hubs; other hubs than of WebSub are passed over."""
    document = b"""{"version": "https://jsonfeed.org/version/1.1", "title": "T", "feed_url": "https://paper.example/f.json",
        "hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, 7, {"type": "WebSub", "url": "https://hub.example/"}],
        "items": []}"""
    feed = parse_feed(document, url="https://paper.example/feed", content_type=None)

    assert isinstance(feed, ParsedFeed)
    assert (feed.hub, feed.self_link) == ("https://hub.example/", "https://paper.example/f.json")
