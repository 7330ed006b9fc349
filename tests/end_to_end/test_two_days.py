"""Two days of the news world, read as a person reads them: what is there, what is one, what is kept apart."""

import json
from itertools import combinations

import pytest

from tests.builders import TEXT
from tests.end_to_end.desk import LOOKS, WorldDesk
from tests.newsworld.clock import position

pytestmark = pytest.mark.slow


def test_every_article_is_there_once(morning_after: WorldDesk) -> None:
    """Each article of the world is one article, through however many feeds, addresses and formats it came."""
    articles = morning_after.articles()

    assert articles.keys() == morning_after.world.world.by_id.keys()
    assert len(set(articles.values())) == len(articles)
    assert morning_after.rows("SELECT count(*) FROM article") == [(len(articles),)]


def test_articles_are_seen_in_several_feeds(morning_after: WorldDesk) -> None:
    """An article in two sections is listed by the front feed and both section feeds, and stays one article."""
    world = morning_after.world.world
    articles = morning_after.articles()
    listed = dict(morning_after.rows("SELECT article_id, count(DISTINCT feed_id) FROM entry GROUP BY 1"))
    twice = [id for id, article in world.by_id.items() if len(article.sections) > 1]

    assert twice
    assert all(listed[articles[id]] >= 2 for id in twice)


def test_copies_are_exactly_the_expected_ones(morning_after: WorldDesk) -> None:
    """Wire copy is recognised whole, trimmed, re-titled, extended and edited, and nothing else is called a copy."""
    assert morning_after.texts() == morning_after.world.world.expected_copies()


def test_stories_hold_at_least_the_copies(morning_after: WorldDesk) -> None:
    """What carries one text stands in one story."""
    stories = morning_after.told_together()

    assert all(any(text <= story for story in stories) for text in morning_after.world.world.expected_copies())


def test_stories_tell_events(morning_after: WorldDesk) -> None:
    """Of the pairs of articles put together four in five belong together, and most of those that do are found."""
    scores = morning_after.world.world.story_scores(morning_after.told_together())

    assert scores.precision >= 0.8
    assert scores.recall >= 0.7


def test_only_lookalikes_are_mixed(morning_after: WorldDesk) -> None:
    """No story holds articles of two events, but for few of those pairs that are written to look alike."""
    world = morning_after.world.world
    told = [frozenset(world.by_id[id].event for id in story) for story in morning_after.told_together()]
    mixed = {events for events in told if len(events) > 1}

    assert mixed <= world.expected_lookalikes()
    assert len(mixed) <= 3


def test_the_agency_speaks_for_its_copies(morning_after: WorldDesk) -> None:
    """Wherever the agency's own article is among the copies of a text, the others copy it, and one such speaks for a story."""
    world, articles = morning_after.world.world, morning_after.articles()
    texts = [article for article in world.articles if article.outlet == "northern-wire" and article.copy_of is None]
    own = {articles[text.id] for text in texts}
    copy_of = dict(morning_after.rows("SELECT id, copy_of FROM article"))
    canonical = dict(
        morning_after.rows("SELECT article.id, canonical_id FROM article JOIN story ON story.id = story_id")
    )

    assert texts
    assert all(copy_of[id] is None for id in own)
    assert all(canonical[id] in own for id in own)


def test_revisions_are_versions(morning_after: WorldDesk) -> None:
    """A corrected, re-titled or growing article keeps its number, shows its last state and keeps what it said before."""
    world, articles = morning_after.world.world, morning_after.articles()
    revised = [article for article in world.articles if article.revisions]
    versions = dict(morning_after.rows("SELECT article_id, count(*) FROM version GROUP BY 1"))
    titles = dict(morning_after.rows("SELECT id, title FROM article"))

    assert revised
    for article in revised:
        # What was revised before anybody looked was never seen otherwise.
        looks = [look for look in map(position, LOOKS) if look >= article.at]
        seen = {article.version(look) for look in looks}
        assert versions.get(articles[article.id], 0) == len(seen) - 1, article.id
        assert titles[articles[article.id]].split() == article.revisions[-1].title.split()


def test_texts_are_the_articles_own(morning_after: WorldDesk) -> None:
    """The stored text is the article's, without navigation, cookie banners, related links and comments."""
    world, articles = morning_after.world.world, morning_after.articles()
    bodies = dict(morning_after.rows(f"SELECT article_id, {TEXT} FROM body"))
    poor = []
    for id, article in world.by_id.items():
        if len(article.text(48.0)) < 500:
            continue  # notices of a few lines cannot be told from their surroundings so well
        true, found = set(article.text(48.0).split()), set(bodies[articles[id]].split())
        shared = len(true & found)
        if not shared or shared / len(true) < 0.9 or shared / len(found) < 0.85:
            poor.append(id)

    assert not poor


def test_every_day_has_its_stories(morning_after: WorldDesk) -> None:
    """`today` lists day 2 and `--day` day 1; together they hold every event, most-carried first."""
    world = morning_after.world.world
    number = morning_after.articles()
    today = morning_after.stories()
    yesterday = morning_after.stories("--day", str(morning_after.world.clock.midnight.date()))
    told = {article["id"] for story in (*today, *yesterday) for article in story["articles"]}
    on_day_2 = {number[id] for id, article in world.by_id.items() if article.at >= 24}
    listed_today = {article["id"] for story in today for article in story["articles"]}

    assert told == set(number.values())
    assert on_day_2 <= listed_today
    sources = [story["counts"]["sources"] for story in today]
    assert sources == sorted(sources, reverse=True)


def test_languages_are_recognised(morning_after: WorldDesk) -> None:
    """Each article carries the language it is written in, whatever its page claims."""
    world, articles = morning_after.world.world, morning_after.articles()
    languages = dict(morning_after.rows("SELECT id, language FROM article"))

    assert not [id for id, article in world.by_id.items() if languages[articles[id]] != article.language]


def test_a_story_can_be_read(morning_after: WorldDesk) -> None:
    """`story ID` names every article of the largest story, in order of time, and why each is in."""
    largest = max(morning_after.stories(), key=lambda story: story["counts"]["articles"])
    text = morning_after.run("story", str(largest["id"]))
    read = json.loads(morning_after.run("story", str(largest["id"]), "--json"))

    assert all(article["title"] in " ".join(text.split()) for article in largest["articles"])
    assert read["counts"] == largest["counts"]
    assert all(article["why"] for article in read["articles"])
    times = [article["published"] for article in read["articles"] if article["published"]]
    assert all(earlier <= later for earlier, later in combinations(times, 2))


@pytest.mark.parametrize(
    ("query", "in_title"),
    [("astrolabe", "strolabe"), ("Fähre", "ähr"), ("地震", "地震"), ('"water main"', "ater main")],
)
def test_articles_are_found(morning_after: WorldDesk, query: str, in_title: str) -> None:
    """Search finds by words in several languages and scripts, with and without quotes."""
    hits = json.loads(morning_after.run("search", "--json", query))

    assert any(in_title in hit["title"] for hit in hits)
