"""The text that Prometheus reads, format 0.0.4: prometheus.io/docs/instrumenting/exposition_formats."""

import resource
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aggregator import __version__
from aggregator.domain.health import Health
from aggregator.domain.listing import Figures
from aggregator.domain.outcomes import PollKind
from aggregator.web.monitoring.checkup import Checkup, Vital

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One name with its values."""

    name: str
    kind: Literal["gauge", "counter"]
    told: str
    #: By the value of `label`, the empty text where it has none.
    values: Mapping[str, float]
    label: str = ""

    def __str__(self) -> str:
        """Return its lines."""
        lines = [f"# HELP {self.name} {self.told}", f"# TYPE {self.name} {self.kind}"]
        for value, number in self.values.items():
            labels = f'{{{self.label}="{value.translate(_ESCAPES)}"}}' if self.label else ""
            lines.append(f"{self.name}{labels} {number:.17g}")
        return "\n".join(lines)


def exposition(checkup: Checkup) -> str:
    """Return all metrics."""
    metrics = [
        _one("aggregator_healthy", "gauge", "1 while nothing is wrong that /healthz would tell", not checkup.trouble)
    ]
    if checkup.figures:
        metrics += _of_store(checkup.figures, checkup)
    if checkup.vital:
        metrics += _of_daemon(checkup.vital)
    return "".join(f"{metric}\n" for metric in [*metrics, *_of_process()])


def _of_store(figures: Figures, checkup: Checkup) -> Iterator[Metric]:
    yield _one(
        "aggregator_articles",
        "gauge",
        "Articles that feeds list; one that several list counts for each",
        figures.articles,
    )
    yield _one("aggregator_stories", "gauge", "Stories", figures.stories)
    yield Metric(
        name="aggregator_feeds",
        kind="gauge",
        told="Feeds of feeds.yaml by state",
        label="state",
        values={state.value: figures.feeds.get(state, 0) for state in Health},
    )
    yield _one("aggregator_feeds_due", "gauge", "Feeds that should have been polled by now", figures.due)
    yield _one(
        "aggregator_pages_missing",
        "gauge",
        "Pages that could not be had and will be asked for again",
        figures.missing_pages,
    )
    if figures.last_poll:
        since = max((checkup.at - figures.last_poll).total_seconds(), 0)
        yield _one("aggregator_seconds_since_last_poll", "gauge", "Since any feed was last polled", since)
    yield Metric(
        name="aggregator_requests_last_day",
        kind="gauge",
        told="Requests of the last 24 hours: for feeds, and for pages and robots.txt",
        label="for",
        values={"feeds": figures.feed_requests, "pages": figures.requests - figures.feed_requests},
    )
    yield _one(
        "aggregator_throttled_last_day",
        "gauge",
        "Answers of the last 24 hours that asked us to be slower",
        figures.throttled,
    )
    yield Metric(
        name="aggregator_database_bytes",
        kind="gauge",
        told="Size of the database and of its write-ahead log",
        label="file",
        values={"database": figures.database_bytes, "log": figures.log_bytes},
    )


def _of_daemon(vital: Vital) -> Iterator[Metric]:
    yield Metric(
        name="aggregator_polls_total",
        kind="counter",
        told="Polls since the daemon started, by how they ended",
        label="outcome",
        values={kind.value: vital.polls.get(kind, 0) for kind in PollKind},
    )
    yield _one("aggregator_new_articles_total", "counter", "Articles recorded since the daemon started", vital.new)
    yield _one(
        "aggregator_revised_articles_total", "counter", "Articles that changed since the daemon started", vital.revised
    )
    yield Metric(
        name="aggregator_pages_total",
        kind="counter",
        told="Pages of articles asked for since the daemon started",
        label="outcome",
        values={"fetched": vital.pages_fetched, "failed": vital.pages_failed},
    )
    yield _one("aggregator_polls_in_hand", "gauge", "Feeds that are being polled or read", vital.polls_in_hand)
    yield _one(
        "aggregator_seconds_since_look",
        "gauge",
        "Since the daemon last looked for due feeds",
        vital.silent.total_seconds(),
    )
    yield _one("aggregator_started_timestamp_seconds", "gauge", "When the daemon started", vital.started.timestamp())
    if vital.last_cycle:
        yield _one(
            "aggregator_last_cycle_timestamp_seconds", "gauge", "When polls last ended", vital.last_cycle.timestamp()
        )


def _of_process() -> Iterator[Metric]:
    used = resource.getrusage(resource.RUSAGE_SELF)
    yield _one("process_cpu_seconds_total", "counter", "CPU time of this process", used.ru_utime + used.ru_stime)
    yield _one("process_resident_memory_bytes", "gauge", "Memory of this process", _memory(used.ru_maxrss))
    yield Metric(
        name="aggregator_build_info", kind="gauge", told="The version", label="version", values={__version__: 1}
    )


def _memory(peak: int) -> int:
    """Return the resident bytes; where the system does not tell them, their peak."""
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize()
    return peak if sys.platform == "darwin" else peak * 1024


def _one(name: str, kind: Literal["gauge", "counter"], told: str, value: float) -> Metric:
    return Metric(name=name, kind=kind, told=told, values={"": value})
