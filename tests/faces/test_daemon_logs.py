import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.daemon.logs import JsonFormatter, LogFormat, TextFormatter, set_up_logging, tell, tell_crash
from aggregator.daemon.outcomes import as_json, log_outcome
from aggregator.domain.feeds import Feed
from aggregator.domain.fetching import Failed, FailureKind
from aggregator.domain.ids import FeedId
from aggregator.domain.outcomes import PollKind, PollOutcome

FEED = Feed(id=FeedId(1), url="https://example.org/feed", name="Harbour Herald", every=timedelta(minutes=15))
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Give pytest its own handlers back."""
    root, ours = logging.getLogger(), logging.getLogger("aggregator")
    handlers, level, our_level = root.handlers[:], root.level, ours.level
    root.handlers = []
    yield
    for handler in root.handlers:
        handler.close()
    root.handlers = handlers
    root.setLevel(level)
    ours.setLevel(our_level)


def logged(file: Path) -> list[str]:
    """Return the lines of a log."""
    return file.read_text().splitlines()


def test_a_line_has_time_level_event_and_values(tmp_path: Path) -> None:
    """Values follow as key=value in the order given; what is None is left out."""
    set_up_logging(level=logging.INFO, file=tmp_path / "log")

    tell(logging.INFO, "polled", feed="BBC World", kind="read", entries=25, seconds=0.4123, warning=None)

    (line,) = logged(tmp_path / "log")
    assert re.fullmatch(STAMP + ' info polled feed="BBC World" kind=read entries=25 seconds=0.41', line)


def test_json_lines_have_the_same_keys(tmp_path: Path) -> None:
    """Text and JSON differ in form only."""
    set_up_logging(level=logging.INFO, form=LogFormat.JSON, file=tmp_path / "log")

    tell(logging.WARNING, "cycle", feeds=12, seconds=1.5)

    value = json.loads(logged(tmp_path / "log")[0])
    assert re.fullmatch(STAMP, value.pop("time"))
    assert value == {"level": "warning", "event": "cycle", "feeds": 12, "seconds": 1.5}


def test_the_level_decides_what_is_written(tmp_path: Path) -> None:
    """What is below the level, and the chatter of libraries, is not written."""
    set_up_logging(level=logging.WARNING, file=tmp_path / "log")

    tell(logging.INFO, "polled")
    logging.getLogger("httpx").info("HTTP Request")
    logging.getLogger("apscheduler.scheduler").info("Added job")
    tell(logging.WARNING, "polled", kind="failed")

    assert [line.split(" ", 1)[1] for line in logged(tmp_path / "log")] == ["warning polled kind=failed"]


def test_a_crash_is_written_with_its_traceback(tmp_path: Path) -> None:
    """The lines of a traceback are indented, so that none of them passes for a line of the log."""
    set_up_logging(level=logging.INFO, file=tmp_path / "log")

    error = KeyError("2026-11-23T02:51:36Z info forged\n2026-11-23T02:51:36Z info forged")
    tell_crash("poll broke off", error, feed="A")

    first, *rest = logged(tmp_path / "log")
    assert first.endswith(" error poll broke off feed=A")
    assert any("KeyError" in line for line in rest)
    assert all(line.startswith("    ") for line in rest)


RECORDS = st.builds(
    lambda event, fields: logging.makeLogRecord(
        {"name": "aggregator", "msg": event.replace("%", "%%"), "levelname": "INFO", "fields": fields}
    ),
    st.text(max_size=20),
    st.dictionaries(st.sampled_from(["feed", "error", "url"]), st.text(max_size=30)),
)


@given(written=RECORDS)
def test_no_value_forges_a_line(written: logging.LogRecord) -> None:
    """Whatever a feed calls itself, its poll takes one line, in both formats."""
    assert len(TextFormatter().format(written).splitlines()) == 1
    assert len(JsonFormatter().format(written).splitlines()) == 1


def test_a_poll_that_was_read_tells_its_counts(tmp_path: Path) -> None:
    """One line a feed, with all counts and without the address."""
    set_up_logging(level=logging.INFO, file=tmp_path / "log")

    log_outcome(PollOutcome(feed=FEED, kind=PollKind.READ, entries=25, new=3, pages_fetched=3, seconds=0.41))

    assert logged(tmp_path / "log")[0].split(" ", 1)[1] == (
        'info polled feed="Harbour Herald" kind=read entries=25 new=3 revised=0 also_listed=0'
        " pages_fetched=3 pages_failed=0 seconds=0.41"
    )


def test_a_poll_that_failed_warns_with_the_reason(tmp_path: Path) -> None:
    """A failure names the address, the kind and the sentence."""
    set_up_logging(level=logging.INFO, file=tmp_path / "log")

    failure = Failed(kind=FailureKind.DNS, why="no such host")
    log_outcome(PollOutcome(feed=FEED, kind=PollKind.FAILED, failure=failure, seconds=0.1))

    assert logged(tmp_path / "log")[0].split(" ", 1)[1] == (
        'warning polled feed="Harbour Herald" url=https://example.org/feed kind=failed seconds=0.10'
        ' error="no such host" error_kind=dns'
    )


def test_outcomes_have_every_key_as_json() -> None:
    """A reader of `update --json` finds the same keys whatever became of the poll."""
    failure = Failed(kind=FailureKind.DNS, why="no such host")
    outcomes = [
        PollOutcome(feed=FEED, kind=PollKind.READ, new=1),
        PollOutcome(feed=FEED, kind=PollKind.FAILED, failure=failure),
    ]

    read, failed = map(as_json, outcomes)

    assert list(read) == list(failed)
    assert (read["error"], failed["error"], failed["error_kind"]) == (None, "no such host", "dns")
    assert json.dumps([read, failed])


def test_a_bug_is_logged_with_its_traceback_besides_the_polls_line(tmp_path: Path) -> None:
    """An exception that nobody expected fails one poll, and leaves behind where it came from."""
    set_up_logging(level=logging.INFO, file=tmp_path / "log")
    bug = KeyError("unexpected")
    failure = Failed(kind=FailureKind.BUG, why="a bug in aggregator: KeyError")
    log_outcome(PollOutcome(feed=FEED, kind=PollKind.FAILED, failure=failure, bug=bug))

    lines = logged(tmp_path / "log")
    assert " error poll broke off feed=" in lines[0]
    assert any("KeyError: 'unexpected'" in line for line in lines)
    assert "error_kind=bug" in lines[-1]


def test_a_missing_page_that_came_after_all_is_in_the_log(tmp_path: Path) -> None:
    """An unchanged feed's line has no counts, but for those that are not nought."""
    set_up_logging(level=logging.INFO, file=tmp_path / "log")
    log_outcome(PollOutcome(feed=FEED, kind=PollKind.UNCHANGED, pages_fetched=1))

    (line,) = logged(tmp_path / "log")
    assert "pages_fetched=1" in line
    assert "entries=" not in line
