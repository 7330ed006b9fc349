from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.crawling.addresses import refusal


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.178.1", "private"),
        ("100.64.0.1", "carrier-grade"),
        ("100.127.255.255", "carrier-grade"),
        ("169.254.169.254", "link-local"),
        ("192.0.0.8", "reserved"),
        ("192.0.2.1", "documentation"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("198.19.0.1", "benchmarks"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "reserved"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("fc00::1", "private"),
        ("fd12:3456::1", "private"),
        ("fec0::1", "reserved"),
        ("ff02::1", "multicast"),
        ("2001:db8::1", "documentation"),
        ("3fff::1", "documentation"),
        ("2001:10::1", "reserved"),
        ("100::1", "reserved"),
        ("4000::1", "reserved"),
        ("64:ff9b:1::1", "reserved"),
        ("::7f00:1", "reserved"),
        ("::ffff:127.0.0.1", "loopback address in another form"),
        ("::ffff:10.0.0.1", "private address in another form"),
        ("64:ff9b::192.168.0.1", "private address in another form"),
        ("2002:7f00:1::1", "loopback address in another form"),
        ("2001:0:4136:e378:8000:63bf:f5ff:fffe", "private address in another form"),
    ],
)
def test_addresses_that_are_not_public_are_refused_by_name(text: str, what: str) -> None:
    """Each special range is refused and named, also where it hides in an IPv6 form."""
    reason = refusal(ip_address(text), ())

    assert reason is not None
    assert what in reason


@pytest.mark.parametrize(
    "text",
    [
        "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "172.15.255.255",
        "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111",
        "2a00:1450:4001::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1", "2001:200::1",
    ],
)  # fmt: skip
def test_public_addresses_are_not_refused(text: str) -> None:
    """The neighbours of special ranges, and forms that carry a public address, are open."""
    assert refusal(ip_address(text), ()) is None


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("fd00::1", "fd00::/8"),
        ("::ffff:10.0.0.1", "10.0.0.0/8"),
        ("::ffff:10.0.0.1", "::ffff:0:0/96"),
    ],
)
def test_an_allowed_network_is_open(text: str, allowed: str) -> None:
    """What `allow_networks` names may be connected to, in whatever form it is written."""
    assert refusal(ip_address(text), (ip_network(allowed),)) is None


def test_an_allowed_network_opens_nothing_else() -> None:
    """An address beside the allowed network stays refused."""
    assert refusal(ip_address("10.1.2.4"), (ip_network("10.1.2.3/32"), ip_network("fd00::/8"))) is not None


@given(st.ip_addresses())
def test_the_standard_library_finds_nothing_more(address: IPv4Address | IPv6Address) -> None:
    """What we let through, Python calls global too (save the forms that carry IPv4, which it judges otherwise)."""
    if refusal(address, ()) is None and not (isinstance(address, IPv6Address) and not address.is_global):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=4))
def test_a_form_is_judged_like_what_it_carries(address: IPv4Address | IPv6Address) -> None:
    """Mapped, NAT64 and 6to4 forms of an IPv4 address are refused exactly when it is."""
    forms = (
        IPv6Address((0xFFFF << 32) | int(address)),
        IPv6Address((0x64FF9B << 96) | int(address)),
        IPv6Address((0x2002 << 112) | (int(address) << 80)),
    )

    assert {refusal(form, ()) is None for form in forms} == {refusal(address, ()) is None}
