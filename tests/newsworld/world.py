"""Read the article files into a `World`; a bad file is refused with its name, the article's id and what is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from tests.newsworld import clock
from tests.newsworld.model import ARTICLES, Event, NewsArticle, Version, World
from tests.newsworld.outlets import OUTLETS

__all__ = ["World", "WorldError", "load_world"]

_KINDS = ("whole", "trimmed", "retitled", "extended", "edited")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

#: The keys of each part of a file; those with a star must be there.
_FILE = ("event*", "language*", "note*", "lookalike_of", "texts*", "copies", "revisions")
_TEXT = ("id*", "outlet*", "at*", "sections*", "title*", "author", "lead*", "body*")
_COPY = ("id*", "of*", "outlet*", "at*", "sections*", "kind*", "title", "author", "keep", "add", "replace", "credit")
_REVISION = ("of*", "at*", "title", "replace", "add", "prepend")


class WorldError(Exception):
    """An article file breaks the format."""

    def __init__(self, file: str, id: str | None, problem: str) -> None:
        self.file = file
        self.id = id
        super().__init__(f"{file}: {id}: {problem}" if id else f"{file}: {problem}")


def load_world(folder: Path = ARTICLES) -> World:
    """Read every article file of `folder`.

    Raises:
        WorldError: a file breaks the format, or two articles share an id.
    """
    events: list[Event] = []
    articles: dict[str, NewsArticle] = {}
    for path in sorted(folder.glob("*.yaml")):
        reading = _File(path)
        events.append(reading.event)
        for article in reading.articles.values():
            if article.id in articles:
                raise WorldError(path.name, article.id, f"the id is taken by {articles[article.id].event}.yaml")
            articles[article.id] = article
    slugs = {event.slug for event in events}
    for event in events:
        for other in set(event.lookalike_of) - slugs:
            raise WorldError(f"{event.slug}.yaml", None, f"lookalike_of names {other!r}, an event without a file")
    ordered = sorted(articles.values(), key=lambda article: (article.at, article.id))
    return World(events=tuple(events), articles=tuple(ordered))


class _File:
    """One article file while it is read."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        tree = self._tree(path)
        self._check_keys(tree, _FILE, None)
        if tree["event"] != path.stem:
            raise self._wrong(None, f"event is {tree['event']!r}, but the file is called {path.name}")
        self.event = Event(
            slug=tree["event"],
            language=self._text(tree, "language", None),
            note=self._text(tree, "note", None),
            lookalike_of=self._texts(tree, "lookalike_of", None),
        )
        self.articles: dict[str, NewsArticle] = {}
        self._revisions: list[Mapping[str, Any]] = self._parts(tree, "revisions", _REVISION)
        for part in self._parts(tree, "texts", _TEXT):
            self._add(self._original(part))
        for part in self._parts(tree, "copies", _COPY):
            self._add(self._copy(part))
        for part in self._revisions:
            if part["of"] not in self.articles:
                raise self._wrong(part["of"], "is revised, but no article of this file has that id")

    def _tree(self, path: Path) -> Mapping[str, Any]:
        try:
            tree = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        except (YAMLError, UnicodeDecodeError) as error:
            raise self._wrong(None, f"cannot be read: {error}") from error
        if not isinstance(tree, dict):
            raise self._wrong(None, "must be a mapping")
        return tree

    def _add(self, article: NewsArticle) -> None:
        if article.id in self.articles:
            raise self._wrong(article.id, "the id is taken by an article above")
        self.articles[article.id] = self._revised(article)

    def _original(self, part: Mapping[str, Any]) -> NewsArticle:
        id = part["id"]
        body = self._text(part, "body", id)
        # Japanese knows no space between two lines.
        joint = "" if self.event.language == "ja" else " "
        paragraphs = tuple(re.sub(r"\s*\n\s*", joint, paragraph.strip()) for paragraph in re.split(r"\n\s*\n", body))
        return NewsArticle(
            **self._common(part),
            title=self._text(part, "title", id),
            lead=self._text(part, "lead", id),
            paragraphs=paragraphs,
        )

    def _copy(self, part: Mapping[str, Any]) -> NewsArticle:
        id, of = part["id"], self.articles.get(part["of"])
        if of is None:
            raise self._wrong(id, f"copies {part['of']!r}, which is no article above in this file")
        if part["kind"] not in _KINDS:
            raise self._wrong(id, f"kind {part['kind']!r} is none of {', '.join(_KINDS)}")
        common = self._common(part)
        # Who copies a text takes what it says at that hour; who was earlier than its author, what it said at first.
        source = of.version(common["at"])
        changed = self._edit(source, part, id)
        return NewsArticle(
            **common,
            copy_of=of.copy_of or of.id,
            kind=part["kind"],
            title=changed.title,
            lead=changed.lead,
            paragraphs=changed.paragraphs,
            credit=part.get("credit"),
        )

    def _common(self, part: Mapping[str, Any]) -> dict[str, Any]:
        """Read what texts and copies have in common."""
        id = part["id"]
        if not isinstance(id, str) or not _ID.fullmatch(id):
            raise self._wrong(str(id), "an id is made of a-z, 0-9 and hyphens")
        outlet = OUTLETS.get(part["outlet"])
        if outlet is None:
            raise self._wrong(id, f"there is no outlet {part['outlet']!r}")
        if outlet.language != self.event.language:
            raise self._wrong(id, f"{outlet.slug} writes {outlet.language}, not {self.event.language}")
        sections = self._texts(part, "sections", id)
        if not sections or not set(sections) <= set(outlet.sections):
            raise self._wrong(id, f"sections {sections} are not among those of {outlet.slug}: {outlet.sections}")
        return {
            "id": id,
            "outlet": outlet.slug,
            "event": self.event.slug,
            "language": outlet.language,
            "at": self._at(part, id),
            "sections": sections,
            "author": self._text(part, "author", id) if "author" in part else None,
        }

    def _revised(self, article: NewsArticle) -> NewsArticle:
        """Give an article its later versions."""
        for part in self._revisions:
            if part["of"] == article.id:
                at = self._at(part, article.id)
                last = article.version(clock.END)
                if at <= last.at:
                    raise self._wrong(article.id, f"the revision of {part['at']} is not later than what it revises")
                version = replace(self._edit(last, part, article.id), at=at)
                article = replace(article, revisions=(*article.revisions, version))
        return article

    def _edit(self, version: Version, part: Mapping[str, Any], id: str) -> Version:
        """Apply keep, replace, add, prepend and title, in this order."""
        paragraphs, lead = list(version.paragraphs), version.lead
        if "keep" in part:
            if not isinstance(part["keep"], int) or not 0 < part["keep"] < len(paragraphs):
                raise self._wrong(id, f"keep {part['keep']} of {len(paragraphs)} paragraphs trims nothing")
            paragraphs = paragraphs[: part["keep"]]
        for old, new in (part.get("replace") or {}).items():
            if not any(str(old) in paragraph for paragraph in paragraphs):
                raise self._wrong(id, f"replaces {old!r}, which its text does not say")
            paragraphs = [paragraph.replace(str(old), str(new)) for paragraph in paragraphs]
            lead = lead.replace(str(old), str(new))
        paragraphs = [*self._texts(part, "prepend", id), *paragraphs, *self._texts(part, "add", id)]
        title = self._text(part, "title", id) if "title" in part else version.title
        return Version(at=version.at, title=title, lead=lead, paragraphs=tuple(paragraphs))

    def _parts(self, tree: Mapping[str, Any], key: str, keys: Sequence[str]) -> list[Mapping[str, Any]]:
        parts = tree.get(key) or []
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise self._wrong(None, f"{key} must be a list of mappings")
        for part in parts:
            self._check_keys(part, keys, str(part.get("id") or part.get("of") or f"one of the {key}"))
        return parts

    def _check_keys(self, part: Mapping[str, Any], keys: Sequence[str], id: str | None) -> None:
        known = {key.rstrip("*") for key in keys}
        if unknown := sorted(str(key) for key in part if key not in known):
            raise self._wrong(id, f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")
        if missing := [key[:-1] for key in keys if key.endswith("*") and key[:-1] not in part]:
            raise self._wrong(id, f"lacks {', '.join(missing)}")

    def _text(self, part: Mapping[str, Any], key: str, id: str | None) -> str:
        text = part[key]
        if not isinstance(text, str) or not text.strip():
            raise self._wrong(id, f"{key} must be text")
        return text.strip()

    def _texts(self, part: Mapping[str, Any], key: str, id: str | None) -> tuple[str, ...]:
        texts = part.get(key) or []
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise self._wrong(id, f"{key} must be a list of texts")
        return tuple(" ".join(text.split()) for text in texts)

    def _at(self, part: Mapping[str, Any], id: str) -> float:
        try:
            at = clock.position(str(part["at"]))
        except ValueError as error:
            raise self._wrong(id, str(error)) from error
        if at > clock.LATEST:
            raise self._wrong(id, f"{part['at']} is later than 2 22:00, where the world ends")
        return at

    def _wrong(self, id: str | None, problem: str) -> WorldError:
        return WorldError(self.name, id, problem)
