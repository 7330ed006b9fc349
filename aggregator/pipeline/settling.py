"""Arrange the open stories anew while polls are recorded, as the program does by itself.

::

    new_boilerplate   beside the writer ─▶ take_up        a transaction an outlet
                                           sign_again     a transaction for some articles
    plan              beside the writer ─▶ [Step] ─take─▶ a transaction a step

It is what `pipeline.rebuild` does at once. What comes between a plan and its last step is placed as ever, and its stories are left
alone until the next time. Each transaction leaves all sound, so whoever breaks off just leaves something undone.
"""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from aggregator.core.stories.rules import Rules
from aggregator.domain.fetching import Failed
from aggregator.pipeline.planning import Step, in_steps, plan, take
from aggregator.pipeline.ports import Clock, InWriter, Snapshots
from aggregator.pipeline.rebuild import is_due, open_since
from aggregator.pipeline.signing import new_boilerplate, sign_again, take_up, unsigned
from aggregator.pipeline.store_ports import Store

#: Articles that are signed again in one transaction, which takes some milliseconds each.
SIGNED_AT_ONCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What settling did."""

    articles: int = 0
    stories: int = 0
    #: Articles that stand in another story than before.
    moved: int = 0
    #: Articles whose stories changed meanwhile and were left alone.
    left: int = 0

    def __add__(self, other: Self) -> Self:
        """Return what both did."""
        return replace(
            self,
            articles=self.articles + other.articles,
            stories=self.stories + other.stories,
            moved=self.moved + other.moved,
            left=self.left + other.left,
        )


class Settler:
    """Knows when the stories are to be arranged anew, and does it, never twice at once."""

    def __init__(self, *, store: Store, in_writer: InWriter, snapshots: Snapshots, clock: Clock, rules: Rules) -> None:
        self._store = store
        self._in_writer = in_writer
        self._snapshots = snapshots
        self._clock = clock
        self._rules = rules
        #: The rules that the stories follow.
        self._settled_by = rules
        self._is_settling = asyncio.Lock()
        #: Whether the last time failed, so that the next one can wait for the night.
        self._has_failed = False

    def reconfigure(self, rules: Rules) -> None:
        """Take up changed rules; the stories follow when they are next settled."""
        self._rules = rules

    async def settle(self, *, anyway: bool = False) -> Settled | Failed | None:
        """Arrange the open stories anew if so much has come since they last were, or `anyway`; None when they are not.

        Cancelling leaves undone what is not done yet.
        """
        if self._is_settling.locked():
            return None
        async with self._is_settling:
            if not (anyway or (not self._has_failed and await self._is_due())):
                return None
            rules, self._has_failed = self._rules, True
            settled = await self._settle(rules)
            if isinstance(settled, Settled):
                self._settled_by, self._has_failed = rules, False
            return settled

    async def _is_due(self) -> bool:
        return self._rules != self._settled_by or await self._in_writer(is_due, self._store)

    async def _settle(self, rules: Rules) -> Settled | Failed:
        failed = await self._sign_again()
        if failed is not None:
            return failed
        now = self._clock()
        steps = await self._snapshots.each(steps_for_open_stories, now, rules)
        if isinstance(steps, Failed):
            return steps
        settled = Settled()
        for step in steps:
            settled += await self._in_writer(_take, self._store, step, now)
        return settled

    async def _sign_again(self) -> Failed | None:
        learned = await self._snapshots.call(new_boilerplate)
        if isinstance(learned, Failed):
            return learned
        for boilerplate in learned:
            await self._in_writer(take_up, self._store, boilerplate)
        if not await self._in_writer(self._store.has_unsigned):
            return None
        articles = await self._snapshots.call(unsigned)
        if isinstance(articles, Failed):
            return articles
        for some in in_steps(articles, SIGNED_AT_ONCE):
            await self._in_writer(sign_again, self._store, some)
        return None


def steps_for_open_stories(store: Store, now: datetime, rules: Rules) -> tuple[Step, ...]:
    """Plan how the open stories are arranged anew."""
    return plan(store, now, since=open_since(now), rules=rules).steps


def _take(store: Store, step: Step, now: datetime) -> Settled:
    taken = take(store, step, now)
    return Settled(
        articles=len(taken.before) + taken.left,
        stories=len(set(taken.after.values())),
        moved=sum(taken.after[id] != story for id, story in taken.before.items()),
        left=taken.left,
    )
