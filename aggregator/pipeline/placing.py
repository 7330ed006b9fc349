"""Place an article among the stories: the one way that every caller takes."""

from datetime import datetime

from aggregator.core.stories.placement import CANDIDATES, WINDOW, arrange, join, strongest, verify
from aggregator.domain.ids import ArticleId
from aggregator.domain.settings import Canonical
from aggregator.pipeline.ports import StoryStore


def place(
    store: StoryStore,
    article: ArticleId,
    *,
    dated: datetime,
    shingles: bytes,
    now: datetime,
    canonical: Canonical = Canonical.ORIGINAL,
) -> None:
    """Find the copies of `article`, and write the stories as they stand with it. Needs an open transaction.

    ::

        article ─candidates─▶ [Candidate] ─verify─▶ [Tie] ─┬─ facts ─▶ join ─▶ Join ────────────────────────▶ store
                                                           └─ members, ties ─▶ arrange ─▶ Placement ─apply─▶ store
    """
    candidates = store.candidates(article, since=dated - WINDOW, until=dated + WINDOW, limit=CANDIDATES)
    found = strongest(verify(article, dated=dated, shingles=shingles, candidates=candidates), candidates)
    tied = {id for tie in found for id in (tie.a, tie.b)}
    stories = {candidate.story for candidate in candidates if candidate.id in tied}
    before = store.story_of(article)
    if before is None and len(stories) == 1:
        joined = join(store.member(article), found, candidates, store.story_facts(*stories), canonical=canonical)
        if joined is not None:
            store.join(joined, now)
            return
    if before is not None:
        stories.add(before)
    members = store.members(stories)
    if before is None:
        members = (*members, store.member(article))
    store.apply(arrange(members, store.ties(stories), new=found, canonical=canonical), now)
