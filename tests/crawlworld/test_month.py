"""A month of the daemon without a stop: what must not grow with time does not."""

from pathlib import Path

import pytest

from tests.crawlworld.month import DAYS, bytes_an_article, grown, month_apart, quarters

#: What an article of the month's world takes with all that is kept of it: 220 words and its signature.
BYTES = (6_000, 8_000)
#: What is kept for thirty days of each site, and the marks of what was removed, still grow beside the articles.
BESIDE = 0.1


@pytest.mark.slow
def test_a_month_leaves_everything_flat(tmp_path: Path) -> None:
    """The last quarter holds within 5 % of the second one's memory, as many files, threads, tasks and processes.

    The database grows by what its articles take, and once old ones are removed, not any more.
    """
    looks = month_apart(tmp_path)
    second, last = quarters(looks)

    assert len(looks) == 2 * DAYS
    assert grown(looks, "memory") < 0.05
    assert grown(looks, "workers_memory") < 0.05
    for what, slack in (("files", 2), ("threads", 0), ("tasks", 2), ("children", 0)):
        assert max(getattr(look, what) for look in last) <= max(getattr(look, what) for look in second) + slack, what
    assert BYTES[0] < bytes_an_article(looks) < BYTES[1]
    assert last[-1].recorded > 3 * last[-1].articles
    assert abs(grown(looks, "articles")) < 0.03
    assert grown(looks, "used") < BESIDE
    # The file keeps the size of its largest day; what sites got is remembered for 30 days, so it grows a little all month.
    assert grown(looks, "database") < 0.15
