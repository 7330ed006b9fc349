"""What surrounds an article on the web: a head, scripts, menus, teasers, remarks; some 60 to 250 KB of it."""

import json
import random
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape

from tests.bench.prose import Telling, links, name, tell, words

#: How gzip begins and ends; between stand parts that were compressed by themselves.
BEGINNING = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
END = zlib.compressobj(wbits=-15).flush()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a page, and the same compressed so that it can stand beside others."""

    plain: bytes
    deflated: bytes


def part(text: str) -> Part:
    """Compress a part of a page."""
    plain = text.encode()
    deflating = zlib.compressobj(6, wbits=-15)
    return Part(plain=plain, deflated=deflating.compress(plain) + deflating.flush(zlib.Z_FULL_FLUSH))


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How an outlet's pages look."""

    prefix: str
    paragraph: str
    #: What stands on every page of the outlet, before and after what is the article's own.
    before: Part
    after: Part

    def article(self, telling: Telling, *, url: str, published: datetime, site: str) -> str:
        """Return what is an article's own: of the head what names it, and its text."""
        p = self.prefix
        linked = {"@type": "NewsArticle", "headline": telling.title, "datePublished": published.isoformat(), "url": url}
        title, lead = escape(telling.title), escape(telling.lead)
        body = "\n".join(self.paragraph.format(_linked(line)) for line in telling.paragraphs)
        return (
            f'<title>{title}</title><link rel="canonical" href="{url}"><meta property="og:title" content="{title}">'
            f'<meta property="og:description" content="{lead}"><meta property="og:site_name" content="{site}">'
            f'<meta property="article:published_time" content="{published.isoformat()}">'
            f'<script type="application/ld+json">{json.dumps(linked)}</script></head>\n<body class="{p}-page">\n'
            f"{_menu(p, site)}"
            f'<main class="{p}-main"><article class="{p}-article"><header><h1 class="{p}-title">{title}</h1>'
            f'<p class="{p}-byline">By our staff, <time datetime="{published.isoformat()}">today</time></p></header>'
            f'<div class="{p}-body article-body">\n{body}\n</div></article>\n'
        )


@cache
def design(seed: int, outlet: int) -> Design:
    """Return an outlet's design."""
    chance = random.Random(f"{seed} design {outlet}")
    prefix = name(chance).lower()[:4]
    paragraph = chance.choice(
        ("<p>{}</p>", f'<p class="{prefix}-par">{{}}</p>', f'<div class="{prefix}-b"><p>{{}}</p></div>')
    )
    return Design(
        prefix=prefix,
        paragraph=paragraph,
        before=part(_head(chance, prefix)),
        after=part(_after(chance, prefix, seed)),
    )


def _head(chance: random.Random, p: str) -> str:
    rules = "\n".join(
        f".{p}-{name(chance).lower()}{{margin:{chance.randint(0, 40)}px;padding:0 {chance.randint(0, 9)}px;color:#{chance.randrange(16**6):06x}}}"
        for _ in range(chance.randint(150, 500))
    )
    state = {name(chance): [chance.randrange(10**9) for _ in range(8)] for _ in range(chance.randint(20, 1_000))}
    metas = "".join(f'<meta name="{p}:{name(chance).lower()}" content="{words(chance, 4)}">' for _ in range(25))
    preloads = "".join(
        f'<link rel="preload" as="script" href="/static/{chance.randrange(10**8)}.js">' for _ in range(12)
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width">{metas}{preloads}'
        f"<style>{rules}</style><script>window.__state={json.dumps(state)};</script>\n"
    )


@cache
def _menu(p: str, site: str) -> str:
    chance = random.Random(f"menu {p} {site}")
    sections = "".join(
        f'<li class="{p}-nav__li">{link}</li>' for link in links(chance, chance.randint(90, 220), within=f"{p}-nav")
    )
    return (
        f'<div class="cookie-banner" id="consent"><p>We and our {chance.randint(90, 500)} partners store cookies.</p>'
        f'<button>Accept</button></div><header class="{p}-header"><a href="/">{site}</a>'
        f'<nav class="{p}-nav"><ul>{sections}</ul></nav></header>\n'
    )


def _after(chance: random.Random, p: str, seed: int) -> str:
    share = "".join(
        f'<li><button class="{p}-share__b"><svg viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg></button></li>'
        for _ in range(6)
    )
    teasers = "".join(_teaser(chance, p, seed) for _ in range(chance.randint(40, 120)))
    remarks = "".join(_remark(chance, p, seed) for _ in range(chance.randint(0, 15)))
    footer = "".join(f"<li>{link}</li>" for link in links(chance, chance.randint(40, 100), within=f"{p}-foot"))
    script = ";".join(
        f"function {name(chance)}(){{return {chance.randrange(10**9)}}}" for _ in range(chance.randint(50, 2_500))
    )
    return (
        f'<ul class="{p}-share">{share}</ul><section class="{p}-comments" id="comments">{remarks}</section></main>\n'
        f'<aside class="{p}-aside sidebar">{teasers}</aside>\n'
        f'<footer class="{p}-foot"><ul>{footer}</ul><p>All rights reserved.</p></footer>\n'
        f"<script>{script}</script></body></html>\n"
    )


def _linked(line: str) -> str:
    """Let a word of a paragraph be a link and another one stand out, as editors do."""
    first, _, rest = escape(line).partition(" ")
    middle, _, last = rest.rpartition(" ")
    return f'<a href="/topics/{len(line)}">{first}</a> {middle} <strong>{last}</strong>'


def _teaser(chance: random.Random, p: str, seed: int) -> str:
    telling = tell(seed, chance.randrange(1_000), -2, paragraphs=(1, 1))
    return (
        f'<div class="{p}-teaser"><div class="{p}-teaser__in"><a href="/{chance.randrange(10**7)}/"><picture><source srcset="/i/{chance.randrange(10**7)}.webp 2x">'
        f'<img loading="lazy" src="/i/{chance.randrange(10**7)}.jpg" alt=""></picture><h3>{escape(telling.title)}</h3></a>'
        f'<p class="{p}-teaser__lead">{words(chance, 9)}</p><div class="{p}-teaser__foot">'
        f'<span class="{p}-teaser__tag"><a href="/t/">{words(chance, 1)}</a></span><time>{chance.randint(1, 23)} h</time></div></div></div>'
    )


def _remark(chance: random.Random, p: str, seed: int) -> str:
    telling = tell(seed, chance.randrange(1_000), -3, paragraphs=(1, 1))
    return f'<div class="comment {p}-comment"><b>{name(chance)}</b><p>{escape(telling.lead)}</p><button>Reply</button></div>'
