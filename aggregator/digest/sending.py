"""Bring a digest to one service, in the best of the forms that it takes."""

from aggregator.adapters.notices import send, takes
from aggregator.digest.gathering import Digest, Form
from aggregator.digest.rendering import fitted


def deliver(address: str, digest: Digest) -> str | None:
    """Send a digest and wait; return why it was not taken, None when it was."""
    taken = takes(address)
    if taken is None:
        return "Apprise does not understand its address"
    body = fitted(digest, Form.HTML if taken.html else Form.TEXT, taken.most)
    return send(address, digest.subject, body, html=taken.html)
