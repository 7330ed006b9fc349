"""Who may see the page: whoever knows the password, and browsers in which somebody has logged in."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which somebody has logged in."""

    #: SHA-256 of what the browser shows, in hexadecimal digits.
    digest: str
    made: datetime
    #: To the hour or so.
    used: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is kept of a password and of those who gave it."""

    #: As argon2 writes it; empty: no password fits.
    password: str = field(repr=False)
    sessions: tuple[Session, ...] = ()


#: Nobody may see the page.
NOBODY = Access(password="")
