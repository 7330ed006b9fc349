"""The shape of the house, beyond what the import contract says."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "aggregator"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

#: Where each foreign library lives: the only rooms that may import it.
HOMES = {
    "apprise": ("adapters/notices.py",),
    "apscheduler": ("daemon/",),
    "argon2": ("adapters/passwords.py",),
    "charset_normalizer": ("core/markup/charset.py",),
    "click": ("cli/",),
    "datasketch": ("core/words/signature.py",),
    "fastapi": ("web/",),
    "feedparser": ("core/feeds/parsing.py",),
    "httpcore": ("adapters/http/",),
    "httpx": ("adapters/http/",),
    "jinja2": ("digest/rendering.py", "web/pages/rendering.py"),
    "lxml": ("core/config/opml.py", "core/feeds/", "core/markup/", "core/pages/", "web/syndication/forms.py"),
    "markupsafe": ("web/pages/rendering.py",),
    "mcp": ("mcp/server.py",),
    "nh3": ("core/markup/sanitising.py",),
    "numpy": ("core/copies/", "core/events/", "core/words/"),
    "pebble": ("adapters/workers.py",),
    "protego": ("core/crawling/robots.py",),
    "pydantic": ("mcp/", "web/api/"),
    "publicsuffixlist": ("core/urls.py",),
    "py3langid": ("core/pages/language.py",),
    "rich": ("cli/",),
    "ruamel": ("adapters/feeds_file/",),
    "scipy": ("core/events/neighbourhood.py",),
    "selectolax": ("core/pages/", "core/wrappers/"),
    "sqlite3": ("adapters/store/",),
    "sqlite_utils": ("adapters/store/",),
    "starlette": ("web/app.py", "web/api/problems.py"),
    "trafilatura": ("core/pages/extract.py",),
    "uvicorn": ("web/listening.py",),
    "xxhash": ("core/words/signature.py", "core/words/shingles.py"),
}
#: What reaches outside; `core` decides and touches nothing.
WORLDLY = {"asyncio", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket", "subprocess",
           "tempfile", "threading", "time"}  # fmt: skip
#: What a command that serves no page is spared.
WEB = {"argon2", "fastapi", "jinja2", "mcp", "nh3", "pydantic", "starlette", "uvicorn"}
UNSAID = re.compile(r"(?:^|_)(?:items?|posts?|docs?|infos?|objs?|utils?|helpers?|managers?)(?:_|$)")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_foreign_libraries_stay_in_their_homes(path: Path) -> None:
    """Each library is imported in one room, so that replacing it touches one room."""
    strangers = {
        module
        for module in {name.partition(".")[0] for name in _imports(path)}
        if module in HOMES and not _name(path).startswith(HOMES[module])
    }
    unknown = {
        name
        for name in {name.partition(".")[0] for name in _imports(path)}
        if name not in HOMES and name not in sys.stdlib_module_names and name != "aggregator"
    }

    assert not strangers
    assert not unknown, "give the library a home in HOMES and a reason in README"


@pytest.mark.parametrize("path", [path for path in MODULES if "core" in path.parts], ids=_name)
def test_core_touches_nothing(path: Path) -> None:
    """No clock, disk, network, chance or log in core."""
    assert not WORLDLY & {name.partition(".")[0] for name in _imports(path)}
    assert not re.search(r"\b(?:datetime\.now|datetime\.today|date\.today|open)\(", path.read_text())


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_modules_fit_on_a_few_screens(path: Path) -> None:
    """A module has 300 lines at most; what grows beyond is two things."""
    assert len(path.read_text().splitlines()) <= 300


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_names_say_something(path: Path) -> None:
    """No drawer for leftovers, and none of the words that the field has better ones for."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = ast.walk(ast.parse(path.read_text()))
    names = [path.stem, *(node.name for node in nodes if isinstance(node, definitions))]

    assert not [name for name in names if UNSAID.search(name.lower())]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_test_states_its_rule(path: Path) -> None:
    """The first line of a test's docstring is the rule it guards."""
    silent = [
        node.name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]

    assert not silent


@pytest.mark.parametrize(
    "command",
    [
        "aggregator.cli",
        "aggregator.cli.today",
        "aggregator.cli.serve",
        "aggregator.cli.mcp",
        "aggregator.cli.digest",
        "aggregator.adapters.store",
    ],
)
def test_reading_is_quick_to_load(command: str) -> None:
    """`aggregator --help` and `today` import none of the heavy libraries."""
    code = f"import sys, {command}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert not {"numpy", "lxml", "trafilatura", "httpx", "sqlite_utils", "rich", "apscheduler", *WEB} & set(loaded)


def test_the_top_level_stays_as_it_is() -> None:
    """Whoever opens the project sees the same few names; everything else has a room below them."""
    root = PACKAGE.parent
    listed = subprocess.run(["git", "ls-files"], cwd=root, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    names = {line.partition("/")[0] for line in listed if line}

    assert names <= {
        *("pyproject.toml", "README.md", "aggregator", "tests", "feeds.yaml", "scripts"),
        *(".ci", ".gitignore", "LICENSE", "CHANGELOG.md"),
    }
