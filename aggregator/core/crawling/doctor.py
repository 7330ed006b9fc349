"""What to do about feeds that are not well: one sentence each, and the edit of feeds.yaml where one is sure to help."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from shlex import quote

from aggregator.core.config.kinds import Unfit
from aggregator.core.config.places import read_url
from aggregator.core.urls import site, url_key
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.feeds import FeedState
from aggregator.domain.fetching import FailureKind
from aggregator.domain.health import Health
from aggregator.domain.ids import UrlKey
from aggregator.domain.settings import FeedConfig

#: 410 means for good, but servers have said it by mistake for a day or two.
GONE_FOR_GOOD = timedelta(days=3)
#: Sites come back after holidays, lapsed names and moves; after a month hardly any does.
LOST = timedelta(days=30)
#: Failures that say that nothing is there any more.
_NOTHING_THERE = {
    FailureKind.DNS: "its name leads nowhere",
    FailureKind.NOT_FOUND: "the server does not know the address",
    FailureKind.TLS: "its certificate is not accepted",
    FailureKind.CONNECT: "nobody answers at its address",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What is wrong with a feed, and what helps."""

    #: One sentence on what is wrong since when.
    what: str
    #: One sentence on what to do.
    do: str
    edit: FeedEdit | Removal | None = None
    #: Whether it may well pass without anybody doing anything.
    passes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at a page that stands where a feed was brought to light."""

    #: Where its feed answers as one; None where there is none, or more than one.
    url: str | None = None
    #: What was found, as half a sentence.
    found: str


def diagnose(feed: FeedConfig, state: FeedState, now: datetime) -> Advice | None:
    """Return what to do about a feed; None where it is well, paused, or not known well enough."""
    do = remedy(state.health, state)
    if do is None or not feed.enabled:
        return None
    advice = Advice(what=_what(state), do=do)
    ill_for = now - (state.health_since or now)
    match state.health:
        case Health.MOVED:
            return _moved(advice, feed, state)
        case Health.GONE:
            return _gone(advice, feed, state, ill_for)
        case Health.ERRORING:
            return _erroring(advice, feed, state, ill_for)
        case Health.ALL_OLD:
            removing = f"`aggregator feeds remove {quote(feed.url)}`"
            advice = replace(advice, do=f"the outlet may have given it up; remove it with {removing}")
        case Health.THROTTLED | Health.FROZEN | Health.QUIET:
            advice = replace(advice, passes=True)
        case _:
            pass
    return advice


def remedy(health: Health, state: FeedState) -> str | None:
    """Say in one sentence what helps a feed in that state; None where nothing is wrong."""
    if health is Health.MOVED and state.moved_to:
        return f"take the new address, {state.moved_to}"
    if health is Health.THROTTLED and state.rest_until:
        return f"nothing to do: it is left alone until {state.rest_until:%Y-%m-%d %H:%M} UTC, as its server asked"
    return _REMEDIES.get(health)


#: States in which nothing is wrong have none.
_REMEDIES = {
    Health.ERRORING: "nothing to do yet: it is tried again, ever more rarely; see whether the site opens in a browser",
    Health.FROZEN: "nothing to do: it is asked without validators now and then, so that nothing is missed",
    Health.QUIET: "nothing to do yet; if the outlet has given it up, remove it",
    Health.THROTTLED: "nothing to do: it is left alone for a while, as its server asked",
    Health.MOVED: "look for its new address",
    Health.GONE: "switch it off with `enabled: false`, or remove it",
    Health.BLOCKED: (
        "ask the site's owner to let you in; a `user_agent:` that names you and how to reach you may help,"
        " a browser's name would be a false one"
    ),
    Health.NOT_A_FEED: "look for the feed's new address on the site; `aggregator feeds doctor` tries to find it",
    Health.ALL_OLD: "the outlet may have given it up; remove it with `aggregator feeds remove`",
    Health.ALL_FUTURE: "tell the outlet that its dates are wrong; until then its articles are dated when they are found",
}


def with_look(advice: Advice, feed: FeedConfig, look: Look) -> Advice:
    """Return advice on a feed in whose place a page stands, after a look at that page."""
    if look.url is None:
        return replace(advice, do=f"look for the feed's new address on the site; {look.found}")
    if site(look.url) != site(feed.url):
        # A name that lapsed and was bought by somebody shows a page as well, and that page may name a feed.
        return replace(advice, do=f"if you trust it, take the address that the page names: {look.url} ({look.found})")
    edit = FeedEdit(feed=feed.url, key="url", value=look.url)
    return replace(advice, do=f"take the address that the page names: {look.url} ({look.found})", edit=edit)


def without_doubles(advices: Sequence[tuple[FeedConfig, Advice]], known: Iterable[FeedConfig]) -> tuple[Advice, ...]:
    """Return the advices, so that no two feeds get one address: who would get one that is taken is to go instead."""
    taken: dict[UrlKey, str] = {url_key(feed.url): feed.url for feed in known}
    settled = []
    for feed, advice in advices:
        edit = advice.edit
        if isinstance(edit, FeedEdit) and edit.key == "url":
            holder = taken.setdefault(url_key(str(edit.value)), feed.url)
            if holder != feed.url:
                do = f"remove it: {edit.value}, where it is now, is taken already by {_named(holder, str(edit.value))}"
                settled.append(replace(advice, do=do, edit=Removal(feed=feed.url)))
                continue
        settled.append(advice)
    return tuple(settled)


def _named(holder: str, address: str) -> str:
    return "another feed" if url_key(holder) == url_key(address) else f"the feed that was {holder}"


def _moved(advice: Advice, feed: FeedConfig, state: FeedState) -> Advice | None:
    try:
        url = read_url(state.moved_to or "")
    except Unfit:
        return advice
    if url == feed.url:
        # It was written since; the next poll will find it well.
        return None
    return replace(advice, edit=FeedEdit(feed=feed.url, key="url", value=url))


def _gone(advice: Advice, feed: FeedConfig, state: FeedState, ill_for: timedelta) -> Advice:
    if ill_for < GONE_FOR_GOOD:
        do = f"nothing to do yet: servers say so by mistake; after {GONE_FOR_GOOD.days} days it is to be switched off"
        return replace(advice, do=do, passes=True)
    return replace(
        advice, do="switch it off; its articles stay", edit=_off(feed, f"gone (410) since {_day(state.health_since)}")
    )


def _erroring(advice: Advice, feed: FeedConfig, state: FeedState, ill_for: timedelta) -> Advice:
    if ill_for < LOST:
        return replace(advice, passes=True)
    nothing_there = _nothing_there(state)
    if nothing_there is None:
        return replace(advice, do="see whether the site opens in a browser; if it does not, switch it off or remove it")
    return replace(
        advice,
        do=f"switch it off, as {nothing_there}; its articles stay",
        edit=_off(feed, f"{nothing_there} since {_day(state.health_since)}"),
    )


def _nothing_there(state: FeedState) -> str | None:
    return next((sentence for kind, sentence in _NOTHING_THERE.items() if kind.value == state.error_kind), None)


def _off(feed: FeedConfig, note: str) -> FeedEdit:
    return FeedEdit(feed=feed.url, key="enabled", value=False, note=note)


_WORDS = {
    Health.QUIET: "it answers, but has been silent for unusually long",
    Health.ERRORING: "it fails",
    Health.FROZEN: "its server says that nothing has changed although something has",
    Health.MOVED: "it redirects for good to another address",
    Health.GONE: "its server says that it is gone for good (410)",
    Health.THROTTLED: "its server asked to be left alone",
    Health.BLOCKED: "its server refuses us",
    Health.NOT_A_FEED: "something else stands where the feed was",
    Health.ALL_OLD: "all that it lists is old",
    Health.ALL_FUTURE: "all that it lists is dated in the future",
}


def _what(state: FeedState) -> str:
    since = f", since {_day(state.health_since)}" if state.health_since else ""
    why = state.error if state.health is Health.ERRORING and state.error else state.health_why
    return f"{_WORDS[state.health]}{since}{f': {why}' if why else ''}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else "a while"
