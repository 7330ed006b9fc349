"""What stands around the page as feeds.yaml tells it: names that lead to it, web servers before it that are believed."""

import asyncio
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig
from aggregator.domain.settings import Config
from aggregator.web.address import bracketed
from aggregator.web.listening import Scope, fields

_FOR, _PROTO = b"x-forwarded-for", b"x-forwarded-proto"


class Surroundings:
    """feeds.yaml is read again when it has changed; while it has faults, what it said before holds."""

    def __init__(self, paths: Paths, names: frozenset[str]) -> None:
        self._config = LastingConfig(paths)
        self._names = names
        self._last: Config | None = None

    async def is_our_name(self, host: str, scope: Scope) -> bool:
        """Tell whether a host, as a browser asks for it without its port, leads to this machine by our own will."""
        server = scope.get("server")
        # Asking for an address that is this machine's own is no trick: nobody's name leads there by it.
        if host in self._names or (server and host == bracketed(server[0])):
            return True
        config = await self._read()
        return config is not None and host in config.settings.host_names

    async def seen_through(self, scope: Scope) -> Scope:
        """Return a request as the web server before us, if it is believed, says that it was asked.

        What strangers write into those fields is not heeded.
        """
        told = fields(scope, _FOR), fields(scope, _PROTO)
        client = scope.get("client")
        if not client or not any(told) or (config := await self._read()) is None:
            return scope
        trusted = config.settings.trusted_proxies

        def is_trusted(sender: str) -> bool:
            address = _address(sender)
            return address is not None and any(address in network for network in trusted)

        if not is_trusted(client[0]):
            return scope
        senders, schemes = map(_parts, told)
        # The last one that is no web server of ours: what stands before it, anybody may have written.
        sender = next((one for one in reversed(senders) if not is_trusted(one)), client[0])
        scheme = schemes[-1] if schemes and schemes[-1] in {"http", "https"} else scope["scheme"]
        return {**scope, "client": (sender, 0), "scheme": scheme}

    async def _read(self) -> Config | None:
        # Parsing a long feeds.yaml takes a second, which the loop has better use for.
        config = await asyncio.to_thread(self._config.read)
        self._last = config or self._last
        return self._last


def _parts(told: Sequence[str]) -> list[str]:
    return [part.strip().lower() for value in told for part in value.split(",") if part.strip()]


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
