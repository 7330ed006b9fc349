"""Datelines and the agencies they name."""

import pytest

from aggregator.core.stories.wire import credited, is_original


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("PORT AMBER (Northern Wire) - The bridge reopens.", "Northern Wire"),
        ("SUNDHOLM, 3 May (Northern Wire) — The ferry sails.", "Northern Wire"),
        ("Sundholm (na/kby) – Die Fähre fährt wieder.", "na/kby"),
        ("東京（朝凪通信）— 橋が開通した。", "朝凪通信"),
        ("The harbour board said on Monday. It has (again) met.", None),
        ("", None),
    ],
)
def test_the_dateline_names_the_agency(text: str, name: str | None) -> None:
    """A name in brackets within the first words is the credit; brackets later in the text are not."""
    assert credited(text) == name


def test_only_the_agency_itself_is_original() -> None:
    """The same text is original at the agency and a reprint elsewhere; case and spacing of the name do not matter."""
    text = "PORT AMBER (Northern Wire) - The bridge reopens."

    assert is_original(text, "NORTHERN-WIRE")
    assert not is_original(text, "The Evening Courier")
    assert not is_original("No dateline here.", "Northern Wire")
