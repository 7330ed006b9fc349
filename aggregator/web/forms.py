"""What a form of ours sends, read within bounds; and paths of ours that it may name."""

import re
from collections.abc import Mapping, Sequence
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import HTTPException, Request

from aggregator.domain.errors import UsageError

#: Bytes of a form without a file; a page of stories all of which are ticked has some thousand.
MOST_BYTES = 64_000
_MOST_FIELDS = 1_000
_LONGEST_PATH = 1_000
#: SQLite's largest number; nothing has a larger one.
_LARGEST = 2**63 - 1
_UNSAFE = re.compile(r"[\\\x00-\x20\x7f]|[^\x00-\x7f]")


class Form:
    """Fields of a form by their names."""

    def __init__(self, fields: Mapping[str, Sequence[str]], files: Mapping[str, bytes] | None = None) -> None:
        self._fields = fields
        self._files = files or {}

    def one(self, name: str) -> str:
        """Return the first value of a field without blanks around it, nothing where it was not sent."""
        return next(iter(self._fields.get(name, ())), "").strip()

    def whole(self, name: str) -> str:
        """Return the first value of a field as it was sent, with its blanks: a password may have some."""
        return next(iter(self._fields.get(name, ())), "")

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return the numbers in a field, of which there may be several, each of them once.

        Raises:
            UsageError: something else is in it.
        """
        words = [word for value in self._fields.get(name, ()) for word in value.split()]
        if any(not re.fullmatch(r"[1-9][0-9]{0,18}", word) or int(word) > _LARGEST for word in words):
            raise UsageError("the form names something that is no number; load the page anew")
        return tuple(dict.fromkeys(map(int, words)))

    def file(self, name: str) -> bytes:
        """Return a file, nothing where none was chosen."""
        return self._files.get(name, b"")


async def read_form(request: Request, most: int = MOST_BYTES) -> Form:
    """Read the body of a request, `most` bytes of it.

    Raises:
        HTTPException: it is too large, or no form.
    """
    content_type = request.headers.get("content-type", "")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > most:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"That is more than {most:,} bytes.")
    match content_type.partition(";")[0].strip().lower():
        case "application/x-www-form-urlencoded":
            return _urlencoded(bytes(body))
        case "multipart/form-data":
            return _multipart(content_type, bytes(body))
        case _:
            raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Only forms are understood here.")


def own_path(path: str) -> str:
    """Return a path of ours to lead back to, without what was told there; the start page in place of anything else."""
    if not path.startswith("/") or path.startswith("//") or len(path) > _LONGEST_PATH or _UNSAFE.search(path):
        return "/"
    parts = urlsplit(path)
    if parts.scheme or parts.netloc:
        return "/"
    asked = [(name, value) for name, value in parse_qsl(parts.query) if name != "done"]
    return f"{parts.path}?{urlencode(asked)}" if asked else parts.path


def with_token(path: str, token: str) -> str:
    """Return a path of ours that tells what was done."""
    before, mark, fragment = path.partition("#")
    return f"{before}{'&' if '?' in before else '?'}done={token}{mark}{fragment}"


def _urlencoded(body: bytes) -> Form:
    fields: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be read.") from error
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return Form(fields)


def _multipart(content_type: str, body: bytes) -> Form:
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    whole = BytesParser(policy=HTTP).parsebytes(head + body)
    parts: list[Message] = [part for part in whole.walk() if not part.is_multipart()]
    for part in parts[:_MOST_FIELDS]:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            continue
        if part.get_filename() is None:
            fields.setdefault(name, []).append(content.decode("utf-8", "replace"))
        else:
            files[name] = content
    return Form(fields, files)
