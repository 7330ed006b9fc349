"""The page's files: what keeps strangers' words from becoming markup, and what is packed."""

import re
import zipfile
from contextlib import chdir
from pathlib import Path

import pytest
from flit_core import buildapi

from aggregator.web.pages.rendering import KINDS

ROOT = Path(__file__).parents[2]
WEB = ROOT / "aggregator" / "web" / "pages"
TEMPLATES = sorted((WEB / "templates").iterdir())


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_let_no_markup_through(path: Path) -> None:
    """No filter or block turns escaping off, no code and no style stands in them."""
    text = path.read_text()

    assert not re.search(r"\|\s*safe|autoescape|Markup|<style|style=|\son[a-z]+=|javascript:|xmlattr|tojson", text)
    assert all(
        re.fullmatch(r'<script src="\{\{ static\(\'page.js\'\) \}\}" defer>', tag)
        for tag in re.findall(r"<script[^>]*>", text)
    )


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_what_templates_print_in_tags_stands_in_quotes(path: Path) -> None:
    """Escaping keeps words inside an attribute only where that is quoted."""
    for tag in re.findall(r"<[a-z][^<>]*(?:\{\{.*?\}\}[^<>]*)+>", path.read_text()):
        bare = re.sub(r"\{%.*?%\}", "", tag)
        assert "{{" not in re.sub(r'"[^"]*"', "", bare), tag


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_link_is_ours_or_checked(path: Path) -> None:
    """An address that comes from outside goes through `href`, and says that it is not ours."""
    checked = re.compile(r"(?:base|static\('|url \}|[a-z_.]+ \| href)")
    for tag in re.findall(r"<(?:a|form|link|img)\s(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>", path.read_text()):
        for target in re.findall(r'(?:href|src|action)="([^"]*)"', tag):
            if target.startswith(("/", "#")):
                continue
            assert checked.search(target), tag
            if "url" in target:
                assert 'rel="noopener noreferrer nofollow"' in tag


def test_markup_is_made_in_one_place() -> None:
    """`Markup` is called once, on what was sanitised."""
    calls = [line for path in WEB.rglob("*.py") for line in path.read_text().splitlines() if "Markup(" in line]

    assert [call.strip() for call in calls] == ["return Markup(prose(paragraphs))  # noqa: S704 (sanitised in there)"]


def test_the_files_that_a_page_loads_are_known() -> None:
    """Each file in `static` can be asked for, and no other."""
    assert {path.name for path in (WEB / "static").iterdir()} == set(KINDS)


def test_colours_stand_in_one_place() -> None:
    """Light and dark differ in variables only, so that no colour is forgotten in one of them."""
    rules = (WEB / "static" / "style.css").read_text().rpartition("* { box-sizing")[2]

    assert not re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl", rules)


@pytest.mark.slow
def test_a_wheel_has_templates_and_static_files(tmp_path: Path) -> None:
    """What is installed can serve the page."""
    with chdir(ROOT):
        wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {f"aggregator/web/pages/templates/{path.name}" for path in TEMPLATES} <= names
    assert {f"aggregator/web/pages/static/{name}" for name in KINDS} <= names
