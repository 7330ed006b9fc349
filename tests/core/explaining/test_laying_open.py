"""Reasons for two articles being together or apart, judged from what is known of them and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.core.events.comparing import learn_vocabularies
from aggregator.core.explaining.judging import Judgement, judge
from aggregator.core.explaining.laying_open import Stories
from aggregator.core.explaining.reasons import (
    ByWayOf,
    LittleShared,
    NotJoinedYet,
    NotOnAverage,
    NoVocabulary,
    OneArticle,
    OnTheWhole,
    OtherFacts,
    OtherLanguages,
    PutApart,
    PutTogether,
    Series,
    Tied,
    TooFarApart,
    TooShort,
    lasting,
)
from aggregator.core.stories.rules import Rules
from aggregator.core.words.facts import told_facts
from aggregator.core.words.signature import sign
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Held, Material
from aggregator.domain.stories import Profile, Relation, Ruling, Tie, Verdict, Vocabulary
from tests.builders import member, words

#: Words that a text has beside those of its event, all its own.
OWN = 30


@dataclass
class Desk:
    """Articles as a test lays them out."""

    articles: dict[ArticleId, Held] = field(default_factory=dict)
    ties: list[Tie] = field(default_factory=list)
    rulings: list[Ruling] = field(default_factory=list)
    knows: bool = True

    def add(
        self,
        id: int,
        text: str,
        *,
        story: int,
        at: float = 0,
        title: str = "",
        source: int | None = None,
        language: str = "en",
        copy_of: int | None = None,
    ) -> None:
        """Lay out an article."""
        part = member(id, story=story, at=at, source=source, length=len(text))
        signature = sign(title, text)
        profile = Profile(
            id=part.id,
            source=part.source,
            dated=part.dated,
            language=language,
            headline=title,
            terms=signature.terms,
            background=0.0,
        )
        self.articles[part.id] = Held(
            member=part,
            copy_of=None if copy_of is None else ArticleId(copy_of),
            title=title,
            text=text,
            source=f"Paper {part.source}",
            signature=signature,
            profile=profile,
        )

    def tie(self, a: int, b: int, relation: Relation, **more: float) -> None:
        """Tie two articles."""
        known = {"jaccard": 0.9, "containment": 0.95} if relation is not Relation.EVENT else {"likeness": 0.6}
        values = {"hours_apart": 2.0} | known | more
        self.ties.append(Tie(a=ArticleId(a), b=ArticleId(b), relation=relation, shared=(), rule=1, **values))

    def rule(self, a: int, b: int, verdict: Verdict) -> None:
        """Say as a reader does."""
        self.rulings.append(Ruling(a=ArticleId(a), b=ArticleId(b), verdict=verdict))

    def stories(self, rules: Rules | None = None) -> Stories:
        """Lay the stories open."""
        material = Material(
            articles=self.articles,
            ties=tuple(self.ties),
            rulings=tuple(self.rulings),
            vocabularies=self._vocabularies() if self.knows else {},
        )
        return Stories(material, rules or Rules())

    def judge(self, a: int, b: int) -> Judgement:
        """Judge two articles."""
        return judge(self.stories(), ArticleId(a), ArticleId(b))

    def _vocabularies(self) -> dict[str, Vocabulary]:
        profiles = [held.profile for held in self.articles.values() if held.profile is not None]
        # What else is in the news, so that words have something to be rare among.
        others = [
            replace(
                profiles[0],
                id=ArticleId(1000 + number),
                terms=sign("", words(40, start=5000 + 40 * (number // 2))).terms,
            )
            for number in range(40)
        ]
        return learn_vocabularies([*profiles, *others])


def event(number: int, own: int, *, share: int = 20) -> str:
    """Return a text with so many words of an event, in an order of its own, and `OWN` words that no other has."""
    told = words(40, start=1000 * number).split()[:share]
    turn = own % max(1, share)
    mixed = [*told[turn:], *told[:turn]][:: 1 if own % 2 else -1]
    rest = words(OWN, start=100_000 + own * OWN).split()
    return " ".join(word for pair in zip(mixed, rest, strict=False) for word in pair)


def kinds(judgement: Judgement) -> list[type]:
    """Return the kinds of reasons."""
    return [type(reason) for reason in judgement.reasons]


def told(judgement: Judgement) -> str:
    """Return all reasons as sentences."""
    return " ".join(reason.told(judgement.a, judgement.b) for reason in judgement.reasons)


@pytest.fixture
def desk() -> Desk:
    """Two stories: 1 has three texts on one event, and a copy; 2 has one on another."""
    desk = Desk()
    for id in (1, 2, 3):
        desk.add(id, event(1, id), story=1, at=id)
    desk.add(4, event(1, 1), story=1, at=9, copy_of=1)
    desk.add(5, event(2, 5), story=2, at=5)
    desk.tie(1, 4, Relation.COPY, jaccard=1.0, containment=1.0)
    desk.tie(1, 2, Relation.EVENT)
    desk.tie(2, 3, Relation.EVENT)
    return desk


def test_one_article_is_one(desk: Desk) -> None:
    """Two names of one article need no other reason."""
    judgement = desk.judge(1, 1)

    assert (judgement.together, kinds(judgement)) == (True, [OneArticle])
    assert "article 1" in told(judgement)


def test_a_tie_of_their_own_is_the_reason(desk: Desk) -> None:
    """Copies, parts and events say what they are, and the longer text is named as the one that holds the other."""
    desk.tie(3, 4, Relation.PART, jaccard=0.3, containment=0.61)

    assert told(desk.judge(1, 4)) == "Articles 1 and 4 carry the same text; 2 hours apart."
    assert told(desk.judge(2, 1)) == "Articles 2 and 1 tell the same event; 2 hours apart."
    assert kinds(desk.judge(3, 4)) == [Tied]
    assert "stands in good part (61 %) in article" in told(desk.judge(3, 4))


def test_the_way_through_others_is_the_shortest(desk: Desk) -> None:
    """Without a tie of their own each step is told, in the direction that was asked for."""
    (reason,) = desk.judge(4, 3).reasons

    assert isinstance(reason, ByWayOf)
    assert reason.way == (4, 1, 2, 3)
    assert told(desk.judge(4, 3)).count("Articles") == 4


def test_a_story_that_hangs_together_on_average_says_so(desk: Desk) -> None:
    """Each text is tied to the one most like it, so some pairs have no way between them."""
    desk.ties = []

    (reason,) = desk.judge(1, 2).reasons

    assert isinstance(reason, OnTheWhole)
    assert reason.likeness > 0.45
    assert "alike on the whole" in told(desk.judge(1, 2))


def test_a_readers_word_comes_first(desk: Desk) -> None:
    """Together by a reader's word, with the tie besides where there is one; apart by it whatever they share."""
    desk.rule(1, 2, Verdict.TOGETHER)
    desk.rule(1, 3, Verdict.TOGETHER)
    assert kinds(desk.judge(1, 2)) == [PutTogether, Tied]
    assert kinds(desk.judge(1, 3)) == [PutTogether]

    desk.add(6, event(1, 6), story=3)
    desk.add(7, event(1, 7), story=3)
    desk.rule(1, 6, Verdict.APART)
    assert told(desk.judge(6, 1)) == "You took articles 6 and 1 apart."
    assert desk.judge(2, 7).reasons == (PutApart(is_direct=False),)


def test_the_same_words_about_other_facts_name_the_facts(desk: Desk) -> None:
    """Numbers and names of one side only are told, those of both are not."""
    report = f"{words(70)} the winner from {{town}} takes {{one}} of 90 and {{two}} after {{three}} rounds and {{four}} hours"
    desk.add(8, report.format(town="Eastmoor", one=4, two=17, three=23, four=31), story=4)
    desk.add(9, report.format(town="Larkhaven", one=5, two=18, three=24, four=32), story=5)

    (reason,) = desk.judge(8, 9).reasons

    assert reason == OtherFacts(only=(("4", "17", "23", "31", "Eastmoor"), ("5", "18", "24", "32", "Larkhaven")))


def test_what_was_not_compared_says_why(desk: Desk) -> None:
    """Time, language, a missing vocabulary, too few words and a series each have their own reason."""
    desk.add(10, event(1, 10), story=6, at=24 * 10)
    desk.add(11, event(1, 11), story=7, language="fr")
    desk.add(12, event(1, 12), story=8, language="")
    desk.add(13, "Soon.", story=9, title="Brief")
    desk.add(14, event(3, 14), story=10, title="Weather for the coast on Monday", source=77)
    desk.add(15, event(3, 15), story=11, title="Weather for the coast on Tuesday", source=77)
    desk.add(16, event(1, 1), story=12, at=24 * 15)

    assert isinstance(desk.judge(1, 10).reasons[0], TooFarApart)
    assert desk.judge(1, 16).reasons == (TooFarApart(hours=24 * 15 - 1.0, most_days=14),)
    assert desk.judge(1, 11).reasons == (OtherLanguages(languages=("en", "fr")),)
    assert "language of article 12 is not known" in told(desk.judge(1, 12))
    assert desk.judge(1, 13).reasons == (TooShort(articles=(ArticleId(13),)),)
    assert desk.judge(14, 15).reasons == (Series(outlet="Paper 77"),)
    desk.knows = False
    assert desk.judge(1, 5).reasons == (NoVocabulary(language="en"),)


def test_a_series_is_that_of_any_outlet_that_carries_both_texts(desk: Desk) -> None:
    """An outlet that has one of two texts as a copy only runs both under headlines of one pattern all the same."""
    desk.add(31, event(8, 50), story=31, title="Harbour ward goes to the left", source=81)
    desk.add(32, event(8, 51), story=32, at=2, title="Castle ward goes to the right", source=82)
    assert Series(outlet="Paper 82") not in desk.judge(31, 32).reasons

    desk.add(33, event(8, 50), story=31, at=1, title="Harbour ward goes to the left", source=82, copy_of=31)
    desk.tie(31, 33, Relation.COPY, jaccard=1.0, containment=1.0)

    assert desk.judge(31, 32).reasons == (Series(outlet="Paper 82"),)


def test_little_shared_names_what_is_needed(desk: Desk) -> None:
    """Likeness, threshold and the words of both are told, for a reader may find the threshold wrong."""
    desk.add(17, f"{event(1, 17, share=5)} {event(6, 18)}", story=13)

    (reason,) = desk.judge(1, 17).reasons

    assert isinstance(reason, LittleShared)
    assert 0 < reason.likeness < reason.needed == 0.45
    assert set(reason.words) <= set(words(9, start=1000).split())
    assert "of the 0.45 that is needed" in told(desk.judge(1, 17))
    assert "No word" in told(desk.judge(1, 5))
    cut = LittleShared(likeness=0.3, needed=0.45, words=("harbour",), part=0.379)
    assert cut.told(ArticleId(1), ArticleId(2)).endswith("37 % of the shorter text stands in the longer one.")


def test_alike_to_each_other_but_not_on_average(desk: Desk) -> None:
    """One text of a large story may be like another one: the mean over all pairs is what counts, and is told."""
    for id in range(20, 26):
        desk.add(id, event(4, id), story=14)
    desk.add(26, f"{event(4, 26)} {event(5, 26)}", story=14)
    desk.add(27, event(5, 27), story=15)

    (reason,) = desk.judge(26, 27).reasons

    assert isinstance(reason, NotOnAverage)
    assert reason.likeness >= 0.45 > reason.mean
    assert reason.texts == (7, 1)
    assert f"mean likeness of {reason.mean:.2f}" in told(desk.judge(26, 27))


def test_what_belongs_together_by_now_says_so(desk: Desk) -> None:
    """Two stories that a rebuild would join are not called unlike."""
    desk.add(28, event(1, 28), story=16)

    assert isinstance(desk.judge(1, 28).reasons[0], NotJoinedYet)


def test_a_copy_is_spoken_for_by_the_fullest(desk: Desk) -> None:
    """Texts are compared by their fullest article, which is said where a shorter copy was named."""
    desk.add(29, f"{event(1, 1)} more", story=1, copy_of=1)
    desk.tie(1, 29, Relation.COPY)

    assert desk.judge(1, 5).spoken_for == ((ArticleId(1), ArticleId(29)),)
    assert desk.judge(1, 4).spoken_for == ()


def test_the_threshold_is_that_of_the_rules(desk: Desk) -> None:
    """What is needed is what the settings say."""
    desk.add(30, event(1, 30), story=17)
    strict = judge(desk.stories(Rules(same_event=0.9)), ArticleId(1), ArticleId(30))
    loose = judge(desk.stories(Rules(same_event=0.2)), ArticleId(1), ArticleId(30))

    assert (strict.figures.needed, loose.figures.needed) == (0.9, 0.2)
    assert kinds(loose) == [NotJoinedYet]


def test_a_story_is_told_text_by_text(desk: Desk) -> None:
    """Each text once, the most carried first, with its strongest tie to each other text."""
    stories = desk.stories()
    standings = stories.standings(StoryId(1))

    assert [(standing.article, standing.articles) for standing in standings] == [(1, 2), (2, 1), (3, 1)]
    assert [len(standing.ties) for standing in standings] == [1, 2, 1]
    assert all(standing.mean is not None and standing.mean > 0.45 for standing in standings)
    (alone,) = stories.standings(StoryId(2))
    assert (alone.mean, alone.ties, stories.mean(StoryId(2), StoryId(2))) == (None, (), None)


def test_of_two_stories_the_nearest_articles_are_found(desk: Desk) -> None:
    """They are those most alike, and among texts that have nothing in common those nearest in time."""
    stories = desk.stories()

    assert stories.nearest(StoryId(1), StoryId(2)) == (3, 5)
    assert stories.nearest(StoryId(2), StoryId(1), to=ArticleId(5)) == (5, 3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 20), st.sampled_from(["en", "de", ""])),
        min_size=2,
        max_size=7,
    ),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([*Relation])), max_size=6),
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6), st.sampled_from([*Verdict])), max_size=3),
)
def test_any_two_articles_have_a_reason_the_same_from_either_side(
    articles: Sequence[tuple[int, int, int, str]],
    ties: Iterable[tuple[int, int, Relation]],
    rulings: Iterable[tuple[int, int, Verdict]],
) -> None:
    """Whatever is known there is at least one sentence, and who asks the other way round gets the same kind of answer."""
    desk = Desk()
    for id, (story, number, days, language) in enumerate(articles):
        desk.add(id, event(number, id, share=number * 9), story=story, at=24 * days, language=language, source=number)
    pairs = {(a, b): relation for a, b, relation in ties if a < b < len(articles)}
    for (a, b), relation in pairs.items():
        desk.tie(a, b, relation)
    for (a, b), verdict in {(a, b): verdict for a, b, verdict in rulings if a < b < len(articles)}.items():
        desk.rule(a, b, verdict)
    stories = desk.stories()

    for a in desk.articles:
        for b in desk.articles:
            one, other = judge(stories, a, b), judge(stories, b, a)
            assert one.reasons
            assert kinds(one) == kinds(other)
            assert one.together == (stories.story_of(a) == stories.story_of(b))
            assert told(one).endswith(".")


def test_facts_are_told_as_they_are_written() -> None:
    """Numbers of the headline and the text, then names in their capitals, each once."""
    found = told_facts(
        "3 lost", "On Monday at 7:30 the ship Halcyon of 1,250 tons sank near Sundholm. Of Halcyon 3 boats came."
    )

    assert found == ("3", "7:30", "1250", "Monday", "Halcyon", "Sundholm")


@pytest.mark.parametrize(
    ("apart", "expected"),
    [
        (timedelta(seconds=40), "1 minute"),
        (timedelta(minutes=25), "25 minutes"),
        (timedelta(minutes=59.7), "1 hour"),
        (timedelta(hours=30), "30 hours"),
        (timedelta(hours=60), "2 days"),
    ],
)
def test_time_is_told_in_the_unit_that_fits(apart: timedelta, expected: str) -> None:
    """Minutes below an hour, hours below two days, then days."""
    assert lasting(apart / timedelta(hours=1)) == expected
