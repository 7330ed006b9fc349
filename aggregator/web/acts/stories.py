"""Reading, starring, merging and splitting stories, and taking it back."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from fastapi import APIRouter

from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.core.naming import read_name
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import ArticleId, StoryId
from aggregator.domain.marks import Mark
from aggregator.web.acts.answering import Act, Answers, Done
from aggregator.web.bar import Bar, Notice
from aggregator.web.desk import Desk
from aggregator.web.forms import Form, own_path

#: What the buttons of a story are called in forms, and what is told afterwards.
_MARKS = {
    "read": (Mark.READ, True, "Read:"),
    "unread": (Mark.READ, False, "Unread again:"),
    "star": (Mark.STARRED, True, "Starred:"),
    "unstar": (Mark.STARRED, False, "No longer starred:"),
}


class StoryActs:
    """Acts on stories."""

    def __init__(self, paths: Paths, desk: Desk, bar: Bar) -> None:
        self._paths = paths
        self._desk = desk
        self._bar = bar

    def add_to(self, router: APIRouter, answers: Answers) -> None:
        """Let them be asked for."""
        acts = {"stories": self._stories, "merge": self._merge_named, "split": self._split, "undo": self._undo}
        for name, act in acts.items():
            answers.route(router, f"/do/{name}", threaded(act))

    def _stories(self, form: Form) -> Done:
        """Do what the button says that was pressed in a list, or on a story."""
        if form.one("merge"):
            return Done(notice=self._merge(_stories(form, "story"))[1])
        if stories := _stories(form, "all"):
            return self._read_all(stories)
        for button, (mark, holds, told) in _MARKS.items():
            if stories := _stories(form, button)[:1]:
                (living,), undo = self._mark(stories, mark, holds=holds)
                is_list = not own_path(form.one("back")).startswith("/story/")
                notice = Notice(told=told, undo=undo, path=f"story/{living}", words=self._title(living))
                return Done(notice=notice, fragment=f"#s{living}" if is_list else "")
        raise UsageError("no button was pressed; load the page anew and press one")

    def _read_all(self, stories: Sequence[StoryId]) -> Done:
        living, undo = self._mark(stories, Mark.READ, holds=True)
        count = len(living)
        return Done(notice=Notice(told=f"{count} {'story' if count == 1 else 'stories'} marked as read", undo=undo))

    def _mark(
        self, stories: Sequence[StoryId], mark: Mark, *, holds: bool
    ) -> tuple[tuple[StoryId, ...], Callable[[], str]]:
        """Mark stories, or take the mark away; return their numbers now, and what takes back just that."""
        since = utc_now()
        living = self._desk.mark(stories, mark, holds=holds)
        if holds:
            return living, partial(self._unmark, living, mark, since, utc_now())
        return living, partial(self._mark_again, living, mark)

    def _unmark(self, stories: Sequence[StoryId], mark: Mark, since: datetime, until: datetime) -> str:
        self._desk.take_back_marks(stories, mark, since, until)
        return "Taken back"

    def _mark_again(self, stories: Sequence[StoryId], mark: Mark) -> str:
        self._desk.mark(stories, mark)
        return "Taken back"

    def _merge_named(self, form: Form) -> Done:
        """Merge a story with the one that a person names by number or address."""
        (story,) = _stories(form, "story")[:1] or (None,)
        name = form.one("with").removeprefix("#")
        if story is None or not name:
            raise UsageError(
                "name the other story: by its number, as its address here has it, or by an article's address"
            )
        # Where the page of a story of ours was copied, its number is what is meant.
        name = name.rpartition("/story/")[2].partition("#")[0].partition("?")[0] if "/story/" in name else name
        with open_reader(self._paths) as reader:
            (found,), _ = reader.material([read_name(name)])
        into, notice = self._merge([story, found.story])
        return Done(notice=notice, path=f"/story/{into}")

    def _merge(self, stories: Sequence[StoryId]) -> tuple[StoryId, Notice]:
        into = self._desk.merge(stories)
        told = f"{len(set(stories))} stories are one now:"
        return into, Notice(told=told, undo=self._decided(), path=f"story/{into}", words=self._title(into))

    def _split(self, form: Form) -> Done:
        """Take the articles that are ticked out of a story."""
        (story,) = _stories(form, "story")[:1] or (None,)
        articles = tuple(map(ArticleId, form.numbers("article")))
        if story is None or not articles:
            raise UsageError("tick the articles that are to leave the story, some but not all")
        stories = self._desk.split(story, articles)
        with open_reader(self._paths) as reader:
            views = [view for id in stories if (view := reader.story(id)) is not None]
        apart = next((view for view in views if articles[0] in {article.id for article in view.articles}), None)
        count = len(articles)
        told = f"{count} {'article stands' if count == 1 else 'articles stand'} apart now"
        notice = Notice(told=told, undo=self._decided())
        if apart is not None:
            notice = Notice(told=f"{told}:", undo=notice.undo, path=f"story/{apart.id}", words=apart.title)
        stays = next((view.id for view in views if view is not apart), story)
        return Done(notice=notice, path=f"/story/{stays}")

    def _decided(self) -> Callable[[], str] | None:
        """Return what takes back the decision just made, and no other."""
        decision = self._desk.last_decision()
        return partial(self._take_back, decision.id) if decision else None

    def _take_back(self, decision: int) -> str:
        return f"Taken back: {self._desk.undo(decision).told}"

    def _undo(self, form: Form) -> Done:
        """Take back what the bar tells."""
        token = form.one("done")
        notice = self._bar.taken(token)
        if notice is None or notice.undo is None:
            raise UsageError(
                "that cannot be taken back here any more; `aggregator undo` takes back the last merge or split"
            )
        return Done(notice=Notice(told=notice.undo()))

    def _title(self, story: StoryId) -> str:
        with open_reader(self._paths) as reader:
            return next((listed.title for listed in reader.listed([story])), "")


def threaded(act: Callable[[Form], Done]) -> Act:
    """Return an act that is done in a thread, for it waits for the disk."""

    async def done(form: Form) -> Done:
        return await asyncio.to_thread(act, form)

    return done


def _stories(form: Form, field: str) -> tuple[StoryId, ...]:
    return tuple(map(StoryId, form.numbers(field)))
