"""Notices to a person's own services, by Apprise. What may hold a password, an address, never leaves this room."""

import logging
import re
from collections.abc import Sequence
from typing import Any

#: Whatever else stands before the colon may be part of a secret.
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{0,20}", re.IGNORECASE)


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


def send(address: str, subject: str, text: str) -> str | None:
    """Send a notice to one service and wait for it; return why it was not taken, None when it was."""
    apprise = _apprise()
    notices = apprise.Apprise()
    try:
        if not notices.add(address):
            return "Apprise does not understand its address"
        return None if notices.notify(body=text, title=subject, body_format="text") else "it did not take it"
    except Exception as error:  # noqa: BLE001 -- of a hundred services each fails in its own way, and says the address as it does
        return type(error).__name__


def _apprise() -> Any:
    # It brings requests and all that, a fifth of a second and 30 MB that only those pay who have such services.
    import apprise  # noqa: PLC0415

    # It logs addresses, as do those it calls.
    for name in ("apprise", "urllib3", "requests"):
        logging.getLogger(name).disabled = True
    logging.getLogger("urllib3.connectionpool").disabled = True
    return apprise
