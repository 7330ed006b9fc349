"""What sites see of us, and what each is owed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aggregator.domain.fetching import Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What is owed to one registrable domain or one network address; kept in the store, so that a restart forgets nothing."""

    #: The domain as `core.urls.site` names it, or the address with an @ before it, with its port where it is not public.
    key: str
    #: The pause between two requests as it was at `slowed`, where it was longer than `site_delay`. It eases with time.
    delay: timedelta
    #: No request before this.
    rest_until: datetime | None
    #: When the last request began or ended.
    last: datetime
    #: When a 429 or 503 last made the pause longer; None: at `last`.
    slowed: datetime | None = None
    #: Answers in a row that were 429 or 503.
    throttles: int = 0
    #: The pause that robots.txt asks for, and until when that holds.
    crawl_delay: timedelta = timedelta(0)
    crawl_delay_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request, as the site that got it saw it. Each hop of a redirect is one."""

    #: As `core.urls.site` names it.
    site: str
    at: datetime
    purpose: Purpose
    #: Whether validators were sent.
    conditional: bool
    #: None where no answer came.
    status: int | None
    #: The answer's body on the wire.
    wire_bytes: int = 0
    #: What a 304 spared.
    saved_bytes: int = 0
    #: Whether it came before the time that the server had named.
    early: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """What is known of the robots.txt of an origin."""

    #: Scheme and host, with the port where it is not the usual one, as `core.crawling.robots.origin` names it.
    origin: str
    #: When it came, or when it was first found that there is none to be had.
    fetched: datetime
    #: Asked for again after this.
    expires: datetime
    #: None where no answer came.
    status: int | None
    #: None where there is none to read.
    body: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHours:
    """What a site got from us over some hours."""

    site: str
    requests: int
    #: Of them for feeds, and of these with validators and answered with 304.
    feeds: int
    conditional: int
    unchanged: int
    throttled: int
    early: int
    wire_bytes: int
    saved_bytes: int
    #: The most requests in one of the hours.
    busiest_hour: int
