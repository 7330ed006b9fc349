"""Rules of trafilatura that ask only where they may find something."""

import importlib
import re
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from lxml import html as lxml_html

from aggregator.core.pages.sifting import Sifted, sift, sifted

NAMESPACES = {"re": "http://exslt.org/regular-expressions"}
PATHS = [
    ".//*[re:test(@class, '^note|bar$') or re:test(@id, '^note', 'i')]",
    ".//*[self::div or self::ul][re:test(@id, 'note') or re:test(@class, 'note')][not(.//b) or re:test(@id, 'x')]",
    ".//b|.//div[contains(@class, 'foot')]|.//*[re:test(@class, 'NOTE', 'i')]",
]
NAMES = [
    "note",
    "notebook",
    "a note",
    "bar",
    "sidebar",
    "NOTE",
    "foot",
    "note\n",
    "",
    "n1",
    *(f"note{n}" for n in range(9)),
]

elements = st.recursive(
    st.just("text"),
    lambda inner: st.builds(
        "<{0} class='{1}' id='{2}'>{3}</{0}>{3}".format,
        st.sampled_from(["div", "ul", "section", "b", "p"]),
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        inner,
    ),
    max_leaves=6,
)


@given(markup=st.lists(elements, min_size=1, max_size=12).map("".join))
@pytest.mark.parametrize("path", PATHS)
def test_a_sifted_rule_finds_the_same(path: str, markup: str) -> None:
    """The same elements in the same order, whatever names a page has and however many of them match."""
    rule = etree.XPath(path, namespaces=NAMESPACES)
    quick = sifted(rule)
    tree = lxml_html.document_fromstring(f"<body>{markup}</body>")

    assert isinstance(quick, Sifted)
    assert quick(tree) == rule(tree)


@pytest.mark.parametrize(
    "path",
    [
        ".//*[contains(@class, 'note')]",
        ".//*[self::div][not(re:test(@class, 'note'))]",
        ".//*[re:test(@class, 'note') or @id]",
        ".//*[re:test(@title, 'note')]",
        ".//p[re:test(@class, 'note')]",
        ".//*[re:test(@class, 'a')]|.//*[re:test(@class, 'b')]",
        ".//*[re:test(@class, 'a') or re:test(@id, '^x*$')]",
    ],
)
def test_other_rules_are_left_alone(path: str) -> None:
    """What may find elements without such a name is asked as it stands."""
    rule = etree.XPath(path, namespaces=NAMESPACES)

    assert sifted(rule) is rule
    assert sifted("no rule") == "no rule"


def test_the_slow_rules_of_trafilatura_are_sifted() -> None:
    """All that were slow in the version that is pinned; a second time changes nothing."""
    sift()
    sift()
    paths, baseline = map(importlib.import_module, ("trafilatura.xpaths", "trafilatura.baseline"))

    assert isinstance(paths, ModuleType)
    assert [type(rule) for rule in paths.RAW_TREE_PRUNE_XPATH] == [Sifted, etree.XPath]
    assert [type(rule) for rule in paths.REMOVE_COMMENTS_AND_LISTS_XPATH] == [Sifted]
    assert isinstance(baseline.BASIC_CLEAN_XPATH, Sifted)
    assert not re.search("re:test", baseline.BASIC_CLEAN_XPATH._unasked)
