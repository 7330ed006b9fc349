"""Are reports made from one template kept apart, and copies together? Measured on a day that has many of both."""

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, NamedTuple

from aggregator.core.copies.copies import is_copy
from aggregator.core.copies.same_facts import same_facts
from aggregator.core.copies.similarity import overlap
from aggregator.core.words.facts import facts
from aggregator.core.words.signature import sign
from tests.quality.corpora import CORPORA, digest, read_lines
from tests.quality.gate import Figure

DAY = CORPORA / "copies" / "day_2019_06_01.jsonl.gz"
DAY_PAIRS = CORPORA / "copies" / "day_2019_06_01.pairs.jsonl.gz"

_WORD = re.compile(r"\w+")
#: A word that so few articles of the day have is a name, however it is written.
_RARE = 2
#: The longest stretch that is taken as one filling of a gap.
_FILLING = 15
#: At least this share of a text is filled in …
_FILLED = 0.02
#: … this share of the fillings is facts …
_FACTS = 0.5
#: … and no more than this share of the text differs in another way.
_OTHERWISE = 0.1


class _Text(NamedTuple):
    words: list[str]
    shingles: bytes
    facts: bytes


def figures() -> Iterator[Figure]:
    """Compare the texts that share most of their words; too short ones, which are never compared, are left out."""
    if not DAY.exists():
        return
    tied: dict[bool, list[bool]] = {True: [], False: []}
    for label, is_tied in pairs():
        tied[label].append(is_tied)
    corpus = digest(DAY, DAY_PAIRS)
    apart, together = (sum(tied[label]) / len(tied[label]) for label in (True, False))
    yield Figure(name="day_2019_06_01 templates kept apart", value=1 - apart, digest=corpus, goal=0.98)
    yield Figure(name="day_2019_06_01 copies recall", value=together, digest=corpus, goal=0.99)


def pairs() -> Iterator[tuple[bool, bool]]:
    """Yield of each pair that shares most of its words whether it is made from a template, and whether we tie it."""
    texts = {article["id"]: _read(article) for article in read_lines(DAY)}
    spread = Counter(word for text in texts.values() for word in set(map(str.lower, text.words)))
    rare = {word for word, articles in spread.items() if articles <= _RARE}
    for line in read_lines(DAY_PAIRS):
        a, b = texts[line["a"]], texts[line["b"]]
        if a.shingles and b.shingles and is_copy(shared := overlap(a.shingles, b.shingles)):
            yield is_template(a.words, b.words, rare), same_facts(a.facts, b.facts, shared)


def is_template(a: Sequence[str], b: Sequence[str], rare: Container[str]) -> bool:
    """Tell, by aligning them, whether two texts differ in next to nothing but what fills the gaps of a template.

    The rule was held against the eye on all 124 pairs that differ in any word: 84 are templates to both, 2 to the eye alone
    (race cards that share their teasers), 38 are to neither. The other 742 of the 866 pairs are equal word for word.
    """
    small_a, small_b = ([word.lower() for word in words] for words in (a, b))
    filled, known, otherwise = [0, 0], [0, 0], [0, 0]
    for kind, *spans in SequenceMatcher(None, small_a, small_b, autojunk=False).get_opcodes():
        stretches = (a[spans[0] : spans[1]], b[spans[2] : spans[3]])
        is_filling = kind == "replace" and max(map(len, stretches)) <= _FILLING
        for side, stretch in enumerate(stretches if kind != "equal" else ()):
            (filled if is_filling else otherwise)[side] += len(stretch)
            known[side] += is_filling * sum(_is_fact(word, rare) for word in stretch)
    length = min(len(a), len(b))
    return (
        min(filled) >= max(1, _FILLED * length)
        and all(part >= _FACTS * whole for part, whole in zip(known, filled, strict=True))
        and max(otherwise) <= _OTHERWISE * length
    )


def _is_fact(word: str, rare: Container[str]) -> bool:
    return word != word.lower() or any(map(str.isdigit, word)) or word.lower() in rare


def _read(article: dict[str, Any]) -> _Text:
    title, text = article["title"] or "", article["text"] or ""
    return _Text(words=_WORD.findall(f"{title} {text}"), shingles=sign(title, text).shingles, facts=facts(title, text))
