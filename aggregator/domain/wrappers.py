"""What is learned of a site's pages: a wrapper, the field's word for where on its pages the main text stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Flag, StrEnum, auto


class Fate(Flag):
    """What becomes of the text at a place of a page; a place that shares several fates cannot be read by a wrapper."""

    NONE = 0
    #: It is no part of the main text.
    LEFT = auto()
    #: It is a line of the main text.
    KEPT = auto()
    #: It is one, after a dash.
    LISTED = auto()
    #: It is a heading after which nothing came, and was left out.
    TRAILING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A place of a page: an element, or a line of text in it, with what stands within."""

    #: Of all that is within.
    fate: Fate
    #: By kind: an element's tag and classes, or how a line is linked. Empty where all is left out.
    branches: Mapping[str, "Branch"] = field(default_factory=dict)


class Verdict(StrEnum):
    """How a wrapper's reading of a page stood beside the full one."""

    AGREED = "agreed"
    DIFFERED = "differed"
    #: The wrapper met something that it does not know, and left the page to the full reading.
    SURPRISED = "surprised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the main text stands, as one page or several show it."""

    body: Branch
    #: Tags of what may stand within a line, such as links.
    inline: frozenset[str] = frozenset()
    #: The most characters that were left out on a page.
    most_left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one page that was read in full teaches."""

    verdict: Verdict
    #: None where the full reading cannot be explained by places.
    layout: Layout | None = None
    #: Characters of a text on which both agreed although it is so short that it might not have been all.
    short: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapper:
    """What is known of a site's pages, and how far it is to be trusted."""

    layout: Layout | None = None
    #: Pages in a row that it had not learned from and read as the full reading does; counted up to a bound.
    proofs: int = 0
    #: The fewest characters of a text so short beside its page that the full reading looks once more, and found no more.
    shortest: int | None = None
    #: Times that it was trusted and wrong; counted up to a bound.
    falls: int = 0
    #: Pages that could not be read by it, counted up to a bound; half as many after each that could.
    barren: int = 0


class Way(StrEnum):
    """How a page is to be read."""

    #: In full, and no more.
    FULL = "full"
    #: In full and by the wrapper, to compare and to learn.
    BOTH = "both"
    #: By the wrapper; in full only where it meets something that it does not know.
    QUICK = "quick"
