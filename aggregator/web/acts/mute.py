"""Adding and removing rules that mute, which are written into feeds.yaml."""

from functools import partial

from fastapi import APIRouter

from aggregator.core.config.values import read_rule
from aggregator.domain.settings import MuteKind, MuteRule
from aggregator.web.acts.answering import Answers, Done
from aggregator.web.acts.stories import threaded
from aggregator.web.bar import Notice
from aggregator.web.feed_desk import FeedDesk
from aggregator.web.forms import Form


class MuteActs:
    """Acts on rules. A form names one by what it mutes."""

    def __init__(self, desk: FeedDesk) -> None:
        self._desk = desk

    def add_to(self, router: APIRouter, answers: Answers) -> None:
        """Let them be asked for."""
        answers.route(router, "/do/mute/add", threaded(self._add))
        answers.route(router, "/do/mute/remove", threaded(self._remove))

    def _add(self, form: Form) -> Done:
        rule = _rule(form)
        self._desk.mute(rule)
        return Done(notice=Notice(told=f"Muted: {rule}", undo=partial(self._unmute_again, rule)))

    def _remove(self, form: Form) -> Done:
        removed = self._desk.unmute(_rule(form))
        return Done(notice=Notice(told=f"No longer muted: {removed}", undo=partial(self._mute_again, removed)))

    def _unmute_again(self, rule: MuteRule) -> str:
        return f"Taken back: {self._desk.unmute(rule)} is not muted"

    def _mute_again(self, rule: MuteRule) -> str:
        self._desk.mute(rule)
        return f"Taken back: {rule} is muted"


def _rule(form: Form) -> MuteRule:
    return read_rule({kind.value: form.one(kind.value) for kind in MuteKind}, form.one("until"))
