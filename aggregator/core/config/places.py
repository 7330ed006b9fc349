"""The kinds of values that say where something is, and by which clock: addresses, networks, time zones, times of day."""

import re
from datetime import date, time
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_interface
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from aggregator.core.config.kinds import UNPRINTABLE, Kind, Unfit, many, one
from aggregator.core.urls import url_key

Network = IPv4Network | IPv6Network

OFF = "off"
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def _read_timezone(text: str) -> str:
    # The time-zone tables lie on disk, but they are as constant as the library they come with.
    if text == "local":
        return text
    try:
        return ZoneInfo(text).key
    except (KeyError, ValueError, OSError):
        near = get_close_matches(text, sorted(available_timezones()), n=1)
        raise Unfit(f'"{text[:60]}" is no known time zone', f"did you mean {near[0]}?" if near else None) from None


def _read_time(text: str) -> time | None:
    if text == OFF:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unfit(f'"{text[:60]}" is no time of day')
    return time(int(match[1]), int(match[2]))


def _read_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unfit(f'"{text[:60]}" is no date') from None


def _read_network(text: str) -> Network:
    try:
        interface = ip_interface(text)
    except ValueError:
        raise Unfit(f'"{text[:60]}" is not a network') from None
    if interface.ip != interface.network.network_address:
        raise Unfit(f'"{text}" has bits beyond its prefix', f"write {interface.network}")
    return interface.network


def read_url(text: str) -> str:
    """Read the address of a feed."""
    if not text:
        raise Unfit("the address is empty")
    if len(text) > 2000:  # noqa: PLR2004 -- what servers and sitemaps.org take at least
        raise Unfit("the address is longer than 2000 characters")
    if UNPRINTABLE.search(text) or any(character.isspace() for character in text):
        raise Unfit(f'the address "{text[:60]}" holds blanks or control characters', "write them as %20 and the like")
    try:
        parts = urlsplit(text)
        url_key(text)
    except ValueError:
        raise Unfit(f'"{text[:60]}" is not an http or https address', _url_cure(text)) from None
    if not parts.hostname:
        raise Unfit(f'the address "{text[:60]}" names no host')
    return text


def _read_listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65_535:  # noqa: PLR2004 -- the highest port
        raise Unfit(f'"{text[:60]}" is not a host and a port')
    return text


def _read_host(text: str) -> str:
    host = text.lower()
    if not re.fullmatch(r"(?=.{1,253}$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*", host):
        raise Unfit(
            f'"{text[:60]}" is not the name of a host', "write it without https://, port and path; one a member"
        )
    return host


def _read_notice(text: str) -> str:
    # It may hold a password: no message repeats it.
    if "://" not in text or UNPRINTABLE.search(text) or any(character.isspace() for character in text):
        raise Unfit("a member is not an address as Apprise knows it", "write such as mailto://… or ntfy://…")
    return text


def complete_url(text: str) -> str:
    """Make an address of what people type or copy: `example.org`, `feed://example.org`, `feed:https://example.org`."""
    rest = re.sub(r"^feed:(//)?", "", text)
    return rest if "://" in rest else f"https://{rest}"


def _url_cure(text: str) -> str | None:
    whole = complete_url(text)
    host = whole.split("/")[2]
    return f"write {whole[:200]}" if whole != text and "." in host else None


URL = Kind(name="address", form="an address that begins with http:// or https://", read=one(read_url))
LISTEN = Kind(name="host:port", form="a host and a port, such as 127.0.0.1:8081", read=one(_read_listen))
NOTICES = Kind(
    name="list of addresses",
    form='a list of Apprise addresses, such as ["ntfy://ntfy.sh/topic"]',
    read=many(_read_notice),
)
TIMEZONE = Kind(name="local | IANA name", form="local or an IANA name, such as Europe/Berlin", read=one(_read_timezone))
HOSTS = Kind(name="list of hosts", form='a list of host names, such as ["news.example.org"]', read=many(_read_host))
TIME_OF_DAY = Kind(name=f"{OFF} | HH:MM", form=f'{OFF} or a time of day, such as "07:30"', read=one(_read_time))
DATE = Kind(name="date", form="a date, such as 2026-12-31", read=one(_read_date))
NETWORKS = Kind(
    name="list of networks",
    form='a list of networks, such as ["127.0.0.0/8", "::1/128"]',
    read=many(_read_network),
)
