import os
import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from aggregator.daemon.notify import Notifier


@pytest.fixture
def manager() -> Iterator[tuple[str, socket.socket]]:
    """A datagram socket as systemd keeps one, in a folder whose name is short enough."""
    with TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        address = str(Path(folder) / "notify")
        channel.bind(address)
        channel.settimeout(1)
        yield address, channel


def test_states_arrive_as_systemd_reads_them(manager: tuple[str, socket.socket]) -> None:
    """READY, STATUS, WATCHDOG and STOPPING have the form of sd_notify(3)."""
    address, channel = manager
    notifier = Notifier({"NOTIFY_SOCKET": address})

    notifier.ready("12 feeds")
    notifier.status("polling")
    notifier.alive()
    notifier.stopping()

    heard = [channel.recv(4096).decode() for _ in range(4)]
    assert heard[:3] == ["READY=1\nSTATUS=12 feeds", "STATUS=polling", "WATCHDOG=1"]
    assert heard[3].startswith("STOPPING=1\n")


def test_a_reload_carries_the_monotonic_time(manager: tuple[str, socket.socket]) -> None:
    """RELOADING comes with MONOTONIC_USEC, as Type=notify-reload asks."""
    address, channel = manager

    Notifier({"NOTIFY_SOCKET": address}).reloading()

    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d{6,}", channel.recv(4096).decode())


def test_abstract_addresses_are_understood() -> None:
    """An address that begins with @ lies in Linux's abstract namespace."""
    name = f"aggregator-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(f"\0{name}")
        channel.settimeout(1)

        Notifier({"NOTIFY_SOCKET": f"@{name}"}).alive()

        assert channel.recv(100) == b"WATCHDOG=1"


@pytest.mark.parametrize("environ", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}])
def test_nobody_needs_to_listen(environ: dict[str, str]) -> None:
    """Without systemd, or when it does not listen, nothing happens and nothing is raised."""
    notifier = Notifier(environ)

    notifier.ready("well")

    assert notifier.watchdog is None


@pytest.mark.parametrize(
    ("environ", "every"),
    [
        ({"WATCHDOG_USEC": "60000000"}, timedelta(seconds=30)),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, timedelta(seconds=30)),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
    ],
)
def test_the_watchdog_is_fed_at_half_its_limit(environ: dict[str, str], every: timedelta | None) -> None:
    """Only when it is meant for this process and its limit is a number."""
    assert Notifier(environ).watchdog == every
