"""The corpus: each case with what it plays, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass

from aggregator.domain.fetching import FailureKind
from tests.adapters.loopback import reply
from tests.hostile import answers, documents
from tests.hostile.documents import DEEP, attributes, entry, rss, sentence

#: An outcome in which the feed is read, at least in part.
READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A feed that means harm."""

    name: str
    #: What bounds it.
    limit: str
    #: The bytes of a whole answer.
    make: Callable[[], bytes]
    #: `READ`, or how it fails.
    outcome: str
    #: Articles that come of it; None where that does not matter.
    articles: int | None = None


def _answer(name: str, limit: str, make: Callable[[], bytes], outcome: FailureKind) -> Case:
    return Case(name=name, limit=limit, make=make, outcome=str(outcome))


def _document(
    name: str,
    limit: str,
    make: Callable[[], bytes],
    outcome: str = READ,
    *,
    articles: int | None = None,
    charset: str = "",
) -> Case:
    kind = f"application/xml{charset and f'; charset={charset}'}"
    return Case(
        name=name,
        limit=limit,
        make=lambda: reply(body=make(), Content_Type=kind),
        outcome=str(outcome),
        articles=articles,
    )


_TITLED = rss(entry(title="Crème brûlée at noon"))

ANSWERS = (
    _answer("gzip bomb, 10 MB to 10 GB", "`feed_size`", answers.gzip_bomb, FailureKind.TOO_LARGE),
    _answer("gzip bomb in a gzip bomb", "inflated once", answers.nested_bomb, FailureKind.NOT_A_FEED),
    _answer("deflate bomb", "`feed_size`", answers.deflate_bomb, FailureKind.TOO_LARGE),
    _answer("gzip of 300,000 empty members", "1,000 gzip members", answers.empty_members, FailureKind.PROTOCOL),
    _answer("brotli that nobody asked for", "gzip only", lambda: answers.encoded("br"), FailureKind.ENCODING),
    _answer("zstd that nobody asked for", "gzip only", lambda: answers.encoded("zstd"), FailureKind.ENCODING),
    _answer("header line of 150 KB", "100 KB of headers", answers.long_header, FailureKind.PROTOCOL),
    _answer("redirect to file:", "http and https", lambda: answers.redirect("file:///etc/passwd"), FailureKind.ADDRESS),
    _answer(
        "redirect to ftp:", "http and https", lambda: answers.redirect("ftp://paper.example/"), FailureKind.ADDRESS
    ),
    _answer(
        "redirect to javascript:",
        "http and https",
        lambda: answers.redirect("javascript:alert(1)"),
        FailureKind.ADDRESS,
    ),
    _answer("redirect in a circle", "10 redirects", lambda: answers.redirect("?"), FailureKind.REDIRECTS),
)
ENTITIES = (
    _document("quadratic entities", "the DOCTYPE is cut off", documents.quadratic, articles=1),
    _document(
        "quadratic entities, not well-formed",
        "the DOCTYPE is cut off",
        lambda: documents.quadratic(broken=True),
        articles=1,
    ),
    _document("billion laughs", "the DOCTYPE is cut off", documents.billion_laughs, articles=1),
    _document(
        "external entity of a file",
        "the DOCTYPE is cut off",
        lambda: documents.external("file:///etc/passwd"),
        articles=1,
    ),
    _document(
        "DOCTYPE in UTF-16", "the DOCTYPE is cut off", lambda: documents.in_utf16(documents.quadratic()), articles=1
    ),
)
SHAPES = (
    _document(
        "markup nested 50,000 deep",
        "255 levels, then without a parser",
        lambda: rss(entry(DEEP, more=_described("<div>" * 50_000 + sentence(3)))),
        articles=1,
    ),
    _document("XHTML nested 50,000 deep", "255 levels, then without a parser", documents.deep_xhtml, articles=1),
    _document(
        "200,000 attributes on a feed's tag",
        "200 attributes a tag",
        lambda: rss(f"<item {attributes()}><title>a</title></item>"),
    ),
    _document(
        "200,000 attributes in markup",
        "200 attributes a tag",
        lambda: rss(entry(more=_described(f"<p {attributes()}>x</p>"))),
        articles=1,
    ),
    _document("250,000 entries", "`max_entries`", lambda: documents.many_entries(250_000)),
    _document(
        "250,000 elements in one entry",
        "100,000 elements",
        lambda: rss(entry(more="<d>" * 250_000)),
        FailureKind.MALFORMED,
    ),
    _document("200,000 categories of one entry", "categories are cut off", documents.categories, articles=1),
    _document("1,000 enclosures an entry", "`feed_size`", documents.enclosures, articles=20),
    _document("title of 7 MB", "500 characters", lambda: rss(entry(title="word " * 1_400_000)), articles=1),
    _document(
        "guid of 1 MB", "1,000 characters", lambda: rss(entry(more=f"<guid>{'g' * 1_000_000}</guid>")), articles=1
    ),
    _document("address of 1 MB", "4,096 characters", lambda: rss(entry(link=f"/{'u' * 1_000_000}")), articles=1),
    _document(
        "8 MB of bare ampersands",
        "500,000 ampersands",
        lambda: rss(entry(more=_described_plainly("&x" * 3_900_000))),
        articles=1,
    ),
    _document("JSON nested 10,000 deep", "Python's recursion", documents.deep_json, FailureKind.MALFORMED),
)
CHARACTERS = (
    _document("NUL bytes", "XML 1.0", lambda: rss(entry(title="A\0 headl\0ine")), articles=1),
    _document("lone surrogates", "XML 1.0", lambda: rss(entry(title="A &#xD800;\ufffdheadline")), articles=1),
    _document(
        "overlong UTF-8", "UTF-8 as defined", lambda: _TITLED.replace(b" at ", b"\xc0\xaf\xe0\x80\xaf"), articles=1
    ),
    _document(
        "UTF-16 declared as ASCII",
        "the bytes before the label",
        lambda: documents.in_utf16(_TITLED),
        articles=1,
        charset="us-ascii",
    ),
    _document("UTF-7", "the bytes before the label", lambda: _TITLED, articles=1, charset="utf-7"),
    _document("EBCDIC (cp037)", "the bytes before the label", lambda: _TITLED.decode().encode("cp037"), articles=1),
    _document(
        "terminal's escape sequences in a title",
        "printable characters",
        lambda: rss(entry(title="A\x1b[2J\x1b]0;x\x07 line")),
        articles=1,
    ),
    _document(
        "dates of the years 0 and 99999",
        "1990 to now",
        lambda: rss(_dated("0000-01-01") + _dated("99999-12-31")),
        articles=2,
    ),
)
CASES = (*ANSWERS, *ENTITIES, *SHAPES, *CHARACTERS)


def _described(markup: str) -> str:
    return f"<description><![CDATA[{markup}]]></description>"


def _described_plainly(text: str) -> str:
    return f"<description>{text}</description>"


def _dated(date: str) -> str:
    return entry(title=f"Of {date}", link=f"/{date}", more=f"<pubDate>{date}</pubDate>")
