import pytest

from aggregator.core.feeds.bounds import most_tags, within_bounds
from aggregator.core.feeds.parsing import parse_feed
from aggregator.domain.feeds import ParsedFeed

RSS = '<rss version="2.0"><channel><title>T</title>{}</channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{}</feed>'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
    "<channel><title>T</title></channel>{}</rdf:RDF>\n"
)


def entries(tag: str, count: int) -> str:
    return "".join(f"<{tag}><title>Number {number}</title></{tag}>\n" for number in range(count))


@pytest.mark.parametrize(("form", "tag"), [(RSS, "item"), (ATOM, "entry"), (RDF, "item")])
def test_entries_beyond_the_bound_are_cut_off_and_the_document_closed(form: str, tag: str) -> None:
    """The first entries are read as if there were no others: well-formed, no warning."""
    feed = parse_feed(form.format(entries(tag, 9)).encode(), url="https://a.example/", content_type=None, max_entries=4)

    assert isinstance(feed, ParsedFeed)
    assert [entry.title for entry in feed.entries] == [f"Number {number}" for number in range(4)]
    assert feed.warning is None


def test_a_document_within_its_bounds_is_left_alone() -> None:
    """As many entries as are read, and nothing changes."""
    document = RSS.format(entries("item", 9))

    assert within_bounds(document, 9) == document


def test_a_document_of_too_many_elements_is_refused() -> None:
    """More elements than entries can need are beyond help."""
    assert within_bounds(RSS.format("<item>" + "<a>" * most_tags(10)), 10) is None


def test_absurdly_many_categories_are_cut_off() -> None:
    """Categories, which we do not use, go where there are thousands; a handful stays."""
    many = RSS.format("<item><title>a</title>" + "<category>x</category><dc:subject/>" * 3_000 + "</item>")
    few = RSS.format("<item><category>x</category></item>")

    assert within_bounds(many, 9) == RSS.format("<item><title>a</title></item>")
    assert within_bounds(few, 9) == few


def test_absurdly_many_bare_ampersands_are_dropped() -> None:
    """Where there are hundreds of thousands those that begin nothing go; what they might have begun, and a few, stay."""
    many = RSS.format("<item><title>a &amp; b&#38;" + "&x & " * 300_000 + "</title></item>")
    few = RSS.format("<item><title>Salt & pepper &x</title></item>")

    assert within_bounds(many, 9) == RSS.format("<item><title>a &amp; b&#38;" + "x  " * 300_000 + "</title></item>")
    assert within_bounds(few, 9) == few
