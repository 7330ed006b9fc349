"""Languages that are compared as one."""

import pytest

from aggregator.core.events.languages import compared_as


@pytest.mark.parametrize(("one", "other"), [("id", "ms"), ("da", "no"), ("hr", "bs")])
def test_twins_are_compared_as_one(one: str, other: str) -> None:
    """Languages that detection takes for each other share a vocabulary, so that one event is not torn by a guess."""
    assert compared_as(one) == compared_as(other) == compared_as(compared_as(other))


def test_other_languages_stand_for_themselves() -> None:
    """A language without a twin is compared under its own name, an unknown one under none."""
    assert [compared_as(language) for language in ("en", "sv", "sr", "", None)] == ["en", "sv", "sr", "", ""]
