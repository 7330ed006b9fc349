"""The door: looks passwords up, and knows who has come through it."""

import asyncio
import hashlib
import hmac
import logging
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from aggregator.adapters.access_file import AccessFile
from aggregator.adapters.passwords import fits
from aggregator.bootstrap import utc_now
from aggregator.core.sessions import is_use_worth_keeping, session_of, used, with_session, without_session
from aggregator.domain.access import NOBODY, Access
from aggregator.domain.errors import AggregatorError
from aggregator.web.entry.attempts import Attempts

#: No password is longer, in characters; what is, is not looked at.
LONGEST = 1_000
_log = logging.getLogger("aggregator")


class TooOften(Exception):
    """Wrong passwords were given too often; carries the seconds until another one is looked at."""

    def __init__(self, wait: float) -> None:
        super().__init__(wait)
        self.wait = int(wait) + 1


class Door:
    """Lets in who knows the password. The file is looked at for each request: it may have been changed since the last."""

    def __init__(
        self,
        path: Path,
        *,
        is_open_without: bool,
        clock: Callable[[], datetime] = utc_now,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin; where there is no password everybody is let in (`is_open_without`), or nobody."""
        self._file = AccessFile(path)
        self._is_open_without = is_open_without
        self._clock = clock
        self._attempts = Attempts(steady)
        # One at a time: argon2 takes 64 MB, and no attempt slips by while another one is not counted yet.
        self._turn = asyncio.Lock()
        self._key = secrets.token_bytes(32)
        self._right = b""

    def access(self) -> Access | None:
        """Return who is let in, None for everybody."""
        found = self._file.read()
        return NOBODY if found is None and not self._is_open_without else found

    async def is_known(self, access: Access, token: str) -> bool:
        """Tell whether a browser shows the token of a session, which is used by that."""
        now = self._clock()
        session = session_of(access, token, now)
        if session is None:
            return False
        if is_use_worth_keeping(session, now):
            # On a disk that takes nothing any more the session ends earlier.
            with suppress(AggregatorError):
                change = partial(used, digest=session.digest, now=now)
                await asyncio.to_thread(self._file.change, access.password, change)
        return True

    async def log_in(self, access: Access, password: str, sender: str) -> str | None:
        """Return the token of a new session, None for a wrong password.

        Raises:
            TooOften: it is not looked at.
            AggregatorError: the session cannot be kept.
        """
        if not await self.fits(access, password, sender):
            return None
        token = secrets.token_urlsafe(32)
        change = partial(with_session, token=token, now=self._clock())
        return token if await asyncio.to_thread(self._file.change, access.password, change) else None

    async def log_out(self, access: Access, token: str) -> None:
        """End a session.

        Raises:
            AggregatorError: that cannot be kept.
        """
        await asyncio.to_thread(self._file.change, access.password, partial(without_session, token=token))

    async def fits(self, access: Access, password: str, sender: str) -> bool:
        """Tell whether a password is right.

        Raises:
            TooOften: it is not looked at.
        """
        async with self._turn:
            if wait := self._attempts.wait(sender):
                raise TooOften(wait)
            # Programs show it each time; the right one is known again without argon2, by a key that is never written down.
            known = hmac.digest(self._key, f"{access.password}\0{password}".encode(errors="replace"), hashlib.sha256)
            if hmac.compare_digest(known, self._right):
                return True
            if await asyncio.to_thread(fits, access.password, password[: LONGEST + 1]):
                self._attempts.succeeded(sender)
                self._right = known
                return True
            self._attempts.failed(sender)
        _log.warning("wrong password", extra={"fields": {"sender": sender, "wait": self._attempts.wait(sender)}})
        return False
