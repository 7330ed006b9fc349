"""Which languages are compared as one."""

# Detection takes one for the other, article by article, and most words, the common ones above all, are the same in both.
_SHARED = {"bs": "hr", "ms": "id", "no": "da"}


def compared_as(language: str | None) -> str:
    """Return the language under which an article is compared: its own, or its twin's; "" where it is unknown."""
    return _SHARED.get(language or "", language or "")
