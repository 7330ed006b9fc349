"""Feeds and pages that mean harm, made when they are needed; nothing is stored."""

import codecs
from collections.abc import Iterator

#: A string of attributes, all different.
_ATTRIBUTES = 200_000
#: The title of entries whose text stands in very many elements.
DEEP = "What lies deep"


def rss(entries: str, *, before: str = "", ending: str = "</channel></rss>") -> bytes:
    """Return a feed of these entries, with `before` before its root."""
    return f'<?xml version="1.0"?>{before}<rss version="2.0"><channel><title>T</title>{entries}{ending}'.encode()


def entry(title: str = "A headline", link: str = "/a", more: str = "") -> str:
    """Return one entry."""
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def attributes() -> str:
    """Return 200,000 attributes, which a parser compares with each other."""
    return " ".join(f'a{number}="1"' for number in range(_ATTRIBUTES))


def quadratic(*, broken: bool = False) -> bytes:
    """Return a feed whose title names one long entity 4,000 times; broken, feedparser's loose parser gets it."""
    declared = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>'
    return rss(entry(title="&a;" * 4_000), before=declared, ending="<b" if broken else "</channel></rss>")


def billion_laughs() -> bytes:
    """Return entities made of entities, nine deep, ten of each."""
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return rss(entry(title="&l9;"), before=f'<!DOCTYPE rss [<!ENTITY l0 "lol">{lines}]>')


def external(address: str, *, parameter: bool = False) -> bytes:
    """Return a feed that wants something else read into it."""
    if parameter:
        declared = f'<!DOCTYPE rss [<!ENTITY % all SYSTEM "{address}"> %all;]>'
    else:
        declared = f'<!DOCTYPE rss SYSTEM "{address}" [<!ENTITY x SYSTEM "{address}">]>'
    return rss(entry(title="Before &x; after"), before=declared)


def in_utf16(document: bytes) -> bytes:
    """Return a document in UTF-16, where a search for <!DOCTYPE by bytes finds nothing."""
    return codecs.BOM_UTF16_LE + document.decode().encode("utf-16-le")


def many_entries(count: int) -> bytes:
    """Return a feed of so many entries."""
    return rss("<item><title>a</title></item>" * count)


def enclosures() -> bytes:
    """Return a feed whose entries have a thousand enclosures each."""
    files = "".join(f'<enclosure url="/{number}.jpg" type="image/jpeg"/>' for number in range(1_000))
    return rss("".join(entry(title=f"Entry {number}", link=f"/{number}", more=files) for number in range(20)))


def categories() -> bytes:
    """Return one entry with 200,000 categories, which feedparser compares with each other."""
    return rss(entry(more="".join(f"<category>{number}</category>" for number in range(200_000))))


def deep_json() -> bytes:
    """Return a JSON Feed with lists in lists, 10,000 deep."""
    return b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 10_000 + b"]" * 10_000 + b"}"


def sentence(number: int) -> str:
    """Return a sentence of more than forty characters, like no other."""
    return f"The harbour master of quay {number} counted {number * 7} gulls before the ferry left."


def deep_xhtml() -> bytes:
    """Return an Atom feed whose entry has its text in XHTML, 50,000 elements deep."""
    nested = f"{'<div>' * 50_000}{sentence(3)}{'</div>' * 50_000}"
    content = f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{nested}</div></content>'
    told = f'<title>{DEEP} in Atom</title><id>a</id><link href="/deep"/>{content}'
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry>{told}</entry></feed>'.encode()


def article(sentences: int = 12) -> str:
    """Return an honest article's paragraphs."""
    return "".join(f"<p>{sentence(number)}</p>" for number in range(sentences))


def pages() -> Iterator[tuple[str, str]]:
    """Yield pages by name; each has an honest article somewhere in it."""
    body = f"<article>{article()}</article>"
    yield "a page nested 50,000 deep", f"<html><body>{'<div>' * 50_000}{body}"
    yield "a page of 3 MB of tiny paragraphs", f"<html><body>{body}{'<p>x</p>' * 370_000}"
    yield "a page with 200,000 attributes on a tag", f"<html><body><div {attributes()}>{body}</div>"
    yield "a page of 500,000 line breaks", f"<html><body>{body}<p>{'a<br>' * 500_000}"
    yield "a page of 3 MB of open angle brackets", f"<html><body>{body}{'<' * 2_900_000}"
