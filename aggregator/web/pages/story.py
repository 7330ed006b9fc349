"""A story: what is gathered for `story.html`."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aggregator.adapters.store import StoreReader
from aggregator.core.changes import Comparison, compare
from aggregator.core.explaining.notes import notes
from aggregator.domain.ids import ArticleId
from aggregator.domain.reading import StoryArticle, StoryView, Texts, Version
from aggregator.web.pages.sparkline import Sparkline, sparkline

#: Texts, and copies of all of them together, that are shown, the first ones; a story of a thousand articles is no page.
MOST_TEXTS, MOST_COPIES = 60, 60
#: Characters of the lead: what makes a person read on at the outlet, not instead.
LEAD = 700
#: Characters of each further text: enough to see how it differs.
_BEGINNING = 320
_ARTICLE = re.compile(r"article (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Part of a sentence; where `article` is set it names that one."""

    text: str
    article: ArticleId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """An article that carries another's text."""

    article: StoryArticle
    comparison: Comparison
    #: Whether its headline is its own.
    is_retitled: bool
    why: tuple[Words, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of an article."""

    version: Version
    #: The headline that came after; None where it stayed.
    title: str | None
    comparison: Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A text of the story: the article that it is shown by, and its copies."""

    article: StoryArticle
    why: tuple[Words, ...]
    notes: tuple[str, ...]
    edits: tuple[Edit, ...]
    copies: tuple[Copy, ...]
    #: Copies that are not shown.
    more: int
    #: How it begins, where the story's own lead does not say it already.
    lead: tuple[str, ...]
    #: What the copies are, as in "9 word for word, 3 shortened".
    kinds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    """A story laid out."""

    story: StoryView
    lead: tuple[str, ...]
    #: The earliest article, which the story began with.
    first: StoryArticle
    tellings: tuple[Telling, ...]
    #: Texts that are not shown.
    more: int
    spark: Sparkline | None


def read_story_page(reader: StoreReader, story: StoryView) -> StoryPage:
    """Gather a story."""
    texts = reader.texts(story.id)
    known = {article.id: article for article in story.articles}
    copies = defaultdict[ArticleId, list[StoryArticle]](list)
    for article in story.articles:
        if article.copy_of in known:
            copies[article.copy_of].append(article)
    speaker = next((article for article in story.articles if article.url == story.url), story.articles[0])
    told = known.get(speaker.copy_of or speaker.id, speaker)
    heads = [article for article in story.articles if article.copy_of not in known]
    tellings: list[Telling] = []
    room = MOST_COPIES
    for head in heads[:MOST_TEXTS]:
        tellings.append(_telling(head, copies[head.id], known, texts, room=room, speaker=head.id == told.id))
        room -= len(tellings[-1].copies)
    return StoryPage(
        story=story,
        lead=lead(texts.current.get(speaker.id, "") or story.summary, speaker.title),
        first=story.articles[0],
        tellings=tuple(tellings),
        more=max(len(heads) - MOST_TEXTS, 0),
        spark=sparkline([article.dated for article in story.articles]),
    )


def lead(text: str, title: str, room: int = LEAD) -> tuple[str, ...]:
    """Return the first paragraphs of a text without its headline, `room` characters; the last one may be cut."""
    shown: list[str] = []
    paragraphs = text.split("\n")
    if paragraphs[0].casefold() == title.casefold():
        del paragraphs[0]
    for paragraph in paragraphs:
        if len(paragraph) > room:
            cut = paragraph[:room].rsplit(" ", 1)[0]
            return (*shown, f"{cut} …")
        shown.append(paragraph)
        room -= len(paragraph)
    return tuple(filter(None, shown))


def reason(sentence: str, known: Mapping[ArticleId, StoryArticle]) -> tuple[Words, ...]:
    """Return why an article is here with outlets' names in the place of numbers."""
    parts = _ARTICLE.split(sentence)
    words = [Words(text=parts[0])]
    for number, rest in zip(parts[1::2], parts[2::2], strict=True):
        other = known.get(ArticleId(int(number)))
        named = Words(text=f"{other.source}’s", article=other.id) if other else Words(text=f"article {number}")
        words += [named, Words(text=rest)]
    return tuple(words)


def _telling(
    head: StoryArticle,
    copies: Sequence[StoryArticle],
    known: Mapping[ArticleId, StoryArticle],
    texts: Texts,
    *,
    room: int,
    speaker: bool,
) -> Telling:
    shown = tuple(_copy(copy, head, known, texts) for copy in copies[:room])
    return Telling(
        article=head,
        why=reason(head.why, known),
        notes=tuple(notes(head)),
        edits=_edits(head, texts),
        copies=shown,
        more=len(copies) - len(shown),
        lead=() if speaker else lead(texts.current.get(head.id, ""), head.title, _BEGINNING),
        kinds=_kinds(shown),
    )


def _copy(copy: StoryArticle, head: StoryArticle, known: Mapping[ArticleId, StoryArticle], texts: Texts) -> Copy:
    return Copy(
        article=copy,
        comparison=compare(texts.current.get(head.id, ""), texts.current.get(copy.id, "")),
        is_retitled=copy.title != head.title,
        why=reason(copy.why, known),
        notes=tuple(notes(copy)),
    )


def _edits(article: StoryArticle, texts: Texts) -> tuple[Edit, ...]:
    """Return what each version of an article changed, the earliest first."""
    earlier = texts.earlier.get(article.id, ())
    after = [(version.title, version.text) for version in earlier[1:]]
    after.append((article.title, texts.current.get(article.id, "")))
    return tuple(
        Edit(version=version, title=title if title != version.title else None, comparison=compare(version.text, text))
        for version, (title, text) in zip(earlier, after, strict=False)
    )


def _kinds(copies: Sequence[Copy]) -> str:
    counts = Counter(str(copy.comparison.kind) for copy in copies)
    return ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
