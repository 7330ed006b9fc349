"""Compare reading by wrappers with reading in full: `python -m tests.pageworld [PAGES [DESIGN …]]`.

Of each design one site is read in order, as the pipeline does it, in CPU time of one process. No page is read by what it
taught itself. `like` is the share of words that both readings have in common, `true` the same with the article as written.
"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from aggregator.core.articles import FeedFacts, Read, read_article
from aggregator.core.wrappers.trust import taught, way_for
from aggregator.domain.feeds import Entry
from aggregator.domain.fetching import Response
from aggregator.domain.wrappers import Way, Wrapper
from tests.builders import NOON
from tests.pageworld.designs import DESIGNS
from tests.pageworld.pages import address, page


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was measured of one site."""

    pages: int = 0
    quick: int = 0
    same: int = 0
    like: list[float] = field(default_factory=list)
    true: list[float] = field(default_factory=list)
    true_in_full: list[float] = field(default_factory=list)
    seconds: float = 0
    seconds_in_full: float = 0


def main(arguments: Sequence[str]) -> None:
    """Print a line a design, and one of all."""
    count = int(arguments[0]) if arguments else 100
    _article("plain-0", 0, page("plain-0", 0)[0], Wrapper())  # loads the libraries
    print(
        f"{'design':10} {'quick':>6} {'same':>6} {'like':>7} {'least':>6} {'true':>6} {'full':>6} {'ms':>6} {'full':>6} {'ratio':>6}"
    )
    tallies = {design: measured(f"{design}-0", count) for design in arguments[1:] or DESIGNS}
    for design, tally in tallies.items():
        print(
            f"{design:10} {tally.quick / tally.pages:6.2f} {tally.same / tally.pages:6.3f} {_mean(tally.like):7.4f} "
            f"{min(tally.like):6.3f} {_mean(tally.true):6.3f} {_mean(tally.true_in_full):6.3f} "
            f"{1000 * tally.seconds / count:6.2f} {1000 * tally.seconds_in_full / count:6.2f} "
            f"{tally.seconds_in_full / tally.seconds:6.2f}"
        )
    print(
        f"all: {sum(t.seconds_in_full for t in tallies.values()) / sum(t.seconds for t in tallies.values()):.2f} times"
    )


def measured(site: str, count: int) -> Tally:
    """Read so many pages of a site both ways."""
    tally, wrapper = Tally(), Wrapper()
    for number in range(count):
        markup, true = page(site, number)
        start = time.process_time()
        full = _article(site, number, markup, None)
        middle = time.process_time()
        read = _article(site, number, markup, wrapper)
        end = time.process_time()
        tally.pages += 1
        tally.quick += read.lesson is None and way_for(wrapper, address(site, number)) is Way.QUICK
        tally.same += read.article == full.article
        tally.like.append(likeness(read.article.text, full.article.text))
        tally.true.append(likeness(read.article.text, true))
        tally.true_in_full.append(likeness(full.article.text, true))
        tally.seconds_in_full += middle - start
        tally.seconds += end - middle
        wrapper = taught(wrapper, read.lesson) if read.lesson else wrapper
    return tally


def likeness(one: str, other: str) -> float:
    """Return the F1 of the words of two texts, marks of lists aside."""
    words, others = (Counter(word for word in text.split() if word != "-") for text in (one, other))
    return 2 * (words & others).total() / max(1, words.total() + others.total())


def _article(site: str, number: int, markup: bytes, wrapper: Wrapper | None) -> Read:
    url = address(site, number)
    entry = Entry(key=url, guid=None, url=url, title="", digest=b"")
    response = Response(url=url, body=markup, content_type=None)
    return read_article(
        entry, response, FeedFacts(url=f"https://{site}.example/feed", name=site), NOON, wrapper=wrapper
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main(sys.argv[1:])
