"""`aggregator explain`, on a real database."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import pytest

from aggregator.adapters.store import SqliteStore
from aggregator.domain.errors import UsageError
from tests.faces.eventful import Newsroom, fill, invoke
from tests.faces.installed import Place, new_place


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody who asks about the articles of `EVENTS` by their names there."""

    place: Place
    room: Newsroom

    def article(self, name: str) -> str:
        """Return how an article is named on the command line."""
        return f"a{self.room.ids[name]}"

    def story(self, name: str) -> str:
        """Return how the story of an article is named."""
        return str(self.room.stories[name])

    def asks(self, *words: str) -> str:
        """Return what `explain` prints."""
        shown = invoke(self.place, "explain", *words)
        assert (shown.exception, shown.stderr) == (None, "")
        return shown.stdout

    def json(self, *words: str) -> Any:
        """Return what `explain --json` prints."""
        return json.loads(self.asks(*words, "--json"))

    def holds(self, one: str, other: str) -> str:
        """Return what `explain` prints of two articles."""
        return self.asks(self.article(one), self.article(other))


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    """A place with the events, rebuilt once."""
    with TemporaryDirectory() as folder, new_place(Path(folder)) as place:
        yield Reader(place=place, room=fill(place.database))


def test_two_articles_of_one_event_are_explained_by_their_words(reader: Reader) -> None:
    """Both headlines, the verdict, the words that both have, the hours between, and the figures."""
    shown = reader.holds("own", "later").splitlines()

    own, later = reader.room.ids["own"], reader.room.ids["later"]
    assert shown[0] == f"[{own}] Halcyon stuck on sandbank: all passengers safe in Sundholm"
    assert shown[5] == f"Together, in story {reader.story('own')}."
    assert shown[6].startswith(f"Articles {own} and {later} tell the same event: both speak of ")
    assert "sandbank" in shown[6]
    assert shown[6].endswith("17 hours apart.")
    assert shown[7].startswith("likeness 0.")
    assert "(0.45 needed)" in shown[7]


def test_copies_are_explained_by_how_much_they_share(reader: Reader) -> None:
    """Of a copy is told how much of the shorter text stands in the longer one."""
    shown = reader.holds("reprint", "wire")

    assert "carry one text: 89 % of article 1 stands in article 2; 1 hour apart." in shown
    assert "containment 0.89" in shown


def test_what_is_tied_by_way_of_others_shows_the_way(reader: Reader) -> None:
    """Where two articles have no tie of their own each step from one to the other is told."""
    shown = reader.json(reader.article("reprint"), reader.article("own"))

    (reason,) = shown["reasons"]
    assert (shown["together"], reason["kind"]) == (True, "by-way-of")
    assert (reason["way"][0], reason["way"][-1]) == (reader.room.ids["reprint"], reader.room.ids["own"])
    assert len(reason["steps"]) == len(reason["way"]) - 1 > 1
    assert "by way of others" in shown["why"][0]


@pytest.mark.parametrize(
    ("one", "other", "kind", "told"),
    [
        ("wire", "german", "other-languages", "in different languages (en and de)"),
        ("wire", "old", "too-far-apart", "too far apart in time: 20 days"),
        ("rate", "old", "too-far-apart", "beyond 9 days"),
        ("draw", "draws", "other-facts", "has 4, 17, 23, 31, 40, 44 and 2 more; only article"),
        ("weather", "weathers", "series", "a series of one outlet, Metro-Pulse"),
        ("own", "rates", "little-shared", "share too little to tell one event"),
        ("wire", "brief", "too-short", "has too few words to be compared"),
    ],
)
def test_what_is_apart_has_its_reason(reader: Reader, one: str, other: str, kind: str, told: str) -> None:
    """Two articles of different stories: what keeps them apart, the same from either side."""
    for a, b in ((one, other), (other, one)):
        shown = reader.json(reader.article(a), reader.article(b))
        assert (shown["together"], shown["reasons"][0]["kind"]) == (False, kind)
    assert told in reader.holds(one, other)


def test_a_verdict_of_apart_names_both_stories(reader: Reader) -> None:
    """Who asks why two articles are apart sees in which stories they stand, then the reason and the figures."""
    shown = reader.holds("own", "rates").splitlines()

    assert shown[5] == f"Not together: story {reader.story('own')} and story {reader.story('rates')}."
    assert shown[6].startswith("They share too little")
    assert shown[-1].endswith("9 h apart")


def test_an_address_in_any_spelling_is_its_article(reader: Reader) -> None:
    """Whether http or https, with www, tracking or without a scheme: all names of one article lead to it."""
    url = reader.room.urls["own"]
    bare = url.removeprefix("https://")
    number = reader.room.ids["own"]

    names = ((f"http://www.{bare}?utm_source=x#top",), (bare,), (f"[{number}]",), (f"article {number}",))
    answers = {reader.asks(*words) for words in (*names, ("article", str(number)))}

    assert answers == {reader.asks(reader.article("own"))}
    assert "Both are article" in reader.asks(url, reader.article("own"))


def test_an_article_alone_tells_its_story_and_its_ties(reader: Reader) -> None:
    """One name: in which story it stands, whose copy it is, and each tie."""
    shown = reader.asks(reader.article("reprint"))

    assert f"Article 2 stands in story {reader.story('wire')}." in shown
    assert "It is a copy of article 1: Ferry with 243 aboard runs aground off Sundholm" in shown
    assert "Articles 2 and 1 carry one text" in shown


def test_an_article_of_its_own_says_so(reader: Reader) -> None:
    """Where nothing is together the way to an answer is named."""
    shown = reader.asks(reader.article("brief"))

    assert "is on its own so far" in shown
    assert f"`aggregator explain {reader.article('brief')} a…`" in shown


def test_a_story_tells_of_each_text(reader: Reader) -> None:
    """Each text once, with its copies, what ties it to the rest and how alike they are."""
    shown = reader.asks(reader.story("wire"))
    as_json = reader.json(reader.story("wire"))

    assert shown.startswith(f"Story {reader.story('wire')}: 4 articles, 3 texts.\n")
    assert "1 other article carries its text." in shown
    assert shown.count("tell the same event") == 3
    assert [text["articles"] for text in as_json["texts"]] == [2, 1, 1]
    assert as_json["mean"] > as_json["needed"] == 0.45


def test_two_stories_are_compared_as_wholes(reader: Reader) -> None:
    """The mean over all pairs of texts, the pair most alike, and what that pair lacks."""
    shown = reader.asks(reader.story("wire"), reader.story("rate"))

    assert "As wholes, 3 texts of story" in shown
    assert "have a mean likeness of 0.0" in shown
    assert "Most alike are articles" in shown
    assert "share too little" in shown


def test_a_story_and_an_article_are_held_together_by_the_text_most_like_it(reader: Reader) -> None:
    """Of the story the nearest text is named; an article of that very story is explained in it."""
    assert f"Of story {reader.story('rate')} article" in reader.asks(reader.article("own"), reader.story("rate"))
    assert reader.asks(reader.story("own"), reader.article("own")) == reader.asks(reader.article("own"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("nonsense",), "write 7 for story 7, a12 for article 12"),
        (("a99999",), "there is no article 99999"),
        (("99999",), "there is no story 99999"),
        (("https://nobody.example/x",), "no article is known by the address"),
        (("http://a b.example/",), "names nothing"),
        (("article",), "a number is missing"),
        (("1", "2", "3"), "not more"),
        ((), "Missing parameter"),
    ],
)
def test_wrong_names_are_told_in_a_sentence(reader: Reader, words: tuple[str, ...], told: str) -> None:
    """What leads nowhere is told with what can be named."""
    refused = invoke(reader.place, "explain", *words)

    assert isinstance(refused.exception, UsageError | click.UsageError)
    assert told in str(refused.exception)


def test_wrong_names_exit_with_2(reader: Reader) -> None:
    """A sentence on stderr, nothing on stdout."""
    refused = reader.place.call("explain", "a99999")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("aggregator: there is no article 99999; ")


def test_without_a_database_there_is_a_sentence(tmp_path: Path) -> None:
    """Nothing was polled yet: that is said, and no database is made."""
    with new_place(tmp_path) as place:
        refused = place.call("explain", "1")

        assert refused.returncode == 1
        assert "there is no database" in refused.stderr
        assert not place.database.exists()


def test_before_words_are_learned_that_is_the_reason(tmp_path: Path) -> None:
    """In the first hour nothing tells how common a word is, so nothing can be joined by it."""
    with new_place(tmp_path) as place:
        room = fill(place.database, learn=False)

        shown = place.json("explain", f"a{room.ids['own']}", f"a{room.ids['later']}")

    assert [reason["kind"] for reason in shown["reasons"]] == ["no-vocabulary"]
    assert "`aggregator rebuild` does it" in shown["why"][0]


def test_a_writer_does_not_keep_it_waiting(reader: Reader) -> None:
    """It reads while a daemon holds the database's write lock."""
    with SqliteStore(reader.place.database) as store, store.transaction():
        assert "Together" in reader.holds("own", "later")


def test_a_faulty_feeds_yaml_does_not_keep_from_reading(tmp_path: Path) -> None:
    """The threshold is then that of the defaults; another one that is written there is used."""
    with new_place(tmp_path) as place:
        room = fill(place.database)
        pair = (f"a{room.ids['own']}", f"a{room.ids['rates']}")
        place.config.write_text("settings: {same_event: 0.6}\n")
        assert place.json("explain", *pair)["figures"]["needed"] == 0.6
        place.config.write_text("settings: {same_event: high}\n")
        assert place.json("explain", *pair)["figures"]["needed"] == 0.45
