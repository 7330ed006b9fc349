"""What hubs and we know of each other (W3C WebSub): they push what we would else have to ask for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from aggregator.domain.fetching import Failed, Response
from aggregator.domain.ids import FeedId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """Who pushes a feed, and under which address he knows it."""

    url: str
    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A feed that a hub pushes to us, shall push to us, or shall no longer push to us."""

    feed: FeedId
    hub: Hub
    #: The last part of the address that is pushed to; nobody can guess it.
    token: str = field(repr=False)
    #: What pushes are signed with.
    secret: str = field(repr=False)
    #: The public address that the hub was told, without the token; None until it was asked.
    callback: str | None = None
    #: When the hub was last asked, or last said no; None until it was asked.
    asked: datetime | None = None
    #: How often it was asked since it last verified.
    tries: int = 0
    #: The lease: from when until when. None until the hub has verified, and after it said no.
    confirmed: datetime | None = None
    expires: datetime | None = None
    last_push: datetime | None = None
    pushes: int = 0
    #: Why the last request to the hub failed, or why it said no, as a sentence.
    refused: str | None = None
    #: When we wanted no more of it. It is kept for a while, for the hub asks back.
    ended: datetime | None = None


class Mode(StrEnum):
    """What a hub is asked for, or tells; its own words."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A hub was asked for something."""

    mode: Mode
    subscription: Subscription
    #: None where the hub took the request.
    failure: Failed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A hub told something that concerns us."""

    mode: Mode
    subscription: Subscription
    #: What is sent back to say that it is so.
    echo: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A feed's document that came from its hub, rightly signed."""

    subscription: Subscription
    response: Response
