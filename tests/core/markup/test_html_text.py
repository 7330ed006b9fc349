"""Rules of `core.html_text`: what a reader would read, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.markup.html_text import one_line, paragraphs, plain_text, strip_tags


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Bed &amp; breakfast", "Bed & breakfast"),
        ("1 &lt; 2", "1 < 2"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("<b>Bold</b> move", "Bold move"),
        ("un<b>believ</b>able", "unbelievable"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br>Two", "One Two"),
        ("a < b and <i>c</i>", "a < b and c"),
        ("Go<script>alert(1)</script>al<style>p{}</style>!", "Goal!"),
        ("<!-- hidden -->seen<?php echo 1 ?>", "seen"),
        ("  so\u200b\n\tfar\xad ", "so far"),
        ("Käse &#8211; &eacute;t&eacute; &#x1F9C0;", "Käse – été 🧀"),
        ("", ""),
        ("<img src=a.png>", ""),
    ],
)
def test_plain_text_is_what_is_read(markup: str, expected: str) -> None:
    """Tags go, entities are resolved once, whitespace collapses, invisible things vanish."""
    assert plain_text(markup) == expected


def test_blocks_become_lines() -> None:
    """Paragraphs, headings, list elements and line breaks part lines; inline elements do not."""
    markup = "<h2>Flood</h2><p>The <em>river</em>\nrose.</p><ul><li>One</li><li>Two</li></ul>after<br/>all"

    assert paragraphs(markup) == "Flood\nThe river rose.\nOne\nTwo\nafter\nall"


@pytest.mark.parametrize("depth", [100, 300, 50_000])
@pytest.mark.parametrize("tag", ["div", "b"])
def test_text_in_markup_of_any_depth_is_read(tag: str, depth: int) -> None:
    """Beyond the depth of the parser the same comes out: paragraphs, entities resolved, no scripts, no tags, even a cut one."""
    inside = "<p>Tom &amp; <i>Ann</i> say 1 < 2</p><script>if (a<b) {}</script><!-- no --><p title='x'>They left</p>"
    deep = f"<{tag}>" * depth + inside

    for markup in (deep, deep + f"</{tag}>" * depth, deep + f"</{tag}>" * depth + f"</{tag}"):
        assert paragraphs(markup) == "Tom & Ann say 1 < 2\nThey left"


def test_tags_are_stripped_roughly() -> None:
    """For comparison, attributes do not count."""
    assert strip_tags('<p class="a">x<img src=1></p>') == strip_tags("<p>x<img src=2></p>") == "x"


@given(st.one_of(st.text(), st.text("<>&/ab;#x1!-\"'= \x00\ud800")))
def test_any_markup_gives_one_clean_line(markup: str) -> None:
    """Nothing makes it raise; no control character, surrogate or doubled blank survives."""
    text = plain_text(markup)

    assert text == " ".join(text.split())
    assert one_line(text) == text
