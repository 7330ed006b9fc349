import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.core.markup.bounds import MOST_ATTRIBUTES, opening_tags, without_monsters


def attributes(count: int) -> str:
    return " ".join(f'a{number}="<{number}>"' for number in range(count))


def test_a_tag_with_absurdly_many_attributes_loses_them() -> None:
    """Beyond 200 attributes a tag keeps its name only; what stands around it stays."""
    assert without_monsters(f"<p>a</p><p {attributes(MOST_ATTRIBUTES + 1)}>b</p>") == "<p>a</p><p>b</p>"


@pytest.mark.parametrize(
    "markup",
    [
        f"<p {attributes(MOST_ATTRIBUTES)}>b",
        f'<img src="data:{"x" * 10_000}" alt=y>',
        "<p title=don't>a</p> it's " * 99,
    ],
)
def test_a_tag_that_is_merely_long_stays(markup: str) -> None:
    """Few attributes, however long, harm no parser."""
    assert without_monsters(markup) == markup


@given(st.text(alphabet="<>ap =\"'/\n", max_size=200))
def test_markup_without_monsters_is_left_alone(markup: str) -> None:
    """What has no such tag comes out as it went in."""
    assert without_monsters(markup * 3) == markup * 3


@pytest.mark.parametrize("piece", ["<a", "<a ", " ", "=", "<a b='", '<a b="', "<a b=<a ", "<a / = ", "<", '"', "a b"])
def test_no_markup_takes_long_to_look_at(piece: str) -> None:
    """Three million characters of any kind are looked at in a second or two."""
    start = time.process_time()
    without_monsters("<a " + piece * (3_000_000 // len(piece)))

    assert time.process_time() - start < 3


def test_what_may_begin_an_element_is_counted() -> None:
    """Opening tags count, closing ones do not."""
    assert opening_tags("<p>a</p><br><p>1 &lt; 2") == 3
