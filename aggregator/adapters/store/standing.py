"""What tells a story from what it may become: whether a plan that was made of it still holds."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping

from aggregator.adapters.store.connection import Connection, listed
from aggregator.domain.ids import StoryId

_SAID = """
    SELECT story_id, article.id, url, source_id, dated, text_length, is_original, language, title, terms,
        coalesce((SELECT max(weight) FROM entry JOIN feed ON feed.id = feed_id WHERE article_id = article.id), 1.0)
    FROM json_each(?) AS wanted CROSS JOIN article ON story_id = wanted.value
    LEFT JOIN signature ON signature.article_id = article.id ORDER BY article.id
"""
# Those of events are made anew with every plan.
_TIED = """
    SELECT story_id, a, b, relation, jaccard, containment, rule
    FROM json_each(?) AS wanted CROSS JOIN article ON story_id = wanted.value CROSS JOIN tie ON a = article.id
    WHERE relation <> 'event' ORDER BY a, b
"""
_RULED = """
    SELECT story_id, a, b, verdict FROM json_each(?) AS wanted CROSS JOIN article ON story_id = wanted.value
    CROSS JOIN ruling ON a = article.id CROSS JOIN decision ON decision.id = decision_id AND undone IS NULL
    ORDER BY ruling.id
"""
#: Bytes of a digest.
_SIZE = 12


class StandingTables:
    """Tells how stories stand."""

    _sql: Connection

    def standing(self, stories: Iterable[StoryId]) -> Mapping[StoryId, bytes]:
        """Return of each story, as far as there are such, what changes whenever it might be arranged otherwise.

        That is when its articles are others, or say something else, or are tied otherwise by their words, or when a reader
        ruled otherwise of them.
        """
        wanted = listed(stories)
        digests = defaultdict[StoryId, hashlib.blake2b](lambda: hashlib.blake2b(digest_size=_SIZE))
        for told in (_SAID, _TIED, _RULED):
            for row in self._sql.rows(told, (wanted,)):
                digests[StoryId(row["story_id"])].update(repr(tuple(row)).encode(errors="surrogatepass"))
        return {story: digest.digest() for story, digest in digests.items()}
