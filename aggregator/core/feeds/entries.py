"""What makes an entry itself among the others of its document, and which entries are one."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.core.markup.html_text import one_line, plain_text, strip_tags
from aggregator.core.urls import clean_url, url_key
from aggregator.domain.feeds import Entry
from aggregator.domain.ids import UrlKey

#: Entries of one document that are read, unless the settings say otherwise. Feeds of news hold 10 to 100 (the most in a file of
#: feeds/outlets_2020_21: 152); archives hold thousands and are not news.
MAX_ENTRIES = 2_000
#: Characters. Whatever is longer is cut: real titles end below 300, guids below 500, whole articles below 100,000.
MAX_TITLE = 500
MAX_GUID = 1_000
MAX_SUMMARY = 2_000
MAX_CONTENT = 500_000
MAX_AUTHOR = 200
#: Characters of summary that stand in for a title: a headline's length.
_TITLE_FROM_SUMMARY = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry as its feed has it, not yet held against the others."""

    guid: str = ""
    #: Absolute http(s) address.
    url: str | None = None
    #: Plain text.
    title: str = ""
    #: Plain text.
    summary: str = ""
    #: Markup.
    content: str = ""
    author: str = ""
    published: datetime | None = None
    updated: datetime | None = None
    image: str | None = None


def entries_of(drafts: Iterable[Draft], *, home: str | None) -> tuple[Entry, ...]:
    """Return the distinct entries of a document in its order; `home` is the address of the feed's site.

    An entry is known by its guid; where several with different addresses share one, by guid and address; without a
    guid by its address, if that is its own; else by title and date.
    """
    shaped = [draft for draft in map(_shaped, drafts) if draft.title or draft.url]
    addresses = [url_key(draft.url) if draft.url else None for draft in shaped]
    home_key = url_key(home) if home else None
    keys = _keys(shaped, addresses, home_key)
    holders: dict[UrlKey | None, set[str]] = defaultdict(set)
    for address, key in zip(addresses, keys, strict=True):
        holders[address].add(key)
    entries: dict[str, Entry] = {}
    for draft, address, key in zip(shaped, addresses, keys, strict=True):
        if key not in entries:
            is_own = len(holders[address]) == 1 and not _is_home(address, home_key)
            entries[key] = _entry(draft, key=key, url_is_own=is_own)
    return tuple(entries.values())


def _shaped(draft: Draft) -> Draft:
    """Bring the parts of a draft into their bounds, and give it a title."""
    summary = _cut(one_line(draft.summary), MAX_SUMMARY)
    content = draft.content[:MAX_CONTENT]
    return Draft(
        guid=one_line(draft.guid)[:MAX_GUID],
        url=clean_url(draft.url) if draft.url else None,
        title=_cut(one_line(draft.title) or _cut(summary or plain_text(content), _TITLE_FROM_SUMMARY), MAX_TITLE),
        summary=summary,
        content=content,
        author=_cut(one_line(draft.author), MAX_AUTHOR),
        published=draft.published,
        updated=draft.updated,
        image=draft.image,
    )


def _cut(text: str, length: int) -> str:
    """Cut at a blank, with an ellipsis in place of the rest."""
    if len(text) <= length:
        return text
    return f"{text[: length - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"


def _keys(drafts: Sequence[Draft], addresses: Sequence[UrlKey | None], home: UrlKey | None) -> list[str]:
    addresses_of: dict[str, set[UrlKey | None]] = defaultdict(set)
    titles_at: dict[UrlKey | None, set[str]] = defaultdict(set)
    for draft, address in zip(drafts, addresses, strict=True):
        if draft.guid:
            addresses_of[draft.guid].add(address)
        else:
            titles_at[address].add(draft.title)
    keys = []
    for draft, address in zip(drafts, addresses, strict=True):
        if draft.guid:
            keys.append(draft.guid if len(addresses_of[draft.guid]) == 1 else f"{draft.guid} {address or draft.title}")
        elif address and len(titles_at[address]) == 1 and not _is_home(address, home):
            keys.append(address)
        else:
            keys.append(_digest(draft.title, str(draft.published or "")).hex())
    return keys


def _is_home(address: UrlKey | None, home: UrlKey | None) -> bool:
    """Tell whether an address is a site's front page: the feed's own, or any without a path."""
    return address is not None and (address == home or (address.count("/") == len("///") and address.endswith("/")))


def _entry(draft: Draft, *, key: str, url_is_own: bool) -> Entry:
    return Entry(
        key=key,
        guid=draft.guid or None,
        url=draft.url,
        url_is_own=url_is_own,
        title=draft.title,
        summary=draft.summary,
        content=draft.content,
        author=draft.author or None,
        published=draft.published,
        updated=draft.updated,
        image=draft.image,
        # tags are left out: advertising and counting links change with every answer
        digest=_digest(draft.title, draft.url or "", draft.summary, strip_tags(draft.content)),
    )


def _digest(*parts: str) -> bytes:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).digest()
