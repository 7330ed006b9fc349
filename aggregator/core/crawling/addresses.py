"""Which network addresses may be connected to. Feeds name hosts; a hostile one may name the router or the cloud's keys."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Where no news is published, from the IANA IPv4 Special-Purpose Address Registry; the first that holds an address names it.
_NOT_PUBLIC_4: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), name)
    for network, name in (
        ("0.0.0.0/8", "an unspecified address"),
        ("127.0.0.0/8", "a loopback address"),
        ("10.0.0.0/8", "a private address"),
        ("172.16.0.0/12", "a private address"),
        ("192.168.0.0/16", "a private address"),
        ("100.64.0.0/10", "an address inside a provider's network (carrier-grade NAT)"),
        ("169.254.0.0/16", "a link-local address"),
        ("192.0.0.0/24", "a reserved address"),
        ("192.0.2.0/24", "an address for documentation"),
        ("192.88.99.0/24", "a reserved address"),
        ("198.18.0.0/15", "an address for benchmarks"),
        ("198.51.100.0/24", "an address for documentation"),
        ("203.0.113.0/24", "an address for documentation"),
        ("224.0.0.0/4", "a multicast address"),
        ("240.0.0.0/4", "a reserved address"),
    )
)

#: The same for IPv6 (its registry, and RFC 4291). Whatever lies outside the public 2000::/3 is refused by the last row.
_NOT_PUBLIC_6: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), name)
    for network, name in (
        ("::/128", "an unspecified address"),
        ("::1/128", "a loopback address"),
        ("fc00::/7", "a private address"),
        ("fe80::/10", "a link-local address"),
        ("ff00::/8", "a multicast address"),
        ("2001::/23", "a reserved address"),
        ("2001:db8::/32", "an address for documentation"),
        ("3fff::/20", "an address for documentation"),
        ("::/3", "a reserved address"),
        ("4000::/2", "a reserved address"),
        ("8000::/1", "a reserved address"),
    )
)

#: A translator's well-known prefix (RFC 6052): the last 32 bits are the IPv4 address that is really reached.
_NAT64 = IPv6Network("64:ff9b::/96")


def refusal(address: Address, allow_networks: Iterable[Network]) -> str | None:
    """Say what `address` is if it must not be connected to ("a loopback address"); None where it may.

    An address that carries IPv4 ones inside it (mapped, NAT64, 6to4, Teredo) is judged by those.
    """
    allowed = tuple(allow_networks)
    if any(address in network for network in allowed):
        return None
    carried = _carried(address)
    if carried:
        reasons = (refusal(inner, allowed) for inner in carried)
        return next((f"{reason} in another form" for reason in reasons if reason), None)
    table = _NOT_PUBLIC_4 if address.version == 4 else _NOT_PUBLIC_6  # noqa: PLR2004 - the IP version
    return next((name for network, name in table if address in network), None)


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses to which a packet for `address` would be handed on."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFF_FFFF),)
    return ()
