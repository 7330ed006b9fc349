"""Acting on the page in a real browser, by mouse and keys, with JavaScript and without; see screenshots/."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.core.config.opml import read_opml
from tests.browser import Witness, browsing, violations
from tests.end_to_end.desk import WorldDesk
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_cli_feeds import LINK, Site
from tests.faces.test_cli_feeds import site as site  # noqa: PLC0414 -- the fixture

pytestmark = pytest.mark.slow

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
WIDTHS = (360, 800, 1440)
#: Ways in which each is done: by mouse and keys with JavaScript, and by forms alone; on a laptop and on a phone.
WAYS: dict[str, dict[str, Any]] = {
    "laptop": {"viewport": {"width": 1024, "height": 800}},
    "without JavaScript": {"viewport": {"width": 1024, "height": 800}, "java_script_enabled": False},
    "phone, dark": {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark", "has_touch": True},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with browsing() as browser:
        yield browser


@pytest.fixture
def folder(morning_after: WorldDesk, tmp_path: Path) -> Path:
    """What was read of the world, to be changed."""
    for name in ("feeds.yaml", "news.db"):
        shutil.copy(morning_after.folder / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    """Its page, with a desk."""
    with serving(paths_of(folder), acts=True) as served:
        yield served
    assert served.crashes == []


@pytest.fixture(params=WAYS)
def page(browser: Browser, served: Served, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A window in each of the ways; whatever a page does that it must not is seen."""
    with browser.new_context(**WAYS[request.param]) as context:
        page = context.new_page()
        witness = Witness(page, served.url)
        page.goto(served.url)
        yield page
        # A refusal is told in the console, too.
        witness.seen = [one for one in witness.seen if "status of 400" not in one]
        if request.param != "without JavaScript":
            witness.check()


@pytest.fixture
def laptop(browser: Browser, served: Served) -> Iterator[Page]:
    """A window with JavaScript, for keys."""
    with browser.new_context(**WAYS["laptop"]) as context:
        page = context.new_page()
        witness = Witness(page, served.url)
        page.goto(served.url)
        yield page
        witness.check()


def test_a_story_is_read_starred_and_left_as_it_was(page: Page) -> None:
    """The buttons of a card; the bar tells what was done and takes it back."""
    first = page.locator(".story").first
    first.get_by_role("button", name="Mark read").click()
    expect(page.locator(".story").first).to_have_class(re.compile(r"\bread\b"))
    expect(page.get_by_role("status")).to_contain_text("Read:")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back")
    expect(page.locator(".story").first).not_to_have_class(re.compile(r"\bread\b"))

    page.locator(".story").first.get_by_role("button", name="Star", exact=True).click()
    expect(page.locator(".story").first.get_by_role("img", name="starred")).to_be_visible()
    page.get_by_role("link", name="starred", exact=True).click()
    expect(page.locator(".story")).to_have_count(1)


def test_a_page_is_read_at_once(page: Page) -> None:
    """What is unread is then nothing, and taken back it is all again."""
    count = page.locator(".story").count()
    page.get_by_role("button", name="as read").click()
    expect(page.locator(".story.read")).to_have_count(count)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".story.read")).to_have_count(0)


def test_stories_are_merged_and_parted(page: Page) -> None:
    """Two are ticked and merged; the bar leads to what they are, and takes it back."""
    count = page.locator(".story").count()
    titles = page.locator(".story h2 a").all_inner_texts()
    for place in (3, 4):
        page.locator(".story").nth(place).get_by_label("Select").check()
    page.get_by_role("button", name="Merge the selected").click()
    expect(page.get_by_role("status")).to_contain_text("2 stories are one now:")
    expect(page.locator(".story")).to_have_count(count - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back: merged stories")
    assert page.locator(".story h2 a").all_inner_texts() == titles


def test_a_story_is_merged_with_one_that_is_named_and_split(page: Page, served: Served) -> None:
    """On its own page."""
    links = [link.get_attribute("href") for link in page.locator(".story h2 a").all()]
    page.goto(f"{served.url.rstrip('/')}{links[1]}")
    articles = page.locator("[name=article]").count()
    page.get_by_text("Merge with …").click()
    page.get_by_label("another story").fill(str(links[2]).rpartition("/")[2])
    page.get_by_role("button", name="Merge", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("2 stories are one now:")
    assert page.locator("[name=article]").count() > articles

    page.locator(".telling").last.locator("> .by [name=article]").check()
    page.get_by_role("button", name="Split off the ticked").click()
    expect(page.get_by_role("status")).to_contain_text("1 article stands apart now:")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("status")).to_contain_text("Taken back: split")


def test_a_feed_is_added_paused_tagged_and_removed(page: Page, served: Served, site: Site, folder: Path) -> None:
    """By its site's address; each lands in feeds.yaml."""
    urls = [site.feed("/a.xml"), site.feed("/b.xml")]
    site.page("/", LINK.format("Arrows", "a.xml") + LINK.format("Bees", "b.xml"))
    page.goto(f"{served.url}feeds")
    page.get_by_label("Add").first.fill(site.url)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="Which one?")).to_be_visible()
    page.locator(".choice li").last.get_by_role("button", name="Add").click()
    expect(page.get_by_role("status")).to_contain_text("Added: The Harbour Post")
    assert urls[1] in [feed.url for feed in FeedsFile(folder / "feeds.yaml").load().feeds]

    row = page.locator("tbody", has_text="The Harbour Post")
    row.get_by_role("button", name="Pause").click()
    expect(row.get_by_role("button", name="Resume")).to_be_visible()
    row.get_by_role("link", name="The Harbour Post").click()
    page.get_by_label("Tags").fill("harbour, local")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Tagged harbour, local:")
    assert FeedsFile(folder / "feeds.yaml").load().feeds[-1].tags == ("harbour", "local")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="Feeds", exact=True)).to_be_visible()
    expect(page.locator("tbody", has_text="The Harbour Post")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("tbody", has_text="The Harbour Post")).to_have_count(1)


def test_opml_goes_out_and_in(page: Page, served: Served, folder: Path) -> None:
    """What was exported brings back a feed that was removed."""
    page.goto(f"{served.url}feeds")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as OPML").click()
    kept = folder / "kept.opml"
    download.value.save_as(kept)
    count = len(read_opml(kept.read_bytes()).feeds)
    page.locator("tbody").first.get_by_role("button", name="Remove").click()
    expect(page.locator("tbody")).to_have_count(count - 1)
    page.get_by_label("OPML of another reader").set_input_files(kept)
    page.get_by_role("button", name="Import").click()
    expect(page.get_by_role("status")).to_contain_text(f"1 feed added, {count - 1} there already")
    expect(page.locator("tbody")).to_have_count(count)


def test_what_cannot_be_done_is_told(page: Page, served: Served) -> None:
    """In the bar where there is JavaScript, else on a page with the way back."""
    page.goto(f"{served.url}feeds")
    page.get_by_label("Add").first.fill("ftp://nowhere.example")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#bar p, #told").first).to_contain_text("ftp://nowhere.example")


def test_everything_has_a_key(laptop: Page) -> None:
    """Keys m and s mark, x selects, M merges, u takes back; the hand stays at its story."""
    titles = laptop.locator(".story h2 a").all_inner_texts()
    status = laptop.get_by_role("status")
    for key in "jj":
        laptop.keyboard.press(key)
    laptop.keyboard.press("m")
    expect(status).to_contain_text(f"Read: {titles[1]}")
    assert laptop.evaluate("document.activeElement.innerText") == titles[1]
    laptop.keyboard.press("s")
    expect(status).to_contain_text(f"Starred: {titles[1]}")
    laptop.keyboard.press("u")
    expect(status).to_contain_text("Taken back")
    laptop.keyboard.press("x")
    laptop.keyboard.press("j")
    laptop.keyboard.press("x")
    expect(laptop.locator(".gather")).to_be_visible()
    laptop.keyboard.press("M")
    expect(status).to_contain_text("2 stories are one now:")
    laptop.keyboard.press("u")
    expect(status).to_contain_text("Taken back: merged")
    laptop.keyboard.press("o")
    laptop.wait_for_url("**/story/*")


def test_a_story_is_split_and_merged_by_keys(laptop: Page, served: Served) -> None:
    """On its page x ticks the article in hand, S splits, M asks for the other story; m and s are for the story."""
    link = laptop.locator(".story h2 a").first.get_attribute("href")
    laptop.goto(f"{served.url.rstrip('/')}{link}")
    status = laptop.get_by_role("status")
    laptop.keyboard.press("s")
    expect(status).to_contain_text("Starred:")
    laptop.keyboard.press("j")
    laptop.keyboard.press("x")
    laptop.keyboard.press("S")
    expect(status).to_contain_text("apart now")
    laptop.keyboard.press("u")
    expect(status).to_contain_text("Taken back: split")
    laptop.keyboard.press("M")
    laptop.keyboard.type("mjs?")
    assert laptop.get_by_label("another story").input_value() == "mjs?"


def test_pages_that_act_are_light(served: Served) -> None:
    """A card with its buttons takes 1.6 KB at most, so that fifty and what is around them stay under 100 KB."""
    page = served.get("/")

    assert len(page.content) / page.text.count("<article") < 1_600
    assert len(served.get("/feeds").content) < 100_000


def test_what_was_done_is_told_once(laptop: Page) -> None:
    """The address keeps nothing of it, so that loading the page again says nothing."""
    laptop.locator(".story").first.get_by_role("button", name="Mark read").click()
    expect(laptop.get_by_role("status")).to_contain_text("Read:")
    assert "done" not in laptop.url
    laptop.reload()
    expect(laptop.locator("#bar p")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_that_act_fit_and_harm_nobody(
    browser: Browser, served: Served, folder: Path, width: int, scheme: str
) -> None:
    """At each width and in both colours: nothing to scroll sideways, axe finds nothing, the policy is kept."""
    SCREENSHOTS.mkdir(exist_ok=True)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with browser.new_context(**options) as context:  # type: ignore[arg-type]  # literals
        page = context.new_page()
        witness = Witness(page, served.url)
        for name in _shown(page, served.url.rstrip("/"), folder):
            page.screenshot(path=SCREENSHOTS / f"acts-{name}-{width}-{scheme}.png")
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert violations(page) == [], name
        assert witness.seen == []


def _shown(page: Page, url: str, folder: Path) -> Iterator[str]:
    """Bring up one page after the other, with things done on them; yield what each is called."""
    page.goto(url)
    page.locator(".story").nth(1).get_by_role("button", name="Mark read").click()
    expect(page.get_by_role("status")).to_contain_text("Read:")
    page.locator(".story").nth(2).get_by_role("button", name="Star", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Starred")
    page.locator(".story").nth(0).get_by_label("Select").check()
    yield "today"
    page.locator(".story h2 a").first.click()
    page.wait_for_url("**/story/*")
    yield "story"
    page.goto(f"{url}/feeds")
    yield "feeds"
    page.locator("tbody").first.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("status")).to_contain_text("Paused:")
    yield "paused"
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/feeds/*")
    yield "feed"
    (folder / "news.db").unlink()
    page.goto(url)
    yield "start"
