"""The real feed files of a day, served one after the other as their outlets did."""

import asyncio
import html
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from aggregator.adapters.store import SqliteStore
from aggregator.adapters.workers import InlineWorkers
from aggregator.core.feeds.parsing import parse_feed
from aggregator.core.urls import url_key
from aggregator.domain.feeds import ParsedFeed
from aggregator.domain.health import Health
from aggregator.domain.ids import UrlKey
from aggregator.domain.outcomes import PollKind
from aggregator.domain.settings import FeedConfig, FullText
from aggregator.pipeline.update import Updater
from tests.adapters.loopback import Asked, fetcher, reply, serve
from tests.core.feeds.test_real_feeds import ARCHIVE, FILES, real_feeds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ARCHIVE.exists(), reason=f"the corpus of real feeds is not at {ARCHIVE}"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What one outlet served from some time on."""

    outlet: str
    at: datetime
    body: bytes

    def listed(self) -> Iterator[tuple[UrlKey, str]]:
        """Yield each entry's address and headline: read by other means than ours where the file is well-formed."""
        try:
            root = etree.fromstring(self.body, etree.XMLParser(resolve_entities=False))
        except etree.XMLSyntaxError:
            parsed = parse_feed(self.body, url=f"https://{self.outlet}.example/", content_type=None)
            entries = parsed.entries if isinstance(parsed, ParsedFeed) else ()
            yield from ((url_key(entry.url), entry.title) for entry in entries if entry.url)
            return
        for entry in root.iter("item"):
            link, title = (" ".join((entry.findtext(tag) or "").split()) for tag in ("link", "title"))
            yield url_key(link), " ".join(html.unescape(title).split())


def moments() -> list[Moment]:
    """Return all files in order of time."""
    found = []
    for name, body in real_feeds():
        outlet, at = Path(name).parts[-2:]
        found.append(
            Moment(outlet=outlet, at=datetime.strptime(at, "%Y-%m-%dT%H%M%S.xml").replace(tzinfo=UTC), body=body)
        )
    return sorted(found, key=lambda moment: moment.at)


def headlines(played: list[Moment]) -> dict[UrlKey, list[str]]:
    """Return the headlines that each address had, one after the other."""
    had: dict[UrlKey, list[str]] = defaultdict(list)
    for moment in played:
        for key, title in moment.listed():
            if had[key][-1:] != [title]:
                had[key].append(title)
    return had


async def replay(played: list[Moment], store: SqliteStore) -> dict[Moment, PollKind]:
    """Serve each file at its time over real HTTP and have it polled then; return how the polls ended."""
    now = [played[0].at]
    served: dict[str, bytes] = {}

    async def play(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(reply(body=served[asked.path.strip("/")], Content_Type="application/rss+xml"))

    kinds = dict[Moment, PollKind]()
    with ThreadPoolExecutor(1) as writer:
        async with serve(play) as server, fetcher(clock=lambda: now[0]) as client:
            outlets = sorted({moment.outlet for moment in played})
            configs = [FeedConfig(url=server.url(f"/{name}"), name=name, full_text=FullText.NEVER) for name in outlets]
            store.sync_feeds(configs, timedelta(hours=1), now[0])
            updater = Updater(store=store, writer=writer, fetcher=client, workers=InlineWorkers(), clock=lambda: now[0])
            for moment in played:
                now[0], served[moment.outlet] = moment.at, moment.body
                (outcome,) = [one async for one in updater.update(store.feeds_named([moment.outlet]))]
                kinds[moment] = outcome.kind
    return kinds


def stored_headlines(store: SqliteStore) -> dict[UrlKey, list[str]]:
    """Return the headlines that the store has of each article, one after the other."""
    had: dict[UrlKey, list[str]] = defaultdict(list)
    for source in ("version", "article"):
        column = "article_id" if source == "version" else "id"
        rows = store._sql.rows(
            f"SELECT url_key, title FROM {source} JOIN article_url ON article_url.article_id = {source}.{column}"
            f" WHERE is_own ORDER BY {source}.id"
        )
        for row in rows:
            had[UrlKey(row["url_key"])].append(row["title"])
    return had


def test_a_day_of_real_feeds_makes_articles_and_versions() -> None:
    """Each address is one article, however often it was listed; each edited headline is a version; trouble is a state.

    What a feed's ttl says is not new yet is not asked for, so that what it listed then is not expected.
    """
    played = moments()
    with SqliteStore(":memory:") as store:
        kinds = asyncio.run(replay(played, store))
        stored = stored_headlines(store)
        articles = store.article_count()
        states = {row["name"]: row["state"] for row in store._sql.rows("SELECT name, state FROM feed")}

    assert len(kinds) == FILES
    polled = [moment for moment, kind in kinds.items() if kind is not PollKind.FRESH]
    assert len(polled) > 85
    expected = headlines(polled)
    assert set(stored) == set(expected)
    assert articles == len(expected) > 1_300
    edited = {key: len(titles) - 1 for key, titles in expected.items() if len(titles) > 1}
    assert sum(edited.values()) >= 15
    changes = {key: sum(one != other for one, other in pairwise(titles)) for key, titles in stored.items()}
    assert {key: count for key, count in changes.items() if count} == edited
    # Pages of HTML where the feed was.
    assert list(kinds.values()).count(PollKind.FAILED) == 7
    assert states["latimes"] == Health.NOT_A_FEED
    assert Health.NEW not in states.values()
