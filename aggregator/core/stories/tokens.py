"""Words of a text, as everything that compares texts sees them."""

import re
import unicodedata

# Scripts written without spaces between words: each character is a token of its own, so that five of them in a row mean
# about what five words mean elsewhere. Kana, Han, Thai, Lao, Myanmar, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
_TOKEN = re.compile(f"[{_UNSPACED}]|[^\\W{_UNSPACED}]+")


def tokens(text: str) -> list[str]:
    r"""Return the words of `text` in lower case and in order: runs of `\w`, but single characters in unspaced scripts.

    Compatibility forms (full-width letters, ligatures, decomposed accents) are folded first (NFKC), for one outlet
    types them and the next does not.
    """
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).lower())
