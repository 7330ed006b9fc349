"""Tells systemd how the daemon is (sd_notify(3)); does nothing where systemd does not listen."""

import os
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta


class Notifier:
    """Sends states to the socket that `NOTIFY_SOCKET` names."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # "@" stands for the NUL of Linux's abstract addresses.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        #: How often `alive` must be heard; None when nobody waits for it.
        self.watchdog = _watchdog(environ)

    def ready(self, status: str) -> None:
        """Say that start or reload is complete."""
        self._send("READY=1", f"STATUS={status}")

    def reloading(self) -> None:
        """Say that the configuration is being taken up."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1", "STATUS=finishing the article in hand")

    def status(self, text: str) -> None:
        """Set the line that `systemctl status` shows."""
        self._send(f"STATUS={text}")

    def alive(self) -> None:
        """Say that the event loop turns."""
        self._send("WATCHDOG=1")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        # A daemon does not die because nobody reads its news.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.setblocking(False)
            channel.sendto("\n".join(lines).encode(), self._address)


def _watchdog(environ: Mapping[str, str]) -> timedelta | None:
    microseconds = environ.get("WATCHDOG_USEC", "")
    meant = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not (microseconds.isdigit() and int(microseconds) and meant):
        return None
    # Half the limit, as sd_watchdog_enabled(3) advises.
    return timedelta(microseconds=int(microseconds)) / 2
