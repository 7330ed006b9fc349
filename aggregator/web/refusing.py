"""How requests are answered that reach no page."""

from http import HTTPStatus

from aggregator.web.listening import Send

#: Methods that change nothing.
READING = ("GET", "HEAD")


async def refuse(send: Send, status: HTTPStatus, text: str, **headers: str) -> None:
    """Answer with a plain line."""
    body = text.encode()
    fields = {
        "content-type": "text/plain; charset=utf-8",
        "content-length": str(len(body)),
        "cache-control": "no-store",
    }
    raw = [(name.encode(), value.encode()) for name, value in (fields | headers).items()]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": body})
