"""What pages want to be done with their text."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.pages.extract import read_page
from aggregator.domain.articles import HeldBack

URL = "https://paper.example/news/bridge"
NOINDEX, PAYWALL = HeldBack.NOINDEX, HeldBack.PAYWALL


def _held(head: str = "", header: str | None = None) -> HeldBack | None:
    page = f"<html><head>{head}</head><body><p>The bridge is closed.</p></body></html>"
    return read_page(page.encode(), url=URL, content_type="text/html", robots_tag=header).held_back


def _meta(name: str, content: str, attribute: str = "name") -> str:
    return f'<meta {attribute}="{name}" content="{content}">'


def _linked(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


@pytest.mark.parametrize(
    ("head", "held"),
    [
        ("", None),
        (_meta("robots", "noindex"), NOINDEX),
        (_meta("Robots", "NOINDEX, nofollow"), NOINDEX),
        (_meta("robots", "none"), NOINDEX),
        (_meta("aggregator", "follow noindex"), NOINDEX),
        (_meta("robots", "index, follow, max-image-preview:large"), None),
        (_meta("robots", "noarchive, noimageindex, nosnippet"), None),
        (_meta("otherbot", "noindex"), None),
        (_meta("robots", "all") + _meta("robots", "noindex"), NOINDEX),
        (_meta("robots", "noindex") + _meta("aggregator", "index"), NOINDEX),
        (_meta("description", "noindex"), None),
    ],
)
def test_a_page_may_ask_not_to_be_indexed(head: str, held: HeldBack | None) -> None:
    """A meta element says so to all or to us, as noindex or none; where several speak the strictest counts."""
    assert _held(head) is held


@pytest.mark.parametrize(
    ("header", "held"),
    [
        (None, None),
        ("noindex", NOINDEX),
        ("NoIndex, nofollow", NOINDEX),
        ("none", NOINDEX),
        ("aggregator: noindex", NOINDEX),
        ("Aggregator : nofollow, noindex", NOINDEX),
        ("otherbot: noindex", None),
        ("otherbot: nofollow, noindex", None),
        ("otherbot: noindex, aggregator: none", NOINDEX),
        ("nofollow, max-snippet: -1, noindex", NOINDEX),
        ("unavailable_after: 25 Jun 2035 15:00:00 PST, noindex", NOINDEX),
        ("max-image-preview:none, index", None),
        (",,:,", None),
    ],
)
def test_a_header_may_ask_it_too(header: str | None, held: HeldBack | None) -> None:
    """X-Robots-Tag says the same to all or to whom it names; directives that take a value are no names."""
    assert _held(header=header) is held


def _article(**more: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Bridge"} | more


LOCKED = _article(isAccessibleForFree=False)
PART = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".more"}


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (LOCKED, PAYWALL),
        (_article(isAccessibleForFree="False"), PAYWALL),
        (_article(isAccessibleForFree=" false "), PAYWALL),
        (_article(isAccessibleForFree="https://schema.org/False"), PAYWALL),
        (_article(isAccessibleForFree=True), None),
        (_article(isAccessibleForFree="True"), None),
        (_article(isAccessibleForFree=None), None),
        (_article(isAccessibleForFree=0), None),
        (_article(), None),
        ([_article(), LOCKED], PAYWALL),
        ({"@graph": [{"@type": "Organization"}, LOCKED]}, PAYWALL),
        ([{"@graph": [[LOCKED]]}], PAYWALL),
        ({"@type": "WebPage", "mainEntity": LOCKED}, PAYWALL),
        (LOCKED | {"@type": ["Thing", "ReportageNewsArticle"]}, PAYWALL),
        ({"isAccessibleForFree": False}, PAYWALL),
        # A part, another article, and what is no text at all.
        (_article(isAccessibleForFree=True, hasPart=PART), None),
        (_article(hasPart=[PART]), None),
        ({"@graph": [_article(), PART]}, None),
        ({"@type": "ItemList", "itemListElement": [LOCKED]}, None),
        (_article(mentions=LOCKED), None),
        ({"@type": "Museum", "isAccessibleForFree": False}, None),
        ("isAccessibleForFree", None),
        (7, None),
    ],
)
def test_a_page_may_say_that_its_article_is_for_who_pays(value: object, held: HeldBack | None) -> None:
    """What `isAccessibleForFree` says counts where it is said of the article or the page as a whole, wherever that stands."""
    assert _held(_linked(value)) is held


def test_json_ld_is_read_as_pages_have_it() -> None:
    """Line breaks in strings, wrappings of old, a charset in the type and broken neighbours are borne with."""
    text = json.dumps(LOCKED)
    broken = "<script type='application/ld+json'>{\"@type\": </script>"

    for wrapped in (
        f"<!-- {text} -->",
        f"//<![CDATA[\n{text}\n//]]>",
        f"/*<![CDATA[*/{text}/*]]>*/",
        text.replace("Br", "B\nr"),
    ):
        assert _held(f"{broken}<script type='Application/LD+JSON; charset=utf-8'>{wrapped}</script>") is PAYWALL
    assert _held(f"<script>{text}</script>") is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "9" * 100_000,
        json.dumps(LOCKED | {"text": "x" * 400_000}),
        json.dumps([{}] * 50_000 + [LOCKED]),
        "",
        "nul",
    ],
    ids=["deep", "number", "large", "many", "empty", "broken"],
)
def test_what_is_absurd_says_nothing(text: str) -> None:
    """JSON-LD is looked at within bounds, and breaks nothing."""
    assert _held(f"<script type='application/ld+json'>{text}</script>") is None


@pytest.mark.parametrize(
    ("tier", "linked", "held"),
    [
        ("locked", None, PAYWALL),
        ("Locked", True, PAYWALL),
        ("metered", None, None),
        ("metered", False, None),
        ("free", None, None),
        ("free", False, PAYWALL),
    ],
)
def test_a_tier_says_who_may_read(tier: str, linked: object, held: HeldBack | None) -> None:
    """A locked page is behind a paywall; a metered one is open to who comes now and then, as we do."""
    head = _meta("article:content_tier", tier, "property")

    assert _held(head + ("" if linked is None else _linked(_article(isAccessibleForFree=linked)))) is held


def test_not_to_be_indexed_goes_before_paying() -> None:
    """Of two reasons the stricter one is told."""
    assert _held(_meta("robots", "noindex") + _linked(LOCKED)) is NOINDEX


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["@graph", "@type", "mainEntity", "isAccessibleForFree", "hasPart"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(_json.map(json.dumps) | st.text(max_size=50), st.text(max_size=30))
def test_no_page_is_too_odd(linked: str, header: str) -> None:
    """Whatever a page and its headers hold, there is an answer."""
    assert _held(f"<script type='application/ld+json'>{linked}</script>", header) in {None, *HeldBack}
