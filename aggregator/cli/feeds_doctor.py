"""`aggregator feeds doctor`: what is wrong with feeds, and the edits of feeds.yaml that help."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import click

from aggregator.adapters.feeds_file import Draft, FeedsFile
from aggregator.bootstrap import load_config, open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.cli import show
from aggregator.cli.feeds_looking import looked
from aggregator.cli.feeds_naming import named
from aggregator.core.config.difference import difference
from aggregator.core.crawling.doctor import Advice, diagnose, with_look, without_doubles
from aggregator.core.days import iso
from aggregator.core.printable import escaped, printable
from aggregator.core.secrecy import without_secrets
from aggregator.core.urls import url_key
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.errors import FeedsFileError, UsageError
from aggregator.domain.feeds import FeedState
from aggregator.domain.health import Health
from aggregator.domain.ids import UrlKey
from aggregator.domain.settings import Config, FeedConfig

#: Something is left to be done.
LEFT = 3

#: Name and state of feeds, as the database has them.
Known = dict[UrlKey, tuple[str, FeedState]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A feed that is not well."""

    feed: FeedConfig
    name: str
    state: FeedState
    advice: Advice

    def is_left(self, *, applied: bool) -> bool:
        """Whether a person has something to do about it still."""
        return not (applied if self.advice.edit else self.advice.passes)


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME|URL]…")
@click.option("--apply", "apply_edits", is_flag=True, help="Write the edits into feeds.yaml; comments and layout stay.")
@click.option(
    "--offline", is_flag=True, help="Fetch nothing: do not look for feeds on the pages that took their place."
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.pass_obj
def doctor(paths: Paths, *, names: tuple[str, ...], apply_edits: bool, offline: bool, as_json: bool) -> int:
    """Tell which feeds are not well, since when and why, and what to do; all, or those named.

    Where an edit of feeds.yaml helps, it is shown. Exits with 0 when nothing is left to do, 3 when something is.
    """
    config, known = load_config(paths), _known(paths)
    cases = _cases(_wanted(config, names, known), config, known, offline=offline)
    file = FeedsFile(paths.config)
    cases, draft = _drafted(file, cases)
    edits = _edits(cases)
    applied = apply_edits and bool(edits)
    if applied:
        draft = file.change(edits)
    diff = _diff(draft, paths)
    if as_json:
        show.print_json(
            {"feeds": [_as_json(case, applied=applied) for case in cases], "diff": diff, "applied": applied}
        )
    else:
        _print(cases, diff)
        _say(cases, paths, applied=applied)
    return LEFT if any(case.is_left(applied=applied) for case in cases) else 0


def _known(paths: Paths) -> Known:
    with open_reader(paths) as reader:
        return {url_key(url): (name, state) for url, name, state in reader.feed_states()}


def _wanted(config: Config, names: Sequence[str], known: Known) -> tuple[FeedConfig, ...]:
    if not names:
        return config.feeds
    titles = {feed.url: known[url_key(feed.url)][0] for feed in config.feeds if url_key(feed.url) in known}
    found: dict[str, FeedConfig] = {}
    for name in names:
        fitting = named(config.feeds, name, titles)
        if not fitting:
            raise UsageError(f"no feed is called {printable(name)}; `aggregator feeds list` shows them all")
        found.update((feed.url, feed) for feed in fitting)
    return tuple(found.values())


def _cases(wanted: Sequence[FeedConfig], config: Config, known: Known, *, offline: bool) -> list[Case]:
    now = utc_now()
    cases = []
    for feed in wanted:
        name, state = known.get(url_key(feed.url), (feed.url, FeedState()))
        advice = diagnose(feed, state, now)
        if advice:
            cases.append(Case(feed=feed, name=feed.name or name, state=state, advice=advice))
    if not offline:
        cases = _with_looks(cases, config, now)
    settled = without_doubles([(case.feed, case.advice) for case in cases], config.feeds)
    return [replace(case, advice=advice) for case, advice in zip(cases, settled, strict=True)]


def _with_looks(cases: Sequence[Case], config: Config, now: datetime) -> list[Case]:
    pages = [(case.feed, case.state) for case in cases if case.state.health is Health.NOT_A_FEED]
    looks = looked(pages, config.settings, now)
    return [
        replace(case, advice=with_look(case.advice, case.feed, looks[case.feed.url]))
        if case.feed.url in looks
        else case
        for case in cases
    ]


def _drafted(file: FeedsFile, cases: Sequence[Case]) -> tuple[list[Case], Draft | None]:
    """Return what all edits together make of the file, and the cases without those edits that cannot be made."""
    if not _edits(cases):
        return list(cases), None
    try:
        return list(cases), file.draft(_edits(cases))
    except (FeedsFileError, UsageError):
        possible = [_if_possible(file, case) for case in cases]
        return possible, file.draft(_edits(possible))


def _if_possible(file: FeedsFile, case: Case) -> Case:
    try:
        file.draft(_edits([case]))
    except (FeedsFileError, UsageError) as error:
        advice = replace(case.advice, do=f"{case.advice.do}; by hand, for {error}", edit=None)
        return replace(case, advice=advice)
    return case


def _edits(cases: Sequence[Case]) -> list[FeedEdit | Removal]:
    return [case.advice.edit for case in cases if case.advice.edit]


def _diff(draft: Draft | None, paths: Paths) -> str:
    if draft is None:
        return ""
    return "\n".join(difference(draft.before, draft.after, str(paths.config)))


def _print(cases: Sequence[Case], diff: str) -> None:
    for case in cases:
        click.secho(f"{case.state.health.value}  {_shown(case.name)}", bold=True)
        if case.name != case.feed.url:
            click.echo(f"  {_shown(case.feed.url)}")
        click.echo(f"  {_shown(case.advice.what)}")
        click.echo(f"  {_shown(case.advice.do)}")
    if diff:
        click.echo()
    for line in diff.splitlines():
        color = None if line.startswith(("+++", "---")) else {"+": "green", "-": "red"}.get(line[:1])
        # In a pipe it may be given to `patch`, so it stays as it is.
        click.secho(escaped(line) if show.on_terminal() else line, fg=color)


def _shown(text: str) -> str:
    return without_secrets(printable(text))


def _say(cases: Sequence[Case], paths: Paths, *, applied: bool) -> None:
    edits = len(_edits(cases))
    count = f"{edits} edit{'' if edits == 1 else 's'}"
    if not cases:
        show.say("all feeds are well, as far as their last polls tell")
    elif applied:
        show.say(f"{count} written to {paths.config}")
    elif edits:
        show.say(f"`aggregator feeds doctor --apply` writes {'it' if edits == 1 else f'these {count}'}")


def _as_json(case: Case, *, applied: bool) -> dict[str, object]:
    state, advice = case.state, case.advice
    return {
        "url": without_secrets(case.feed.url),
        "name": without_secrets(case.name),
        "state": state.health.value,
        "since": iso(state.health_since),
        "why": state.health_why,
        "what": without_secrets(advice.what),
        "do": without_secrets(advice.do),
        "passes": advice.passes,
        "edit": _edit_json(advice.edit),
        "applied": applied and advice.edit is not None,
    }


def _edit_json(edit: FeedEdit | Removal | None) -> dict[str, object] | None:
    match edit:
        case None:
            return None
        case Removal():
            return {"remove": True}
        case FeedEdit():
            return {edit.key: without_secrets(edit.value) if isinstance(edit.value, str) else edit.value}
