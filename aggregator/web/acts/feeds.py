"""Adding, pausing, tagging, curing and removing feeds, all of which is written into feeds.yaml; lists of feeds as files."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response

from aggregator.core.config.opml import MAX_SIZE
from aggregator.core.crawling.listing import handle
from aggregator.core.secrecy import without_secrets
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.errors import OpmlError, UsageError
from aggregator.domain.settings import FeedConfig
from aggregator.web.acts.answering import Answers, Done
from aggregator.web.acts.stories import threaded
from aggregator.web.bar import Choice, Notice
from aggregator.web.feed_desk import FeedDesk, read_tags
from aggregator.web.forms import Form

#: What a form has beside its file.
_MARGIN = 10_000


class FeedActs:
    """Acts on feeds. A form names them by their handles."""

    def __init__(self, desk: FeedDesk) -> None:
        self._desk = desk

    def add_to(self, router: APIRouter, answers: Answers) -> None:
        """Let them be asked for."""
        answers.route(router, "/do/feeds", threaded(self._feed))
        answers.route(router, "/do/feeds/add", self._add)
        answers.route(router, "/do/feeds/tags", threaded(self._tag))
        answers.route(router, "/do/feeds/import", threaded(self._import), most=MAX_SIZE + _MARGIN)
        router.add_api_route("/feeds.opml", self._export, methods=["GET", "HEAD"], response_model=None)

    async def _add(self, form: Form) -> Done:
        """Add the feed at an address, or ask which of those that a page names."""
        address, tags = form.one("url"), form.one("tags")
        if not address:
            raise UsageError("write the address of a site or of a feed, such as www.example.org")
        found = await self._desk.find(address, tags)
        if isinstance(found, FeedConfig):
            await asyncio.to_thread(self._desk.add, found)
            return Done(notice=self._named("Added:", found, partial(self._remove_again, found)), path="/feeds")
        told = f"{without_secrets(found.url)} names several feeds; which one?"
        return Done(notice=Notice(told=told, choice=Choice(links=found.links, tags=tags)), path="/feeds")

    def _feed(self, form: Form) -> Done:
        """Do what the button says that was pressed."""
        acts: dict[str, Callable[[str], Done]] = {
            "pause": self._pause,
            "resume": self._resume,
            "cure": self._cure,
            "remove": self._remove,
        }
        for button, act in acts.items():
            if feed := form.one(button):
                return act(feed)
        raise UsageError("no button was pressed; load the page anew and press one")

    def _pause(self, feed: str) -> Done:
        return self._switched("Paused:", self._desk.switch(feed, on=False))

    def _resume(self, feed: str) -> Done:
        return self._switched("Polled again:", self._desk.switch(feed, on=True))

    def _switched(self, told: str, before: FeedConfig) -> Done:
        edit = FeedEdit(feed=before.url, key="enabled", value=before.enabled)
        return Done(notice=self._named(told, before, self._undoing(edit)))

    def _cure(self, feed: str) -> Done:
        before, advice = self._desk.cure(feed)
        match advice.edit:
            case FeedEdit(key="url", value=str() as url):
                undo = self._undoing(FeedEdit(feed=url, key="url", value=before.url))
                return Done(notice=self._named("Takes the new address:", before, undo), path="/feeds")
            case Removal():
                return self._removed(before)
            case _:
                return self._switched("Switched off:", before)

    def _remove(self, feed: str) -> Done:
        return self._removed(self._desk.remove(feed))

    def _removed(self, before: FeedConfig) -> Done:
        told = f"Removed: {_name(before)}; its articles stay"
        return Done(notice=Notice(told=told, undo=partial(self._add_again, before)), path="/feeds")

    def _tag(self, form: Form) -> Done:
        tags = read_tags(form.one("tags"))
        before = self._desk.tag(form.one("feed"), tags)
        edit = FeedEdit(feed=before.url, key="tags", value=before.tags)
        told = f"Tagged {', '.join(tags)}:" if tags else "Without tags now:"
        return Done(notice=self._named(told, before, self._undoing(edit)))

    def _import(self, form: Form) -> Done:
        content = form.file("file")
        if not content:
            raise OpmlError("choose an OPML file, as other readers export it")
        added, listed, warnings = self._desk.import_opml(content)
        told = f"{len(added)} {'feed' if len(added) == 1 else 'feeds'} added, {listed - len(added)} there already"
        if warnings:
            told = f"{told}, {len(warnings)} left out or changed: {warnings[0]}"
        removals = [Removal(feed=feed.url) for feed in added]
        return Done(notice=Notice(told=told, undo=self._undoing(*removals) if added else None), path="/feeds")

    def _export(self) -> Response:
        """Return the feeds as a file to be kept; addresses are without what is nobody else's to know."""
        headers = {"content-disposition": 'attachment; filename="feeds.opml"', "cache-control": "private, no-store"}
        return Response(self._desk.export_opml(), media_type="text/x-opml; charset=utf-8", headers=headers)

    def _named(self, told: str, feed: FeedConfig, undo: Callable[[], str]) -> Notice:
        return Notice(told=told, undo=undo, path=f"feeds/{handle(feed.url)}", words=_name(feed))

    def _undoing(self, *edits: FeedEdit | Removal) -> Callable[[], str]:
        return partial(self._change, edits)

    def _change(self, edits: Sequence[FeedEdit | Removal]) -> str:
        self._desk.change(edits)
        return "Taken back"

    def _add_again(self, feed: FeedConfig) -> str:
        self._desk.add(feed)
        return f"Taken back: {_name(feed)} is there again"

    def _remove_again(self, feed: FeedConfig) -> str:
        self._desk.remove(handle(feed.url))
        return f"Taken back: {_name(feed)} is removed"


def _name(feed: FeedConfig) -> str:
    return feed.name or without_secrets(feed.url)
