"""`aggregator explain`."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import isclose
from typing import Any

import click

from aggregator.bootstrap import open_reader, rules_of
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import reading_settings
from aggregator.cli import show
from aggregator.core.days import iso
from aggregator.core.explaining.judging import Judgement, judge
from aggregator.core.explaining.laying_open import Figures, Standing, Stories
from aggregator.core.explaining.reasons import Reason, Tied
from aggregator.core.naming import read_names
from aggregator.core.printable import printable
from aggregator.core.stories.evidence import ALONE
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.reading import Found
from aggregator.domain.stories import Tie

#: Ties and texts told on a terminal or in a pipe; --json has all.
SHOWN = 12
#: What can be explained at once.
_MOST = 2


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="A [B]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def explain(paths: Paths, *, names: tuple[str, ...], as_json: bool) -> None:
    """Tell why A stands where it does, or why A and B are together or are not.

    A and B are stories (7), articles (a12 or [12], the number that `aggregator story` shows in brackets) or addresses of
    articles, in any spelling.
    """
    wanted = list(read_names(names))
    if len(wanted) > _MOST:
        raise UsageError("two things can be held against each other, not more")
    with open_reader(paths) as reader:
        found, material = reader.material(wanted)
    stories = Stories(material, rules_of(reading_settings(paths)))
    explainer = _Explainer(stories)
    one, other = found[0], found[-1]
    is_whole = {place.article is None for place in found} == {True, False}
    if len(found) == 1 or (one.story == other.story and (one.article is None or is_whole)):
        # A story and one of its own articles: the article is what is asked for.
        explainer.standing(next((place for place in found if place.article is not None), one), as_json=as_json)
    else:
        explainer.pair(one, other, as_json=as_json)


class _Explainer:
    """Prints what can be said of some stories."""

    def __init__(self, stories: Stories) -> None:
        self._stories = stories

    def standing(self, place: Found, *, as_json: bool) -> None:
        """Explain a story, or one article in it."""
        if place.article is None:
            self._story(place.story, as_json=as_json)
        else:
            self._article(place.article, as_json=as_json)

    def pair(self, one: Found, other: Found, *, as_json: bool) -> None:
        """Explain two articles; of whole stories those two that are most alike."""
        judgement = self._judged(one, other)
        wholes = [place.story for place in (one, other) if place.article is None]
        if as_json:
            show.print_json(self._judgement_json(judgement))
            return
        for article in dict.fromkeys((judgement.a, judgement.b)):
            click.echo(self._line(article))
        click.echo()
        click.secho(self._verdict(judgement), bold=True)
        if wholes:
            click.echo(self._as_wholes(judgement, wholes))
        for text in self._sentences(judgement):
            click.echo(printable(text))
        if judgement.a != judgement.b:
            click.secho(_figures(judgement.figures), dim=True)

    def _judged(self, one: Found, other: Found) -> Judgement:
        a, b = one.article, other.article
        if a is None:
            b, a = self._stories.nearest(other.story, one.story, to=b)
        elif b is None:
            a, b = self._stories.nearest(one.story, other.story, to=a)
        return judge(self._stories, a, b)

    def _verdict(self, judgement: Judgement) -> str:
        one, other = (self._stories.story_of(article) for article in (judgement.a, judgement.b))
        return f"Together, in story {one}." if judgement.together else f"Not together: story {one} and story {other}."

    def _as_wholes(self, judgement: Judgement, wholes: Sequence[StoryId]) -> str:
        one, other = (self._stories.story_of(article) for article in (judgement.a, judgement.b))
        figures = judgement.figures
        if len(wholes) == 1:
            nearest = judgement.b if self._stories.story_of(judgement.b) == wholes[0] else judgement.a
            return f"Of story {wholes[0]} article {nearest} is most like it."
        sizes = [len(self._stories.places[story]) for story in (one, other)]
        texts = " and ".join(
            f"{_count(size, 'text')} of story {s}" for size, s in zip(sizes, (one, other), strict=True)
        )
        return (
            f"As wholes, {texts} have a mean likeness of {figures.mean or 0.0:.2f}; {figures.needed:.2f} makes one story."
            f" Most alike are articles {judgement.a} and {judgement.b}."
        )

    def _sentences(self, judgement: Judgement) -> list[str]:
        a, b = judgement.a, judgement.b
        one, other = self._stories.fullest(a).member.id, self._stories.fullest(b).member.id
        ends = (one, other) if judgement.spoken_for else (a, b)
        told = [reason.told(*ends) for reason in judgement.reasons]
        told += [
            f"What was compared is not article {article} but article {fullest}, the fullest that carries its text."
            for article, fullest in judgement.spoken_for
        ]
        return told

    def _article(self, article: ArticleId, *, as_json: bool) -> None:
        held, ties = self._stories.articles[article], self._stories.ties_of(article)
        told = self._why(article, ties)
        if as_json:
            copy = {"copy_of": held.copy_of, "why": told, "ties": [asdict(tied.tie) for tied in ties]}
            show.print_json(self._article_json(article) | copy)
            return
        click.echo(self._line(article))
        click.echo()
        for text in told[:SHOWN]:
            click.echo(printable(text))
        if len(told) > SHOWN:
            click.echo(f"… and {len(told) - SHOWN} ties more.")
        for tied in ties[:1]:
            click.secho(f"its strongest tie: {_tie_figures(tied.tie)}", dim=True)

    def _why(self, article: ArticleId, ties: Sequence[Tied]) -> list[str]:
        held, story = self._stories.articles[article], self._stories.story_of(article)
        others = [id for id in self._stories.articles if id != article]
        if not others:
            return [
                f"Article {article} is {ALONE}, in story {story}.",
                f"To learn why it is not with another one, name that too: `aggregator explain a{article} a…`.",
            ]
        told = [f"Article {article} stands in story {story}."]
        if held.copy_of is not None:
            told.append(f"It is a copy of article {held.copy_of}: {self._titled(held.copy_of)}")
        told += [f"You put articles {article} and {other} together." for other in self._stories.ruled_with(article)]
        text = self._stories.fullest(article)
        copies = [tied for tied in ties if self._stories.fullest(tied.tie.other(article)) is text]
        # One copy tells what the others of the same text would.
        shown = next((tied for tied in copies if tied.tie.other(article) == held.copy_of), None) or next(
            iter(copies), None
        )
        told += [tied.told(article, tied.tie.other(article)) for tied in ties if tied is shown or tied not in copies]
        if len(copies) > 1:
            told.append(f"It carries one text with {_count(len(copies) - 1, 'article')} more.")
        if not ties and not self._stories.ruled_with(article):
            place = held.copy_of or min(others)
            told += [reason.told(article, place) for reason in judge(self._stories, article, place).reasons]
        return told

    def _story(self, story: StoryId, *, as_json: bool) -> None:
        standings, mean = self._stories.standings(story), self._stories.mean(story, story)
        if as_json:
            texts = [self._standing_json(standing) for standing in standings]
            needed = self._stories.rules.same_event
            show.print_json({"story": story, "mean": _rounded(mean), "needed": needed, "texts": texts})
            return
        articles = len(self._stories.articles)
        click.secho(f"Story {story}: {_count(articles, 'article')}, {_count(len(standings), 'text')}.", bold=True)
        for standing in standings[:SHOWN]:
            click.echo()
            click.echo(self._line(standing.article))
            for text in self._text_why(standing, is_only=len(standings) == 1):
                click.echo(f"  {printable(text)}")
            if standing.mean is not None:
                click.secho(f"  mean likeness to the other texts {standing.mean:.2f}", dim=True)
        if len(standings) > SHOWN:
            click.echo(f"\n… and {len(standings) - SHOWN} texts more; --json has all.")
        if mean is not None:
            needed = self._stories.rules.same_event
            click.secho(f"\nmean likeness of all its texts {mean:.2f}; {needed:.2f} makes one story", dim=True)

    def _text_why(self, standing: Standing, *, is_only: bool) -> Iterable[str]:
        copies = standing.articles - 1
        if copies:
            carry = "1 other article carries" if copies == 1 else f"{copies:,} other articles carry"
            yield f"{carry} its text."
        if is_only:
            yield "It is the only text of the story." if copies else f"It is {ALONE}."
        for tied in standing.ties[:1]:
            own = self._stories.standing_end(standing, tied)
            yield tied.told(own, tied.tie.other(own))
        more = len(standing.ties) - 1
        if more > 0:
            yield f"It is tied to {_count(more, 'text')} more."
        for other in standing.ruled:
            yield f"You put it together with article {other}."
        if not (is_only or standing.ties or standing.ruled):
            yield "No tie leads from it to another text, but it is like the others on the whole."

    def _line(self, article: ArticleId) -> str:
        held = self._stories.articles[article]
        number = click.style(f"[{article}]", bold=True)
        moment = show.minute(held.member.dated)
        return f"{number} {self._titled(article)}\n    {moment}  {printable(held.source)}  story {held.member.story}"

    def _titled(self, article: ArticleId) -> str:
        return printable(self._stories.articles[article].title) or "(no headline)"

    def _article_json(self, article: ArticleId) -> dict[str, object]:
        held = self._stories.articles[article]
        return {
            "id": article,
            "story": held.member.story,
            "title": held.title,
            "url": held.member.url,
            "source": held.source,
            "dated": iso(held.member.dated),
        }

    def _standing_json(self, standing: Standing) -> dict[str, object]:
        return self._article_json(standing.article) | {
            "articles": standing.articles,
            "mean": _rounded(standing.mean),
            "ties": [asdict(tied.tie) for tied in standing.ties],
            "put_together_with": standing.ruled,
        }

    def _judgement_json(self, judgement: Judgement) -> dict[str, object]:
        return {
            "together": judgement.together,
            "a": self._article_json(judgement.a),
            "b": self._article_json(judgement.b),
            "reasons": [_reason_json(reason) for reason in judgement.reasons],
            "why": self._sentences(judgement),
            "figures": _figures_json(judgement.figures),
        }


def _reason_json(reason: Reason) -> dict[str, Any]:
    name = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(reason).__name__)
    values = {key: _rounded(value) if isinstance(value, float) else value for key, value in asdict(reason).items()}
    return {"kind": name.lstrip("-")} | values


def _figures_json(figures: Figures) -> dict[str, object]:
    return {
        "hours_apart": figures.hours_apart,
        "jaccard": figures.shared and round(figures.shared.jaccard, 4),
        "containment": figures.shared and round(figures.shared.containment, 4),
        "likeness": _rounded(figures.likeness),
        "mean": _rounded(figures.mean),
        "needed": figures.needed,
        "words": figures.words,
    }


def _figures(figures: Figures) -> str:
    needed = f"({figures.needed:.2f} needed)"
    parts = []
    # Texts that were not compared, or speak against each other, have none worth telling.
    if figures.likeness is not None and figures.likeness > 0:
        parts.append(f"likeness {figures.likeness:.2f}")
        if figures.mean is not None and not isclose(figures.mean, figures.likeness):
            parts.append(f"mean of all texts {figures.mean:.2f}")
        parts[-1] += f" {needed}"
    if figures.shared is not None:
        parts += [f"Jaccard {figures.shared.jaccard:.2f}", f"containment {figures.shared.containment:.2f}"]
    parts.append(f"{figures.hours_apart:g} h apart")
    return " · ".join(parts)


def _tie_figures(tie: Tie) -> str:
    if tie.likeness is not None:
        return f"likeness {tie.likeness:.2f} · {tie.hours_apart:g} h apart"
    return f"Jaccard {tie.jaccard or 0:.2f} · containment {tie.containment or 0:.2f} · {tie.hours_apart:g} h apart"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
