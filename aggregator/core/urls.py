"""Addresses: when two spellings name one page, what a person opens, and whose site it is.

Whatever is no usable http(s) address raises ValueError; nothing else is ever raised, whatever the text.
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from publicsuffixlist import PublicSuffixList

from aggregator.domain.ids import UrlKey

#: Characters. Sitemaps may name addresses of 2,048 (sitemaps.org); as much again for tracking and percent-encoding.
MAX_LENGTH = 4_096

# Query parameters that say how a reader came, never what is read, gathered from share links, feeds and the senders'
# manuals. A name ending in "_" is a prefix. Left out on purpose: whatever some site uses to choose a page (id, p, v, q …).
_TRACKING_NAMES = (
    # Google Analytics, Matomo, Adobe, AT Internet, Webtrekk, Eloqua
    "utm_ ga_ _ga _gl mtm_ matomo_ pk_ piwik_ s_cid icid intcid intcmp at_ xtor wt_mc wt_zmc wt.mc_id wt.nav elqtrack "
    "elqtrackid "
    # click numbers of Google, Meta, Microsoft, Yandex, X, LinkedIn, TikTok, Pinterest, Outbrain, Taboola and others
    "gclid gclsrc gbraid wbraid dclid gad_source gad_campaignid fbclid fb_action_ids fb_action_types fb_ref fb_source "
    "msclkid yclid ysclid ymclid twclid li_fat_id ttclid epik obclid tblci dicbo outbrainclickid srsltid igshid igsh "
    "irclickid irgwc rdt_cid sccid zanpid wickedid "
    # newsletters: Mailchimp, HubSpot, Marketo, Klaviyo, Vero, Omeda, Drip, MailerLite, Blueshift
    "mc_cid mc_eid _hsenc _hsmi hsctatracking mkt_tok _kx vero_id vero_conv oly_anon_id oly_enc_id __s ml_subscriber "
    "ml_subscriber_hash bsft_ "
    # outlets' own campaign marks
    "cmp cmpid cmp_id campaign_id ocid ito ncid emc pgtype mtrref rref contentcollection contentplacement clicksource "
    "nr_email_referer smid smtyp sref sr_share soc_src soc_trk taid ns_mchannel ns_source ns_campaign ns_linkname ns_fee "
    "ns_referrer guccounter guce_referrer guce_referrer_sig ref ref_src ref_url referer referrer ftag wtmc spm "
    # AMP viewers and caches
    "amp_js_v amp_gsa amp_lite amp_tf usqp"
)
TRACKING = frozenset(_TRACKING_NAMES.split())
_TRACKING_PREFIXES = tuple(name for name in TRACKING if name.endswith("_"))
#: Parameters that are tracking where they say "rss", and may choose a page otherwise.
_CAME_BY = frozenset({"source", "src", "from", "via", "mod", "partner"})
#: Parameters that ask for a page's AMP form.
_AMP_PARAMETERS = frozenset({("outputtype", "amp"), ("output", "amp")})

#: Labels before a host that only choose a presentation of the same pages.
_PRESENTATIONS = frozenset({"www", "m", "amp", "mobile"})
#: Last path segments that stand for their directory.
_DIRECTORY_FILES = frozenset({"amp", "amp.html", "amp.htm", "index.html", "index.htm", "index.php"})
#: ".amp" at the end of a name, or before ".html"; never so that only dots would be left.
_AMP_ENDING = re.compile(r"(?<=[^.])\.amp(?=\.html?$|$)", re.IGNORECASE)
_GOOGLE = re.compile(r"google(?:\.com?)?\.[a-z]{2,3}")

#: Control characters and lone surrogates.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_PERCENT = re.compile(r"%(?:([0-9A-Fa-f]{2}))?")
_PLAIN = re.compile(r"[A-Za-z0-9\-._~/!$&'()*+,;=:@?]*")
_SAFE = "%/!$&'()*+,;=:@?"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPED_AMPERSAND = re.compile(r"^(?:amp;)+", re.IGNORECASE)


class _Host(NamedTuple):
    """A host in its one spelling, and the registrable domain it belongs to, if any."""

    name: str
    registrable: str | None


@lru_cache(maxsize=1_024)
def url_key(url: str) -> UrlKey:
    """Return what all spellings of one page's address have in common: http and https, www, AMP, tracking and so on.

    The key is itself an address of the same key, but is meant to be compared, not fetched. Cached: the way of one entry to
    its article asks for some three addresses a dozen times.

    Raises:
        ValueError: no http(s) address, no usable host, control characters, or longer than MAX_LENGTH.
    """
    parts = _split(url)
    host, port = _place(parts)
    name = _without_presentation(host)
    given = _segments(parts.path)
    segments = _named(given)
    query = _query_key(parts.query)
    origin = _wrapped(name, google_amp=given[:1] == ["amp"], segments=segments)
    if origin:
        try:
            return url_key(origin + query)
        except ValueError:
            pass  # only looks wrapped: then the address speaks for itself
    fragment = f"#{_percent(parts.fragment)}" if parts.fragment.startswith("!") else ""
    key = f"https://{name}{port}/{'/'.join(segments)}{query}{fragment}"
    if len(key) > MAX_LENGTH:
        raise ValueError(f"an address of more than {MAX_LENGTH} characters")
    return UrlKey(key)


def clean_url(url: str) -> str:
    """Return the address a person opens: without fragment and tracking, otherwise as given.

    Raises:
        ValueError: as for `url_key`.
    """
    parts = _split(url)
    _place(parts)
    query = "&".join(pair for pair in parts.query.split("&") if not _is_tracking(*_parameter(pair)))
    fragment = parts.fragment if parts.fragment.startswith("!") else ""
    clean = parts._replace(query=query, fragment=fragment).geturl()
    # A blank that stood before what was cut off would be lost at the end.
    bare = clean.rstrip()
    return bare + quote(clean[len(bare) :])


@lru_cache(maxsize=1_024)
def site(url: str) -> str:
    """Return the registrable domain of an address (bbc.co.uk); host and port where there is none (127.0.0.1:8000).

    Cached: the way of one entry to its article asks five times.

    Raises:
        ValueError: as for `url_key`.
    """
    host, port = _place(_split(url))
    return host.registrable or f"{host.name}{port}"


def absolute(base: str, href: str) -> str | None:
    """Return `href` as seen from `base`, None where that is no http(s) address that `url_key` accepts."""
    try:
        joined = urljoin(base, re.sub(r"[\t\r\n]", "", href).strip())  # as browsers read a broken attribute
        url_key(joined)
    except ValueError:
        return None
    return joined


def _split(url: str) -> SplitResult:
    url = url.strip()
    if len(url) > MAX_LENGTH:
        raise ValueError(f"an address of more than {MAX_LENGTH} characters")
    if _CONTROL.search(url):
        raise ValueError(f"control characters in the address {url!r}")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"not an http or https address: {url!r}")
    return parts


def _place(parts: SplitResult) -> tuple[_Host, str]:
    """Return the host, and the port as ":8000", empty for the default ones."""
    if not parts.hostname:
        raise ValueError("an address without a host")
    port = parts.port
    return _host(parts.hostname), "" if port in (None, 80, 443) else f":{port}"


@lru_cache(maxsize=4_096)
def _host(hostname: str) -> _Host:
    """Bring a host to one spelling, cached: a feed's entries share a host or two."""
    name = hostname.lower().removesuffix(".")
    if not name.isascii():
        name = name.encode("idna").decode("ascii").lower().removesuffix(".")
    address = _ip_address(name)
    if address:
        return _Host(address, None)
    if len(name) > 253 or not _HOST.fullmatch(name):  # noqa: PLR2004 - the longest name of the DNS (RFC 1035, 2.3.4)
        raise ValueError(f"not a host name: {hostname!r}")
    return _Host(name, _suffixes().privatesuffix(name))


def _ip_address(name: str) -> str | None:
    if ":" not in name and not name[-1:].isdigit():
        return None
    try:
        address = ip_address(name)
    except ValueError:
        return None
    return f"[{address}]" if isinstance(address, IPv6Address) else str(address)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=4_096)
def _without_presentation(host: _Host) -> str:
    """Drop leading www, m, amp and mobile labels, as long as a registrable domain remains."""
    name = host.name
    while host.registrable:
        label, _, rest = name.partition(".")
        if label not in _PRESENTATIONS or not _suffixes().privatesuffix(rest):
            break
        name = rest
    return name


def _segments(path: str) -> list[str]:
    """Split a path, percent-encoding in one spelling, without empty and dot segments."""
    segments: list[str] = []
    for segment in _percent(path).split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment and segment != ".":
            segments.append(segment)
    return segments


def _named(segments: list[str]) -> list[str]:
    """Drop what only names a presentation: AMP forms and a directory's index file."""
    kept = [segment for segment in segments if segment != "amp"]
    while kept:
        last = _AMP_ENDING.sub("", kept[-1])
        if last.lower() in _DIRECTORY_FILES:
            kept.pop()
        elif last != kept[-1]:
            kept[-1] = last
        else:
            break
    return kept


def _wrapped(host: str, *, google_amp: bool, segments: list[str]) -> str | None:
    """Return the address that an AMP cache's or viewer's address stands for, without its query."""
    if google_amp and _GOOGLE.fullmatch(host):
        rest = segments
    elif host.endswith(("cdn.ampproject.org", ".bing-amp.com")) and segments[:1] in (["c"], ["v"]):
        rest = segments[1:]
    else:
        return None
    return "https://" + "/".join(rest[1:] if rest[:1] == ["s"] else rest)


def _query_key(query: str) -> str:
    if not query:
        return ""
    pairs = []
    for pair in query.split("&"):
        name, value = _parameter(pair)
        if not (name == "amp" or (name, value) in _AMP_PARAMETERS or _is_tracking(name, value)):
            pairs.append(_ESCAPED_AMPERSAND.sub("", _percent(pair)).replace("%20", "+"))
    kept = "&".join(sorted(filter(None, pairs)))
    return f"?{kept}" if kept else ""


def _parameter(pair: str) -> tuple[str, str]:
    """Return a parameter's name and value to be looked up: lower case, percent-encoding in one spelling."""
    name, _, value = _percent(pair).lower().partition("=")
    return _ESCAPED_AMPERSAND.sub("", name), value


def _is_tracking(name: str, value: str) -> bool:
    if name in _CAME_BY:
        return value.startswith("rss")
    # Of an ampersand that a feed escaped twice feedparser leaves "&amp": "&ampref=rss".
    escaped = name.removeprefix("amp")
    return any(one in TRACKING or one.startswith(_TRACKING_PREFIXES) for one in (name, escaped))


def _percent(text: str) -> str:
    """Bring percent-encoding to one spelling (RFC 3986, 6.2.2): what needs none has none, the rest in upper case."""
    if "%" in text:
        text = _PERCENT.sub(_one_percent, text)
    return text if _PLAIN.fullmatch(text) else quote(text, safe=_SAFE)


def _one_percent(match: re.Match[str]) -> str:
    digits = match[1]
    if digits is None:
        return "%25"
    character = chr(int(digits, 16))
    return character if character in _UNRESERVED else f"%{digits.upper()}"
