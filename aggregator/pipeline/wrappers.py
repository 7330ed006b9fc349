"""Keeps at hand what is learned of the pages of each site."""

from aggregator.core.wrappers.trust import taught
from aggregator.domain.wrappers import Lesson, Wrapper
from aggregator.pipeline.ports import Clock, InWriter
from aggregator.pipeline.store_ports import WrapperStore

#: Sites whose wrapper is in memory, some 20 KB each, the last ones used.
AT_HAND = 500


class Wrappers:
    """The wrappers of sites: asked of the store once, and written where a lesson changed them."""

    def __init__(self, *, store: WrapperStore, in_writer: InWriter, clock: Clock) -> None:
        self._store = store
        self._in_writer = in_writer
        self._clock = clock
        self._at_hand = dict[str, Wrapper]()

    async def of(self, site: str) -> Wrapper:
        """Return what is known of a site's pages."""
        wrapper = self._at_hand.pop(site, None)
        if wrapper is None:
            wrapper = await self._in_writer(self._store.wrapper, site) or Wrapper()
        self._put(site, wrapper)
        return wrapper

    async def learn(self, site: str, lesson: Lesson) -> None:
        """Take up what a page of a site taught."""
        before = await self.of(site)
        after = taught(before, lesson)
        if after != before:
            self._put(site, after)
            await self._in_writer(self._store.keep_wrapper, site, after, self._clock())

    def _put(self, site: str, wrapper: Wrapper) -> None:
        self._at_hand.pop(site, None)
        self._at_hand[site] = wrapper
        if len(self._at_hand) > AT_HAND:
            del self._at_hand[next(iter(self._at_hand))]
