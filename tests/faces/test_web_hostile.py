"""Strangers' words in a real browser: code in every field of a feed, by way of the real daemon's line, executes nothing."""

import html
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from aggregator.adapters.feeds_file import FeedsFile
from aggregator.bootstrap import open_reader
from aggregator.core.crawling.listing import handle
from aggregator.domain.reading import StoryQuery
from tests.browser import Witness, browsing
from tests.builders import NOON
from tests.faces.installed import Outlet, Place, new_place
from tests.faces.paged import paths_of, serving

pytestmark = pytest.mark.slow

#: Each says so in `window.ran` where it is executed.
CODES = (
    "<script>window.ran.push('script')</script>",
    "</title></h2></a><script>window.ran.push('closed')</script>",
    "<img src=x onerror=\"window.ran.push('error')\">",
    "<svg onload=\"window.ran.push('svg')\">",
    "\"><script>window.ran.push('quote')</script>",
    "' onfocus='window.ran.push(1)' autofocus='",
    '" onmouseover="window.ran.push(\'over\')" x="',
    "<iframe srcdoc=\"<script>parent.ran.push('frame')</script>\"></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.ran.push(2)&gt;'>",
    "{{ 7 * 7 }}{% raw %}<details open ontoggle=window.ran.push('toggle')>",
    "<form action=https://evil.example><input name=q autofocus onfocus=window.ran.push('input')>",
    "<base href=https://evil.example/><link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    "<style>@import 'https://evil.example/x.css'; body{display:none}</style>",
    "&lt;script&gt;window.ran.push('twice')&lt;/script&gt;",
    "javascript:window.ran.push('scheme')",
    "\u202e</script><script>window.ran.push('turned')</script>",
)
LINKS = (
    "javascript:window.ran.push('link')",
    "data:text/html,<script>parent.ran.push('data')</script>",
    "{base}/a?x=\"onclick=window.ran.push('attribute')//",
    "{base}/<script>window.ran.push('path')</script>",
    "//evil.example/",
    "{base}/story",
)


#: Does to all that is shown what a person might.
TOUCH = """document.querySelectorAll('main *').forEach(element => {
    element.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
    element.focus?.();
})"""


class HostileOutlet(Outlet):
    """Lists an entry for each code, with it in every field, and each kind of link."""

    def feed(self, path: str) -> bytes:  # noqa: ARG002 (there is one feed)
        """Return the RSS, well-formed, so that the codes come through whole."""
        entries = []
        for number, code in enumerate(CODES):
            words, link = html.escape(code), html.escape(LINKS[number % len(LINKS)].format(base=self.url("")))
            entries.append(
                f"<item><title>Case {number} {words}</title><link>{link}</link><guid isPermaLink='false'>case-{number}</guid>"
                f"<author>{words}</author><category>{words}</category><description>{words} Summary {number}</description>"
                f"<dc:creator>{words}</dc:creator><content:encoded>{html.escape(words)} findme {words} of case {number}."
                f" {' '.join(f'word{number}x{n}' for n in range(60))}</content:encoded></item>"
            )
        spaces = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/'"
        title = html.escape(CODES[0] + CODES[4])
        return f"<rss version='2.0' {spaces}><channel><title>{title}</title>{''.join(entries)}</channel></rss>".encode()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """A place that has read the hostile feed, by a name and tags that are no better."""
    with new_place(tmp_path) as place, HostileOutlet() as outlet:
        tags = [CODES[2], CODES[6]]
        name = html.unescape(CODES[6])
        quoted = [f"'{word.replace(chr(39), chr(39) * 2)}'" for word in (*tags, name)]
        place.write(
            f"{{url: '{outlet.url('/hostile.xml')}', full_text: never, tags: [{quoted[0]}, {quoted[1]}], name: {quoted[2]}}}"
        )
        updated = place.call("update")
        assert updated.returncode == 0, updated.stderr
        yield place


def test_nothing_of_a_feed_is_executed(place: Place) -> None:
    """Every page that shows a hostile feed's words shows them as words: no code runs, nothing is loaded, nothing is asked."""
    paths = paths_of(place.folder)
    with open_reader(paths) as reader:
        stories = reader.stories(StoryQuery(since=NOON))
    assert len(stories) >= len(CODES) - 2
    addresses = ["", "feeds", "search?q=findme", "search?q=%3Cscript%3Ewindow.ran.push(1)%3C/script%3E"]
    addresses += [f"?source={CODES[4]}", f"?tag={CODES[2]}", f"?lang={CODES[5]}", f"day/{CODES[1]}"]
    addresses += [f"story/{story.id}" for story in stories]
    addresses += [f"feeds/{handle(feed.url)}" for feed in FeedsFile(paths.config).load().feeds]
    with serving(paths, acts=True) as served, browsing() as browser:
        page = browser.new_page()
        witness = Witness(page, served.url)
        for address in addresses:
            page.goto(f"{served.url}{address}")
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            page.evaluate(TOUCH)
            links = page.eval_on_selector_all(
                "a[href]", "links => links.map(link => [link.protocol, link.rel, link.host])"
            )
            assert {protocol for protocol, _, _ in links} <= {"http:", "https:"}
            foreign = [rel for _, rel, host in links if host not in served.url]
            assert set(foreign) <= {"noopener noreferrer nofollow"}
            witness.seen = [
                seen for seen in witness.seen if "status of 404" not in seen and "status of 400" not in seen
            ]
            witness.check()
        for story in stories:
            _star(page, f"{served.url}story/{story.id}", witness)
        page.goto(served.url)
        assert f"Case 0 {CODES[0]}" in page.inner_text("main")
        assert served.crashes == []


def _star(page: Page, story: str, witness: Witness) -> None:
    """Have the bar tell what was done, in which a story's headline stands."""
    page.goto(story)
    page.locator("[name=star]").click()
    page.wait_for_selector("#bar a")
    page.evaluate(TOUCH)
    witness.check()
