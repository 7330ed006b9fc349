"""Addresses with what opens a door taken out, to be shown, logged and told: a password, or a key in the query."""

import re

HIDDEN = "***"

#: What stands before the host: a name and a password, or a key alone.
_LOGIN = re.compile(r"(?<=://)(?:([^\s/?#:@\"'<>]*):)?[^\s/?#\"'<>]*@")
#: Parameters by the last word of their names: feeds for one person alone carry a key there.
_KEY = re.compile(
    r"([?&;](?:[\w-]*[_-])?(?:(?:api|rss|feed|user|auth|access|private)?(?:key|token)|secret|passw(?:or)?d|pwd|pass|auth"
    r"|sig(?:nature)?)=)[^\s&#;\"'<>]+",
    re.IGNORECASE,
)
_OWN_LOGIN = re.compile(r"^(\s*https?://)[^\s/?#]*@", re.IGNORECASE)


def without_login(url: str) -> str:
    """Return an address as strangers may know it: without a user name and a password."""
    return _OWN_LOGIN.sub(r"\1", url)


def without_secrets(text: str) -> str:
    """Return a text in whose addresses no password and no key can be read; the rest of it as it is."""
    return _KEY.sub(rf"\1{HIDDEN}", _LOGIN.sub(_bare, text)) if "://" in text else text


def _bare(login: re.Match[str]) -> str:
    return f"{login[1]}:{HIDDEN}@" if login[1] is not None else f"{HIDDEN}@"
