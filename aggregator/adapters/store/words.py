"""What a search compares: how texts are cut into words, and what a person's words ask for.

FTS5 takes a run of letters for one word, which finds nothing in scripts that put no spaces between words. There each
character is indexed as a word of its own and a word of a search becomes a phrase of characters.
"""

import re

from aggregator.domain.errors import UsageError

#: Zero width space: parts words for FTS5 and cannot be seen where the text is shown.
CUT = "\u200b"
#: Words that a search may have; FTS5 gives up at a depth of 256.
MAX_WORDS = 32

# Thai, Lao, Burmese, Khmer, kana, Chinese characters with their extensions.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\uff66-\uff9f\U00020000-\U0003ffff"
)
_HAS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_SEAM = re.compile(rf"(?<=[{_UNSPACED}])(?=\w)|(?<=\w)(?=[{_UNSPACED}])")
_TERM = re.compile(r'"([^"]*)"?|([^\s"]+)')


def characters(title: str, text: str) -> str | None:
    """Return title and text cut into words, None where spaces have done that already."""
    if not _HAS_UNSPACED.search(title) and not _HAS_UNSPACED.search(text):
        return None
    return _SEAM.sub(CUT, f"{title}\n{text}")


def match_expression(words: str) -> str:
    """Return what FTS5 is to match: all words, phrases in quotes, and beginnings of words where a * follows.

    Raises:
        UsageError: there is no word in it, or too many.
    """
    # FTS5 reads up to the first NUL; what a terminal could not decode arrives as lone surrogates.
    plain = words.replace("\0", " ").encode("utf-8", "replace").decode()
    terms = [_term(phrase or word, starred=word.endswith("*")) for phrase, word in _TERM.findall(plain)]
    terms = [term for term in terms if any(letter.isalnum() for letter in term)]
    if not terms:
        raise UsageError("no word to search for; name one, for example `aggregator search harbour`")
    if len(terms) > MAX_WORDS:
        raise UsageError(f"{len(terms)} words are too many for a search; {MAX_WORDS} at most")
    return " AND ".join(terms)


def _term(words: str, *, starred: bool) -> str:
    return f'"{_SEAM.sub(CUT, words)}"' + "*" * starred
