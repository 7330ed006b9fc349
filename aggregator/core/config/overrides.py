"""Settings given on a command line, checked as those of feeds.yaml are."""

from collections.abc import Iterable
from dataclasses import replace
from difflib import get_close_matches

from aggregator.core.config import table
from aggregator.core.config.kinds import Misfit
from aggregator.core.config.table import SETTINGS, Setting
from aggregator.core.config.tree import Scalar, Span
from aggregator.domain.errors import UsageError
from aggregator.domain.settings import Settings

#: What has a say in how stories are made.
OVERRIDABLE: tuple[Setting[object], ...] = (table.SAME_EVENT, table.CANONICAL)
_NOWHERE = Span(line=1, column=1, end_line=1, end_column=1)


def overridden(settings: Settings, assignments: Iterable[str]) -> Settings:
    """Return `settings` with what "key=value" says; of several values of one key the last one holds.

    Raises:
        UsageError: there is no such key, it has no say in how stories are made, or its value is none.
    """
    for assignment in assignments:
        key, sign, value = (part.strip() for part in assignment.partition("="))
        setting = next((setting for setting in OVERRIDABLE if setting.name == key), None)
        if setting is None:
            raise UsageError(f"--set {assignment[:60]}: {_unknown(key[:60])}")
        if not sign or not value:
            raise UsageError(f"--set {key}: there is no value; write {key}=VALUE with {setting.kind.form}")
        try:
            # mypy cannot know which key it is.
            settings = replace(settings, **{key: setting.kind.read(Scalar(span=_NOWHERE, text=value))})  # type: ignore[arg-type]
        except Misfit as misfit:
            told = (f"{one.what}; {one.cure or f'write {setting.kind.form}'}" for one in misfit.problems)
            raise UsageError(f"--set {key}: {', '.join(told)}") from None
    return settings


def _unknown(key: str) -> str:
    names = [setting.name for setting in OVERRIDABLE]
    if key in {setting.name for setting in SETTINGS}:
        return f"{key} has no say in how stories are made; {' and '.join(names)} have"
    near = get_close_matches(key.lower().replace("-", "_"), names, n=1)
    return f'unknown key "{key}"; ' + (f"did you mean {near[0]}?" if near else f"known here: {', '.join(names)}")
