"""Pages of invented sites in the weight and the variety that pages have, for measuring how they are read.

`page(site, number)` is a page and its true text. A site is named by its design and a number: "weblog-3" is the third
weblog. Pages of one site share a template as far as its design does.
"""

import json
import random
from functools import cache
from html import escape

from tests.pageworld.designs import DESIGNS, Shown
from tests.pageworld.writing import Written, name, sentence, written

#: Parts of a page in bytes: what scripts and styles weigh, and what menus and teasers do.
_SCRIPTS = (20_000, 140_000)
_STYLES = (8_000, 50_000)


def sites(each: int) -> list[str]:
    """Name so many sites of each design."""
    return [f"{design}-{number}" for design in DESIGNS for number in range(each)]


def page(site: str, number: int) -> tuple[bytes, str]:
    """Return a page of a site, 60 to 250 KB of it, and the text of its article."""
    design = DESIGNS[site.partition("-")[0]]
    chance = random.Random(f"{site}/{number}")
    article = written(chance, paragraphs=chance.randrange(5, 28))
    body = design(Shown(article=article, number=number, site_chance=random.Random(site), chance=chance))
    top, bottom = _furniture(site)
    teasers = "".join(_teaser(chance) for _ in range(chance.randrange(8, 30)))
    html = (
        f"{_head(site, article, number)}{top}{body}"
        f'<div class="sidebar"><h3>Most read</h3>{teasers}</div>{bottom}</body></html>'
    )
    return html.encode(), _true(site, number, article)


def address(site: str, number: int) -> str:
    """Return the address of a page."""
    return f"https://{site}.example/{2020 + number % 5}/news-{number}.html"


def _true(site: str, number: int, article: Written) -> str:
    is_stub = site.startswith("paid") and number % 3 == 0
    blocks = article.blocks[:2] if is_stub else article.blocks
    return "\n".join(line for block in blocks for line in block.lines)


def _head(site: str, article: Written, number: int) -> str:
    linked = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": f"2024-0{number % 9 + 1}-11T08:{number % 60:02}:00+00:00",
        "author": {"@type": "Person", "name": article.author},
    }
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{escape(article.title)} | {site}</title>'
        f'<link rel="canonical" href="{address(site, number)}"><meta property="og:title" content="{escape(article.title)}">'
        f'<meta property="og:site_name" content="{site}"><meta name="author" content="{escape(article.author)}">'
        f'<script type="application/ld+json">{json.dumps(linked)}</script>{_styles(site)}{_scripts(site)}</head><body>'
    )


@cache
def _furniture(site: str) -> tuple[str, str]:
    chance = random.Random(f"{site} furniture")
    links = "".join(f'<li class="nav-item"><a href="/{name(chance)}">{name(chance)}</a></li>' for _ in range(60))
    small = "".join(f'<a href="/{name(chance)}">{name(chance)}</a> ' for _ in range(40))
    notice = escape(" ".join(sentence(chance, 16)[0] for _ in range(4)))
    top = (
        f'<div class="cookie-banner"><p>{notice}</p><button>Accept</button></div><div class="page"><div class="top">'
        f'<a class="logo" href="/">{site}</a><div class="menu"><ul>{links}</ul></div></div><div class="grid">'
    )
    return top, f'</div><div class="bottom"><p>{notice}</p>{small}</div></div>'


@cache
def _scripts(site: str) -> str:
    chance = random.Random(f"{site} scripts")
    size = chance.randrange(*_SCRIPTS)
    slots: list[dict[str, object]] = []
    while len(json.dumps(slots[:1])) * len(slots) < size:
        slots.append(
            {"unit": f"/{chance.randrange(10**8)}/{name(chance)}", "sizes": [[300, 250], [728, 90]], "if": "a<b"}
        )
    return f"<script>window.slots = {json.dumps(slots)};</script>"


@cache
def _styles(site: str) -> str:
    chance = random.Random(f"{site} styles")
    rules = "".join(
        f".{name(chance)} > .c{number}{{color:#{chance.randrange(16**6):06x};margin:{chance.randrange(40)}px}}"
        for number in range(chance.randrange(*_STYLES) // 45)
    )
    return f"<style>{rules}</style>"


def _teaser(chance: random.Random) -> str:
    return (
        f'<div class="teaser"><a href="/{chance.randrange(99999)}"><img src="/{chance.randrange(99999)}.jpg" alt=""></a>'
        f"<h4><a href='/x'>{escape(sentence(chance, 8)[0])}</a></h4><p>{escape(sentence(chance, 14)[0])}</p></div>"
    )
