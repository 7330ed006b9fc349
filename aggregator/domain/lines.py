"""An article as a line of a file tells it, and what is made of it on its way through the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aggregator.domain.articles import Signature
from aggregator.domain.ids import ArticleId
from aggregator.domain.stories import Member, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One article of a file; what is None is unknown."""

    title: str | None = None
    text: str | None = None
    published: datetime | None = None
    source: str | None = None
    url: str | None = None
    #: A language tag, such as "en" or "pt-BR".
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """The article of a line with what is compared of it."""

    title: str
    member: Member
    profile: Profile
    signature: Signature


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """By what an article is found among others."""

    id: ArticleId
    dated: datetime
    #: Its `Signature.bands`.
    keys: Sequence[int]
