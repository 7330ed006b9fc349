"""What a reader has done with stories: read them, starred them."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """What can be said of an article by whoever reads."""

    READ = "read"
    STARRED = "starred"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How a story stands with its reader.

    A story is read when each of its texts was: copies that come later join it quietly, a new text brings it back.
    """

    starred: bool = False
    #: Articles that came since it was read, copies too; all of them while nothing was read.
    new_articles: int = 0
    #: Texts of which no article was read.
    new_texts: int = 0
    #: Whether anything of it was read.
    was_read: bool = False

    @property
    def read(self) -> bool:
        """Whether nothing new is to be read."""
        return self.was_read and not self.new_texts

    @property
    def grown(self) -> str:
        """What came since it was read, in words: "+2 texts", "+1 article", or nothing."""
        if not self.was_read or not self.new_articles:
            return ""
        count, noun = (self.new_texts, "text") if self.new_texts else (self.new_articles, "article")
        return f"+{count:,} {noun}{'' if count == 1 else 's'}"
