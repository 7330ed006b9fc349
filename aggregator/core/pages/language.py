"""Which language a text is in."""

import re
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

#: Confidence from which detection is believed. On 1,834 English articles (copies/stream_2020_en, events/wikinews and
#: events/basil; n words from a third of each): n = 8 right 1,587, wrong 1; n = 20 right 1,821, wrong 2; n = 40 right
#: 1,818, wrong 2, the rest not believed. Without the threshold 10, 4 and 2 are wrong.
MIN_CONFIDENCE = 0.8
#: Letters below which nothing is detected: some three words.
MIN_LETTERS = 20
#: Characters that are looked at; 40 words tell what a whole article does, in 0.2 ms.
SAMPLE = 600

#: Codes of the same language: withdrawn ones, and the two ways to write Norwegian.
_SAME = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "nb": "no",
    "nn": "no",
    "mo": "ro",
    "sh": "sr",
    "cmn": "zh",
    "yue": "zh",
    "wuu": "zh",
}
_ISO_639_3 = {"eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "por": "pt", "ita": "it"}
_CODE = re.compile(r"([a-z]{2,3})(?:[-_.;, ]|$)")


def language_of(text: str, *, declared: str | None) -> str | None:
    """Return the two letters of a text's language: as detected where that is sure, else as declared, else None."""
    return _detected(text[:SAMPLE]) or language_code(declared)


def language_code(tag: str | None) -> str | None:
    """Bring a language tag to two letters: "en-GB", "en_US" and "EN" are "en"; None for what is none."""
    match = _CODE.match((tag or "").strip().lower())
    if not match:
        return None
    code = _ISO_639_3.get(match[1], match[1])
    code = _SAME.get(code, code)
    return code if len(code) == len("en") else None


def _detected(sample: str) -> str | None:
    if sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return None
    code, confidence = _identifier().classify(sample)
    return language_code(code) if confidence >= MIN_CONFIDENCE else None


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    """Load the model when it is first needed: half a second and 100 MB.

    It answers only with languages that have two letters ("zxx" is no language at all): others, dialects most, would
    share the confidence with the language that we name instead.
    """
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if language_code(code) == code or code == "zxx"])
    # The same numbers as they are reckoned with, those of a row side by side: a fifth of the time, for 23 MB that all
    # workers share.
    identifier.nb_ptc = identifier.nb_ptc.astype("float32", order="C")
    return identifier
