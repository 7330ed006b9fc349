"""The pages of an outlet: each in the outlet's own design, with all that surrounds an article on the web.

A design is `designs/SLUG.html`, a `string.Template`; what follows its line `<!-- interlude -->` is put into the
middle of the body. `amp.html`, `print.html` and `home.html` are the same for all.
"""

import json
import random
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from ruamel.yaml import YAML

from tests.newsworld.model import NewsArticle
from tests.newsworld.outlets import Format
from tests.newsworld.sites import Site, Way

_HERE = Path(__file__).parent
_INTERLUDE = "<!-- interlude -->\n"
#: Teasers of other articles on a page.
_TEASERS = 5
#: The interlude stands after this paragraph.
_BREAK = 2
_MEDIA_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


def page(site: Site, way: Way, position: float) -> bytes:
    """Return an article's page, or a variant of it, as it stands at `position`."""
    design = site.outlet.slug if way.to == "page" else way.to
    main, _, interlude = _design(design).partition(_INTERLUDE)
    values = _furniture(site) | _story(site, way.article, position)
    inside = Template(interlude).substitute(values)
    html = Template(main).substitute(values, body=_body(site, way, position, inside))
    return html.encode(site.outlet.page_charset, "xmlcharrefreplace")


def home(site: Site, position: float) -> bytes:
    """Return the home page, which lists what is new and names the feeds that the outlet announces."""
    values = _furniture(site) | {
        "teasers": _teasers(site, site.released("front", position)[:20]),
        "alternates": "\n".join(_alternate(site, section) for section in site.outlet.announces),
    }
    return Template(_design("home")).substitute(values).encode(site.outlet.page_charset, "xmlcharrefreplace")


def words(language: str) -> dict[str, Any]:
    """Return what surrounds an article in `language`."""
    wording: dict[str, Any] = _wording()[language]
    return wording


@cache
def _wording() -> dict[str, Any]:
    wording: dict[str, Any] = YAML(typ="safe").load((_HERE / "wording.yaml").read_text(encoding="utf-8"))
    return wording


@cache
def _design(name: str) -> str:
    return (_HERE / "designs" / f"{name}.html").read_text(encoding="utf-8")


def _body(site: Site, way: Way, position: float, interlude: str) -> str:
    """Return the text as markup, interrupted once as pages are."""
    markup = site.outlet.paragraph if way.to == "page" else "<p>{}</p>"
    lines = [markup.format(escape(line, quote=False)) for line in way.article.text(position).split("\n")]
    return "\n".join([*lines[:_BREAK], interlude, *lines[_BREAK:]])


def _story(site: Site, article: NewsArticle, position: float) -> dict[str, str]:
    """Return what a page says of its article."""
    version, url = article.version(position), site.url(article)
    published, updated = site.moment(article.at), site.moment(version.at)
    author = article.author or site.outlet.name
    others = [other for other in site.released("front", position) if other.id != article.id][:_TEASERS]
    linked_data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": version.title,
        "datePublished": published.isoformat(),
        "dateModified": updated.isoformat(),
        "author": {"@type": "Person", "name": author},
        "publisher": {"@type": "Organization", "name": site.outlet.name},
        "mainEntityOfPage": url,
    }
    opengraph = {
        "og:type": "article",
        "og:title": version.title,
        "og:description": version.lead,
        "og:url": url,
        "og:site_name": site.outlet.name,
        "og:image": f"{site.root}/images/{article.id}.jpg",
        "article:published_time": published.isoformat(),
        "article:modified_time": updated.isoformat(),
    }
    return {
        "title": escape(version.title),
        "lead": escape(version.lead),
        "author": escape(author),
        "section": escape(article.sections[0]),
        "published": published.isoformat(),
        "when": published.strftime("%d.%m.%Y %H:%M"),
        "canonical": escape(url),
        "telephone": escape(f"{site.root}/amp{site.path(article)}"),
        "printer": escape(f"{site.root}/print{site.path(article)}&utm_source=page"),
        "jsonld": json.dumps(linked_data, indent=1).replace("</", "<\\/"),
        "opengraph": "\n".join(
            f'<meta property="{key}" content="{escape(value)}">' for key, value in opengraph.items()
        ),
        "teasers": _teasers(site, others),
        "related_items": "\n".join(
            f'<li><a href="{escape(site.url(other))}">{escape(other.version(position).title)}</a></li>'
            for other in others
        ),
    }


def _teasers(site: Site, articles: list[NewsArticle]) -> str:
    return "\n".join(
        f'<div class="teaser"><h3><a href="{escape(site.url(article))}">{escape(article.title)}</a></h3>'
        f"<p>{escape(article.lead)}</p></div>"
        for article in articles
    )


def _furniture(site: Site) -> dict[str, str]:
    """Return what every page of an outlet has around its subject."""
    outlet, wording = site.outlet, words(site.outlet.language)
    links = [
        f'<a href="{site.root}/{escape(topic)}/">{escape(topic)}</a>'
        for topic in (wording["home"], *outlet.sections, *wording["topics"])
    ]
    remarks = [
        f'<div class="comment" id="c{place}"><b>guest{place * 37}</b> <i>{place + 3} min</i><p>{escape(remark)}</p></div>'
        for place, remark in enumerate(wording["remarks"])
    ]
    texts = ("cookies", "accept", "newsletter", "subscribe", "related", "most_read", "advertisement", "by")
    return {
        "root": site.root,
        "name": escape(outlet.name),
        "charset": outlet.page_charset,
        "nav_links": "\n".join(links),
        "nav_items": "\n".join(f"<li>{link}</li>" for link in links),
        "share_items": "\n".join(f'<li><button type="button">{escape(way)}</button></li>' for way in wording["share"]),
        "remarks": "\n".join(remarks),
        "comments": escape(wording["comments"]),
        "footer": escape(wording["footer"]),
        "style": _style(outlet.slug),
        "script": _script(outlet.slug),
    } | {key: escape(wording[key]) for key in texts}


def _alternate(site: Site, section: str) -> str:
    kind = site.outlet.habit(section).format
    media_type = _MEDIA_TYPES[kind.split()[0]]
    address = site.outlet.feed_address(section)
    title = escape(f"{site.outlet.name}: {section}")
    # JSON Feed 1.0 was announced as plain JSON.
    if kind is Format.JSON_10:
        media_type = "application/json"
    return f'<link rel="alternate" type="{media_type}" title="{title}" href="{address}">'


@cache
def _style(slug: str) -> str:
    """Return style rules of the weight that pages carry, the same on every run."""
    chance = random.Random(slug)
    colours = (
        f".{slug[:2]}-{chance.randrange(16**6):06x} > .c{number}{{color:#{chance.randrange(16**6):06x};"
        f"margin:{chance.randrange(40)}px {chance.randrange(40)}px;line-height:1.{chance.randrange(10)}}}"
        for number in range(chance.randrange(120, 420))
    )
    return "\n".join(colours)


@cache
def _script(slug: str) -> str:
    """Return settings of a consent and advertising script, the same on every run."""
    chance = random.Random(slug[::-1])
    slots = {
        f"slot_{number}": {"unit": f"/{chance.randrange(10**8)}/{slug}/{number}", "sizes": [[300, 250], [728, 90]]}
        for number in range(chance.randrange(40, 120))
    }
    return f"window.__slots = {json.dumps(slots)};\n(window.dataLayer = window.dataLayer || []).push(window.__slots);"
