"""What explains why articles stand together, read from all tables at once."""

from collections.abc import Iterable

from aggregator.adapters.store.articles import ArticleTables
from aggregator.adapters.store.connection import Connection
from aggregator.adapters.store.decisions import DecisionTables
from aggregator.adapters.store.stories import StoryTables
from aggregator.adapters.store.terms import TermTables
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Found, Held, Material, Named


class _Tables(ArticleTables, StoryTables, TermTables, DecisionTables):
    """The tables, of which only the reading half is used here."""

    def copies(self, stories: Iterable[StoryId]) -> dict[ArticleId, ArticleId]:
        """Return which article each copy in `stories` carries the text of."""
        found: dict[ArticleId, ArticleId] = {}
        for story in sorted(stories):
            rows = self._sql.rows("SELECT id, copy_of FROM article WHERE story_id = ? AND copy_of NOTNULL", (story,))
            found |= {ArticleId(row["id"]): ArticleId(row["copy_of"]) for row in rows}
        return found


def find(connection: Connection, name: Named) -> Found:
    """Return what a person named.

    Raises:
        UsageError: there is no such thing.
    """
    tables = _Tables(connection)
    if name.story is not None:
        living = tables.living_story(name.story)
        if living is None:
            raise UsageError(
                f"there is no story {name.story}; `aggregator today` lists stories with their numbers,"
                f" and an article is named as a{name.story}"
            )
        return Found(story=living)
    if name.address is not None:
        keys = (name.address,)
        article = tables.article_at(keys) or tables.article_at(keys, claimed=True)
        if article is None:
            raise UsageError(f"no article is known by the address {name.address}; `aggregator search` finds articles")
    else:
        assert name.article is not None
        article = name.article
    story = tables.story_of(article)
    if story is None:
        raise UsageError(f"there is no article {article}; `aggregator story ID` shows articles with their numbers")
    return Found(story=story, article=article)


def material(connection: Connection, stories: set[StoryId]) -> Material:
    """Return all that is known of `stories` and among them."""
    tables = _Tables(connection)
    members = {member.id: member for member in tables.members(stories)}
    profiles = {profile.id: profile for profile in tables.profiles(members)}
    copies = tables.copies(stories)
    articles = {}
    for id, member in members.items():
        article, signature = tables.article(id)
        articles[id] = Held(
            member=member,
            copy_of=copies.get(id),
            title=article.title,
            text=article.text,
            source=article.source.name,
            signature=signature,
            profile=profiles.get(id),
        )
    return Material(
        articles=articles,
        ties=tables.ties(stories),
        rulings=tables.rulings(members),
        vocabularies=tables.vocabularies(),
    )
