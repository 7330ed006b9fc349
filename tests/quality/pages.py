"""How well main texts are read, on real pages with their human-checked bodies."""

import gzip
import io
import json
import re
import tarfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace

from aggregator.core.pages.extract import read_by_wrapper, read_page
from aggregator.core.urls import site
from aggregator.core.wrappers.trust import PROOFS, taught
from aggregator.domain.wrappers import Way, Wrapper
from tests.quality.corpora import CORPORA, digest
from tests.quality.gate import Figure

GOLD = CORPORA / "pages" / "gold_181.tar.gz"
#: Words a shingle has, as in the gold set's own evaluation.
SHINGLE = 4


def figures() -> Iterator[Figure]:
    """Read all gold pages with our own extraction."""
    if GOLD.exists():
        yield Figure(name="gold_181 main text F1", value=f1(text_of), digest=digest(GOLD), goal=0.962)
        learned = Learned()
        yield Figure(name="gold_181 learned text F1", value=f1(learned.text_of), digest=digest(GOLD), goal=0.96)


class Learned:
    """Reads a page by what the other pages of its site taught, as soon as they did: before anything proved it right.

    That is harsher than what the pipeline does, which trusts a wrapper after proofs and goes on sampling.
    """

    def __init__(self) -> None:
        self._by_site = defaultdict[str, list[tuple[bytes, str]]](list)
        for page, url, _ in gold_pages():
            self._by_site[site(url)].append((page, url))

    def text_of(self, page: bytes, url: str) -> str:
        """Return a page's text by a wrapper that has not seen it; in full where that is surprised or knows nothing."""
        wrapper = Wrapper()
        for other, address in self._by_site[site(url)]:
            if address != url:
                _, lesson = read_by_wrapper(other, wrapper, Way.BOTH, url=address, content_type=None)
                wrapper = taught(wrapper, lesson) if lesson else wrapper
        wrapper = replace(wrapper, proofs=PROOFS)
        return read_by_wrapper(page, wrapper, Way.QUICK, url=url, content_type=None)[0].text


def text_of(page: bytes, url: str) -> str:
    """Return a page's text as the pipeline would."""
    return read_page(page, url=url, content_type=None).text


def f1(extract: Callable[[bytes, str], str]) -> float:
    """Return the F1 of the mean precision and the mean recall over pages, by shared shingles of words."""
    scores = [_score(true, extract(page, url)) for page, url, true in gold_pages()]
    precision = sum(score[0] for score in scores) / len(scores)
    recall = sum(score[1] for score in scores) / len(scores)
    return 2 * precision * recall / (precision + recall)


def gold_pages() -> Iterator[tuple[bytes, str, str]]:
    """Yield each page's bytes, its address and its true body."""
    with tarfile.open(GOLD) as archive:
        files = {member.name: archive.extractfile(member) for member in archive if member.isfile()}
        lines = (files["scrapinghub.jsonl"] or io.BytesIO()).read().decode().splitlines()
        for line in lines:
            gold = json.loads(line)
            page = files[f"scrapinghub_html/{gold['id'].rpartition('/')[2]}.html.gz"]
            yield gzip.decompress((page or io.BytesIO()).read()), gold["url"] or "https://example.com/", gold["text"]


def _score(true: str, found: str) -> tuple[float, float]:
    """Return precision and recall of one page; repeated shingles count as often as they stand there."""
    of_true, of_found = _shingles(true), _shingles(found)
    shared = (of_true & of_found).total()
    precision = shared / of_found.total() if of_found else float(not of_true)
    return precision, shared / of_true.total() if of_true else 1.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    if len(words) < SHINGLE:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[start:] for start in range(SHINGLE)), strict=False))
