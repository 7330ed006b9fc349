"""What was done, told once on the page that follows, with the way to take it back.

Kept in memory under tokens that nobody can guess: nothing of it stands in an address or a cookie, and a restart forgets it.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from aggregator.core.feeds.discovery import FeedLink

#: Notices that are kept, the last ones.
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Feeds that a page names, one of which is to be added."""

    links: tuple[FeedLink, ...]
    #: Tags that were asked for, as they were written.
    tags: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What was done."""

    told: str
    #: The story or feed that it is about: where it is shown (without the first slash), and what it is called.
    path: str = ""
    words: str = ""
    #: Takes it back, and returns what to say then.
    undo: Callable[[], str] | None = None
    choice: Choice | None = None


class Bar:
    """Notices by their tokens; for any thread."""

    def __init__(self) -> None:
        self._notices: dict[str, Notice] = {}
        self._lock = Lock()

    def keep(self, notice: Notice) -> str:
        """Keep a notice; return its token."""
        token = secrets.token_urlsafe(9)
        with self._lock:
            self._notices[token] = notice
            while len(self._notices) > MOST:
                del self._notices[next(iter(self._notices))]
        return token

    def shown(self, token: str) -> Notice | None:
        """Return the notice of a token, None where there is none any more."""
        return self._notices.get(token)

    def taken(self, token: str) -> Notice | None:
        """Return the notice of a token and forget it, so that nothing is taken back twice."""
        with self._lock:
            return self._notices.pop(token, None)
