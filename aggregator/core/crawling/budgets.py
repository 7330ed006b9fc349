"""What a site or an address is owed: how long the pause between two requests is, and how it grows and eases.

Nothing shortens what is owed but time: no command, no restart and no good answer.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aggregator.core import clock
from aggregator.core.crawling.caching import LONGEST_REST
from aggregator.domain.crawling import Budget

#: What the first 429 or 503 doubles, where `site_delay` is shorter: a pause of nought would stay so.
LEAST_TO_DOUBLE = timedelta(seconds=1)
#: Doubled pauses end here: a site with ten feeds then still gets through them within ten minutes.
LONGEST_PAUSE = timedelta(seconds=60)
#: An address is slowed down along with its site, as platforms of a thousand domains count visits by visitor. But behind
#: the address of a content delivery network are strangers, who are not to wait long for what one of them said.
LONGEST_SHARED_PAUSE = timedelta(seconds=10)
#: The pause halves after each of these without a 429 or 503, so that the longest is gone after a working day.
EASING = timedelta(hours=1)
#: What robots.txt may ask for; a mistyped Crawl-delay must not silence a site.
LONGEST_CRAWL_DELAY = timedelta(seconds=60)
#: robots.txt is asked for again after a day (RFC 9309, 2.4), and says then whether it still wants its pause.
CRAWL_DELAY_HOLDS = timedelta(hours=25)

#: A site that was not asked for so long begins anew; the store forgets it then as well.
FORGOTTEN = timedelta(days=7)

_MOST_HALVINGS = 30


def pause(budget: Budget | None, site_delay: timedelta, now: datetime) -> timedelta:
    """Return how long nothing is asked after a request."""
    if budget is None:
        return site_delay
    return max(site_delay, _eased(budget, now), _crawl_delay(budget, now))


def throttled(
    budget: Budget, *, site_delay: timedelta, longest: timedelta, rest_until: datetime | None, now: datetime
) -> Budget:
    """Return what is owed after a 429 or 503: twice the pause up to `longest`, and a rest if there is to be one."""
    before = max(_eased(budget, now), site_delay, LEAST_TO_DOUBLE)
    rests = [until for until in (budget.rest_until, rest_until) if until is not None]
    return replace(
        budget,
        delay=max(min(before * 2, longest), _eased(budget, now)),
        slowed=now,
        throttles=budget.throttles + 1,
        rest_until=max(rests, default=None),
    )


def slowed_down(budget: Budget, crawl_delay: timedelta, now: datetime) -> Budget:
    """Return what is owed after robots.txt asked for a pause.

    The hosts of a site may ask for different ones; the longest holds until it is not asked for any more.
    """
    bounded = min(max(crawl_delay, timedelta(0)), LONGEST_CRAWL_DELAY)
    if bounded < _crawl_delay(budget, now):
        return budget
    return replace(budget, crawl_delay=bounded, crawl_delay_until=now + CRAWL_DELAY_HOLDS)


def restored(budget: Budget, now: datetime) -> Budget:
    """Return what an earlier run left, for a clock that may have been set back since."""
    rest = budget.rest_until
    return replace(budget, rest_until=None if rest is None else min(rest, now + LONGEST_REST))


def moved(budget: Budget, by: timedelta, now: datetime, *, since: datetime) -> Budget:
    """Return what is owed after the clock was set by `by`; what was noted from `since` to `now` was noted by it as it is."""
    if since <= budget.last <= now:
        return budget
    times = ("last", "rest_until", "slowed", "crawl_delay_until")
    after: dict[str, Any] = {name: clock.moved(at, by) for name in times if (at := getattr(budget, name))}
    return restored(replace(budget, **after), now)


def is_square(budget: Budget, site_delay: timedelta, now: datetime) -> bool:
    """Tell whether nothing is owed but the usual pause after the last request."""
    resting = budget.rest_until is not None and budget.rest_until > now
    throttles = budget.throttles and now - budget.last < FORGOTTEN
    return not (resting or throttles or pause(budget, site_delay, now) > site_delay)


def _eased(budget: Budget, now: datetime) -> timedelta:
    since = now - (budget.slowed or budget.last)
    halvings = since // EASING
    if halvings <= 0:  # also where the clock was set back
        return budget.delay
    return budget.delay / 2**halvings if halvings < _MOST_HALVINGS else timedelta(0)


def _crawl_delay(budget: Budget, now: datetime) -> timedelta:
    holds = budget.crawl_delay_until is not None and now < budget.crawl_delay_until
    return budget.crawl_delay if holds else timedelta(0)
