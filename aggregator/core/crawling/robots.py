"""robots.txt: which pages a site lets crawlers fetch, how often, and how long its word holds (RFC 9309)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from http import HTTPStatus
from string import punctuation
from urllib.parse import quote, urlsplit

from protego import Protego

from aggregator.domain.crawling import RobotsFile
from aggregator.domain.fetching import Failed, FailureKind, NotModified, Response

#: What sites call us by, whatever a feed's user_agent makes us call ourselves: rules are kept by who one is.
PRODUCT = "aggregator"
#: What is read of a file at the most; crawlers must read so much (2.5).
MAX_BYTES = 500 * 1_024
#: How long a file holds where its server names no time, and at the longest (2.4); for less than the shortest nobody is
#: asked again.
LONGEST, SHORTEST = timedelta(hours=24), timedelta(hours=1)
#: When to ask again for a file that cannot be had.
RETRY = timedelta(hours=1)
#: A site whose file could not be had for so long counts as one that has none (2.3.1.4).
GIVEN_UP = timedelta(days=30)
#: Longer pauses than this make one feed's pages last for hours, and its feeds wait behind them; some files say a day.
LONGEST_DELAY = timedelta(seconds=60)

_SERVER_ERROR = 500
#: Failures without a status that say that there is no such file: five redirects and more (2.3.1.2), or an address at
#: which nothing may be fetched anyway.
_NO_FILE = frozenset({FailureKind.REDIRECTS, FailureKind.ADDRESS})
_USUAL_PORTS = {"http": 80, "https": 443}
#: The lines that make groups and rules, in the spellings that are met. All others must not come between them (2.2.4).
_LINE = re.compile(r"\s*(user[ -]?agent|allow|d\w{3,7}[oa]w|crawl[ -]delay)(?:\s*:|\s)(.*)", re.IGNORECASE | re.DOTALL)
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"[a-z_-]+")
_SOMEBODY_ELSE = "somebody else"
_KEPT = punctuation + " "


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What a robots.txt says of some pages."""

    #: Whether each may be fetched, in the order in which they were named.
    allowed: tuple[bool, ...]
    #: The pause that is asked for between two requests.
    crawl_delay: timedelta | None


class Standing(StrEnum):
    """What a site lets us fetch, as far as that can be told without reading its file."""

    ALL = "all"
    NOTHING = "nothing"
    #: The file must be read.
    BY_RULES = "by-rules"


def origin(url: str) -> str:
    """Return what one robots.txt speaks for: scheme and host, with the port where it is not the usual one.

    Raises:
        ValueError: the address has an impossible port.
    """
    parts = urlsplit(url.strip())
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, _USUAL_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def robots_file(
    origin: str, answer: Response | NotModified | Failed, before: RobotsFile | None, now: datetime
) -> RobotsFile:
    """Return what is to be remembered of an answer to a request for a robots.txt; `before` is what was so far.

    A file that came, and the word that there is none (4xx but 429), hold for a day. One that could not be had, or not be
    read whole, is asked for again soon, and it is kept since when that has been so.
    """
    if isinstance(answer, Response):
        expires = min(max(answer.fresh_until or now + LONGEST, now + SHORTEST), now + LONGEST)
        return RobotsFile(
            origin=origin, fetched=now, expires=expires, status=HTTPStatus.OK, body=_readable(answer.body)
        )
    failure = answer if isinstance(answer, Failed) else None
    if failure is not None and failure.kind in _NO_FILE:
        return RobotsFile(origin=origin, fetched=now, expires=now + LONGEST, status=None, body=b"")
    status = failure.status if failure else None
    file = RobotsFile(origin=origin, fetched=now, expires=now + LONGEST, status=status, body=None)
    if not _is_unreachable(file):
        return file
    since = before.fetched if before is not None and _is_unreachable(before) else now
    retry_at = failure.retry_at if failure else None
    again = LONGEST if now - since >= GIVEN_UP else RETRY
    expires = min(max(retry_at or now, now + again), now + LONGEST)
    return RobotsFile(origin=origin, fetched=since, expires=expires, status=status, body=None)


def standing(file: RobotsFile, now: datetime) -> Standing:
    """Tell what a site lets us fetch: everything without a file, nothing while that cannot be known (2.3.1)."""
    if file.body is not None:
        return Standing.BY_RULES if file.body else Standing.ALL
    if _is_unreachable(file) and now - file.fetched < GIVEN_UP:
        return Standing.NOTHING
    return Standing.ALL


def judge(body: bytes, urls: Sequence[str], agent: str = PRODUCT) -> Permissions:
    """Tell which of `urls`, all of one origin, the product `agent` may fetch by a robots.txt.

    The time it takes grows with rules times addresses: the library looks for the pieces between wildcards from left to
    right and never goes back. A file of nothing but wildcards and a feed of a thousand entries still cost seconds, so it
    is a worker's task.
    """
    rules = Protego.parse("\n".join(_lines(body, agent.lower())))
    seconds = rules.crawl_delay(agent)
    return Permissions(
        allowed=tuple(rules.can_fetch(url, agent) for url in urls),
        # Compared as numbers: the largest ones are no timedelta.
        crawl_delay=None if seconds is None else timedelta(seconds=min(seconds, LONGEST_DELAY.total_seconds())),
    )


def _is_unreachable(file: RobotsFile) -> bool:
    if file.body is not None:
        return False
    return file.status is None or file.status == HTTPStatus.TOO_MANY_REQUESTS or file.status >= _SERVER_ERROR


def _readable(body: bytes) -> bytes:
    """Cut a file at its limit; a line that is cut in two would be another rule, and goes."""
    if len(body) <= MAX_BYTES:
        return body
    whole = body[:MAX_BYTES]
    return whole[: max(whole.rfind(b"\n"), whole.rfind(b"\r"), 0)]


def _lines(body: bytes, agent: str) -> Iterator[str]:
    """Yield the lines that count, as the library reads them in the sense of the RFC.

    By itself it lets unknown lines end a group, breaks lines where HTML would, and takes "agg" for a name of ours.
    """
    for line in _LINE_ENDS.split(_readable(body).decode("utf-8-sig", "replace")):
        if match := _LINE.match(line.partition("#")[0]):
            field, value = match[1].lower(), match[2].strip()
            said = _named(value, agent) if field.startswith("user") else quote(value, safe=_KEPT)
            yield f"{field}: {said}"


def _named(value: str, agent: str) -> str:
    """Return whom a group is for: everybody, us, or somebody else. A version behind the name does not count."""
    if value.split()[:1] == ["*"]:
        return "*"
    token = _TOKEN.match(value.lower())
    return agent if token and token[0] == agent else _SOMEBODY_ELSE
