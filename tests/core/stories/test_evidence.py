"""Sentences that say why an article stands in its story."""

from datetime import timedelta

import pytest

from aggregator.core.stories.evidence import Evidence, speaks, tied
from aggregator.domain.ids import ArticleId


def _tied(*, jaccard: float = 0.6, containment: float = 0.93, is_longer: bool = False, hours: float = 1) -> str:
    later = timedelta(hours=hours)
    return tied(
        Evidence(other=ArticleId(12), jaccard=jaccard, containment=containment, is_longer=is_longer, later=later)
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


def test_the_canonical_article_says_by_which_rule_it_speaks() -> None:
    """The agency's own text is called so; anything else is the earliest complete one."""
    assert "agency" in speaks(is_original=True)
    assert "earliest" in speaks(is_original=False)
