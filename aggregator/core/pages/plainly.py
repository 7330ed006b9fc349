"""The simple way to read a page that is too much for the usual one: without a parser, in one pass, whatever it holds."""

import html
import re

from aggregator.core.markup.bounds import opening_tags
from aggregator.core.markup.html_text import one_line, strip_tags

#: Opening tags from which a page is read simply: trafilatura takes 25 to 100 µs a tag and 2 KB of memory, so this costs two
#: seconds at most. The most in the 181 pages of pages/gold_181 are 1,797.
MOST_TAGS = 15_000

#: Characters that a paragraph of an article has at least; menus, buttons and lists of one letter have fewer.
_LEAST = 40
#: Paragraphs and characters that are kept, more than the longest article has.
_MOST_PARAGRAPHS = 2_000
_MOST_TEXT = 300_000
#: Parts of a head that are looked at, and characters of each.
_MOST_PARTS = 500
_LONGEST_PART = 100_000

_UNREAD = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|template|noscript|svg|head|title)\b.*?(?:</\1\b|\Z)", re.DOTALL | re.IGNORECASE
)
#: What is no paragraph of the article itself ends one as well, for many are never closed.
_PARAGRAPH = re.compile(
    r"<p(?=[\s>])[^<>]*+>(.*?)(?=</?(?:p|div|article|section|main|aside|footer|nav|ul|ol|table|h[1-6]|body)\b|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_ARTICLE = re.compile(r"<article\b.*?(?:</article\b|\Z)", re.DOTALL | re.IGNORECASE)
_HEAD_PART = re.compile(
    r"<!--.*?(?:-->|\Z)|<title\b.*?(?:</title\b|\Z)|<script\b.*?(?:</script\b|\Z)|<(?:html|meta|link)\b[^<>]*+>",
    re.DOTALL | re.IGNORECASE,
)


def is_too_much(page: str) -> bool:
    """Tell by a cheap look whether a page would cost the usual way of reading more than two seconds."""
    return page.count("<") > MOST_TAGS and opening_tags(page) > MOST_TAGS


def simple_text(page: str) -> str:
    """Return the longer paragraphs of a page's article, or of the whole page where it has none; one a line."""
    read = _UNREAD.sub(" ", page)
    articles = " ".join(match[0] for match in _ARTICLE.finditer(read))
    return _paragraphs(articles) or _paragraphs(read)


def bare_head(page: str) -> str:
    """Return a small page of what a large one says of itself, wherever in it that stands: title, meta, link, JSON-LD."""
    kept = []
    for match in _HEAD_PART.finditer(page):
        part = match[0]
        is_said = not part.startswith("<!--") and (part[:7].lower() != "<script" or "ld+json" in part[:200])
        if is_said and len(part) <= _LONGEST_PART:
            kept.append(_closed(part))
        if len(kept) >= _MOST_PARTS:
            break
    return "".join(kept) or "<html></html>"


def _closed(part: str) -> str:
    name = part[1:7].lower()
    if name == "script":
        return f"{part.removesuffix('</script')}</script>"
    return f"{part}>" if name.startswith("title") else part


def _paragraphs(markup: str) -> str:
    kept: list[str] = []
    length = 0
    for match in _PARAGRAPH.finditer(markup):
        line = one_line(html.unescape(strip_tags(match[1])))
        if len(line) < _LEAST:
            continue
        kept.append(line)
        length += len(line)
        if len(kept) >= _MOST_PARAGRAPHS or length >= _MOST_TEXT:
            break
    return "\n".join(kept)[:_MOST_TEXT]
