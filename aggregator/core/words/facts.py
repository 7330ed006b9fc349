"""Facts: the numbers and names of a text, by which reports made from one template are told apart.

Lottery draws, weather reports, results and one-name pages repeat nearly every word of the last one, so their shingles say
"copy". What differs between two of them is where the news is: other numbers, other names. Where an editor worked on a text
it is mostly prose that differs, and most of its facts stay.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from zlib import crc32

import numpy as np

#: Facts kept of one text, those with the lowest hashes, so that long texts keep the same ones. An article of stream_2020_en
#: has 29 (median).
MAX_FACTS = 256

# Digits and what may stand between them: 1,000.5, 7:30, 3-2, 2026/03/02.
_NUMBER = re.compile(r"\d[\d.,:/٫٬'’–-]*(?<=\d)")
_PART = re.compile(r"[^–-]+")
_THOUSANDS = re.compile(r"[,٬'’](?=\d{3}(?!\d))")
# Every script of today's news that has capital letters has them below here.
_CAPITAL = "".join(char for char in map(chr, range(0x2000)) if char.isupper())
# A capitalised word that follows another word: not the first of its sentence.
_NAME = re.compile(rf" (?<=[\w,;] )[\"'(«„“‘]?([{_CAPITAL}]\w*)")
# An account, a part of an address.
_HANDLE = re.compile(r"[@/]([^\W\d]\w*)")


def facts(title: str, text: str) -> bytes:
    """Return the hashes of an article's facts: little-endian uint32, distinct, ascending; those of numbers are odd.

    Names are not looked for in the headline, which many outlets capitalise throughout.
    """
    hashes = {value | 1 for value in _hashes(_numbers(f"{title}\n{text}"))}
    hashes.update(value & ~1 for value in _hashes(_names(text)))
    return np.array(sorted(hashes)[:MAX_FACTS], dtype="<u4").tobytes()


def told_facts(title: str, text: str) -> tuple[str, ...]:
    """Return an article's facts for a person to read: numbers first, then names as the text writes them."""
    written = {name.lower(): name for name in reversed([*_NAME.findall(text), *_HANDLE.findall(text)])}
    names = sorted(set(_names(text)), key=text.lower().find)
    return (*dict.fromkeys(_numbers(f"{title}\n{text}")), *(written[name] for name in names))


def _numbers(text: str) -> Iterator[str]:
    """Find numbers in any digits; of 5-6-3-9 or 3-2 the parts as well, so that a draw is not one fact among many."""
    for number in _NUMBER.findall(text):
        plain = number if number.isascii() else "".join(str(unicodedata.decimal(char, char)) for char in number)
        plain = _THOUSANDS.sub("", plain)
        yield plain
        if "-" in plain or "–" in plain:
            yield from _PART.findall(plain)


def _names(text: str) -> Iterator[str]:
    """Find accounts, and capitalised words inside sentences unless the text has them in small letters too."""
    yield from set(map(str.lower, _NAME.findall(text))).difference(text.split())
    if "@" in text or "/" in text:
        yield from map(str.lower, _HANDLE.findall(text))


def _hashes(found: Iterable[str]) -> Iterator[int]:
    # Encoded all at once; no fact holds a newline.
    together = "\n".join(found).encode(errors="surrogatepass")
    return map(crc32, together.split(b"\n")) if together else iter(())
