"""Notices go to a real service, and nothing of its address gets out."""

import logging
from collections.abc import Iterator

import pytest

from aggregator.adapters.notices import not_understood, scheme, send
from tests.adapters.noticeboard import Noticeboard

SECRET = "tops3cret"


@pytest.fixture
def board() -> Iterator[Noticeboard]:
    with Noticeboard() as board:
        yield board


def test_a_notice_arrives_as_it_was_written(board: Noticeboard) -> None:
    """Subject and text are plain text, whatever is in them."""
    assert send(board.address(), "2 feeds", "a <b> & *c*\n  d") is None
    ((subject, text),) = board.notices
    assert (subject, text) == ("2 feeds", "a <b> & *c*\n  d")


@pytest.mark.parametrize("kind", ["refused", "unreachable", "not understood"])
def test_a_failure_is_a_value_that_tells_no_secret(
    board: Noticeboard, kind: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A service that says no, one that is not there and one that nobody knows: nothing is raised, logged or printed."""
    caplog.set_level(logging.DEBUG)
    board.status = 500
    address = {
        "refused": board.address(user=f"me:{SECRET}"),
        "unreachable": f"json://me:{SECRET}@127.0.0.1:9/",
        "not understood": f"jsn://me:{SECRET}@127.0.0.1/",
    }[kind]

    assert send(address, "x", "y") in {"it did not take it", "Apprise does not understand its address"}
    assert not_understood([address]) == (((1, "jsn"),) if kind == "not understood" else ())
    assert SECRET not in caplog.text + "".join(capfd.readouterr())


def test_faulty_addresses_are_named_by_number_and_scheme() -> None:
    """The members that are sound are not named; without any, Apprise is not even loaded."""
    assert not_understood(["json://localhost", f"mailto://{SECRET}", f"nosuch://{SECRET}"]) == (
        (2, "mailto"),
        (3, "nosuch"),
    )
    assert not_understood([]) == ()


def test_only_what_looks_like_a_scheme_is_told() -> None:
    """Whoever writes the password before the colon has it kept secret all the same."""
    assert (scheme("MailTo://x"), scheme(f"me:{SECRET}@mail://x"), scheme(SECRET)) == ("mailto", "?", SECRET)
