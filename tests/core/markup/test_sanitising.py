"""What may reach a page as markup."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.core.markup.sanitising import REL, address, prose, sanitised
from tests.core.markup.allowed import check

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' jAvAsCrIpT:alert(1)'>x</a>",
    "<a href='java&#10;script:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='/story/1'>ours</a>",
    "<a href='//evil.example'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<p onclick=alert(1) style='position:fixed' class=top id=main title=x lang=x>x</p>",
    "<form action=https://evil.example><input name=password></form>",
    "<base href=https://evil.example><link rel=stylesheet href=x><meta http-equiv=refresh content=0>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "</p></div></main><h1>Log in</h1>",
)
PIECES = st.one_of(
    st.sampled_from(HOSTILE),
    st.sampled_from(["<", ">", '"', "'", "&", "<p", "<a href=", "https://x.example/", "<!--", "-->", "\x00", "\u202e"]),
    st.text(max_size=8),
)
MARKUP = st.lists(PIECES, max_size=12).map("".join)


@given(MARKUP)
@example("".join(HOSTILE))
def test_nothing_but_what_is_allowed_comes_out(markup: str) -> None:
    """Whatever goes in: allowed elements, allowed attributes, http and https."""
    check(sanitised(markup))


@given(MARKUP)
def test_what_was_sanitised_stays_as_it_is(markup: str) -> None:
    """A second time changes nothing, so nothing new was made by the first."""
    once = sanitised(markup)

    assert sanitised(once) == once


@given(st.lists(MARKUP, max_size=4))
def test_prose_is_text_and_links(paragraphs: list[str]) -> None:
    """Plain text may say what it likes."""
    check(prose(paragraphs))


def test_addresses_in_prose_are_links() -> None:
    """The full stop after an address is not part of it, and neither is what is no address."""
    made = prose(["See https://paper.example/a?b=1&c=2. <b>Not bold</b>, javascript:alert(1)"])

    link = f'<a href="https://paper.example/a?b=1&amp;c=2" rel="{REL}">https://paper.example/a?b=1&amp;c=2</a>'
    assert made == f"<p>See {link}. &lt;b&gt;Not bold&lt;/b&gt;, javascript:alert(1)</p>"


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://paper.example/a", "https://paper.example/a"),
        (" http://paper.example/ ", "http://paper.example/"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("//paper.example/a", None),
        ("/story/1", None),
        ("", None),
        ("https://", None),
        ("https://paper.example/\nx", None),
    ],
)
def test_only_http_leads_away(url: str, link: str | None) -> None:
    """A link leads to an http or https address, or there is none."""
    assert address(url) == link
