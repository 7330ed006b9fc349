"""Muted stories and pictures in a real browser, with and without JavaScript; screenshots for a person to look at."""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from aggregator.adapters.pictures import PictureCache
from aggregator.adapters.store import SqliteStore
from tests.browser import Witness, browsing, violations
from tests.end_to_end.test_page import SCREENSHOTS, WIDTHS
from tests.faces.eventful import EVENTS, Newsroom, fill
from tests.faces.installed import SETTINGS, Place, new_place
from tests.faces.paged import Served, paths_of, serving
from tests.faces.test_web_acts import day

pytestmark = pytest.mark.slow

FERRY = EVENTS["wire"].title
RULES = "mute:\n  - word: passengers\n    until: 2020-01-01\n  - source: hafenblatt\n"


def png(width: int, height: int) -> bytes:
    """Return a picture of one colour."""
    rows = (b"\x00" + b"\x2f\x6f\x9f" * width) * height
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module; it keeps an event loop, which must be gone before another module's tests."""
    with browsing() as browser:
        yield browser


@pytest.fixture
def home(tmp_path: Path) -> Iterator[tuple[Place, Newsroom, Served]]:
    """The page of the events with some rules; each article has a picture, the wire's is there."""
    with new_place(tmp_path) as place:
        place.write(settings=f"{SETTINGS}  pictures: proxy\n{RULES}")
        room = fill(place.database)
        with SqliteStore(place.database) as store, store.transaction():
            store._sql.write("UPDATE article SET image = 'https://paper.example/' || id || '.png' WHERE id % 3 = :rest",
                             {"rest": room.ids["wire"] % 3})  # fmt: skip
        PictureCache(paths_of(place.folder).pictures).keep(
            f"https://paper.example/{room.ids['wire']}.png", png(640, 300)
        )
        with serving(paths_of(place.folder), acts=True) as served:
            yield place, room, served
            assert served.crashes == []


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_rule_is_tried_added_and_removed(
    browser: Browser, home: tuple[Place, Newsroom, Served], *, scripts: bool
) -> None:
    """From a story, with a look at what it would hide; the list says so, shows it, and has it again afterwards."""
    place, room, served = home
    with browser.new_context(java_script_enabled=scripts) as context:
        page = context.new_page()
        page.goto(f"{served.url.rstrip('/')}/story/{room.stories['wire']}")
        page.get_by_role("link", name="Mute …").click()
        page.get_by_label("A word or phrase").fill("Runs aground")
        page.get_by_role("button", name="Preview").first.click()
        expect(page.get_by_text("Would hide 1 of")).to_be_visible()
        page.get_by_role("button", name="Mute", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Muted: the word “Runs aground”")

        page.goto(f"{served.url.rstrip('/')}{day()}")
        expect(page.locator(f"#s{room.stories['wire']}")).to_have_count(0)
        page.get_by_role("link", name="show them").click()
        expect(page.get_by_role("link", name=FERRY, exact=True)).to_be_visible()
        page.get_by_role("link", name="the rules").click()
        page.get_by_role("button", name="Remove").last.click()
        expect(page.get_by_role("status")).to_contain_text("No longer muted")
        assert place.config.read_text().endswith(f"{RULES}feeds: []\n")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_pages_with_rules_and_pictures_fit(
    browser: Browser, home: tuple[Place, Newsroom, Served], width: int, scheme: str
) -> None:
    """Nothing to scroll sideways, axe finds nothing; a picture that is there or not moves nothing."""
    _, room, served = home
    SCREENSHOTS.mkdir(exist_ok=True)
    addresses = {
        "mute": "/mute",
        "mute-preview": "/mute?word=ferry&until=2999-12-31",
        "muted": f"{day(28)}?muted=show",
        "pictures": day(),
        "picture": f"/story/{room.stories['wire']}",
    }
    options = {"viewport": {"width": width, "height": 900}, "color_scheme": scheme}
    with browser.new_context(**options) as context:  # type: ignore[arg-type]  # literals
        page = context.new_page()
        witness = Witness(page, served.url)
        for name, address in addresses.items():
            page.goto(f"{served.url.rstrip('/')}{address}")
            page.screenshot(path=SCREENSHOTS / f"{name}-{width}-{scheme}.png")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert violations(page) == [], name
            assert _sizes(page) <= {(112, 84)}, name
        assert [one for one in witness.seen if "404" not in one] == []


def _sizes(page: Page) -> set[tuple[int, int]]:
    boxes = page.evaluate(
        "[...document.querySelectorAll('.picture')].map(p => p.getBoundingClientRect()).map(b => [b.width, b.height])"
    )
    return {(round(wide), round(high)) for wide, high in boxes}
