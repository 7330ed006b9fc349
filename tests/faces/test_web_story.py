"""How a story is laid out on its page."""

from datetime import timedelta
from pathlib import Path

from aggregator.adapters.store import SqliteStore, StoreReader
from aggregator.core.words.signature import sign
from aggregator.pipeline.placing import place
from aggregator.web.pages.sparkline import LEAST, sparkline
from aggregator.web.pages.story import LEAD, MOST_COPIES, StoryPage, Words, lead, read_story_page, reason
from tests.builders import NOON, article, hours, words


def laid_out(path: Path, *articles: tuple[str, dict[str, str]]) -> StoryPage:
    """Store texts of one story and lay it out."""
    with SqliteStore(path) as store:
        for hour, (text, more) in enumerate(articles):
            made = article(text, at=hour / 60, **more)
            signature = sign(made.title, made.text)
            with store.transaction():
                id = store.add_article(made, signature, hours(hour))
                place(store, id, signature, dated=made.dated, now=hours(hour))
        (story,) = set(store.stories_of([id]).values())
    with StoreReader(path) as reader:
        found = reader.story(story)
        assert found
        return read_story_page(reader, found)


def test_of_very_many_copies_the_first_are_shown(tmp_path: Path) -> None:
    """The others are counted; comparing them all would take for ever."""
    text = words(60)
    page = laid_out(tmp_path / "news.db", *((text, {"outlet": f"paper-{n}"}) for n in range(MOST_COPIES + 6)))

    (telling,) = page.tellings
    assert (len(telling.copies), telling.more) == (MOST_COPIES, 5)
    assert telling.kinds == f"{MOST_COPIES} word for word"


def test_a_lead_is_short_and_does_not_repeat_the_headline() -> None:
    """What makes a person read on at the outlet, cut between words."""
    assert lead("Bridge closed\nCracks were found.", "Bridge Closed") == ("Cracks were found.",)
    assert lead("", "Bridge closed") == ()
    (cut,) = lead("word " * LEAD, "Bridge closed")
    assert cut.endswith("word …")
    assert len(cut) <= LEAD + 2


def test_a_reason_names_outlets_where_it_can() -> None:
    """An article of another story keeps its number."""
    assert reason("the same text as article 7, 2 h later", {}) == (
        Words(text="the same text as "),
        Words(text="article 7"),
        Words(text=", 2 h later"),
    )


def test_few_articles_make_no_picture() -> None:
    """A sparkline of two bars tells less than their times."""
    moments = [NOON + timedelta(minutes=minutes) for minutes in range(LEAST)]

    assert sparkline(moments[1:]) is None
    drawn = sparkline(moments)
    assert drawn
    assert (drawn.first, drawn.last) == (moments[0], moments[-1])
    assert set(drawn.path) <= set("Mhvz-0123456789 ")
