"""Each temperament and each fault of the world by itself, lived through over real HTTP by a fast clock."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from aggregator.domain.outcomes import PollKind
from tests.crawlworld.desk import Lived, Span, live
from tests.crawlworld.model import DAY, HOUR, THROTTLING, Fault, Feed, Ill, Outlet, Temper, Validators, World, date_at
from tests.crawlworld.notes import Visit
from tests.crawlworld.promises import LONGEST

pytestmark = pytest.mark.slow

_HOME = Outlet(host="paper.example", address="127.1.0.1")
_ELSEWHERE = Outlet(host="elsewhere.example", address="127.1.0.2")


def _one(
    folder: Path,
    *,
    days: float = 3,
    temper: Temper | None = None,
    fault: Fault | None = None,
    every: float = 3 * HOUR,
    until: float = 30 * DAY,
    spans: Sequence[Span] = (),
) -> Lived:
    """Live with one feed, which has an entry `every` so many seconds."""
    feed = Feed(
        number=1,
        outlet=_HOME,
        rate=DAY / every,
        moments=tuple(place * every - 20 * DAY for place in range(int((20 * DAY + until) / every))),
        temper=temper or Temper(),
        fault=fault,
        other=_ELSEWHERE,
    )
    world = World(feeds=(feed,), outlets=(_HOME, _ELSEWHERE))
    return live(world, folder / "news.db", spans or (Span(begin=0, end=days * DAY),))


def _asked(lived: Lived, *, since: float = 0, path: str = "/feed/1.xml") -> list[Visit]:
    """Return the requests for the feed at its own address."""
    return [visit for visit in lived.web.notes.visits if visit.path == path and visit.began >= since]


def _states(lived: Lived) -> list[str]:
    """Return the feed's states, each change once."""
    states = [poll.state for poll in lived.diary.polls]
    return [state for place, state in enumerate(states) if place == 0 or states[place - 1] != state]


def _told(lived: Lived, state: str) -> float:
    """Return when a state was first told."""
    return next(poll.ended for poll in lived.diary.polls if poll.state == state)


def _pauses(visits: Sequence[Visit]) -> list[float]:
    return [later.began - earlier.ended for earlier, later in pairwise(visits)]


@pytest.mark.parametrize("validators", [Validators.BOTH, Validators.ODD, Validators.MODIFIED])
def test_validators_go_back_as_they_came(tmp_path: Path, validators: Validators) -> None:
    """Validators are sent back byte for byte, odd bytes and quotes too, so that nothing is sent twice."""
    lived = _one(tmp_path, temper=Temper(validators=validators))
    first, *later = _asked(lived)
    assert not first.conditional
    assert all(visit.conditional for visit in later)
    assert {visit.status for visit in later} == {200, 304}
    assert not any(visit.wasted for visit in later)


def test_a_304_without_validators_leaves_those_that_are_known(tmp_path: Path) -> None:
    """A 304 may leave out validators; the ones before go on being sent."""
    lived = _one(tmp_path, temper=Temper(is_terse=True))
    assert all(visit.conditional for visit in _asked(lived)[1:])
    assert not any(visit.wasted for visit in _asked(lived))


def test_validators_are_dropped_after_eight_days(tmp_path: Path) -> None:
    """After eight days without a whole answer one is asked for, and one only."""
    lived = _one(tmp_path, days=13, until=0)
    first, *later = _asked(lived)
    (whole,) = (visit for visit in later if visit.status == 200)
    assert not whole.conditional
    assert 8 * DAY <= whole.began - first.ended <= 9.2 * DAY


def test_a_server_that_is_stuck_at_304_is_found_out(tmp_path: Path) -> None:
    """A server that says 304 for ever is called frozen after eight days, and its feed is read whole from then on."""
    lived = _one(tmp_path, days=11, fault=Fault(ill=Ill.FROZEN, onset=0.5 * DAY), every=8 * HOUR)
    assert _states(lived)[-1] == "frozen"
    assert 8 * DAY <= _told(lived, "frozen") <= 9.6 * DAY
    stored = [one.stored for one in lived.diary.found if one.published > 10 * DAY]
    assert stored


@pytest.mark.parametrize("ill", sorted(THROTTLING))
def test_a_site_that_is_busy_is_left_alone(tmp_path: Path, ill: Ill) -> None:
    """After 429, and 503 with a time, nothing is asked before the time named, in seconds or as a date; then all is well."""
    fault = Fault(ill=ill, onset=DAY, end=1.9 * DAY, retry_after=0 if ill is Ill.BUSY else 7_200)
    lived = _one(tmp_path, fault=fault)
    assert not any(visit.at_rest for visit in _asked(lived))
    busy = [visit for visit in _asked(lived) if visit.status in (429, 503)]
    assert busy
    assert all(pause >= (1_800 if ill is Ill.BUSY else 7_199) for pause in _pauses(busy))
    assert _states(lived) == ["fine", "throttled", "fine"]


def test_a_rest_outlives_a_restart(tmp_path: Path) -> None:
    """What Retry-After asked for holds after a stop and a start, whoever asks for an update."""
    spans = (
        Span(begin=0, end=DAY),
        Span(begin=DAY + 60, end=1.5 * DAY, updates=(DAY + 61, DAY + 600)),
    )
    fault = Fault(ill=Ill.BUSY_SECONDS, onset=0.8 * DAY, end=1.2 * DAY, retry_after=6 * 3_600)
    lived = _one(tmp_path, fault=fault, spans=spans)
    assert any(visit.status == 429 for visit in _asked(lived))
    assert not any(visit.at_rest for visit in _asked(lived))
    assert PollKind.RESTING in {poll.kind for poll in lived.diary.polls}


@pytest.mark.parametrize("temper", [Temper(max_age=7_200), Temper(expires=7_200), Temper(ttl_minutes=120)], ids=str)
def test_an_update_is_no_reason_to_ask_early(tmp_path: Path, temper: Temper) -> None:
    """Nobody, not even a user who updates, asks before the time until which the last answer holds, over restarts too."""
    spans = (
        Span(begin=0, end=DAY, updates=(60, 1_000, 4_000, 9_000), is_killed=True),
        Span(begin=DAY + 2, end=2 * DAY, updates=(DAY + 3, DAY + 100)),
    )
    lived = _one(tmp_path, temper=temper, every=600, spans=spans)
    assert not any(visit.early for visit in _asked(lived))
    assert PollKind.FRESH in {poll.kind for poll in lived.diary.polls}


def test_an_absurd_max_age_is_believed_for_a_day(tmp_path: Path) -> None:
    """A server that says its answer holds for sixteen years is asked once a day."""
    lived = _one(tmp_path, days=5, temper=Temper(max_age=16 * 365 * 86_400), every=HOUR)
    pauses = _pauses(_asked(lived))
    assert len(pauses) == 4
    assert all(DAY - 1e-6 < pause <= LONGEST for pause in pauses)


def test_skipped_hours_and_days_are_left_out(tmp_path: Path) -> None:
    """In the hours and on the days that a feed asks not to be polled in, it is not, except for the very first time."""
    temper = Temper(skip_hours=(0, 1, 2, 3), skip_days=(2,))
    lived = _one(
        tmp_path, days=4, temper=temper, every=2 * HOUR, spans=(Span(begin=300, end=4 * DAY, updates=(2 * HOUR,)),)
    )
    dates = [date_at(visit.began) for visit in _asked(lived)[1:]]
    assert dates
    assert all(date.hour not in temper.skip_hours and date.weekday() != 2 for date in dates)


def test_what_is_gone_is_asked_for_ever_more_rarely(tmp_path: Path) -> None:
    """410 is told at once, and the feed is asked after a day, two days, four: never not at all."""
    lived = _one(tmp_path, days=10, fault=Fault(ill=Ill.GONE, onset=DAY))
    gone = [visit for visit in _asked(lived) if visit.status == 410]
    days = [pause / DAY for pause in _pauses(gone)]
    assert [round(pause) for pause in days] == [1, 2, 4]
    assert _states(lived) == ["fine", "gone"]


def test_a_redirect_for_good_is_believed_after_ten_answers_and_three_days(tmp_path: Path) -> None:
    """301 is followed at once and believed late."""
    onset = DAY
    lived = _one(tmp_path, days=6, fault=Fault(ill=Ill.MOVED, onset=onset))
    moved = [visit for visit in _asked(lived) if visit.status == 301]
    before = [visit for visit in moved if visit.began < _told(lived, "moved")]
    assert len(before) >= 10
    assert 3 * DAY <= _told(lived, "moved") - before[0].began <= 3 * DAY + LONGEST
    assert any(one.published > onset for one in lived.diary.found)


def test_a_redirect_for_now_is_never_believed(tmp_path: Path) -> None:
    """302 is followed, and the feed stays where it is."""
    lived = _one(tmp_path, days=6, fault=Fault(ill=Ill.FOUND, onset=DAY))
    assert _states(lived) == ["fine"]
    assert {visit.status for visit in _asked(lived, since=DAY)} == {302}
    assert _asked(lived, path="/moved/1.xml")


@pytest.mark.parametrize(
    ("ill", "state", "longest"),
    [
        (Ill.NOT_FOUND, "erroring", 24),
        (Ill.DNS, "erroring", 24),
        (Ill.REFUSED, "erroring", 12),
        (Ill.TIMEOUT, "erroring", 12),
        (Ill.MALFORMED, "erroring", 12),
        (Ill.TOO_LARGE, "erroring", 24),
        (Ill.HTML, "not-a-feed", 24),
        (Ill.CHALLENGE, "blocked", 24),
        (Ill.FORBIDDEN, "blocked", 24),
    ],
)
def test_a_feed_that_fails_is_told_and_comes_back(tmp_path: Path, ill: Ill, state: str, longest: float) -> None:
    """Each failure has its word from the first poll on, and none is final: the feed is fine after the longest pause."""
    fault = Fault(ill=ill, onset=DAY, end=3 * DAY)
    lived = _one(tmp_path, days=4.5, fault=fault)
    assert _states(lived) == ["fine", state, "fine"]
    assert _told(lived, state) <= fault.onset + 6 * HOUR
    recovered = next(poll.ended for poll in lived.diary.polls if poll.ended > fault.end and poll.state == "fine")
    assert recovered <= fault.end + 1.1 * longest * HOUR + 60


def test_a_burst_of_errors_passes(tmp_path: Path) -> None:
    """A server that has trouble for two hours is asked less, and not given up."""
    lived = _one(tmp_path, days=2, fault=Fault(ill=Ill.ERRORS, onset=DAY, end=DAY + 2 * HOUR), every=2_400)
    assert len([visit for visit in _asked(lived) if visit.status == 500]) in range(2, 6)
    assert _states(lived) == ["fine", "erroring", "fine"]


@pytest.mark.parametrize(("ill", "state"), [(Ill.OLD, "all-old"), (Ill.FUTURE, "all-future")])
def test_dates_that_cannot_be_are_told(tmp_path: Path, ill: Ill, state: str) -> None:
    """A feed that lists old entries only, or future ones, is told so as long as it does."""
    lived = _one(tmp_path, days=3.5, fault=Fault(ill=ill, onset=DAY, end=2 * DAY))
    assert _states(lived) == ["fine", state, "fine"]


def test_a_feed_that_falls_silent_is_quiet_after_its_longest_pause(tmp_path: Path) -> None:
    """A young feed that has brought something every three hours is quiet after three days without, a weekend's length."""
    lived = _one(tmp_path, days=7, fault=Fault(ill=Ill.SILENT, onset=2 * DAY))
    assert _states(lived) == ["fine", "quiet"]
    assert 5 * DAY - 3 * HOUR <= _told(lived, "quiet") <= 5 * DAY + DAY


def test_a_kill_makes_nobody_be_asked_twice(tmp_path: Path) -> None:
    """A crawler that is killed and starts again at once goes on where it was."""
    lived = _one(
        tmp_path,
        spans=tuple(Span(begin=start * 900 + 2, end=start * 900 + 900, is_killed=True) for start in range(24)),
        temper=Temper(max_age=3_600),
        every=600,
    )
    assert not any(visit.early for visit in _asked(lived))
    assert len(_asked(lived)) in range(4, 8)
