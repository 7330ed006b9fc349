"""Notices to a person's own services, by Apprise. What may hold a password, an address, never leaves this room."""

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

#: Whatever else stands before the colon may be part of a secret.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}", re.IGNORECASE)


#: Characters that a service must take to be sent a page with styles: all that send mail do, none that sends to a chat.
_PAGE = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a service takes as the body of a notice."""

    #: Whether it is sent HTML.
    html: bool
    #: Characters.
    most: int


def mark(address: str) -> str:
    """Return by what an address is known where it must not be read."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def takes(address: str) -> Takes | None:
    """Return what a service takes; None where Apprise makes nothing of its address."""
    service = _apprise().Apprise.instantiate(address)
    if service is None:
        return None
    # From some version on a service has several formats, of which its address may choose.
    resolve = getattr(service, "resolve_format", None)
    form = resolve("html") if resolve else service.notify_format
    return Takes(html=form == "html" and service.body_maxlen >= _PAGE, most=service.body_maxlen)


def scheme(address: str) -> str:
    """Return all that may be told of an address."""
    name = address.partition("://")[0]
    return name.lower() if _SCHEME.fullmatch(name) else "?"


def not_understood(addresses: Sequence[str]) -> tuple[tuple[int, str], ...]:
    """Return number (from 1) and scheme of each address that Apprise makes nothing of."""
    if not addresses:
        return ()
    apprise = _apprise()
    return tuple(
        (number, scheme(address))
        for number, address in enumerate(addresses, 1)
        if apprise.Apprise.instantiate(address) is None
    )


def send(address: str, subject: str, body: str, *, html: bool = False) -> str | None:
    """Send a notice, plain text or HTML, to one service and wait; return why it was not taken, None when it was."""
    apprise = _apprise()
    notices = apprise.Apprise()
    try:
        if not notices.add(address):
            return "Apprise does not understand its address"
        taken = notices.notify(body=body, title=subject, body_format="html" if html else "text")
    except Exception as error:  # noqa: BLE001 -- of a hundred services each fails in its own way, and says the address as it does
        return type(error).__name__
    return None if taken else "it did not take it"


def _apprise() -> Any:
    # It brings requests and all that, a fifth of a second and 30 MB that only those pay who have such services.
    import apprise  # noqa: PLC0415

    # It logs addresses, as do those it calls.
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).disabled = True
    logging.getLogger("urllib3.connectionpool").disabled = True
    return apprise
