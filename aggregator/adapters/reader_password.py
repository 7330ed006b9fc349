"""The password of reader apps: made by chance, shown once, kept as what proves it and no more.

What an app shows after its log-in follows from password and salt by scrypt (RFC 7914); kept is the SHA-256 of it, so that whoever
reads the file cannot log in, and what apps hold is worth nothing once the password is another. Fever has apps show
md5(user:password) instead, which nobody finds to a password of 125 random bits; of that too only a salted SHA-256 is kept.
"""

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from aggregator.adapters.private_file import write_private
from aggregator.domain.errors import AggregatorError

#: The user name that Fever's digest is made with.
USER = "aggregator"
#: Five characters each, of letters and digits that nobody mistakes for others.
_ALPHABET, _PARTS, _LENGTH = "abcdefghijkmnpqrstuvwxyz23456789", 5, 5
#: scrypt with 16 MiB: 50 ms.
_COST, _BLOCK, _LANES = 2**14, 8, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What proves a password."""

    salt: bytes
    #: SHA-256 of what apps show after their log-in.
    token: bytes
    #: SHA-256 of the salt and of Fever's digest.
    fever: bytes

    def token_for(self, password: str) -> str | None:
        """Return what an app that knows the password shows from then on; None for a wrong one."""
        token = _token(password, self.salt)
        return token if self.is_token(token) else None

    def is_token(self, shown: str) -> bool:
        """Tell whether an app shows what its log-in gave."""
        return hmac.compare_digest(self.token, hashlib.sha256(shown.encode()).digest())

    def is_fever(self, shown: str) -> bool:
        """Tell whether an app shows Fever's digest of user and password."""
        return hmac.compare_digest(self.fever, _fever(shown, self.salt))


class ReaderPassword:
    """The file that a password is proved by; there is none while no app may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> str:
        """Make another password, in the place of the one before, and return it.

        Raises:
            AggregatorError: the file cannot be written.
        """
        password = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(_PARTS))
        salt = secrets.token_bytes(16)
        digest = hashlib.md5(f"{USER}:{password}".encode(), usedforsecurity=False).hexdigest()
        kept = {
            "salt": salt.hex(),
            "token": hashlib.sha256(_token(password, salt).encode()).hexdigest(),
            "fever": _fever(digest, salt).hex(),
        }
        write_private(self._path, json.dumps(kept).encode())
        return password

    def remove(self) -> bool:
        """Let no app read any more; tell whether one might have.

        Raises:
            AggregatorError: the file cannot be removed.
        """
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise AggregatorError(f"{self._path} cannot be removed: {error.strerror}") from error
        return True

    def read(self) -> Proof | None:
        """Return what proves the password; None where there is none, or nothing that makes sense."""
        try:
            kept = json.loads(self._path.read_bytes())
            return Proof(**{name: bytes.fromhex(kept[name]) for name in ("salt", "token", "fever")})
        except (OSError, ValueError, LookupError, TypeError):
            return None


def _token(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode(), salt=salt, n=_COST, r=_BLOCK, p=_LANES, dklen=32).hex()


def _fever(digest: str, salt: bytes) -> bytes:
    return hashlib.sha256(salt + digest.lower().encode()).digest()
