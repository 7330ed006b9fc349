"""Rules of `core.secrecy`: what opens a door is not shown, everything else is."""

import pytest

from aggregator.core.secrecy import without_login, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:s3cret@paper.example/feed", "https://me:***@paper.example/feed"),
        ("https://me:s3@c:ret@paper.example:8080/", "https://me:***@paper.example:8080/"),
        ("https://k3y@paper.example/", "https://***@paper.example/"),
        ("no answer from http://me:x@a.example, again", "no answer from http://me:***@a.example, again"),
        ("https://a.example/f?key=abc", "https://a.example/f?key=***"),
        ("https://a.example/f?id=7&Access_Token=a%20b&x=1#top", "https://a.example/f?id=7&Access_Token=***&x=1#top"),
        (
            "https://a.example/f?rss-key=a&apikey=b&sig=c&user.x=d",
            "https://a.example/f?rss-key=***&apikey=***&sig=***&user.x=d",
        ),
        ("'https://me:x@a.example/?token=y' twice", "'https://me:***@a.example/?token=***' twice"),
    ],
)
def test_a_password_and_a_key_are_not_shown(text: str, shown: str) -> None:
    """They are replaced by stars wherever an address stands in a text; to do it twice changes nothing."""
    assert without_secrets(text) == shown
    assert without_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "https://a.example/@user/feed",
        "https://a.example/?monkey=1&q=key",
        "write to me@a.example: key=1",
        "https://a.example:8080/a?b=c@d",
        "Password: the band is back",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Addresses and texts without one are left as they are."""
    assert without_secrets(text) == text


def test_an_address_is_known_to_strangers_without_its_login() -> None:
    """The name and the password before the host go, nothing else does."""
    assert (
        without_login("HTTPS://me:a@b@paper.example:8080/@x?u=http://q@r/")
        == "HTTPS://paper.example:8080/@x?u=http://q@r/"
    )
    assert without_login("https://paper.example/?u=http://q@r/") == "https://paper.example/?u=http://q@r/"
