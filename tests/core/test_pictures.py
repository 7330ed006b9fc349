"""What counts as a picture."""

import pytest

from aggregator.core.pictures import picture_type


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "image/png"),
        (b"GIF89a\x01\x00", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00", "image/avif"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', None),
        (b"<!doctype html><title>GIF89a</title>", None),
        (b"\x00\x00\x00\x1cftypmp42\x00\x00", None),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(body: bytes, name: str | None) -> None:
    """Raster images are; documents, films and sounds are not, whatever they are called."""
    assert picture_type(body) == name
