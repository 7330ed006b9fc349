"""What each server says: its temperament, its faults, and what it means by them."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from http import HTTPStatus

from tests.crawlworld import documents
from tests.crawlworld.model import DAY, THROTTLING, Feed, Ill, Validators, date_at, moment_of

#: What servers ask is honoured within these bounds; both stand in README.
LONGEST, SHORTEST_REST = DAY, 60.0
#: The rest after a 429 that names no time.
UNNAMED_REST = 1_800.0
_XML = "application/rss+xml; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, and what the server means by it."""

    status: int
    headers: Mapping[str, str | bytes] = field(default_factory=dict)
    body: bytes = b""
    #: Until when it holds, by the server's own words.
    holds_until: float | None = None
    #: Until when the server wants to hear of nobody.
    rest_until: float | None = None
    #: What the document lists: tells whether it has anything new.
    lists: object = None
    #: What a 304 spares.
    spared: int = 0
    #: Whether a feed's document was sent, so that its wishes are known.
    is_document: bool = False


#: Nothing is said, ever.
SILENCE = Answer(status=0)


def of_feed(feed: Feed, headers: Mapping[str, bytes], moment: float, elsewhere: str, asked: int) -> Answer:
    """Answer who asks for a feed; `elsewhere` is where it moves to, `asked` how often anything was asked for."""
    ill = feed.ill(moment)
    if ill is not None and (refused := _refusal(feed, ill, moment, elsewhere)) is not None:
        return refused
    return document(feed, headers, moment, asked)


def _refusal(feed: Feed, ill: Ill, moment: float, elsewhere: str) -> Answer | None:
    """Return what a fault answers; None where it leaves the document."""
    if ill in THROTTLING:
        return _throttling(feed, ill, moment)
    if ill in (Ill.MOVED, Ill.FOUND):
        status = HTTPStatus.MOVED_PERMANENTLY if ill is Ill.MOVED else HTTPStatus.FOUND
        return Answer(status=status, headers={"Location": elsewhere})
    html = {"Content-Type": "text/html; charset=utf-8"}
    return {
        Ill.NOT_FOUND: Answer(status=HTTPStatus.NOT_FOUND, headers=html, body=b"<html>Not here</html>"),
        Ill.GONE: Answer(status=HTTPStatus.GONE),
        Ill.TIMEOUT: SILENCE,
        Ill.HTML: Answer(status=HTTPStatus.OK, headers=html, body=documents.HTML, lists="html"),
        Ill.MALFORMED: Answer(
            status=HTTPStatus.OK, headers={"Content-Type": _XML}, body=documents.BROKEN, lists="broken"
        ),
        Ill.TOO_LARGE: Answer(
            status=HTTPStatus.OK,
            headers={"Content-Type": _XML, "Content-Encoding": "gzip"},
            body=documents.huge(),
            lists="huge",
        ),
        Ill.CHALLENGE: Answer(
            status=HTTPStatus.FORBIDDEN, headers={**html, "cf-mitigated": "challenge"}, body=documents.CHALLENGE
        ),
        Ill.FORBIDDEN: Answer(status=HTTPStatus.FORBIDDEN),
        Ill.ERRORS: Answer(status=HTTPStatus.INTERNAL_SERVER_ERROR),
    }.get(ill)


def _throttling(feed: Feed, ill: Ill, moment: float) -> Answer:
    assert feed.fault is not None
    seconds = float(feed.fault.retry_after)
    headers: dict[str, str | bytes] = {}
    if ill in (Ill.BUSY_SECONDS, Ill.UNAVAILABLE):
        headers["Retry-After"] = f"{seconds:.0f}"
    elif ill is Ill.BUSY_DATE:
        headers["Retry-After"] = _date(moment + seconds)
        seconds -= moment % 1
    else:
        seconds = UNNAMED_REST
    status = HTTPStatus.SERVICE_UNAVAILABLE if ill is Ill.UNAVAILABLE else HTTPStatus.TOO_MANY_REQUESTS
    return Answer(status=status, headers=headers, rest_until=moment + min(max(seconds, SHORTEST_REST), LONGEST))


def document(feed: Feed, headers: Mapping[str, bytes], moment: float, asked: int) -> Answer:
    """Answer with the document as it stands, or with 304 to who has it; wherever it is."""
    listed = feed.listed(moment)
    lists = (listed.start, listed.stop, feed.shift(moment))
    says, etag, modified = _says(feed, moment, lists, asked)
    answer = Answer(
        status=HTTPStatus.NOT_MODIFIED, headers=says, holds_until=_holds_until(feed, moment), is_document=True
    )
    body = documents.document(feed, moment)
    if feed.temper.gzip:
        body = gzip.compress(body, 1, mtime=0)
    asks = {"if-none-match", "if-modified-since"} & headers.keys()
    is_stuck = feed.ill(moment) is Ill.FROZEN and asks
    if is_stuck or _has_it(headers, etag, modified):
        kept = {name: value for name, value in says.items() if name not in ("ETag", "Last-Modified")}
        return replace(answer, headers=kept if feed.temper.is_terse else says, spared=len(body))
    more = {"Content-Type": _XML} | ({"Content-Encoding": "gzip"} if feed.temper.gzip else {})
    return replace(answer, status=HTTPStatus.OK, headers={**says, **more}, body=body, lists=lists)


def _says(
    feed: Feed, moment: float, lists: tuple[float, ...], asked: int
) -> tuple[dict[str, str | bytes], bytes | None, str | None]:
    """Return the headers about a document, its ETag and its date."""
    temper = feed.temper
    etag = _etag(feed, lists, asked)
    dated = temper.validators in (Validators.BOTH, Validators.MODIFIED)
    modified = _date(feed.changed(moment)) if dated else None
    headers: dict[str, str | bytes] = {"Date": _date(moment)}
    if etag is not None:
        headers["ETag"] = etag
    if modified is not None:
        headers["Last-Modified"] = modified
    if temper.max_age is not None:
        headers["Cache-Control"] = f"public, max-age={temper.max_age}"
    if temper.expires is not None:
        headers["Expires"] = _date(moment + temper.expires)
    return headers, etag, modified


def _etag(feed: Feed, lists: tuple[float, ...], asked: int) -> bytes | None:
    mark = "-".join(f"{part:.0f}" for part in lists)
    match feed.temper.validators:
        case Validators.BOTH:
            return f'W/"{feed.number}-{mark}"'.encode()
        case Validators.ODD:
            return f'édition "{feed.number}" \\{mark}, ü'.encode("latin-1")
        case Validators.CHANGING:
            return f'"{feed.number}-{asked}"'.encode()
        case Validators.MODIFIED | Validators.NONE:
            return None


def _has_it(headers: Mapping[str, bytes], etag: bytes | None, modified: str | None) -> bool:
    """Tell whether who asks has the document: byte for byte, as strict servers compare."""
    if etag is not None and "if-none-match" in headers:
        return headers["if-none-match"] == etag
    return modified is not None and headers.get("if-modified-since") == modified.encode()


def _holds_until(feed: Feed, moment: float) -> float | None:
    """Return until when the answer holds: the longer of what the headers and the document say, a day at most."""
    temper = feed.temper
    named = [float(temper.ttl_minutes * 60)] if temper.ttl_minutes else []
    if temper.update_period:
        named.append({"hourly": 3_600.0, "daily": DAY}[temper.update_period])
    if temper.max_age is not None:
        named.append(float(temper.max_age))
    elif temper.expires is not None:
        named.append(temper.expires - moment % 1)
    return moment + min(max(named), LONGEST) if named else None


def skips(feed: Feed, moment: float) -> bool:
    """Tell whether the feed's document asks not to be polled at a moment."""
    date = date_at(moment)
    return date.hour in feed.temper.skip_hours or date.weekday() in feed.temper.skip_days


def _date(moment: float) -> str:
    return format_datetime(date_at(moment_of(date_at(moment).replace(microsecond=0))), usegmt=True)
