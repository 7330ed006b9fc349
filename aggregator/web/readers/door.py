"""Who may ask: apps that know the password of reader apps, which is one of its own."""

import hashlib
import hmac
import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from threading import Lock

from aggregator.adapters.reader_password import USER, Proof, ReaderPassword
from aggregator.bootstrap import utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.web.readers.asking import Asked, Refused

#: Wrong log-ins of one sender within so many seconds; then no other of his is looked at for as long.
ATTEMPTS, SECONDS = 5, 60.0
#: Senders that are remembered; beyond, the one who failed first is forgotten.
_SENDERS = 1_000
#: What some apps write where they have no token.
_NO_TOKEN = frozenset({"", "x"})
_WEEK = 7 * 24 * 3600


class Attempts:
    """How often each sender failed to log in of late."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: dict[str, list[float]] = {}
        self._lock = Lock()

    def wait(self, sender: str) -> float:
        """Return how many seconds a sender has to wait, 0 for none."""
        with self._lock:
            late = self._of_late(sender)
            return late[0] + SECONDS - self._clock() if len(late) >= ATTEMPTS else 0.0

    def failed(self, sender: str) -> None:
        """Keep that a sender failed."""
        with self._lock:
            late = self._of_late(sender)
            self._failed.pop(sender, None)
            self._failed[sender] = [*late, self._clock()][-ATTEMPTS:]
            if len(self._failed) > _SENDERS:
                del self._failed[next(iter(self._failed))]

    def _of_late(self, sender: str) -> list[float]:
        return [moment for moment in self._failed.get(sender, ()) if self._clock() - moment < SECONDS]


class Door:
    """Lets apps in; each request is looked at, for the password may have been changed or removed since the last."""

    def __init__(self, paths: Paths, clock: Callable[[], datetime] = utc_now, attempts: Attempts | None = None) -> None:
        self._password = ReaderPassword(paths.reader_password)
        self._clock = clock
        self._attempts = attempts or Attempts()
        #: scrypt takes 16 MB; one at a time.
        self._lock = Lock()

    def proof(self) -> Proof | None:
        """Return what proves the password; None while no app may read."""
        return self._password.read()

    def log_in(self, proof: Proof, asked: Asked) -> str:
        """Return what an app is to show from now on. The user name is any, for there is one reader.

        Raises:
            Refused: the password is wrong, or was so too often.
        """
        self._refuse_hasty(asked)
        with self._lock:
            token = proof.token_for(asked.one("Passwd")[:200])
        if token is None:
            self._attempts.failed(asked.sender)
            raise Refused(HTTPStatus.UNAUTHORIZED, "Error=BadAuthentication\n")
        return f"{USER}/{token}"

    def admit(self, proof: Proof, asked: Asked) -> str:
        """Return what an app shows that has logged in.

        Raises:
            Refused: it has not, or the password is another one by now.
        """
        kind, _, shown = asked.authorization.strip().partition(" ")
        name, _, value = shown.strip().partition("=")
        token = value.strip().rpartition("/")[2]
        if kind.lower() != "googlelogin" or name.strip() != "auth" or not proof.is_token(token):
            raise _unauthorised()
        return token

    def admit_fever(self, proof: Proof, asked: Asked) -> bool:
        """Tell whether an app shows Fever's digest.

        Raises:
            Refused: it showed wrong ones too often.
        """
        if proof.is_fever(asked.one("api_key").strip()):
            return True
        if asked.one("api_key"):
            self._refuse_hasty(asked)
            self._attempts.failed(asked.sender)
        return False

    def writing_token(self, token: str) -> str:
        """Return what apps send along where something is to be changed; good for one to two weeks.

        It proves nothing that the header does not: no browser sends that by itself. Apps keep it for as long as they run.
        """
        return _signed(token, self._week())

    def require_writing_token(self, token: str, asked: Asked) -> None:
        """Make sure that what an app sends along, if anything, is such a token.

        Raises:
            Refused: it is none, or too old; apps then fetch another.
        """
        given = asked.one("T").strip()
        good = [_signed(token, self._week() - ago).encode() for ago in (0, 1)]
        if given not in _NO_TOKEN and not any(hmac.compare_digest(given.encode(), one) for one in good):
            raise _unauthorised()

    def _week(self) -> int:
        return int(self._clock().timestamp() // _WEEK)

    def _refuse_hasty(self, asked: Asked) -> None:
        wait = self._attempts.wait(asked.sender)
        if wait > 0:
            told = f"Too many wrong passwords; wait {wait:.0f} seconds.\n"
            raise Refused(HTTPStatus.TOO_MANY_REQUESTS, told, retry_after=str(int(wait) + 1))


def _unauthorised() -> Refused:
    # Apps log in anew, or fetch another token, where they see this header.
    return Refused(HTTPStatus.UNAUTHORIZED, "Unauthorized\n", **{"x-reader-google-bad-token": "true"})


def _signed(token: str, week: int) -> str:
    # Google's had 57 characters, and some apps look.
    return hmac.digest(token.encode(), f"T{week}".encode(), hashlib.sha256).hex()[:57]
