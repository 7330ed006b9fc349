"""What mute rules ask of stories, read in a constant number of statements whatever their number."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from aggregator.adapters.store.connection import Connection, listed
from aggregator.core.stories.muting import Mutable, Muting
from aggregator.domain.ids import StoryId
from aggregator.domain.settings import MuteKind, MuteRule

_SPEAKERS = """
    SELECT story.id, title, source_id FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value
    CROSS JOIN article ON article.id = canonical_id
"""
_OUTLETS = """
    SELECT DISTINCT story_id, source_id FROM json_each(?) AS wanted CROSS JOIN article ON article.story_id = wanted.value
"""
# The + keeps SQLite from asking the index of entries for each of the feeds.
_TAGGED = """
    SELECT DISTINCT story.id FROM json_each(?) AS wanted CROSS JOIN story ON story.id = wanted.value
    CROSS JOIN entry ON entry.article_id = canonical_id WHERE +feed_id IN (SELECT value FROM json_each(?))
"""
# An article that no feed lists any more has no tags.
_TAGS = """
    SELECT story_id, article.id, coalesce(tags, '[]') FROM json_each(?) AS wanted
    CROSS JOIN article ON article.story_id = wanted.value
    LEFT JOIN entry ON entry.article_id = article.id LEFT JOIN feed ON feed.id = feed_id
"""
_STARRED = """
    SELECT DISTINCT story_id FROM mark CROSS JOIN article ON article.id = article_id
    WHERE kind = 'starred' AND story_id IN (SELECT value FROM json_each(?))
"""
_NOTHING = frozenset[str]()
_NOBODY = frozenset[tuple[str, str]]()


def muted(connection: Connection, ids: Collection[int], rules: Sequence[MuteRule]) -> dict[StoryId, MuteRule]:
    """Return which of the stories `ids` are muted, each with the first rule that does."""
    if not ids or not rules:
        return {}
    muting = Muting(rules)
    stories = mutable(connection, ids, muting)
    return {id: rule for id, story in stories.items() if (rule := muting.rule_of(story)) is not None}


def mutable(connection: Connection, ids: Collection[int], muting: Muting) -> Mapping[StoryId, Mutable]:
    """Return what rules ask of the stories `ids`; who else carries them is read only where the speaker leaves it open."""
    wanted = listed(ids)
    speakers = connection.rows(_SPEAKERS, (wanted,))
    outlets = _outlets(connection, speakers, muting) if MuteKind.SOURCE in muting.kinds else {}
    tags = _tags(connection, wanted, muting) if MuteKind.TAG in muting.kinds else {}
    starred = {id for (id,) in connection.rows(_STARRED, (wanted,))}
    asked = {
        id: Mutable(
            headline=title, outlets=outlets.get(id, _NOBODY), tags=tags.get(id, _NOTHING), starred=id in starred
        )
        for id, title, _ in speakers
    }
    return {StoryId(id): asked[id] for id in ids if id in asked}


def _outlets(
    connection: Connection, speakers: Sequence[sqlite3.Row], muting: Muting
) -> Mapping[int, frozenset[tuple[str, str]]]:
    names = {id: (name, site) for id, name, site in connection.rows("SELECT id, name, site FROM source")}
    named = {id for id, outlet in names.items() if muting.names_outlet(*outlet)}
    asked = [id for id, _, source in speakers if source in named]
    outlets = defaultdict[int, set[tuple[str, str]]](set)
    for story, source in connection.rows(_OUTLETS, (listed(asked),)):
        outlets[story].add(names[source])
    return {story: frozenset(known) for story, known in outlets.items()}


def _tags(connection: Connection, wanted: str, muting: Muting) -> Mapping[int, frozenset[str]]:
    # Feeds are few and list many articles.
    known = {text: frozenset(json.loads(text)) for (text,) in connection.rows("SELECT DISTINCT tags FROM feed")}
    named = {text for text, tags in known.items() if any(map(muting.names_tag, tags))}
    feeds = [id for id, text in connection.rows("SELECT id, tags FROM feed") if text in named]
    asked = [id for (id,) in connection.rows(_TAGGED, (wanted, listed(feeds)))]
    of_articles = defaultdict[int, dict[int, frozenset[str]]](dict)
    for story, article, text in connection.rows(_TAGS, (listed(asked),)):
        articles = of_articles[story]
        articles[article] = articles.get(article, _NOTHING) | known.get(text, _NOTHING)
    return {story: frozenset.intersection(*articles.values()) for story, articles in of_articles.items()}
