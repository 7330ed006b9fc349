"""Answers that are sent once: what the asker has already is not sent again (RFC 9110, 13)."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus

from fastapi import Request
from fastapi.responses import Response

#: Kept by who asked, nobody between, and asked about each time.
_KEPT = "private, no-cache"
_TAG = re.compile(r'(?:W/)?("[^"]*")|(\*)')


def answer(
    request: Request,
    body: bytes,
    *,
    media_type: str,
    changed: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return `body`, or 304 where the asker has it; `changed` is when what it tells last changed, where that is known."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
    fields = {"etag": tag, "cache-control": _KEPT, **(headers or {})}
    if changed is not None:
        fields["last-modified"] = format_datetime(changed.astimezone(UTC), usegmt=True)
    if _is_known(request, tag, changed):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=fields)
    return Response(body, headers={**fields, "content-type": media_type})


def _is_known(request: Request, tag: str, changed: datetime | None) -> bool:
    given = request.headers.get("if-none-match")
    if given is not None:
        # It goes before a date, and is compared weakly.
        return any(found[1] == tag or found[2] for found in _TAG.finditer(given))
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
        return changed is not None and since.tzinfo is not None and changed.replace(microsecond=0) <= since
    except ValueError:
        return False
