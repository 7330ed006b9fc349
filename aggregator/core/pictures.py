"""What a picture is, by its own first bytes; what a server or an address says of it counts for nothing."""

#: Raster images that browsers show. No SVG: it is a document, with scripts and links.
_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_AVIF = frozenset({b"avif", b"avis"})


def picture_type(body: bytes) -> str | None:
    """Return the media type of a picture; None where it is none that is shown."""
    for beginning, name in _BEGINNINGS:
        if body.startswith(beginning):
            return name
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    if body[4:8] == b"ftyp" and body[8:12] in _AVIF:
        return "image/avif"
    return None
