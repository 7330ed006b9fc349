"""Texts made short enough for where they stand."""

from aggregator.core.shortening import shortened


def test_what_is_short_enough_stays() -> None:
    """Up to the last character."""
    assert shortened("The bridge is shut", 18) == "The bridge is shut"


def test_what_is_longer_is_cut_between_words() -> None:
    """An ellipsis says so; a single word without end is cut where it must be."""
    assert shortened("The bridge is shut", 17) == "The bridge is …"
    assert shortened("x" * 9, 4) == "xxxx …"
