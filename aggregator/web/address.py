"""Where the page may be served. Light, for the command line asks before anything is loaded."""

from dataclasses import dataclass
from ipaddress import ip_address

from aggregator.domain.errors import UsageError

HOST, PORT = "127.0.0.1", 8080
#: Names under which a browser on this machine asks; any other is a name of somebody else's that leads here (DNS rebinding).
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A loopback address to serve the page at."""

    host: str
    #: 0: any that is free.
    port: int

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://{self.bracketed}:{self.port}/"

    @property
    def bracketed(self) -> str:
        """The host as addresses and the header `Host` have it."""
        return f"[{self.host}]" if ":" in self.host else self.host

    @property
    def names(self) -> frozenset[str]:
        """The hosts that browsers may ask for."""
        return OWN_NAMES | {self.bracketed}


def local(host: str, port: int) -> Address:
    """Return where to serve the page.

    Raises:
        UsageError: others could reach it there.
    """
    host = HOST if host.lower() == "localhost" else host.strip("[]")
    try:
        is_local = ip_address(host).is_loopback
    except ValueError:
        is_local = False
    if not is_local:
        raise UsageError(
            f"the page has no password yet, so it is served to this machine only, not at {host!r}; from elsewhere reach it by"
            f" `ssh -L {port}:127.0.0.1:{port} THIS-MACHINE`, or by a web server before it that asks for a password"
        )
    return Address(host=host, port=port)
