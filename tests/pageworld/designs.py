"""Designs of sites: how each shows the blocks of an article, and what it puts between and around them."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from tests.pageworld.writing import Block, Written, name, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An article as a page of a site shows it."""

    article: Written
    #: Of the page within its site.
    number: int
    #: The same on every page of the site.
    site_chance: random.Random
    #: The page's own.
    chance: random.Random


#: From an article to the markup of its body.
Design = Callable[[Shown], str]


def plain(shown: Shown) -> str:
    """One container with semantic classes; boxes between paragraphs; a header with the title above."""
    inner = _between(
        _blocks(shown.article.blocks),
        shown.chance,
        _related(shown.chance),
        _newsletter(),
        _advert(shown.chance),
        _figure(shown.chance),
    )
    return (
        f'<article class="story"><header class="story-head"><h1>{escape(shown.article.title)}</h1>{_byline(shown.article)}</header>'
        f'{_share()}<div class="story-body" itemprop="articleBody">{inner}</div>{_tags(shown.chance)}</article>{_comments(shown.chance)}'
    )


def weblog(shown: Shown) -> str:
    """A weblog's theme: the article's classes name its number, its categories and its tags."""
    labels = " ".join(f"category-{name(shown.chance).lower()}" for _ in range(shown.chance.randrange(1, 4)))
    labels += "".join(f" tag-{name(shown.chance).lower()}" for _ in range(shown.chance.randrange(0, 5)))
    inner = _between(_blocks(shown.article.blocks), shown.chance, _figure(shown.chance), _advert(shown.chance))
    return (
        f'<main id="main" class="site-main"><article id="post-{shown.number + 4711}" class="post-{shown.number + 4711} post type-post '
        f'status-publish format-standard hentry {labels}"><header class="entry-header"><h1 class="entry-title">'
        f'{escape(shown.article.title)}</h1><div class="entry-meta">{_byline(shown.article)}</div></header>'
        f'<div class="entry-content">{inner}<div class="sharedaddy">{_share()}</div></div>'
        f'<footer class="entry-footer">{_tags(shown.chance)}</footer></article>{_comments(shown.chance)}</main>'
    )


def modules(shown: Shown) -> str:
    """Class names are hashes, and others with every page."""
    return _hashed(shown, shown.chance)


def built(shown: Shown) -> str:
    """Class names are hashes, but stay; what the page is about is an article."""
    return _hashed(shown, shown.site_chance, tag="article")


def split(shown: Shown) -> str:
    """The body stands in several containers, with boxes between them; how many depends on the article."""
    size = shown.chance.randrange(3, 6)
    parts = [shown.article.blocks[start : start + size] for start in range(0, len(shown.article.blocks), size)]
    chunks = f'<div class="slot">{_advert(shown.chance)}</div>'.join(
        f'<div class="chunk">{"".join(_blocks(part))}</div>' for part in parts
    )
    return f'<article class="longread"><h1>{escape(shown.article.title)}</h1>{_byline(shown.article)}{chunks}{_related(shown.chance)}</article>'


def promoted(shown: Shown) -> str:
    """Advertisements and promotions are paragraphs like all others, some with a class and some with a link."""
    promotions = [
        "<p>Advertisement</p>",
        f'<p class="promo"><strong>Read more:</strong> <a href="/{shown.chance.randrange(9999)}">{sentence(shown.chance, 9)[0]}</a></p>',
        f'<p><a href="/{shown.chance.randrange(9999)}">{sentence(shown.chance, 5)[0]}</a></p>',
        f'<p><em><a href="/letter">Sign up for our morning letter</a> to read more about {name(shown.chance)}.</em></p>',
    ]
    inner = _between(_blocks(shown.article.blocks), shown.chance, *promotions)
    return f'<div class="article"><h1>{escape(shown.article.title)}</h1>{_byline(shown.article)}<div class="article-body">{inner}</div></div>'


def live(shown: Shown) -> str:
    """A report in instalments, each with its time and heading."""
    notes = "".join(
        f'<div class="live-note" id="n{place}"><time>{place + 7}:{shown.chance.randrange(10, 60)}</time>'
        f"<h3>{escape(sentence(shown.chance, 5)[0])}</h3>{''.join(_blocks((block,)))}</div>"
        for place, block in enumerate(shown.article.blocks)
    )
    return f'<article class="live"><h1>{escape(shown.article.title)}</h1><div class="live-list">{notes}</div></article>{_related(shown.chance)}'


def paid(shown: Shown) -> str:
    """Every third page ends after its second paragraph, with offers in its stead."""
    if shown.number % 3:
        return plain(shown)
    offers = "".join(
        f'<div class="offer"><h3>{name(shown.chance)}</h3><p>{sentence(shown.chance, 14)[0]}</p></div>'
        for _ in range(4)
    )
    return (
        f'<article class="story"><header class="story-head"><h1>{escape(shown.article.title)}</h1>{_byline(shown.article)}</header>'
        f'<div class="story-body" itemprop="articleBody">{"".join(_blocks(shown.article.blocks[:2]))}</div>'
        f'<div class="paywall">{offers}</div></article>'
    )


def breaks(shown: Shown) -> str:
    """Paragraphs are parted by line breaks alone, as on old sites of tables."""
    text = "<br><br>".join(markup for block in shown.article.blocks for markup in block.markup)
    return (
        f'<table width="760"><tr><td class="left">{_related(shown.chance)}</td><td class="content"><h1>{escape(shown.article.title)}</h1>'
        f'<div id="text">{text}</div></td></tr></table>'
    )


def listing(shown: Shown) -> str:
    """Numbered headings, a table and linked lists amid the text."""
    rows = "".join(f"<tr><td>{name(shown.chance)}</td><td>{shown.chance.randrange(100)}</td></tr>" for _ in range(6))
    links = "".join(
        f'<li><a href="/{shown.chance.randrange(999)}">{sentence(shown.chance, 6)[0]}</a></li>' for _ in range(4)
    )
    inner = _between(
        _blocks(shown.article.blocks), shown.chance, f"<table class='facts'>{rows}</table>", f"<ul>{links}</ul>"
    )
    return f'<main><section class="body-text"><h1>{escape(shown.article.title)}</h1>{inner}</section></main>{_related(shown.chance)}'


def tested(shown: Shown) -> str:
    """Two designs are shown by chance."""
    return (plain if shown.chance.random() < 0.5 else weblog)(shown)


def moved(shown: Shown) -> str:
    """The design is another from the thirtieth page on."""
    return (plain if shown.number < 30 else built)(shown)


DESIGNS: dict[str, Design] = {
    design.__name__: design
    for design in (plain, weblog, built, split, promoted, live, paid, breaks, listing, tested, moved, modules)
}


def _hashed(shown: Shown, names: random.Random, tag: str = "div") -> str:
    article, page = shown.article, shown.chance

    def hashed(word: str) -> str:
        return f"{word}_{''.join(names.choice('abcdefghjkmnpqrstuvwxyzABCDEFGHJK') for _ in range(5))}"

    root, wrap, body, par, head, box = (hashed(word) for word in ("root", "wrap", "body", "p", "h", "box"))
    blocks = [
        block.replace("<p>", f'<p class="{par}">').replace("<h2>", f'<h2 class="{head}">')
        for block in _blocks(article.blocks)
    ]
    inner = _between(blocks, page, f'<div class="{box}">{_newsletter()}</div>', _figure(page))
    return (
        f'<div class="{root}"><{tag} class="{wrap}"><h1 class="{head}">{escape(article.title)}</h1>{_byline(article)}'
        f'<div class="{body}" data-component="text">{inner}</div></{tag}>{_related(page)}</div>'
    )


def _blocks(blocks: tuple[Block, ...]) -> list[str]:
    shown = []
    for block in blocks:
        if block.kind == "ul":
            shown.append(f"<ul>{''.join(f'<li>{line}</li>' for line in block.markup)}</ul>")
        elif block.kind == "blockquote":
            shown.append(f"<blockquote><p>{block.markup[0]}</p></blockquote>")
        else:
            shown.append(f"<{block.kind}>{block.markup[0]}</{block.kind}>")
    return shown


def _between(blocks: list[str], page: random.Random, *boxes: str) -> str:
    """Put each box, by chance, behind a block in the middle."""
    shown = list(blocks)
    for box in boxes:
        if page.random() < 0.6 and len(blocks) > 2:
            shown.insert(page.randrange(1, len(blocks) - 1), box)
    return "\n".join(shown)


def _byline(article: Written) -> str:
    return f'<p class="byline">By <a rel="author" href="/people">{escape(article.author)}</a></p>'


def _share() -> str:
    items = "".join(f'<li><a href="#{way}">Share on {way}</a></li>' for way in ("Murmur", "Letterbox", "Pigeon"))
    return f'<div class="share-tools"><ul>{items}</ul></div>'


def _related(page: random.Random) -> str:
    items = "".join(
        f'<li><a href="/{page.randrange(99999)}">{escape(sentence(page, 9)[0])}</a></li>'
        for _ in range(page.randrange(3, 7))
    )
    return f'<div class="related-box"><h3>Related stories</h3><ul>{items}</ul></div>'


def _newsletter() -> str:
    return (
        '<div class="newsletter-box"><h4>Our morning letter</h4><p>Every day what matters, in your letter box. '
        '<a href="/letter">Sign up</a></p><form><input name="mail"><button>Subscribe</button></form></div>'
    )


def _advert(page: random.Random) -> str:
    return f'<div class="ad-slot" id="ad-{page.randrange(10**6)}"><span>Advertisement</span></div>'


def _figure(page: random.Random) -> str:
    return (
        f'<figure class="picture"><img src="/{page.randrange(10**6)}.jpg" alt="{name(page)}">'
        f"<figcaption>{escape(sentence(page, 10)[0])} Picture: {name(page)}</figcaption></figure>"
    )


def _tags(page: random.Random) -> str:
    return f'<div class="tags">{"".join(f"<a href=/t/{name(page)}>{name(page)}</a> " for _ in range(4))}</div>'


def _comments(page: random.Random) -> str:
    said = "".join(
        f'<li class="comment"><b>{name(page)}</b><p>{escape(sentence(page, page.randrange(6, 30))[0])}</p></li>'
        for _ in range(page.randrange(0, 25))
    )
    return f'<section class="comments" id="comments"><h2>Comments</h2><ol>{said}</ol></section>'
