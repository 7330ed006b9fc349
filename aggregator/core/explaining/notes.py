"""What there is to tell of an article beside its words and why it is in its story, each as half a sentence."""

from collections.abc import Iterator

from aggregator.domain.articles import HeldBack
from aggregator.domain.reading import StoryArticle

_WHY_HELD_BACK = {
    HeldBack.ROBOTS: "robots.txt asks us not to fetch its page, or cannot be had",
    HeldBack.NOINDEX: "its page asks not to be indexed",
    HeldBack.PAYWALL: "its page is behind a paywall",
}


def notes(article: StoryArticle) -> Iterator[str]:
    """Tell why the page's text was not taken, how often the article changed, and which feeds list it."""
    if article.held_back:
        yield f"the feed's own text: {_WHY_HELD_BACK[article.held_back]}"
    if article.versions:
        yield f"changed {article.versions} time{'' if article.versions == 1 else 's'} since it was first seen"
    if article.feeds:
        yield f"listed by {', '.join(article.feeds)}"
