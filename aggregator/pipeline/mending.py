"""Make anew what follows from the articles of a database."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from aggregator.core.stories.rules import DEFAULT_RULES, Rules
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.keeping import Flaw, FlawKind
from aggregator.pipeline.deciding import as_they_stand
from aggregator.pipeline.placing import place
from aggregator.pipeline.signing import sign_again
from aggregator.pipeline.store_ports import Store


class MendingStore(Store, Protocol):
    """The whole store, as one needs it who mends it."""

    def mend_rows(self, flaws: Iterable[Flaw]) -> None:
        """Mend what needs no second thought: rows of no use go, and what follows from other rows is made anew."""

    def mend_indexes(self) -> None:
        """Make the indexes of the database anew."""

    def unplaced(self) -> tuple[ArticleId, ...]:
        """Return the articles that stand in no story, the earliest dated first."""

    def miscounted(self) -> tuple[StoryId, ...]:
        """Return the stories whose counts, dates, first article or copies are not as their articles say."""

    def forget_copies(self, stories: Iterable[StoryId]) -> None:
        """Let the articles of `stories` copy none, until they are arranged."""


def mend(store: MendingStore, flaws: Sequence[Flaw], now: datetime, *, rules: Rules = DEFAULT_RULES) -> None:
    """Mend what can be mended, all of it or nothing; what has a cure of its own stays as it is.

    Stories keep their articles. Articles without a story are placed as new ones are, and signed anew where that was lost.
    """
    kinds = {flaw.kind for flaw in flaws if flaw.cure is None}
    if not kinds:
        return
    with store.transaction():
        if FlawKind.INDEX in kinds:
            store.mend_indexes()
            return
        store.mend_rows(flaws)
        if any(flaw.cure is not None for flaw in flaws):
            # Something is lost that only a backup has, and without it nothing can be arranged.
            return
        if FlawKind.NO_SIGNATURE in kinds:
            sign_again(store)
        _count_anew(store, now, rules)
        for id in store.unplaced():
            article, signature = store.article(id)
            place(store, id, signature, dated=article.dated, now=now, rules=rules)


def _count_anew(store: MendingStore, now: datetime, rules: Rules) -> None:
    stories = store.miscounted()
    if stories:
        store.forget_copies(stories)
        store.apply(as_they_stand(store, store.members(stories), rules), now)
