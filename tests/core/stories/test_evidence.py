"""Sentences that say why an article stands in its story."""

from dataclasses import replace
from datetime import timedelta

import pytest

from aggregator.core.stories.evidence import Evidence, Reprint, Treatment, lineage, speaks, tied, treatment
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Relation


def _tied(*, jaccard: float = 0.6, containment: float = 0.93, is_longer: bool = False, hours: float = 1) -> str:
    later = timedelta(hours=hours)
    return tied(
        Evidence(
            other=ArticleId(12),
            relation=Relation.COPY,
            jaccard=jaccard,
            containment=containment,
            is_longer=is_longer,
            later=later,
        )
    )


@pytest.mark.parametrize(
    ("jaccard", "containment", "is_longer", "expected"),
    [
        (0.6, 0.93, False, "93 % of its word sequences stand in article 12, 1 h later"),
        (0.6, 0.93, True, "holds 93 % of the word sequences of article 12, 1 h later"),
        (0.6, 0.9999, False, "99 % of its word sequences stand in article 12, 1 h later"),
        (0.6, 1.0, False, "all of its word sequences stand in article 12, 1 h later"),
        (1.0, 1.0, True, "the same text as article 12, 1 h later"),
    ],
)
def test_the_share_is_told_from_the_side_of_the_article(
    jaccard: float, containment: float, expected: str, *, is_longer: bool
) -> None:
    """The shorter text stands in the longer, the longer holds the shorter, and only all is called all."""
    assert _tied(jaccard=jaccard, containment=containment, is_longer=is_longer) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (0, "at the same time"),
        (0.005, "at the same time"),
        (0.5, "30 min later"),
        (-0.5, "30 min earlier"),
        (0.99, "59 min later"),
        (0.995, "1 h later"),
        (47, "47 h later"),
        (-72, "3 days earlier"),
    ],
)
def test_the_time_apart_is_told_in_one_unit(hours: float, expected: str) -> None:
    """Minutes, hours or days, later or earlier."""
    assert _tied(hours=hours).endswith(f"article 12, {expected}")


def test_a_text_that_stands_in_part_in_another_is_told_by_its_share() -> None:
    """Of texts that are no copies but made from one another the words tell as well."""
    part = Evidence(other=ArticleId(12), relation=Relation.PART, jaccard=0.4, containment=0.62, later=timedelta())

    assert tied(part) == "62 % of its word sequences stand in article 12, at the same time"


@pytest.mark.parametrize(
    ("shared", "expected"),
    [
        (("ferry", "Sundholm"), "tells the same event as article 12: both speak of ferry, Sundholm, 2 h earlier"),
        ((), "tells the same event as article 12, 2 h earlier"),
    ],
)
def test_an_event_is_told_by_the_words_that_both_speak_of(shared: tuple[str, ...], expected: str) -> None:
    """Two texts on one event share words, which are named where they are known; no share of sequences is told."""
    event = Evidence(other=ArticleId(12), relation=Relation.EVENT, shared=shared, later=timedelta(hours=-2))

    assert tied(event) == expected


@pytest.mark.parametrize(
    ("is_original", "is_earliest", "is_fullest", "word"),
    [
        (True, True, True, "agency"),
        (False, True, True, "earliest"),
        (False, False, True, "fullest"),
        (False, False, False, "weight"),
    ],
)
def test_the_canonical_article_says_why_it_speaks(
    word: str, *, is_original: bool, is_earliest: bool, is_fullest: bool
) -> None:
    """The agency's own text is called so, then the earliest complete one, then the fullest; else the weight decided."""
    assert word in speaks(is_original=is_original, is_earliest=is_earliest, is_fullest=is_fullest)


WHOLE = Reprint(outlet="A", jaccard=0.93, containment=0.96)


@pytest.mark.parametrize(
    ("jaccard", "containment", "is_longer", "expected"),
    [
        (0.9, 0.9, False, Treatment.CARRIED),
        (0.6, 0.97, True, Treatment.CARRIED),
        (0.3, 0.97, False, Treatment.SHORTENED),
        (0.7, 0.85, False, Treatment.EDITED),
        (0.7, 0.85, True, Treatment.EDITED),
    ],
)
def test_an_outlet_carries_shortens_or_edits(
    jaccard: float, containment: float, expected: Treatment, *, is_longer: bool
) -> None:
    """Nearly the same, or all of it and more, is carried; a part of it is shortened; the rest is edited."""
    reprint = Reprint(outlet="A", jaccard=jaccard, containment=containment, is_longer=is_longer)

    assert treatment(reprint) is expected


def test_lineage_counts_outlets_by_what_they_did() -> None:
    """Each outlet counts once, by the article that changed least; what nobody did is not told."""
    cut = Reprint(outlet="B", jaccard=0.4, containment=1.0)
    edited = Reprint(outlet="C", jaccard=0.6, containment=0.8)

    assert lineage("Reuters", [WHOLE, cut, edited, Reprint(outlet="D")]) == (
        "Reuters text, carried by 2, shortened by 1, edited by 1"
    )
    assert lineage("dpa", [replace(edited, outlet="A"), WHOLE]) == "dpa text, carried by 1"
    assert lineage("AP", []) == "AP text"
