"""Texts made short enough for where they stand."""


def shortened(text: str, most: int) -> str:
    """Return `text`, of one longer than `most` characters its beginning, cut between words, with an ellipsis."""
    return text if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"
