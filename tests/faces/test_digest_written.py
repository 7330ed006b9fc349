"""What a digest says, in each of its forms; strangers wrote most of it."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from lxml.html import fromstring

from aggregator.digest.gathering import Digest, Form, heading
from aggregator.digest.rendering import fitted, written
from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Marks
from aggregator.domain.reading import Carrier, Counts, ListedStory, StoryQuery
from tests.builders import NOON, hours, words

HOSTILE = "<script>alert(1)</script>\n# [me](javascript:alert(1)) `x` \x1b[31m\u202e*b* &amp; ![i](https://evil.example/p.gif)"


def story(title: str = "Bridge reopens", *, url: str = "https://paper.example/a", **more: Any) -> ListedStory:
    """Return a story that four outlets carry."""
    names = ("Northern Wire", "Courier", "Ledger", "Pulse")
    fields: dict[str, Any] = {
        "published": NOON,
        "first_dated": NOON,
        "first_seen": NOON,
        "updated": NOON,
        "language": "en",
        "tags": (),
        "summary": "It was closed for two years.",
        "counts": Counts(articles=37, texts=9, sources=31),
        "carriers": tuple(Carrier(source=name, title=title, url=url) for name in names),
        "arrivals": (),
        "marks": Marks(),
    } | more
    return ListedStory(id=StoryId(7), title=title, url=url, source="Northern Wire", **fields)


def digest(*stories: ListedStory, total: int | None = None) -> Digest:
    """Return a digest of some stories."""
    counts = Counts(articles=412, texts=131, sources=58)
    return Digest(
        heading="Monday 2 March", counts=counts, total=len(stories) if total is None else total, stories=stories
    )


def test_plain_text_tells_a_story_in_five_lines() -> None:
    """Headline, summary, counts with what grew and whose text it is, the first outlets, address; then it ends."""
    told = story(lineage="Northern Wire text, carried by 3", marks=Marks(was_read=True, new_articles=5, new_texts=2))

    assert written(digest(told, total=3), Form.TEXT) == (
        "Monday 2 March\n"
        "412 articles · 131 texts · 58 sources → 3 stories\n\n"
        "1. Bridge reopens\n"
        "   It was closed for two years.\n"
        "   37 articles · 9 texts · 31 sources · +2 texts since you read it · Northern Wire text, carried by 3\n"
        "   Northern Wire, Courier, Ledger +1\n"
        "   https://paper.example/a\n\n"
        "2 stories more: `aggregator today` lists all.\n"
    )


def test_markdown_has_headings_and_links() -> None:
    """A story is a heading that links to it, its summary, and two lines."""
    told = story(marks=Marks(starred=True, was_read=True))

    assert written(digest(told), Form.MARKDOWN) == (
        "# Monday 2 March\n\n"
        "412 articles · 131 texts · 58 sources → 1 story\n\n"
        "## [Bridge reopens](https://paper.example/a)\n\n"
        "It was closed for two years.\n\n"
        "**37 articles · 9 texts · 31 sources** · read · starred  \nNorthern Wire, Courier, Ledger +1\n\n"
        "---\n\n"
        "That is all.\n"
    )


class _Looked(HTMLParser):
    """Notes tags and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs


def test_html_loads_nothing_and_runs_nothing() -> None:
    """A whole document of a few tags with styles in place; links to http and https alone."""
    hostile = story(HOSTILE, summary=HOSTILE, lineage=HOSTILE, language='en"><script>')
    page = written(digest(story(), hostile, story(url="javascript:alert(1)")), Form.HTML)
    looked = _Looked()
    looked.feed(page)

    assert page.startswith("<!DOCTYPE html>")
    assert looked.tags == {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "a", "b"}
    assert {name for name, _ in looked.attributes} == {"lang", "charset", "name", "content", "style", "dir", "href"}
    assert [value for name, value in looked.attributes if name == "href"] == ["https://paper.example/a"] * 2
    assert "url(" not in page
    assert not re.search("[\x1b\u202e]", page)


def test_html_says_the_same_as_plain_text() -> None:
    """Nothing of a story is lost on the way."""
    shown = " ".join(str(fromstring(written(digest(story(), total=2), Form.HTML)).xpath("string()")).split())

    for part in ("Bridge reopens", "closed for two years", "37 articles · 9 texts · 31 sources", "Courier, Ledger +1"):
        assert part in shown
    assert shown.endswith("1 story more: aggregator today lists all.")


def test_markdown_of_strangers_is_text() -> None:
    """No heading, link, picture, code or tag comes of what they wrote, and no line of theirs begins one."""
    text = written(digest(story(HOSTILE, summary=f"1. {HOSTILE}")), Form.MARKDOWN)
    begun = [line for line in text.splitlines() if re.match(r"[#>+=-]|\d+[.)]", line)]

    assert not re.search(r"(?<!\\)<|(?<!\\)`|(?<!\\)\]\((?!https://paper)", text)
    assert len(begun) == 3
    assert begun[2] == "---"
    assert not re.search("[\x1b\u202e]", text)


@pytest.mark.parametrize("form", list(Form))
def test_addresses_stay_one_word(form: Form) -> None:
    """What would end a link is written otherwise."""
    url = "https://paper.example/a b)<c>(d"

    assert "https://paper.example/a%20b%29%3Cc%3E%28d" in written(digest(story(url=url)), form)


@pytest.mark.parametrize("form", list(Form))
def test_a_digest_fits_where_it_goes(form: Form) -> None:
    """It has as many stories as there is room for, and says how many are left out."""
    long = digest(*(story(f"Headline {number}", summary=words(30)) for number in range(20)))
    whole = len(written(long, form))
    room = whole * 2 // 3
    cut = fitted(long, form, room)

    assert len(fitted(long, form, whole)) == whole
    assert room * 0.85 < len(cut) <= room
    left = 20 - len(re.findall(r"Headline \d+", cut))
    assert f"{left} stories more" in cut
    assert fitted(long, form, 10) == written(long.first(0), form)


def test_a_summary_is_cut_between_words() -> None:
    """A few lines, whatever the outlet sends."""
    text = written(digest(story(summary=words(500))), Form.TEXT)

    assert re.search(r"^   \w.{200,300} …$", text, re.MULTILINE)


def test_the_heading_says_which_stories() -> None:
    """A day by its name, with the year where it is another; a while by its beginning."""
    assert heading(StoryQuery(since=hours(-12), until=hours(12)), NOON, NOON.tzinfo) == "Monday 2 March"
    assert heading(StoryQuery(since=hours(-9000), until=hours(-8976)), NOON, NOON.tzinfo) == "Thursday 20 February 2025"
    assert heading(StoryQuery(since=hours(-24)), NOON, NOON.tzinfo) == "Since Sunday 1 March, 12:00"
    assert heading(StoryQuery(starred=True), NOON, NOON.tzinfo) == "Stories of all time"
