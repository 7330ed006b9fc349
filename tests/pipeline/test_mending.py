"""Every flaw is found by its name, and what follows from the articles is made anew as it was."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from aggregator.domain.keeping import FlawKind
from aggregator.domain.settings import FeedConfig
from aggregator.pipeline.deciding import merge
from aggregator.pipeline.mending import mend
from tests.builders import NOON, article, hours
from tests.pipeline.archive import Archive, Report, three_events

#: What is mended to the letter: each statement spoils what can be derived, and no more than that.
DERIVED = {
    FlawKind.BANDS: (
        "DELETE FROM band WHERE article_id = 1",
        "INSERT INTO band (key, dated, article_id) VALUES (1, 1, 2)",
        "INSERT INTO band (key, dated, article_id) VALUES (1, 1, 999)",
        "UPDATE band SET dated = dated + 1 WHERE article_id = 3",
    ),
    FlawKind.KEY_TERMS: (
        "DELETE FROM key_term WHERE article_id = 1",
        "INSERT INTO key_term (key, dated, article_id) VALUES (1, 1, 999)",
    ),
    FlawKind.COUNTS: (
        "UPDATE story SET articles = 99",
        "UPDATE story SET texts = texts + 1 WHERE id = (SELECT min(id) FROM story)",
        "UPDATE story SET sources = 0",
        "UPDATE story SET first_dated = last_dated",
        "UPDATE story SET last_dated = '2036-03-02T12:00:00.000000Z'",
        "UPDATE story SET first_seen = '2036-03-02T12:00:00.000000Z'",
        "UPDATE story SET canonical_id = 999",
        "UPDATE story SET canonical_id = (SELECT min(id) FROM article WHERE story_id <> story.id)",
    ),
    FlawKind.COPIES: (
        "UPDATE article SET copy_of = 5 WHERE copy_of = 1",
        "UPDATE article SET copy_of = 999 WHERE id = 13",
    ),
    FlawKind.MERGED: (
        "INSERT INTO merged_story (old_id, story_id) VALUES (997, 999)",
        "INSERT INTO merged_story (old_id, story_id) SELECT min(id), max(id) FROM story",
    ),
    FlawKind.EMPTY_STORIES: (
        "INSERT INTO story SELECT 999, canonical_id, 0, 0, 0, first_dated, last_dated, first_seen, updated FROM story LIMIT 1",
    ),
    FlawKind.ORPHANS: (
        "INSERT INTO entry (feed_id, key, article_id, digest, first_seen) VALUES (77, 'k', 1, x'', '')",
        "INSERT INTO missing_page (entry_id, due, tries) VALUES (77, '', 1)",
        "INSERT INTO version (article_id, title, text, size, seen, replaced) VALUES (999, '', '', 0, '', '')",
        "INSERT INTO article_url (url_key, article_id) VALUES ('x', 999)",
        "INSERT INTO tie (a, b, relation, shared, hours_apart, rule) VALUES (1, 999, 'event', '[]', 0, 1)",
        "INSERT INTO ruling (decision_id, a, b, verdict) VALUES (999, 1, 2, 'apart')",
        "INSERT INTO boilerplate (source_id, line) VALUES (999, 1)",
        "INSERT INTO poll (feed_id, at, kind, entries, new, wire_bytes, seconds) VALUES (77, '', 'read', 0, 0, 0, 0)",
    ),
    FlawKind.SEARCH: (
        "DROP TRIGGER body_changed; UPDATE body SET text = 'Something else.', size = 15 WHERE article_id = 1; {trigger}",
        "INSERT INTO article_search (article_search) VALUES ('delete-all')",
    ),
}
CASES = [(kind, statement) for kind, statements in DERIVED.items() for statement in statements]
#: What may differ afterwards: when a story last changed, and what the index of words looks like inside.
_OTHERWISE = ("article_search", "sqlite_")


@pytest.fixture
def archive() -> Iterator[Archive]:
    """Three events, of one of which a text is reprinted, and a story that a reader made of two."""
    with Archive.told([*three_events(), Report(number=20, events=(0,), telling=0, at=6)]) as archive:
        archive.rebuild()
        merge(archive.store, [archive.story(4), archive.story(8)], hours(100))
        assert archive.store.flaws() == ()
        yield archive


def spoil(archive: Archive, script: str) -> None:
    """Change the database as nobody should."""
    raw = archive.store._sql.raw
    (trigger,) = raw.execute("SELECT sql FROM sqlite_master WHERE name = 'body_changed'").fetchone()
    raw.executescript(f"PRAGMA foreign_keys = OFF; {script.format(trigger=trigger)}; PRAGMA foreign_keys = ON")


def kinds(archive: Archive) -> list[FlawKind]:
    """Return what is wrong."""
    return [flaw.kind for flaw in archive.store.flaws()]


def content(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Return all that is to be as it was."""
    tables = {name: rows for name, rows in archive.content().items() if not name.startswith(_OTHERWISE)}
    return tables | {"story": [row[:-1] for row in tables["story"]]}


def test_a_feed_is_counted_anew(archive: Archive) -> None:
    """A feed that says another number of articles than its entries list is found, and says theirs afterwards."""
    archive.store.sync_feeds([FeedConfig(url="https://f.example/")], timedelta(hours=1), NOON)
    spoil(archive, "UPDATE feed SET articles = 7")

    found = archive.store.flaws()
    mend(archive.store, found, hours(101))

    assert [(flaw.kind, flaw.examples) for flaw in found] == [(FlawKind.FEED_COUNTS, ("1",))]
    assert kinds(archive) == []


@pytest.mark.parametrize(("kind", "script"), CASES, ids=[f"{kind}-{number}" for number, (kind, _) in enumerate(CASES)])
def test_what_is_derived_is_made_anew(archive: Archive, kind: FlawKind, script: str) -> None:
    """A flaw is found, told with a number of cases, and mended; the second look finds nothing."""
    before = content(archive)
    spoil(archive, script)

    found = archive.store.flaws()
    mend(archive.store, found, hours(101))

    assert kind in [flaw.kind for flaw in found]
    assert all(flaw.count and flaw.cure is None for flaw in found)
    assert kinds(archive) == []
    if kind is not FlawKind.SEARCH:
        assert content(archive) == before


def test_an_article_without_a_story_is_placed(archive: Archive) -> None:
    """It goes where it stood, for the ordinary way of placing finds the same story."""
    before = archive.stories()
    spoil(archive, "UPDATE article SET story_id = NULL, copy_of = NULL WHERE id IN (2, 13)")
    assert kinds(archive) == [FlawKind.NO_STORY, FlawKind.COUNTS]

    mend(archive.store, archive.store.flaws(), hours(101))

    assert kinds(archive) == []
    assert archive.stories() == before


def test_articles_of_a_story_that_is_gone_are_placed(archive: Archive) -> None:
    """A story whose row is lost is found again from its articles."""
    before = archive.stories()
    spoil(archive, f"DELETE FROM story WHERE id = {archive.story(0)}")
    assert FlawKind.NO_STORY in kinds(archive)

    mend(archive.store, archive.store.flaws(), hours(101))

    assert kinds(archive) == []
    assert archive.stories() == before


def test_a_lost_signature_is_made_anew(archive: Archive) -> None:
    """What is compared of an article follows from its text."""
    before = archive.store.article(archive.id(1))
    spoil(archive, f"DELETE FROM signature WHERE article_id = {archive.id(1)}")
    assert FlawKind.NO_SIGNATURE in kinds(archive)

    mend(archive.store, archive.store.flaws(), hours(101))

    assert kinds(archive) == []
    assert archive.store.article(archive.id(1)) == before


@pytest.mark.parametrize(
    ("kind", "script"),
    [
        (FlawKind.NO_TEXT, "DROP TRIGGER body_deleted; DELETE FROM body WHERE article_id = 1"),
        (FlawKind.NO_SOURCE, "UPDATE article SET source_id = 999 WHERE id = 1"),
    ],
)
def test_what_is_lost_has_a_cure(archive: Archive, kind: FlawKind, script: str) -> None:
    """What nothing can bring back is told with the backup as its cure, and does not keep the rest from being mended."""
    spoil(archive, f"{script}; DELETE FROM band WHERE article_id = 2")

    found = archive.store.flaws()
    mend(archive.store, found, hours(101))

    assert {kind, FlawKind.BANDS} <= {flaw.kind for flaw in found}
    (lost,) = (flaw for flaw in found if flaw.kind is kind)
    assert "aggregator restore" in (lost.cure or "")
    assert kind in kinds(archive)
    assert FlawKind.BANDS not in kinds(archive)


def test_mending_what_is_sound_writes_nothing(archive: Archive) -> None:
    """Without a flaw not a row is touched."""
    found = archive.store.flaws()
    before = archive.changes()
    mend(archive.store, found, NOON)

    assert archive.changes() == before


def test_all_at_once_is_mended(archive: Archive) -> None:
    """However much is wrong, one mending makes all of it sound."""
    for script in ("DELETE FROM band", "DELETE FROM key_term", "UPDATE article SET story_id = NULL, copy_of = NULL"):
        spoil(archive, script)
    spoil(archive, "DELETE FROM signature WHERE article_id < 5; UPDATE story SET articles = 0")

    mend(archive.store, archive.store.flaws(), hours(101))

    assert kinds(archive) == []


def test_an_article_that_is_not_placed_yet_is_told(archive: Archive) -> None:
    """Examples name the articles."""
    with archive.store.transaction():
        id = archive.store.add_article(article("New.", outlet="new"), archive.store.article(archive.id(0))[1], NOON)
    (flaw,) = archive.store.flaws()

    assert (flaw.kind, flaw.examples) == (FlawKind.NO_STORY, (str(id),))
