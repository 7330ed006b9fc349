"""Several edits of feeds.yaml at once: all of them or none, and nothing else."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.domain.edits import FeedEdit, Removal
from aggregator.domain.errors import FeedsFileError, UsageError
from tests.core.config.test_value_edits import TEXTS

TEXT = """\
# Mine.
feeds:
  - https://one.example/feed     # bare

  - url: "https://two.example/feed"   # quoted
    tags: [a,   b]
    # every: 5m
  - {url: https://three.example/feed, name: 'Three'}
"""
AFTER = """\
# Mine.
feeds:
  - url: https://one.example/feed     # bare
    enabled: false  # gone

  - url: "https://two.example/new"   # quoted
    tags: [a,   b]
    every: 1h
    # every: 5m
"""
EDITS = (
    FeedEdit(feed="http://www.two.example/feed/", key="url", value="https://two.example/new"),
    Removal(feed="https://three.example/feed"),
    FeedEdit(feed="https://one.example/feed", key="enabled", value=False, note="gone"),
    FeedEdit(feed="https://two.example/feed", key="every", value=timedelta(hours=1)),
)


def feeds_file(folder: Path, text: str) -> FeedsFile:
    """Write a file and open it."""
    path = folder / "feeds.yaml"
    path.write_bytes(text.encode())
    return FeedsFile(path)


def test_edits_of_several_feeds_are_made_together(tmp_path: Path) -> None:
    """In whatever order they come; two of one feed too; what is not about them stays byte for byte."""
    for edits in (EDITS, EDITS[::-1]):
        file = feeds_file(tmp_path, TEXT)
        draft = file.draft(edits)
        assert (draft.before, draft.after, file.path.read_text()) == (TEXT, AFTER, TEXT)
        assert file.change(edits) == draft
        assert file.path.read_text() == AFTER


@pytest.mark.parametrize(
    "edit",
    [
        FeedEdit(feed="https://two.example/feed", key="url", value="http://www.three.example/feed/"),
        FeedEdit(feed="https://nobody.example/", key="enabled", value=False),
        Removal(feed="https://nobody.example/"),
    ],
)
def test_where_one_cannot_be_made_none_is(tmp_path: Path, edit: FeedEdit | Removal) -> None:
    """An address that another feed has, in any spelling, and a feed that is not there are refused."""
    file = feeds_file(tmp_path, TEXT)
    with pytest.raises(UsageError):
        file.change([EDITS[2], edit])
    assert file.path.read_text() == TEXT


def test_a_value_that_feeds_yaml_would_not_take_is_refused(tmp_path: Path) -> None:
    """What is written is read again before it reaches the file."""
    file = feeds_file(tmp_path, TEXT)
    with pytest.raises(FeedsFileError, match="by hand"):
        file.change([FeedEdit(feed="https://one.example/feed", key="user_agent", value="Möwe")])
    assert file.path.read_text() == TEXT


def test_an_address_may_go_to_another_feed_that_gives_up_its_own(tmp_path: Path) -> None:
    """Only what stands there in the end counts; a mark at the beginning of the file stays."""
    file = feeds_file(tmp_path, f"\ufeff{TEXT}")
    file.change(
        [
            FeedEdit(feed="https://one.example/feed", key="url", value="https://two.example/feed"),
            FeedEdit(feed="https://two.example/feed", key="url", value="https://one.example/feed"),
        ]
    )
    assert [feed.url.partition(".")[0] for feed in file.load().feeds] == ["https://two", "https://one", "https://three"]
    assert file.path.read_text().startswith("\ufeff# Mine.")


@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture])
@given(TEXTS, st.permutations(["enabled", "every", "url", "remove"]))
def test_whatever_a_file_looks_like_edits_do_not_get_in_each_others_way(
    tmp_path: Path, text: str, kinds: list[str]
) -> None:
    """Edits of all feeds, some twice, are made as if each were alone, or the file is left to a person."""
    file = feeds_file(tmp_path, text)
    edits: list[FeedEdit | Removal] = []
    for number, feed in enumerate(file.load().feeds):
        if kinds[number] == "remove":
            edits.append(Removal(feed=feed.url))
            continue
        edits.append(FeedEdit(feed=feed.url, key="enabled", value=False))
        if kinds[number] == "url":
            edits.append(FeedEdit(feed=feed.url, key="url", value=f"https://new.example/{number}"))
    kept = [(number, kinds[number]) for number in range(len(file.load().feeds)) if kinds[number] != "remove"]
    try:
        file.change(edits)
    except FeedsFileError:
        assert file.path.read_bytes() == text.encode()
        return
    assert [(feed.enabled, "new." in feed.url) for feed in file.load().feeds] == [
        (False, kind == "url") for _, kind in kept
    ]
