"""`aggregator digest`, printed and sent."""

import pytest

from aggregator.domain.errors import AggregatorError, UsageError
from tests.adapters.mailbox import Mailbox
from tests.adapters.noticeboard import Noticeboard
from tests.faces.eventful import Newsroom, invoke
from tests.faces.installed import SETTINGS, Place

FERRY = "Ferry with 243 aboard runs aground off Sundholm"


def send_to(place: Place, *addresses: str, key: str = "digest_to") -> None:
    """Name services in feeds.yaml."""
    listed = ", ".join(f'"{address}"' for address in addresses)
    place.write(settings=f"{SETTINGS}  {key}: [{listed}]\n")


def test_a_digest_ends(place: Place, room: Newsroom) -> None:
    """So many stories, those first that most outlets tell, and how many more there are."""
    printed = invoke(place, "digest", "--since", "72h", "--limit", "2").stdout

    assert printed.startswith("# Since ")
    assert printed.count("\n## ") == 2
    assert f"## [{FERRY}]({room.urls['wire']})" in printed
    assert "\n**4 articles · 3 texts · 4 sources**" in printed
    assert printed.endswith("stories more: `aggregator today` lists all.\n")


def test_a_digest_can_be_narrowed(place: Place, room: Newsroom) -> None:
    """By all that narrows `today`; without a story it says why and prints nothing."""
    (german,) = [
        line
        for line in invoke(place, "digest", "--since", "72h", "--lang", "de", "--format", "text").stdout.splitlines()
        if line.startswith("1. ")
    ]
    nothing = invoke(place, "digest", "--since", "72h", "--tag", "none")

    assert german == "1. Faehre Halcyon laeuft vor Sundholm auf Grund"
    assert room.stories["german"]
    assert (nothing.stdout, "there are no feeds yet" in nothing.stderr) == ("", True)


def test_a_digest_without_a_database_says_what_to_do(place: Place) -> None:
    """As `today` does."""
    assert "aggregator update" in invoke(place, "digest").stderr


@pytest.mark.usefixtures("room")
def test_a_digest_goes_to_a_mail_server_as_html(place: Place) -> None:
    """With a subject of our own words, and as text beside it, as mail has it."""
    with Mailbox() as box:
        send_to(place, box.address())
        sent = invoke(place, "digest", "--since", "72h", "--send")
    (mail,) = box.messages
    html, text = mail.get_body(("html",)), mail.get_body(("plain",))

    assert (sent.stdout, sent.stderr) == ("", "service 1 (mailto://…): sent\n")
    assert mail["subject"].startswith("Since ")
    assert html is not None
    assert html.get_content().startswith("<!DOCTYPE html>")
    assert FERRY in html.get_content()
    assert text is not None
    assert FERRY in text.get_content()


@pytest.mark.usefixtures("room")
def test_what_a_service_wants_it_gets(place: Place) -> None:
    """HTML where it takes that, plain text where its address says so; `notify` stands in for `digest_to`."""
    with Noticeboard() as board:
        send_to(place, board.address(), f"{board.address()}?format=text", key="notify")
        invoke(place, "digest", "--since", "72h", "--send")
    (_, html), (_, text) = board.notices

    assert html.startswith("<!DOCTYPE html>")
    assert text.startswith("Since ")


@pytest.mark.usefixtures("room")
def test_a_service_that_fails_is_told(place: Place) -> None:
    """The others get it all the same; nothing of the address is said."""
    with Noticeboard() as board, Noticeboard() as other:
        board.status = 500
        send_to(place, board.address(user="me:tops3cret"), other.address())
        sent = invoke(place, "digest", "--since", "72h", "--send")

    assert len(other.notices) == 1
    assert isinstance(sent.exception, AggregatorError)
    assert "1 of 2 services did not get the digest" in str(sent.exception)
    assert "service 1 (json://…): it did not take it" in sent.stderr
    assert "tops3cret" not in sent.stderr


def test_sending_needs_somebody_to_send_to(place: Place, room: Newsroom) -> None:
    """The message names the setting."""
    assert room.stories
    refused = invoke(place, "digest", "--send").exception

    assert isinstance(refused, UsageError)
    assert "digest_to" in str(refused)
