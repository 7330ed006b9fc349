"""What arranging stories anew, and a reader's decisions, ask of the store beyond what placing asks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.stories import Decision, DecisionKind, Profile, Ruling, Tie, Vocabulary


class ArchiveStore(Protocol):
    """What a rebuild and a reader's decisions read and write beyond `StoryStore`."""

    def article_count(self, most: int | None = None) -> int:
        """Return how many articles there are, or `most` where they are more."""

    def has_unsigned(self) -> bool:
        """Tell whether there is an article whose signature an older version made."""

    def unsigned(self, among: Iterable[ArticleId] | None = None) -> tuple[ArticleId, ...]:
        """Return such articles, all or those of `among`, the earliest dated first."""

    def sign_later(self, articles: Iterable[ArticleId]) -> None:
        """Let articles be signed again, as if an older version had made their signatures."""

    def last_article(self) -> ArticleId:
        """Return the number of the article that was recorded last, 0 without any."""

    def articles_after(self, last: ArticleId, site: str) -> tuple[ArticleId, ...]:
        """Return the articles of a site's outlet that were recorded after `last`, in their order."""

    def sign_anew(self, id: ArticleId, old: Signature, new: Signature, dated: datetime) -> None:
        """Put a signature in the place of the old one; the ties go, for they spoke of that."""

    def add_ties(self, ties: Iterable[Tie]) -> None:
        """Keep ties, in the place of what was known before of the same two articles."""

    def newest_texts(self, limit: int) -> Iterator[tuple[ArticleId, str, str]]:
        """Yield the articles dated last with their outlet's site and their text, the earliest of them first."""

    def set_boilerplate(self, site: str, lines: Iterable[int]) -> None:
        """Put `lines` in the place of what was learned before of an outlet."""

    def sites_with_boilerplate(self) -> tuple[str, ...]:
        """Return the sites of the outlets of which boilerplate is known."""

    def newest_profiles(self, limit: int) -> Iterator[Profile]:
        """Yield the profiles of the articles dated last, the latest first."""

    def learn(self, vocabularies: Mapping[str, Vocabulary], now: datetime) -> None:
        """Put `vocabularies` in the place of those learned before."""

    def found_before(self, before: datetime) -> tuple[ArticleId, ...]:
        """Return the articles dated before a time that are found by their words."""

    def forget_key_terms(self, articles: Iterable[ArticleId]) -> None:
        """Let articles be found no more by their words."""

    def standing(self, stories: Iterable[StoryId]) -> Mapping[StoryId, bytes]:
        """Return of each story, as far as there are such, what changes whenever it might be arranged otherwise.

        That is when its articles are others, or say something else, or are tied otherwise by their words, or when a reader
        ruled otherwise of them.
        """

    def living_story(self, story: StoryId) -> StoryId | None:
        """Return the story of that number, or the one it was merged into; None if there never was one."""

    def stories_since(self, since: datetime | None) -> tuple[StoryId, ...]:
        """Return the stories that have an article dated at or after `since`, all with None; by id."""

    def decide(
        self,
        kind: DecisionKind,
        told: str,
        *,
        before: Mapping[ArticleId, StoryId],
        rulings: Iterable[Ruling] = (),
        now: datetime,
    ) -> None:
        """Keep a decision, with where the articles that it moves stood before, so that it can be undone."""

    def last_decision(self) -> Decision | None:
        """Return the last decision that was not undone."""

    def take_back(self, decision: int, now: datetime) -> None:
        """Let a decision no longer hold."""

    def forget_rebuilds(self, keep: int) -> None:
        """Drop what all but the last `keep` rebuilds did."""
