"""Logging in and out in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import Witness, browsing, violations
from tests.end_to_end.test_page import SCREENSHOTS, WIDTHS
from tests.faces.guarded import PASSWORD, Locked, locked_page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for this module."""
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Locked]:
    """A page with a password."""
    with locked_page(tmp_path_factory.mktemp("locked")) as locked:
        yield locked


def give(page: Page, password: str) -> None:
    """Fill in the form as a person does."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no script"])
def test_a_person_logs_in_and_out(browser: Browser, locked: Locked, *, scripted: bool) -> None:
    """The log-in leads to where one wanted to go; after the log-out nothing is seen, by going back neither."""
    with browser.new_context(java_script_enabled=scripted) as context:
        page = context.new_page()
        witness = Witness(page, locked.served.url)
        page.goto(f"{locked.served.url}feeds?x=1")
        assert page.title() == "Log in · aggregator"
        give(page, "not the one")
        assert page.get_by_role("alert").inner_text() == "That is not the password."
        give(page, PASSWORD)
        page.wait_for_url("**/feeds?x=1")
        assert page.get_by_role("heading", name="Feeds").is_visible()
        (cookie,) = context.cookies()
        assert (cookie.get("httpOnly"), cookie.get("sameSite"), cookie.get("secure")) == (True, "Lax", False)

        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/login")
        assert context.cookies() == []
        page.go_back()
        page.wait_for_url("**/login?to=*")
        assert [one for one in witness.seen if "403" not in one] == []


def test_another_sites_page_gets_nothing(browser: Browser, locked: Locked) -> None:
    """A form there that is sent here with a reader's cookie changes nothing, and logs nobody out."""
    with browser.new_context() as context:
        page = context.new_page()
        page.goto(locked.served.url)
        give(page, PASSWORD)
        page.wait_for_url(locked.served.url)
        foreign = context.new_page()
        # Another origin on the same site, which even SameSite lets through.
        foreign.route(
            "http://localhost:1/", lambda route: route.fulfill(content_type="text/html", body="<form method=post>")
        )
        foreign.goto("http://localhost:1/")
        target = f"{locked.served.url}logout".replace("127.0.0.1", "localhost")
        foreign.evaluate("target => { document.forms[0].action = target; document.forms[0].submit(); }", target)
        foreign.get_by_text("Another site's page asked for this.").wait_for()

        page.reload()
        assert page.get_by_role("button", name="Log out").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_the_form_fits_and_harms_nobody(browser: Browser, locked: Locked, width: int, scheme: str) -> None:
    """At each width and in both colours, as it first comes and with what it complains of."""
    SCREENSHOTS.mkdir(exist_ok=True)
    options = {"viewport": {"width": width, "height": 500}, "color_scheme": scheme}
    with browser.new_context(**options) as context:  # type: ignore[arg-type]  # literals
        page = context.new_page()
        locked.forget()
        page.goto(locked.served.url)
        assert page.evaluate("document.activeElement.id") == "password"
        assert violations(page) == []
        give(page, "wrong")
        page.get_by_role("alert").wait_for()
        page.screenshot(path=SCREENSHOTS / f"login-{width}-{scheme}.png")

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert violations(page) == []
