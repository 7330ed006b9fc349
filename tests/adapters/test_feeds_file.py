"""feeds.yaml on a real disk: what is told of faulty files, and that an edit changes nothing but what it is about."""

import fcntl
import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.adapters.feeds_file.parsing import MAX_SIZE
from aggregator.adapters.feeds_file.yaml_tree import read_tree
from aggregator.core.config.checking import read_config
from aggregator.core.urls import url_key
from aggregator.domain.errors import ConfigError, FeedsFileError, UsageError
from aggregator.domain.settings import Config, FeedConfig

ROOT = Path(__file__).parents[2]
NEW = FeedConfig(url="https://new.example/feed", name="New: one", tags=("a", "no", "B c"), every=timedelta(minutes=90))

HAND_WRITTEN = """\
# Mine.

settings:
  every:   20m     # slow

feeds:   # many

    # ---- first section

    -   url: "https://one.example/feed"   # quoted
        name: 'One'
        tags: [ a,
                b ]

    -   https://two.example/feed

    # ---- second section
    -
        name: >-
            A long
            name

        url: https://three.example/feed
        # every: 5m, when they are faster

# The end.
"""


def feeds_file(folder: Path, text: str | bytes) -> FeedsFile:
    """Write a file and open it."""
    path = folder / "feeds.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return FeedsFile(path)


def faults(folder: Path, text: str | bytes) -> list[tuple[int, int, str]]:
    """Return line, column and text of every fault of a file."""
    with pytest.raises(ConfigError) as caught:
        feeds_file(folder, text).load()
    assert caught.value.path == folder / "feeds.yaml"
    return [(fault.line, fault.column, f"{fault.problem}; {fault.cure}") for fault in caught.value.faults]


def meaning(text: str) -> Config:
    """Return what a text means."""
    tree, found = read_tree(text)
    return read_config(tree, faults=found)


def test_the_file_that_comes_with_the_program_is_sound() -> None:
    """The committed feeds.yaml loads, and is as wide as it promises: outlets, countries and languages."""
    config = FeedsFile(ROOT / "feeds.yaml").load()
    tags = {tag for feed in config.feeds for tag in feed.tags}
    languages = [
        "german",
        "french",
        "spanish",
        "portuguese",
        "italian",
        "dutch",
        "swedish",
        "finnish",
        "polish",
        "arabic",
        "japanese",
        "korean",
    ]
    assert 60 <= len(config.feeds) <= 80
    assert all(feed.name and feed.tags for feed in config.feeds)
    assert tags.issuperset(languages)


def test_a_file_written_by_hand_is_read(tmp_path: Path) -> None:
    """Quotes, folded text, flow lists, bare addresses and odd indentation are all YAML."""
    config = feeds_file(tmp_path, HAND_WRITTEN).load()
    assert config.settings.every == timedelta(minutes=20)
    assert config.feeds == (
        FeedConfig(url="https://one.example/feed", name="One", tags=("a", "b")),
        FeedConfig(url="https://two.example/feed"),
        FeedConfig(url="https://three.example/feed", name="A long name"),
    )


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n", "\ufeff", "feeds:\n", "{}", "feeds: []"])
def test_an_empty_file_has_no_feeds(tmp_path: Path, text: str) -> None:
    """A file may be empty in all the ways YAML knows."""
    assert feeds_file(tmp_path, text).load().feeds == ()


def test_all_faults_are_told_at_once_where_they_stand(tmp_path: Path) -> None:
    """Tabs, doubles, unknown keys, wrong types, bad values and double feeds come with line, column and cure."""
    text = """\
settings:
  evry: 5m
\tworkers: 0
feeds:
  - url: https://one.example/feed
    url: https://two.example/feed
    every: 15
  - http://www.one.example/feed/
  -
  - tags: {a: b}
    name:
"""
    found = faults(tmp_path, text)
    assert [(line, column) for line, column, _ in found] == [
        (2, 3),
        (3, 1),
        (3, 12),  # a tab counts as two blanks
        (6, 5),
        (7, 12),
        (8, 5),
        (9, 4),
        (10, 5),
        (10, 11),
        (11, 10),
    ]
    assert found[0][2] == 'unknown key "evry"; did you mean every?'


@pytest.mark.parametrize(
    ("text", "line", "column", "told"),
    [
        ("feeds:\n\t- url: x\n", 2, 1, "a tab indents the line; indent with spaces"),
        ("a: b: c\n", 1, 5, "mapping values are not allowed here; put values with a colon in quotes"),
        ("feeds: [\n", 2, 1, "close the bracket"),
        ("feeds: 'x\n", 2, 1, "close the quotes"),
        ("feeds: @x\n", 1, 8, "put the value in quotes"),
        ("feeds: &a []\n", 1, 8, "anchors (&) are not read"),
        ("feeds: !!python/object:os.system []\n", 1, 8, "tags (!) are not read; delete it"),
        ("feeds:\n---\nfeeds:\n", 2, 1, "a second document begins here"),
        ("feeds: " + "[" * 2000, 1, 15, "nested too deeply"),
        ("? [a]\n: b\n", 1, 3, "a key is no plain word"),
        ("feeds:\n  - a\x00b\n", 2, 6, "the character U+0000 may not stand in YAML; delete it"),
        (b"feeds:\n  # \xfc\n", 2, 5, "the byte 0xFC is no UTF-8; save the file as UTF-8"),
        ("- https://one.example\n", 1, 1, "the file is a list; write `feeds:`"),
        ("%YAML 3.0\n---\n", 1, 1, "incompatible YAML document"),
    ],
)
def test_each_broken_file_is_told_with_place_and_cure(
    tmp_path: Path, text: str | bytes, line: int, column: int, told: str
) -> None:
    """What is no YAML of ours is refused without being expanded, constructed or executed."""
    assert (line, column) in {(one, two) for one, two, _ in faults(tmp_path, text)}
    assert told in "\n".join(one for _, _, one in faults(tmp_path, text))


def test_an_alias_bomb_is_refused_unexpanded(tmp_path: Path) -> None:
    """Nine levels of nine aliases would be a billion feeds."""
    levels = [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]" for level in range(1, 10)]
    found = faults(tmp_path, "\n".join(["a0: &a0 [x]", *levels]))
    assert any("aliases (*) are not read; write the value out" in told for _, _, told in found)


def test_what_cannot_be_read_is_told_with_its_cure(tmp_path: Path) -> None:
    """A missing file, a folder and a giant are no configuration faults."""
    with pytest.raises(FeedsFileError, match="aggregator feeds add URL"):
        FeedsFile(tmp_path / "none.yaml").load()
    with pytest.raises(FeedsFileError, match="Is a directory"):
        FeedsFile(tmp_path).load()
    with pytest.raises(FeedsFileError, match="is larger than"):
        feeds_file(tmp_path, b"#" * (MAX_SIZE + 1)).load()


@given(st.text(alphabet=st.sampled_from("feds: -[]{}#'\"\n\t&*!|>,url\x85\u2028\ufeff%@é\0")) | st.text())
def test_no_text_crashes_the_reader(text: str) -> None:
    """Whatever is in the file, it has a meaning or faults with places inside it."""
    try:
        meaning(text)
    except ConfigError as error:
        lines = len(text.splitlines()) + 2
        assert all(1 <= fault.line <= lines and fault.column >= 1 for fault in error.faults)  # noqa: PT017 -- no third way


def test_an_edit_changes_nothing_else(tmp_path: Path) -> None:
    """A feed goes in behind the last one, laid out like it, and every other byte stays."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    file.add(NEW)
    lines = [
        "    -   url: https://new.example/feed",
        '        name: "New: one"',
        '        tags: [a, "no", B c]',
        "        every: 1h30m",
    ]
    before, after = HAND_WRITTEN.split("\n# The end.")
    assert file.path.read_text() == before + "\n".join([*lines, ""]) + "\n# The end." + after
    assert file.load().feeds[-1] == NEW


def test_a_removed_feed_takes_its_own_lines_along(tmp_path: Path) -> None:
    """Its keys, the comments among and right below them at their depth, and one of two blank lines; nothing else."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    assert file.remove("http://www.two.example/feed/").url == "https://two.example/feed"
    assert file.path.read_text() == HAND_WRITTEN.replace("    -   https://two.example/feed\n\n", "")
    file.remove("https://three.example/feed")
    rest = HAND_WRITTEN[: HAND_WRITTEN.index("    -\n")].replace("    -   https://two.example/feed\n\n", "")
    assert file.path.read_text() == rest + "\n# The end.\n"


LINE = "  - url: https://new.example/feed\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"feeds:\n{LINE}"),
        ("feeds:\n", f"feeds:\n{LINE}"),
        ("feeds:  # none yet\n\n# end\n", f"feeds:  # none yet\n{LINE}\n# end\n"),
        ("feeds: []  # none yet\n", f"feeds:  # none yet\n{LINE}"),
        ("feeds: ~\nsettings:\n", f"feeds:\n{LINE}settings:\n"),
        ("\ufefffeeds: []\n", f"\ufefffeeds:\n{LINE}"),
        ("settings: {every: 5m}", f"settings: {{every: 5m}}\nfeeds:\n{LINE}".removesuffix("\n")),
        (
            "feeds: [https://a.example, {url: https://b.example, name: B}]  # two\n# end\n",
            f"feeds:  # two\n  - url: https://a.example\n  - url: https://b.example\n    name: B\n{LINE}# end\n",
        ),
    ],
)
def test_a_list_is_begun_where_there_is_none(tmp_path: Path, before: str, after: str) -> None:
    """An absent, empty or bracketed list becomes one with dashes; comments stay."""
    file = feeds_file(tmp_path, before)
    file.add(FeedConfig(url="https://new.example/feed"))
    assert file.path.read_text() == after


def test_the_last_feed_can_go(tmp_path: Path) -> None:
    """A list without members is an empty list, in either notation."""
    file = feeds_file(tmp_path, "feeds:\n  - https://a.example\n")
    file.remove("https://a.example")
    assert file.path.read_text() == "feeds:\n"
    file = feeds_file(tmp_path, "feeds: [https://a.example] # x\n")
    file.remove("https://a.example")
    assert file.path.read_text() == "feeds: [] # x\n"


@pytest.mark.parametrize("text", ["{feeds: [https://a.example]}\n", "{settings: {every: 5m}}\n"])
def test_what_cannot_be_edited_intact_is_left_alone(tmp_path: Path, text: str) -> None:
    """A file in braces stays as it is, with a sentence that says why."""
    file = feeds_file(tmp_path, text)
    with pytest.raises(FeedsFileError, match="by hand"):
        file.add(NEW)
    assert file.path.read_text() == text


def test_a_feed_that_is_there_is_refused_naming_its_line(tmp_path: Path) -> None:
    """Under whatever spelling; and the file is not touched."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    before = file.fingerprint()
    with pytest.raises(UsageError, match=r"One, https://one.example/feed, in line 10 of "):
        file.add(FeedConfig(url="http://www.one.example/feed/"))
    with pytest.raises(UsageError, match=r"line 15 "):
        file.refuse_known("https://two.example/feed#x")
    with pytest.raises(UsageError, match="no feed https://four"):
        file.remove("https://four.example/")
    assert file.fingerprint() == before


def test_only_missing_feeds_are_added_from_a_list(tmp_path: Path) -> None:
    """An import skips what is there, and what comes twice, and says what it added."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    added = file.add_missing(
        [
            FeedConfig(url="http://one.example/feed"),
            NEW,
            FeedConfig(url="http://new.example/feed"),
            FeedConfig(url="https://z.example/"),
        ]
    )
    assert added == (NEW, FeedConfig(url="https://z.example/"))
    assert [feed.url for feed in file.load().feeds[3:]] == [NEW.url, "https://z.example/"]


def test_a_faulty_file_is_not_edited(tmp_path: Path) -> None:
    """A person's half-done work is theirs to finish; the faults are told."""
    file = feeds_file(tmp_path, "feeds:\n  - url: x\n")
    with pytest.raises(ConfigError):
        file.add(NEW)
    assert file.path.read_text() == "feeds:\n  - url: x\n"


def test_a_missing_file_is_begun(tmp_path: Path) -> None:
    """The first feed makes the file and its folder, readable as the umask has it."""
    file = FeedsFile(tmp_path / "config" / "aggregator" / "feeds.yaml")
    assert file.fingerprint() is None
    file.add(NEW)
    assert file.load().feeds == (NEW,)
    umask = os.umask(0)
    os.umask(umask)
    assert file.path.stat().st_mode & 0o777 == 0o666 & ~umask
    assert file.path.read_text().startswith("# ")


def test_mode_and_link_outlive_an_edit_and_nothing_is_left_lying_about(tmp_path: Path) -> None:
    """A link to a file elsewhere stays a link; its target keeps its mode; the folder holds nothing new."""
    real = tmp_path / "real"
    real.mkdir()
    target = feeds_file(real, HAND_WRITTEN).path
    target.chmod(0o640)
    link = tmp_path / "feeds.yaml"
    link.symlink_to(target)
    before = FeedsFile(link).fingerprint()
    FeedsFile(link).add(NEW)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640
    assert FeedsFile(link).fingerprint() != before
    assert list(real.iterdir()) == [target]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    """The file stays, and the sentence names the reason."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    tmp_path.chmod(0o500)
    with pytest.raises(FeedsFileError, match="Permission denied"):
        file.add(NEW)
    tmp_path.chmod(0o700)


def test_many_processes_adding_at_once_lose_nothing(tmp_path: Path) -> None:
    """Each edit starts from what the one before has written."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from aggregator.adapters.feeds_file import FeedsFile
        from aggregator.domain.settings import FeedConfig

        for number in range(4):
            FeedsFile(Path(sys.argv[1])).add(FeedConfig(url=f"https://{sys.argv[2]}.example/{number}"))
        """
    )
    names = ["a", "b", "c"]
    command = [sys.executable, "-c", script, str(file.path)]
    running = [subprocess.Popen([*command, name], cwd=ROOT) for name in names]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    found = {url_key(feed.url) for feed in file.load().feeds}
    assert found.issuperset(url_key(f"https://{name}.example/{number}") for name in names for number in range(4))
    assert len(found) == 3 + 12


def test_an_edit_waits_while_another_holds_the_lock(tmp_path: Path) -> None:
    """A process that has the folder locked keeps an editor out until it is done."""
    file = feeds_file(tmp_path, HAND_WRITTEN)
    folder = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(folder, fcntl.LOCK_EX)
    script = (
        "import sys; from pathlib import Path; from aggregator.adapters.feeds_file import FeedsFile;"
        "print('ready', flush=True); FeedsFile(Path(sys.argv[1])).remove('https://one.example/feed')"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(file.path)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=0.3)
        assert file.path.read_text() == HAND_WRITTEN
        os.close(folder)
        assert process.wait(timeout=30) == 0
    assert "one.example" not in file.path.read_text()
