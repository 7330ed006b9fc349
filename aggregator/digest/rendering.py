"""What a digest is written as: Markdown, HTML, plain text. All but the counts and a few words was written by strangers."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined

from aggregator.core.markup.sanitising import address
from aggregator.core.printable import printable, printable_part
from aggregator.digest.gathering import Digest, Form, facts, outlets, summary

#: What CommonMark reads as more than a character wherever it stands in a line …
_MARKDOWN = re.compile(r"([\\`*_\[\]<>&~|])")
#: … and at the beginning of one: headings, rules, lists.
_BEGINNING = re.compile(r"^(\d{0,9})([#+=.)-])")
#: What would end the address of a link in Markdown, or its line in plain text.
_ENDS_ADDRESS = re.compile(r"[\s<>()\\\x00-\x1f]")
_NAMELESS = "(no headline)"


def written(digest: Digest, form: Form) -> str:
    """Write a digest."""
    return _WRITERS[form](digest)


def fitted(digest: Digest, form: Form, most: int) -> str:
    """Write a digest in `most` characters: with as many stories as there is room for, and the number of the others."""
    whole = written(digest, form)
    if len(whole) <= most:
        return whole
    count = bisect_right(range(len(digest.stories)), most, key=lambda count: len(written(digest.first(count), form)))
    return written(digest.first(max(count - 1, 0)), form)


def _markdown(digest: Digest) -> str:
    parts = [f"# {_plain(digest.heading)}", _plain(digest.sum)]
    for story in digest.stories:
        title, url = _plain(story.title) or _NAMELESS, _link(story.url)
        parts.append(f"## [{title}]({url})" if url else f"## {title}")
        if text := _plain(summary(story)):
            parts.append(text)
        parts.append(
            f"**{story.counts}**"
            + "".join(f" · {_plain(fact)}" for fact in facts(story))
            + f"  \n{_plain(outlets(story))}"
        )
    ending = f"{digest.ending}  \n{_plain(digest.muted)}." if digest.muted else digest.ending
    return "\n\n".join([*parts, "---", ending]) + "\n"


def _text(digest: Digest) -> str:
    parts = [f"{digest.heading}\n{digest.sum}"]
    for number, story in enumerate(digest.stories, 1):
        lines = (
            printable(summary(story)),
            printable(" · ".join((str(story.counts), *facts(story)))),
            printable(outlets(story)),
            _link(story.url),
        )
        head = f"{number}. {printable(story.title) or _NAMELESS}"
        parts.append("\n".join([head, *(f"   {line}" for line in lines if line)]))
    ending = f"{digest.ending}\n{printable(digest.muted)}." if digest.muted else digest.ending
    return "\n\n".join([*parts, ending]) + "\n"


def _html(digest: Digest) -> str:
    return _environment().get_template("digest.html").render(digest=digest)


_WRITERS: Mapping[Form, Callable[[Digest], str]] = {Form.MARKDOWN: _markdown, Form.HTML: _html, Form.TEXT: _text}


def _plain(text: str) -> str:
    """Return a line of text that Markdown reads as nothing but text."""
    return _BEGINNING.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", printable(text)))


def _link(url: str) -> str:
    """Return an address that may be opened, as one word; empty where it may not."""
    known = address(url)
    return _ENDS_ADDRESS.sub(lambda match: quote(match.group()), printable(known)) if known else ""


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aggregator.digest"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_shown,
    )
    environment.filters |= {"href": _link, "facts": facts, "outlets": outlets, "summary": summary}
    return environment


def _shown(value: object) -> object:
    return printable_part(value) if isinstance(value, str) else value
