"""What each form of ours sends along when somebody has logged in: other sites cannot know it, so they cannot have it sent (CSRF).

It is at hand while a request is answered, in whatever thread, so that every template has it without being given it.
"""

import hashlib
import hmac
import re
from contextvars import ContextVar

FIELD, HEADER = "proof", b"x-csrf-token"
#: Bytes of a form in which the field has to stand: it is the first one.
WITHIN = 1_000

_present: ContextVar[str] = ContextVar("proof", default="")
_FIELD = re.compile(
    rb'(?:\Aproof=|\A--[^\r\n]{1,200}\r\nContent-Disposition: form-data; name="proof"\r\n\r\n)([0-9a-f]{64})(?=[&\r]|\Z)'
)


def proof() -> str:
    """Return the proof for forms of the page in hand; nothing where nobody has to log in."""
    return _present.get()


def set_proof(token: str) -> None:
    """Have forms carry the proof of a session, by its token, from which nobody else can make it."""
    _present.set(proof_of(token))


def proof_of(token: str) -> str:
    """Return the proof of a session."""
    return hmac.digest(token.encode(), b"proof", hashlib.sha256).hex()


def proves(token: str, given: bytes) -> bool:
    """Tell whether `given` is the proof of a session."""
    return hmac.compare_digest(proof_of(token).encode(), given)


def in_form(beginning: bytes) -> bytes:
    """Return the proof that a form's body begins with, nothing where it does not."""
    found = _FIELD.match(beginning)
    return found[1] if found else b""
