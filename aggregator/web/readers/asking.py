"""What an app asks, read with bounds, and how it is answered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import Response

#: Bytes. Ten thousand stories named in the long form, each with its &i=, are 500 KB; an OPML file has as much.
LARGEST = 2_000_000
#: Parts of a query or a form.
_MOST = 20_000
#: As far as SQLite counts; beyond it is no different.
_FARTHEST = 2**63 - 2
_TEXT = "text/plain; charset=utf-8"


class Refused(Exception):
    """An app is told why it does not get what it asks for."""

    def __init__(self, status: HTTPStatus, told: str, **headers: str) -> None:
        super().__init__(told)
        self.status, self.told, self.headers = status, told, headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request of an app; what is in its address and what is in its body counts alike."""

    #: HEAD is GET.
    is_post: bool
    #: Of the app, or of the web server before us.
    sender: str
    authorization: str
    body: bytes
    #: All values of each name, those of the body last.
    values: Mapping[str, Sequence[str]] = field(repr=False)

    def all(self, name: str) -> Sequence[str]:
        """Return all values of that name."""
        return self.values.get(name, ())

    def one(self, name: str, otherwise: str = "") -> str:
        """Return the last value of that name."""
        return self.all(name)[-1] if self.all(name) else otherwise

    def number(self, name: str, otherwise: int) -> int:
        """Return a number; some apps write one with a fraction.

        Raises:
            Refused: it is none.
        """
        text = self.one(name).strip()
        if not text:
            return otherwise
        try:
            number = int(float(text)) if "." in text[:20] else int(text[:20])
        except (ValueError, OverflowError):
            raise Refused(HTTPStatus.BAD_REQUEST, f"{name} is to be a number") from None
        return max(-_FARTHEST, min(number, _FARTHEST))


async def read(request: Request) -> Asked:
    """Read a request.

    Raises:
        Refused: it is too large.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"that is more than {LARGEST:,} bytes")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_form = kind in {"", "application/x-www-form-urlencoded"}
    values: dict[str, list[str]] = {}
    for text in (request.url.query, body.decode(errors="replace") if is_form else ""):
        for name, value in _pairs(text):
            values.setdefault(name, []).append(value)
    return Asked(
        is_post=request.method == "POST",
        sender=request.client.host if request.client else "",
        authorization=request.headers.get("authorization", ""),
        body=body,
        values=values,
    )


def _pairs(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST)
    except ValueError:
        raise Refused(HTTPStatus.BAD_REQUEST, f"that is more than {_MOST:,} values") from None


def plainly(text: str, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> Response:
    """Answer with a text; what is answered to one app is for nobody else to keep."""
    fields = {"cache-control": "no-store"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(text.encode(errors="replace"), status_code=status, media_type=_TEXT, headers=fields)


def as_json(value: Any) -> Response:
    """Answer with JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
    return Response(body, media_type="application/json; charset=utf-8", headers={"cache-control": "no-store"})
