"""What an app shows of a story: markup of our own, with nothing of strangers in it but words and links."""

import html
import re

from aggregator.core.markup.sanitising import address, prose, sanitised
from aggregator.domain.reading import Carrier, ListedStory
from aggregator.domain.streams import StreamedStory

#: Other outlets that are named under a story; the rest is counted.
_NAMED = 30
_LOOKALIKES = str.maketrans({"<": "\N{FULLWIDTH LESS-THAN SIGN}", ">": "\N{FULLWIDTH GREATER-THAN SIGN}"})
_ENTITY = re.compile(r"&(?=#?\w{1,32};)")


def content(told: StreamedStory) -> str:
    """Return the text that speaks for a story, and under it how widely it is carried and by whom."""
    text = prose(paragraph for paragraph in (told.text or told.story.summary).split("\n") if paragraph.strip())
    return text + _footer(told.story)


def unmarked(text: str) -> str:
    """Return plain text that reads the same whether an app takes it for text or for markup.

    Apps are of two minds on headlines: what would be an element or an entity gets signs that look alike.
    """
    return _ENTITY.sub("\N{FULLWIDTH AMPERSAND}", text.translate(_LOOKALIKES))


def link(story: ListedStory) -> str:
    """Return the address of the article that speaks for a story; empty where it is none to follow."""
    return address(story.url) or ""


def _footer(story: ListedStory) -> str:
    if story.counts.articles == 1:
        return ""
    others = [carrier for carrier in story.carriers if carrier.url != story.url]
    lines = "".join(f"<li>{_carrier(carrier)}</li>" for carrier in others[:_NAMED])
    if len(others) > _NAMED:
        lines += f"<li>… and {len(others) - _NAMED:,} more</li>"
    lineage = f"<br>{html.escape(story.lineage)}" if story.lineage else ""
    return sanitised(f"<p><em>{html.escape(str(story.counts))}</em>{lineage}</p><ul>{lines}</ul>")


def _carrier(carrier: Carrier) -> str:
    named = f"{html.escape(carrier.source)}: {html.escape(carrier.title)}"
    url = address(carrier.url)
    return named if url is None else f'<a href="{html.escape(url)}">{named}</a>'
