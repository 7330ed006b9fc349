"""The page in a real browser: over the news world, by keys, without JavaScript, for everybody's eyes; see screenshots/."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import Witness, browsing, violations
from tests.end_to_end.desk import WorldDesk
from tests.faces.paged import Served, paths_of, serving

pytestmark = pytest.mark.slow

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"
WIDTHS = (360, 800, 1440)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module; it keeps an event loop, which must be gone before another module's tests."""
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(morning_after: WorldDesk) -> Iterator[Served]:
    """The page of both days of the world."""
    with serving(paths_of(morning_after.folder)) as served:
        yield served
        assert served.crashes == []


@pytest.fixture(scope="module")
def addresses(morning_after: WorldDesk) -> dict[str, str]:
    """Pages of every kind: the story is the one with most texts."""
    stories = morning_after.stories()
    most = max(stories, key=lambda story: (story["counts"]["texts"], story["counts"]["articles"]))
    edited = morning_after.rows("SELECT story_id FROM article JOIN version ON article_id = article.id LIMIT 1")
    return {
        "today": "/",
        "yesterday": "/day/yesterday",
        "story": f"/story/{most['id']}",
        "copies": f"/story/{stories[0]['id']}",
        "edited": f"/story/{edited[0][0]}",
        "feeds": "/feeds",
        "search": "/search?q=ferry",
        "empty": "/?source=nobody",
        "missing": "/story/99999",
    }


@pytest.fixture
def page(browser: Browser, served: Served) -> Iterator[Page]:
    """A window of a laptop; whatever a page does that it must not is seen."""
    with browser.new_context(viewport={"width": 1024, "height": 800}) as context:
        page = context.new_page()
        witness = Witness(page, served.url)
        page.goto(served.url)
        yield page
        witness.check()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_and_harm_nobody(
    browser: Browser, served: Served, addresses: dict[str, str], width: int, scheme: str
) -> None:
    """At each width and in both colours: nothing to scroll sideways, axe finds nothing, the policy is kept."""
    SCREENSHOTS.mkdir(exist_ok=True)
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with browser.new_context(**options) as context:  # type: ignore[arg-type]  # literals
        page = context.new_page()
        witness = Witness(page, served.url)
        for name, address in addresses.items():
            page.goto(f"{served.url.rstrip('/')}{address}")
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")

            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert violations(page) == [], name
        seen = [one for one in witness.seen if "404" not in one]
        assert seen == []


def test_stories_are_walked_by_keys(page: Page) -> None:
    """Keys j and k go from headline to headline, o opens the one in hand, t leads back."""
    headlines = page.locator(".story h2 a").all_inner_texts()

    for key in "jjk":
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.innerText") == headlines[0]
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/story/*")
    assert page.locator("h1").inner_text() == headlines[1]
    page.keyboard.press("t")
    page.wait_for_url("**/")


def test_keys_are_told_and_let_people_type(page: Page) -> None:
    """? shows the keys; / goes to the search, where letters are letters."""
    assert not page.locator("#keys").is_visible()
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()

    page.keyboard.press("/")
    page.keyboard.type("ferry jok?")
    assert page.locator("input[type=search]").input_value() == "ferry jok?"
    page.locator("input[type=search]").fill("ferry")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=ferry")
    assert page.locator("mark").count() > 0


def test_a_hit_leads_to_its_article_in_the_story(page: Page, served: Served) -> None:
    """What it is folded under opens."""
    page.goto(f"{served.url}search?q=ferry")
    for link in page.locator(".hit h2 a").all():
        target = link.get_attribute("href")
        page.goto(f"{served.url.rstrip('/')}{target}")
        assert page.locator(f"#{str(target).rpartition('#')[2]}").is_visible()
        page.go_back()


def test_everything_is_there_without_javascript(browser: Browser, served: Served) -> None:
    """Days, filters, stories, folds and the search are links, forms and details."""
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(served.url)
        page.get_by_role("link", name="sport", exact=True).click()
        assert page.locator(".story").count() > 0
        assert page.get_by_role("link", name="sport", exact=True).get_attribute("aria-current") == "true"
        page.get_by_role("link", name="all", exact=True).click()
        page.locator(".story h2 a").first.click()
        page.locator(".copies summary").first.click()
        assert page.locator(".copies li").first.is_visible()
        page.locator("input[type=search]").fill("ferry")
        page.locator("input[type=search]").press("Enter")
        assert page.locator("mark").count() > 0


def test_pages_are_light(served: Served, addresses: dict[str, str]) -> None:
    """Each is under 100 KB, whatever the day brought."""
    assert {name: len(served.get(address).content) for name, address in addresses.items() if
            len(served.get(address).content) > 100_000} == {}  # fmt: skip
