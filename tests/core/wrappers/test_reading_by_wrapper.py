"""A page read by what other pages of its site taught has the text that trafilatura would find, or is read in full."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest

from aggregator.core.pages.extract import read_by_wrapper, read_page
from aggregator.core.wrappers.trust import PROOFS, is_trusted, taught, way_for
from aggregator.domain.articles import Page
from aggregator.domain.wrappers import Lesson, Verdict, Way, Wrapper
from tests.pageworld.__main__ import likeness
from tests.pageworld.designs import DESIGNS
from tests.pageworld.pages import address, page

URL = "https://paper.example/news"
LINES = (
    "The old harbour bridge will open again on Monday after two years of repair, the council said on Thursday evening.",
    "Engineers replaced four of the nine piers, which had been damaged by ships and by the long winter of that year.",
    "“We are glad to give the bridge back to the town,” said Ann Ost, who led the works from their very first day.",
    "Drivers will pay nothing in the first month; from May on, lorries are charged five crowns for each crossing.",
    "The ferry, which has run beside it since the repair began, will make its last journey on the evening before.",
)
BODY = "".join(f"<p>{line}</p>" for line in LINES)
TEASERS = "".join(
    f"<div class='teaser'><h4>Bridge {n}</h4><p>Read what else is new, part {n}.</p></div>" for n in range(9)
)


def _page(body: str = BODY, *, title: str = "Bridge to open", after: str = TEASERS, name: str = "story-body") -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><div class='top'><a href='/'>Paper</a></div><article class='story'>"
        f"<h1>{title}</h1><p class='byline'>By Ann Ost</p><div class='{name}'>{body}</div></article>"
        f"<div class='more'>{after}</div></body></html>"
    ).encode()


def _read(markup: bytes, wrapper: Wrapper, way: Way, url: str = URL) -> tuple[Page, Lesson | None]:
    return read_by_wrapper(markup, wrapper, way, url=url, content_type="text/html; charset=utf-8")


def _full(markup: bytes) -> Page:
    return read_page(markup, url=URL, content_type="text/html; charset=utf-8")


def _learned(pages: Iterable[bytes] = (_page(),)) -> Wrapper:
    """Return a wrapper that has learned from pages, and is trusted."""
    wrapper = Wrapper()
    for markup in pages:
        _, lesson = _read(markup, wrapper, Way.BOTH)
        assert lesson is not None
        wrapper = taught(wrapper, lesson)
    return replace(wrapper, proofs=PROOFS)


def _turned(lines: Sequence[str] = LINES) -> str:
    return "".join(f"<p>{line}</p>" for line in reversed(lines))


def test_what_one_page_taught_reads_another() -> None:
    """A page of a known layout is read by it, with the text and the head that the full reading gives it."""
    markup = _page(_turned())
    read, lesson = _read(markup, _learned(), Way.QUICK)

    assert lesson is None
    assert read == _full(markup)
    assert LINES[0] in read.text


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"{BODY}<h2>A heading</h2><p>{LINES[0]}!</p>", id="a heading"),
        pytest.param(f"{BODY}<ul><li>One thing that is new</li><li>Another <b>thing</b></li></ul>", id="a list"),
        pytest.param(f"{BODY}<blockquote><p>{LINES[2]} Again.</p></blockquote>", id="a quotation"),
        pytest.param(
            f"{BODY}<p>It says <a href='/x'>here</a> what <em>else</em> is <strong>new</strong>.</p>", id="inline"
        ),
        pytest.param(
            f"{BODY}<figure><img src='x'><figcaption>The bridge by night</figcaption></figure>", id="a figure"
        ),
        pytest.param(f"{BODY}<script>var a = '<p>x</p>';</script><aside><p>{LINES[1]}</p></aside>", id="never read"),
        pytest.param(f"{BODY}<h2>A heading at the end</h2>", id="a heading at the end"),
        pytest.param(BODY.replace("<p>", "<p>\n  ").replace("pay", "pay<br>"), id="a break"),
    ],
)
def test_what_articles_are_usually_made_of_needs_no_lesson(body: str) -> None:
    """Headings, lists, quotations and links among known paragraphs are read as trafilatura reads them."""
    read, lesson = _read(_page(body), _learned(), Way.QUICK)

    assert lesson is None
    assert read.text == _full(_page(body)).text


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(_page(name="other-body"), id="the container has another name"),
        pytest.param(_page(f"{BODY}<div class='box'>Something that nobody has seen</div>"), id="a new box"),
        pytest.param(_page(f"{BODY}<table><tr><td>7</td><td>crowns</td></tr></table>"), id="a table"),
        pytest.param(_page(f"{BODY}<p class='note'>{LINES[0]}!</p>"), id="a paragraph with a class"),
        pytest.param(_page(f"{BODY}<p>Said <span class='x'>so</span>.</p>"), id="a span with a class"),
        pytest.param(_page(f"{BODY}<ul><li><a href='/2'>{LINES[1]}</a></li></ul>"), id="a linked list"),
        pytest.param(_page(f"<p>{LINES[0]}</p>"), id="a short text"),
        pytest.param(_page(title="Zebra crossing"), id="words of the title are missing"),
        pytest.param(_page(after=TEASERS * 9), id="more than ever is left out"),
        pytest.param(b"<html><body><p>Not found</p></body></html>", id="another page"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_any_surprise_leads_back_to_the_full_reading(markup: bytes) -> None:
    """What the wrapper does not know, or what looks unlike the site's articles, is read in full, and may teach."""
    read, lesson = _read(markup, _learned(), Way.QUICK)

    assert read == _full(markup)
    assert lesson is None or lesson.verdict is Verdict.SURPRISED


def test_a_surprise_teaches() -> None:
    """What was new on one page is known on the next."""
    body = f"{BODY}<div class='box'>Something that nobody has seen</div>"
    wrapper = _learned([_page(), _page(body)])

    assert _read(_page(f"{_turned()}<div class='box'>And something else</div>"), wrapper, Way.QUICK)[1] is None


def test_classes_that_vary_are_not_insisted_on() -> None:
    """Where an element has other classes on each page, those it always has tell it."""

    def post(labels: str, lines: str) -> bytes:
        return _page(lines).replace(b"class='story'", f"class='post hentry post-123 {labels}'".encode())

    wrapper = _learned([post("category-town", BODY), post("category-sport tag-ferry", _turned())])

    assert _read(post("category-weather tag-storm", BODY), wrapper, Way.QUICK)[1] is None


def test_a_place_of_two_fates_is_not_read() -> None:
    """Where lines of one place are sometimes left out, the wrapper leaves the page to the full reading."""
    promotion = "<p><a href='/2'>Read on about the ferry and all that there is</a></p>"
    pages = [_page(f"{BODY}{promotion}"), _page(f"<p>{LINES[0]}</p>{promotion}{BODY}")]
    for markup in pages:
        assert _read(markup, _learned(pages), Way.QUICK)[0] == _full(markup)


def test_the_sample_compares_and_a_wrong_wrapper_begins_anew() -> None:
    """A trusted wrapper that reads a page otherwise than trafilatura loses all it knows, and needs more proofs then."""
    before = _learned()
    # trafilatura leaves a place out for its name; the wrapper of a site knows the name, but not what it says.
    assert before.layout is not None
    read, lesson = _read(_page(f"{BODY}<p>Sign up</p>"), before, Way.BOTH)
    assert lesson is not None
    assert read.text.endswith("Sign up")
    assert lesson.verdict is Verdict.AGREED

    after = taught(before, Lesson(verdict=Verdict.DIFFERED, layout=before.layout))

    assert (after.proofs, after.falls, after.layout) == (0, 1, before.layout)
    assert not is_trusted(replace(after, proofs=PROOFS))


def test_the_ways_of_reading_need_the_layout() -> None:
    """A page read in full teaches nothing; one that is too much for a parser, or none, is read as ever."""
    assert _read(_page(), _learned(), Way.FULL)[1] is None
    assert _read(b"<p>" * 20_000, _learned(), Way.QUICK)[1] is None
    assert _read(b"%PDF-1.7", _learned(), Way.BOTH) == (_full(b"%PDF-1.7"), None)


@pytest.mark.parametrize(
    "markup", ["<div>" * 5_000 + "x", "<b><i><a>" * 1_000 + "<div>x", "<p>\x01\x02" * 100, "<table>x<b>" * 900]
)
def test_whatever_stands_in_a_page_comes_to_an_end(markup: str) -> None:
    """Nesting beyond all reason is a surprise, not a crash."""
    assert isinstance(_read(markup.encode(), _learned(), Way.BOTH)[0], Page)


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS)
def test_pages_that_nothing_was_learned_from_are_read_as_in_full(design: str) -> None:
    """Over the life of a site the texts are those of the full reading, word for word but in rare cases, in any design."""
    wrapper, site = Wrapper(), f"{design}-7"
    shared = list[float]()
    for number in range(30):
        markup, _ = page(site, number)
        url = address(site, number)
        read, lesson = _read(markup, wrapper, way_for(wrapper, url), url)
        full = read_page(markup, url=url, content_type=None)
        wrapper = taught(wrapper, lesson) if lesson else wrapper
        assert read == replace(full, text=read.text)
        shared.append(likeness(read.text, full.text))

    assert sum(shared) / len(shared) >= 0.995
    assert min(shared) >= 0.9
