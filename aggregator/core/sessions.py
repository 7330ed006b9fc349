"""How long a log-in lasts, and how many there are."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from aggregator.domain.access import Access, Session

#: Unused, and altogether.
IDLE, LONGEST = timedelta(days=14), timedelta(days=90)
#: Browsers of one reader; beyond, the one that was unused for longest is logged out.
MOST = 50
#: That a session is used is kept once in so long, for each time costs a write.
_OFTEN = timedelta(hours=1)


def digest_of(token: str) -> str:
    """Return what is kept of a token; the token itself is random, so it cannot be found by trying."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(access: Access, token: str, now: datetime) -> Session | None:
    """Return the session that a browser shows the token of; None where there is none, or it has ended."""
    digest = digest_of(token)
    found = (session for session in access.sessions if session.digest == digest)
    return next((session for session in found if _lasts(session, now)), None)


def with_session(access: Access, token: str, now: datetime) -> Access:
    """Add a session; those that have ended go."""
    living = sorted((one for one in access.sessions if _lasts(one, now)), key=lambda session: session.used)
    return replace(access, sessions=(*living, Session(digest=digest_of(token), made=now, used=now))[-MOST:])


def without_session(access: Access, token: str) -> Access:
    """End a session."""
    digest = digest_of(token)
    return replace(access, sessions=tuple(one for one in access.sessions if one.digest != digest))


def is_use_worth_keeping(session: Session, now: datetime) -> bool:
    """Tell whether it is long since a session was known to be used."""
    return now - session.used > _OFTEN


def used(access: Access, digest: str, now: datetime) -> Access:
    """Keep that a session is used."""
    sessions = (replace(one, used=now) if one.digest == digest else one for one in access.sessions)
    return replace(access, sessions=tuple(sessions))


def _lasts(session: Session, now: datetime) -> bool:
    return now - session.used < IDLE and now - session.made < LONGEST
