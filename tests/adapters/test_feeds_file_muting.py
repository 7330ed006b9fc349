"""Rules that mute, written into feeds.yaml on a real disk."""

from datetime import date
from pathlib import Path

import pytest

from aggregator.domain.errors import UsageError
from aggregator.domain.settings import MuteKind, MuteRule
from tests.adapters.test_feeds_file import HAND_WRITTEN, feeds_file

WEDDING = MuteRule(kind=MuteKind.WORD, what="royal wedding", until=date(2026, 12, 31))
SPORT = MuteRule(kind=MuteKind.TAG, what="sport")


def test_rules_come_and_go_and_comments_stay(tmp_path: Path) -> None:
    """Every byte that stood there stands there still."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    feeds = file.load().feeds
    file.mute(WEDDING)
    file.mute(SPORT)

    assert file.path.read_text() == (
        f"{HAND_WRITTEN}mute:\n  - word: royal wedding\n    until: 2026-12-31\n  - tag: sport\n"
    )
    assert file.load().mute == (WEDDING, SPORT)
    assert file.load().feeds == feeds
    assert file.unmute(MuteKind.WORD, "Royal wedding") == WEDDING
    assert file.path.read_text() == f"{HAND_WRITTEN}mute:\n  - tag: sport\n"
    file.unmute(MuteKind.TAG, "sport")
    file.mute(SPORT)
    assert file.load().mute == (SPORT,)


def test_a_rule_is_there_once(tmp_path: Path) -> None:
    """In whatever spelling; and what is not there cannot go."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    file.mute(WEDDING)
    with pytest.raises(UsageError, match="the word “ROYAL wedding” is muted already"):
        file.mute(MuteRule(kind=MuteKind.WORD, what="ROYAL wedding"))
    with pytest.raises(UsageError, match="the tag sport is not muted"):
        file.unmute(MuteKind.TAG, "sport")


def test_a_first_rule_begins_a_file(tmp_path: Path) -> None:
    """As a first feed does."""
    file = feeds_file(tmp_path, "")
    file.path.unlink()
    file.mute(SPORT)

    assert file.load().mute == (SPORT,)
