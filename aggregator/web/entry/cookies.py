"""The cookie of a session: which script cannot read, and other sites' forms do not bring along.

`SameSite=Lax`, not `Strict`: a link to a story in a mail leads to the story, not to the log-in. What changes something is posted,
which Lax keeps from other sites as well, beside the check of the origin and the proof in each form.
"""

from aggregator.core.sessions import LONGEST
from aggregator.web.listening import Scope, fields

NAME = "aggregator"
#: Over https a browser takes a cookie of this name from this very host only, and only if it is `Secure`.
SECURE_NAME = f"__Host-{NAME}"
_KEPT = "; HttpOnly; SameSite=Lax; Path=/"


def token_in(scope: Scope) -> str:
    """Return the token that a browser shows, nothing where it shows none."""
    wanted = SECURE_NAME if _is_secure(scope) else NAME
    pairs = (part.strip().partition("=") for value in fields(scope, b"cookie") for part in value.split(";"))
    return next((value for name, _, value in pairs if name == wanted), "")


def cookie(scope: Scope, token: str) -> str:
    """Return what a browser is to keep; no `token`: it is to forget it."""
    seconds = int(LONGEST.total_seconds()) if token else 0
    name, secure = (SECURE_NAME, "; Secure") if _is_secure(scope) else (NAME, "")
    return f"{name}={token}{_KEPT}; Max-Age={seconds}{secure}"


def _is_secure(scope: Scope) -> bool:
    return bool(scope["scheme"] == "https")
