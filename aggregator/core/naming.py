"""How a person names stories and articles: 7 is a story; a12 and [12] are articles; an address is an article too."""

import re
from collections.abc import Iterable, Iterator

from aggregator.core.urls import url_key
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Named

_STORY = re.compile(r"(?:story )?(\d{1,18})", re.IGNORECASE | re.ASCII)
_ARTICLE = re.compile(r"(?:article |a)(\d{1,18})|\[(\d{1,18})\]", re.IGNORECASE | re.ASCII)
_NOUNS = ("article", "story")


def read_names(words: Iterable[str]) -> Iterator[Named]:
    """Read what stands on a command line; "article 12" may be one word or two.

    Raises:
        UsageError: a word is none of what can be named.
    """
    noun = None
    for word in words:
        if noun is None and word.lower() in _NOUNS:
            noun = word
            continue
        yield read_name(f"{noun} {word}" if noun else word)
        noun = None
    if noun is not None:
        raise UsageError(f"a number is missing after {noun}")


def read_name(word: str) -> Named:
    """Read one name.

    Raises:
        UsageError: it is none.
    """
    text = " ".join(word.split())
    if match := _STORY.fullmatch(text):
        return Named(story=StoryId(int(match[1])))
    if match := _ARTICLE.fullmatch(text):
        return Named(article=ArticleId(int(match[1] or match[2])))
    if "." in text and " " not in text:
        try:
            return Named(address=url_key(text if "://" in text else f"https://{text}"))
        except ValueError as error:
            raise UsageError(f'"{text[:200]}" is no address: {error}') from error
    raise UsageError(
        f'"{text[:60]}" names nothing; write 7 for story 7, a12 for article 12 (the number that `aggregator story`'
        " shows in brackets), or an article's address"
    )


def read_article(word: str) -> Named:
    """Read the name of an article; where nothing else can be meant, its number alone will do.

    Raises:
        UsageError: it is none.
    """
    return read_name(f"a{word}" if word.isascii() and word.isdigit() else word)
