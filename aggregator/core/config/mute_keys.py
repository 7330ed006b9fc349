"""The keys of a rule under `mute:`, a part of the table of settings."""

from datetime import date

from aggregator.core.config.kinds import PHRASE, TAG, TEXT
from aggregator.core.config.places import DATE
from aggregator.core.config.table import Setting

MUTED_WORD = Setting(
    name="word",
    kind=PHRASE,
    default="none",
    value="",
    help="A word or phrase: mutes stories whose headline has it, whole words in that order, in capitals or not.",
)
MUTED_SOURCE = Setting(
    name="source",
    kind=TEXT,
    default="none",
    value="",
    help="An outlet's name or site: mutes stories that nobody else carries.",
)
MUTED_TAG = Setting(
    name="tag",
    kind=TAG,
    default="none",
    value="",
    help="A tag: mutes stories of which a feed with it lists every article.",
)
MUTED_UNTIL: Setting[date | None] = Setting(
    name="until",
    kind=DATE,
    default="for good",
    value=None,
    help="The last day on which the rule holds, such as 2026-12-31.",
)

#: What a rule under `mute:` has one of, in the order of `domain.settings.MuteKind`; and all keys of a rule.
MUTED: tuple[Setting[str], ...] = (MUTED_WORD, MUTED_SOURCE, MUTED_TAG)
MUTE_KEYS: tuple[Setting[object], ...] = (*MUTED, MUTED_UNTIL)
