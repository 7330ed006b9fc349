"""Where the page may be served. Light, for the command line asks before anything is loaded."""

from dataclasses import dataclass
from ipaddress import ip_address

from aggregator.domain.errors import UsageError

HOST, PORT = "127.0.0.1", 8080
#: Names under which a browser on this machine asks; any other is a name of somebody else's that leads here (DNS rebinding).
OWN_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
#: What is told where others reach the page.
UNENCRYPTED = (
    "whoever listens on the way reads the password; serve it at 127.0.0.1 behind a web server that speaks TLS"
    " (README, Nobody else gets in)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address of this machine to serve the page at."""

    host: str
    #: 0: any that is free.
    port: int

    @property
    def url(self) -> str:
        """What a person opens."""
        return f"http://{bracketed(self.host)}:{self.port}/"

    @property
    def is_ours_alone(self) -> bool:
        """Whether nobody but this machine reaches it."""
        return ip_address(self.host).is_loopback

    @property
    def names(self) -> frozenset[str]:
        """The hosts that browsers may ask for."""
        return OWN_NAMES | {bracketed(self.host)}


def bracketed(host: str) -> str:
    """Return an address as URLs and the header `Host` have it."""
    return f"[{host}]" if ":" in host else host


def chosen(host: str, port: int, *, has_password: bool) -> Address:
    """Return where to serve the page.

    Raises:
        UsageError: others could reach it there, and it has no password; or it is no address.
    """
    address = Address(host=HOST if host.lower() == "localhost" else host.strip("[]"), port=port)
    try:
        is_ours_alone = address.is_ours_alone
    except ValueError as error:
        raise UsageError(
            f"--host {host!r} is no address; write one of this machine's, such as {HOST}, or 0.0.0.0 for all. Names by which"
            " the page is asked for belong into `settings: host_names`"
        ) from error
    if not is_ours_alone and not has_password:
        raise UsageError(
            f"others can reach the page at {host}, and it has no password; set one with `aggregator password`, or reach the page"
            f" from elsewhere by `ssh -L {port}:127.0.0.1:{port} THIS-MACHINE`"
        )
    return address
