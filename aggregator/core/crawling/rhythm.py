"""A feed's rhythm: learned from when its entries came, asked for when the next one is to be expected.

The last eight weeks are kept by the hour. How many entries an hour of the day and a day of the week bring is estimated
from them, recent weeks weighing more; a new feed borrows a little from an assumed one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from operator import mul

from aggregator.domain.feeds import Rhythm

HOUR = timedelta(hours=1)
#: Hours that are kept: eight weeks, 1,344 bytes a feed.
KEPT = 8 * 7 * 24
_FULL = 255

#: Weeks after which an hour weighs half.
_HALF_LIFE = 2 * 7 * 24
_GROWTHS = tuple(2.0 ** (number / _HALF_LIFE) for number in range(KEPT + 1))
#: What a feed is assumed to have brought before it was observed: an entry in two hours. A feed that nothing is known of is
#: thus first polled again within the hour.
_ASSUMED_ENTRIES, _ASSUMED_HOURS = 1.0, 2.0
#: Hours that the estimate of an hour of the day, and of a day of the week, borrows from the mean.
_BORROWED, _BORROWED_BY_DAY = 2.0, 12.0

#: A feed is called quiet when it is silent for longer than it has been in this share of its past.
_SHARE = 0.01
#: … and by half as much again: with a fifth one healthy feed in seventeen was called quiet within a week.
_MARGIN = 1.5
#: A night, a Sunday morning: no silence of less than a day is noteworthy …
SHORTEST_SILENCE = timedelta(days=1)
#: … and none of less than a weekend where not two weekends are known.
SHORTEST_SILENCE_OF_YOUNG, _YOUNG = timedelta(days=3), 14 * 24
#: … and six weeks of silence are always so, as far as eight can tell.
LONGEST_SILENCE = timedelta(weeks=6)
#: Pauses below which a percentile says little; the pauses of chance (exponential) have theirs at ln(100) times their mean.
_ENOUGH_PAUSES = 20
CHANCE = 4.6


def observe(rhythm: Rhythm, dates: Iterable[datetime], now: datetime, *, is_new: bool) -> Rhythm:
    """Return the rhythm after a poll; `dates` are those that the document's entries claim, `is_new` whether any was new.

    Dates up to the last arrival are known, those to come are no evidence. New entries without a date came just now.
    """
    earliest = now - KEPT * HOUR
    start = rhythm.last or earliest
    came = sorted(date for date in dates if start < date <= now and date > earliest)
    if is_new and not came:
        came = [now]
    hours, since = _hours_until(rhythm, came[0] if came else now, now)
    for moment in came:
        place = (moment - since) // HOUR
        if 0 <= place < len(hours):
            hours[place] = min(hours[place] + 1, _FULL)
    return Rhythm(since=since, hours=bytes(hours), last=came[-1] if came else rhythm.last)


def until_expected(rhythm: Rhythm, now: datetime, entries: float, *, longest: timedelta) -> timedelta:
    """Return after how long `entries` entries are to be expected, `longest` at most."""
    rates = _rates(rhythm, now)
    at, missing = now, entries
    while at - now < longest:
        end = _full_hour(at) + HOUR
        rate = rates[at.weekday()][at.hour]
        coming = rate * ((end - at) / HOUR)
        if coming >= missing:
            return min(at + HOUR * (missing / rate) - now, longest)
        at, missing = end, missing - coming
    return longest


def daily(rhythm: Rhythm, now: datetime, days: int) -> tuple[int, ...]:
    """Return how many entries came in each of the last `days` times 24 hours, the latest last."""
    counts = [0] * days
    for number, count in enumerate(rhythm.hours):
        assert rhythm.since is not None  # hours have a first one
        ago = (_full_hour(now) - (rhythm.since + number * HOUR)) // HOUR // 24
        if 0 <= ago < days:
            counts[-1 - ago] += count
    return tuple(counts)


def silence(rhythm: Rhythm, now: datetime) -> timedelta:
    """Return how long the feed has brought nothing."""
    last = rhythm.last or rhythm.since
    return now - last if last else timedelta()


def longest_silence(rhythm: Rhythm) -> timedelta:
    """Return the silence beyond which the feed is quiet: its own 99th percentile, weighed by time.

    At least a day, three in a feed's first two weeks, and no more than eight weeks of a past can tell.

    Weighed by time: a weekend is one pause of many, but if every week has one, two days of silence are nothing new.
    """
    arrivals = [number for number, count in enumerate(rhythm.hours) if count]
    pauses = [later - earlier for earlier, later in pairwise(arrivals)]
    if len(pauses) < _ENOUGH_PAUSES:
        observed = max(len(rhythm.hours), 1)
        hours = CHANCE * observed / (len(arrivals) + 1)
    else:
        hours = _exceeded(sorted(pauses, reverse=True)) * _MARGIN
    shortest = SHORTEST_SILENCE_OF_YOUNG if len(rhythm.hours) < _YOUNG else SHORTEST_SILENCE
    return min(max(hours * HOUR, shortest), LONGEST_SILENCE)


def _exceeded(pauses: list[int]) -> float:
    """Return the length beyond which lies `_SHARE` of the time that the pauses take; `pauses` fall."""
    allowed = _SHARE * sum(pauses)
    beyond = 0.0
    for number, (longer, shorter) in enumerate(pairwise([*pauses, 0]), 1):
        step = number * (longer - shorter)
        if beyond + step > allowed:
            return longer - (allowed - beyond) / number
        beyond += step
    return 0.0


def _rates(rhythm: Rhythm, now: datetime) -> list[list[float]]:
    """Return the entries to be expected an hour, by weekday and hour of the day (UTC)."""
    by_hour, by_day = [[0.0, 0.0] for _ in range(24)], [[0.0, 0.0] for _ in range(7)]
    entries, hours = _ASSUMED_ENTRIES, _ASSUMED_HOURS
    if rhythm.since is not None:
        came, observed = _weighed(rhythm, now)
        first_hour, first_day = rhythm.since.hour, rhythm.since.weekday()
        for sums, each in ((0, came), (1, observed)):
            for hour in range(24):
                by_hour[(first_hour + hour) % 24][sums] = sum(each[hour::24])
            # The first day may have begun before.
            for day, start in enumerate(range(-first_hour, len(each), 24)):
                by_day[(first_day + day) % 7][sums] += sum(each[max(start, 0) : start + 24])
        entries += sum(came)
        hours += sum(observed)
    mean = entries / hours
    of_hour = [_borrowing(_with_neighbours(by_hour, hour), mean, _BORROWED) for hour in range(24)]
    of_day = [_borrowing((came, observed), mean, _BORROWED_BY_DAY) / mean for came, observed in by_day]
    return [[hour * day for hour in of_hour] for day in of_day]


def _weighed(rhythm: Rhythm, now: datetime) -> tuple[list[float], list[float]]:
    """Return for each hour that was observed the entries that came and the hour itself, recent ones weighing more."""
    assert rhythm.since is not None
    # No hour is to come, unless the clock was set back.
    beginning = 2.0 ** (-max((now - rhythm.since) / HOUR, 0.0) / _HALF_LIFE)
    observed = [min(1.0, beginning * growth) for growth in _GROWTHS[: len(rhythm.hours)]]
    return list(map(mul, rhythm.hours, observed)), observed


def _with_neighbours(by_hour: list[list[float]], hour: int) -> tuple[float, float]:
    """Return an hour's sums with half of those beside it: an editor who is early is no new rhythm."""
    before, at, after = by_hour[hour - 1], by_hour[hour], by_hour[(hour + 1) % 24]
    return at[0] + (before[0] + after[0]) / 2, at[1] + (before[1] + after[1]) / 2


def _borrowing(sums: tuple[float, float] | list[float], mean: float, borrowed: float) -> float:
    came, observed = sums
    return (came + borrowed * mean) / (observed + borrowed)


def _hours_until(rhythm: Rhythm, first: datetime, now: datetime) -> tuple[bytearray, datetime]:
    """Return the hours that are kept, up to that of `now`, and which of them is the first."""
    since, end = rhythm.since or _full_hour(first), _full_hour(now)
    if end < since:  # the clock was set back
        return bytearray(rhythm.hours), since
    start = max(since, end - (KEPT - 1) * HOUR)
    known = rhythm.hours[(start - since) // HOUR :]
    return bytearray(known.ljust((end - start) // HOUR + 1, b"\0")), start


def _full_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
