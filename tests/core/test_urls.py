"""Rules of `core.urls`: one page has one key, however it is spelt; different pages have different keys."""

import contextlib
import pickle
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.core.urls import MAX_LENGTH, TRACKING, absolute, clean_url, site, url_key

SAME_PAGE = [
    ("http://example.com/a", "https://example.com/a"),
    ("HTTPS://Example.COM/a", "https://example.com/a"),
    ("https://www.example.com/a", "https://example.com/a"),
    ("https://m.example.com/a", "https://example.com/a"),
    ("https://mobile.example.com/a", "https://example.com/a"),
    ("https://amp.www.example.co.uk/a", "https://example.co.uk/a"),
    ("https://example.com./a", "https://example.com/a"),
    ("http://example.com:80/a", "https://example.com/a"),
    ("https://example.com:443/a", "https://example.com/a"),
    ("https://reader:secret@example.com/a", "https://example.com/a"),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    ("https://example.com/a#comments", "https://example.com/a"),
    ("https://example.com/a#:~:text=flood", "https://example.com/a"),
    ("https://example.com", "https://example.com/"),
    ("https://example.com/a/", "https://example.com/a"),
    ("https://example.com//a///b", "https://example.com/a/b"),
    ("https://example.com/x/../a/./b", "https://example.com/a/b"),
    ("https://example.com/a/index.html", "https://example.com/a"),
    ("https://example.com/a/index.php", "https://example.com/a"),
    ("https://example.com/a/index.htm?p=3", "https://example.com/a?p=3"),
    ("https://example.com/%7Eann/caf%c3%a9", "https://example.com/~ann/café"),
    ("https://example.com/a b", "https://example.com/a%20b"),
    ("https://example.com/a/amp", "https://example.com/a"),
    ("https://example.com/a/amp/", "https://example.com/a"),
    ("https://example.com/amp/a", "https://example.com/a"),
    ("https://example.com/a.amp", "https://example.com/a"),
    ("https://example.com/a.amp.html", "https://example.com/a.html"),
    ("https://example.com/a/amp.html", "https://example.com/a"),
    ("https://example.com/a?amp", "https://example.com/a"),
    ("https://example.com/a?amp=1&id=4", "https://example.com/a?id=4"),
    ("https://example.com/a?outputType=amp", "https://example.com/a"),
    ("https://www.google.com/amp/s/amp.example.com/a?usqp=x", "https://example.com/a"),
    ("https://www.google.co.uk/amp/example.com/a.amp", "https://example.com/a"),
    ("https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a/amp/?id=4", "https://example.com/a?id=4"),
    ("https://cdn.ampproject.org/v/s/example.com/a?amp_js_v=0.1", "https://example.com/a"),
    ("https://example.com/a?utm_source=rss&utm_medium=feed", "https://example.com/a"),
    ("https://example.com/a?id=7&amp;amp;ref=rss", "https://example.com/a?id=7"),
    ("https://example.com/a?id=7&ampref=rss", "https://example.com/a?id=7"),
    ("https://example.com/a?amplitude=7", "https://example.com/a?amplitude=7"),
    ("https://example.com/a?source=rss&id=7", "https://example.com/a?id=7"),
    ("https://example.com/a?b=2&a=1", "https://example.com/a?a=1&b=2"),
    ("https://example.com/a?q=one%20two", "https://example.com/a?q=one+two"),
    ("https://example.com/a?&", "https://example.com/a"),
    ("  https://example.com/a\n", "https://example.com/a"),
    ("http://127.0.0.1:8000/a/", "https://127.0.0.1:8000/a"),
    ("http://[0:0::1]:8000/a", "http://[::1]:8000/a"),
]

OTHER_PAGE = [
    ("https://example.com/a", "https://example.com/b"),
    ("https://example.com/a", "https://example.com/A"),
    ("https://example.com/a", "https://news.example.com/a"),
    ("https://example.com/a", "https://example.com:8080/a"),
    ("https://example.com/?p=1", "https://example.com/?p=2"),
    ("https://example.com/watch?v=x", "https://example.com/watch?v=y"),
    ("https://example.com/?id=1", "https://example.com/"),
    ("https://example.com/?q=amp", "https://example.com/"),
    ("https://example.com/?source=agency", "https://example.com/"),
    ("https://example.com/?article=5", "https://example.com/?article=6"),
    ("https://example.com/#!/a", "https://example.com/#!/b"),
    ("https://example.com/a%2Fb", "https://example.com/a/b"),
    ("https://example.com/?a=1%262", "https://example.com/?a=1&2"),
    ("https://www.co.uk/a", "https://co.uk/a"),
    ("https://example.com/amplifier", "https://example.com/"),
    ("https://example.com/c/s/other.org/a", "https://other.org/a"),
]

NO_ADDRESS = [
    "",
    "example.com/a",
    "/a",
    "ftp://example.com/a",
    "javascript:alert(1)",
    "mailto:ann@example.com",
    "https://",
    "https:///a",
    "https://exa mple.com/",
    "https://exa%6dple.com/",
    "https://a..b/",
    "https://[::1/",
    "https://example.com:99999/",
    "https://example.com:port/",
    "https://example.com/a\x00b",
    "https://example.com/a\nb",
    "https://example.com/\ud800",
    "https://example.com/" + "a" * MAX_LENGTH,
    "https://" + "a" * 300 + ".com/",
]

labels = st.text("abcxyz019-_", min_size=1, max_size=6)
hosts = st.one_of(
    st.builds(".".join, st.lists(labels, min_size=1, max_size=4)),
    st.sampled_from(
        [
            *("www.example.com", "m.www.amp.example.co.uk", "www.github.io", "bücher.example", "127.0.0.1", "[::1]"),
            *("localhost", "www.google.com", "google.co.uk", "cdn.ampproject.org", "x-y.cdn.ampproject.org"),
        ]
    ),
)
segments = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        [
            *(
                "amp",
                "AMP",
                "amp.html",
                "index.html",
                "index.php",
                "a.amp",
                "a.amp.amp",
                "..amp",
                ".amp.html",
                "amp.amp",
            ),
            *(".", "..", "%2e", "%2E%2e", "%2f", "%", "%4", "%%41", "%zz", "s", "c", "v", "host:80.amp", "example.com"),
        ]
    ),
)
parameters = st.one_of(
    st.builds("{}={}".format, st.text("abuq_m;%5", max_size=4), st.text(max_size=4)),
    st.sampled_from(
        ["utm_source=x", "amp", "amp=1", "amp;amp;amp", "amp;ref=1", "outputType=amp", "p=1", "a", "=", "source=rss"]
    ),
)
addresses = st.builds(
    lambda scheme, host, port, path, query, fragment: f"{scheme}://{host}{port}/{'/'.join(path)}{query}{fragment}",
    st.sampled_from(["http", "https", "HTTP"]),
    hosts,
    st.sampled_from(["", ":80", ":443", ":8080", ":"]),
    st.lists(segments, max_size=6),
    st.lists(parameters, max_size=4).map(lambda pairs: f"?{'&'.join(pairs)}"),
    st.sampled_from(["", "#top", "#!/a b", "#!", "#a#b"]),
)


def usable(address: str) -> str | None:
    """Return `address` where it has a key."""
    with contextlib.suppress(ValueError):
        url_key(address)
        return address
    return None


@pytest.mark.parametrize(("one", "other"), SAME_PAGE)
def test_spellings_of_one_page_share_a_key(one: str, other: str) -> None:
    """Scheme, www, AMP, tracking, escapes, slashes and fragments do not make another page."""
    assert url_key(one) == url_key(other)


@pytest.mark.parametrize(("one", "other"), OTHER_PAGE)
def test_different_pages_have_different_keys(one: str, other: str) -> None:
    """What may choose a page stays in the key."""
    assert url_key(one) != url_key(other)


@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_is_no_http_address_is_refused(text: str) -> None:
    """Other schemes, missing or impossible hosts, control characters and absurd lengths raise ValueError."""
    for function in (url_key, clean_url, site):
        with pytest.raises(ValueError, match=r"."):
            function(text)


@pytest.mark.parametrize("name", sorted(TRACKING))
def test_every_tracking_parameter_is_dropped(name: str) -> None:
    """Each name of the list is dropped from key and clean address, whatever its case or escaping."""
    name = f"{name}x" if name.endswith("_") else name

    for spelling in (name, name.upper(), name.replace("_", "%5F")):
        assert url_key(f"https://example.com/a?{spelling}=5&id=1") == "https://example.com/a?id=1"
        assert clean_url(f"https://example.com/a?id=1&{spelling}=5") == "https://example.com/a?id=1"


@given(addresses)
@example("https://cdn.ampproject.org/c/s/host:80.amp")
@example("https://cdn.ampproject.org/c/amp/s/host")
@example("https://example.com/a/..amp")
@example("http://example.com:443/")
def test_a_key_is_its_own_key(address: str) -> None:
    """Making a key of a key changes nothing."""
    if usable(address):
        key = url_key(address)

        assert url_key(key) == key


@given(addresses)
@example("http://www.example.com/ ?")
def test_the_clean_address_is_the_same_page(address: str) -> None:
    """What a person opens has the key of what the feed gave, and is clean already."""
    if usable(address):
        clean = clean_url(address)

        assert url_key(clean) == url_key(address)
        assert clean_url(clean) == clean


@given(st.lists(parameters.filter(lambda pair: "&" not in pair and "#" not in pair), max_size=5))
def test_the_order_of_parameters_does_not_matter(pairs: list[str]) -> None:
    """A query is a bag of parameters."""
    one = usable(f"https://example.com/?{'&'.join(pairs)}#end")
    other = usable(f"https://example.com/?{'&'.join(sorted(pairs))}#end")

    assert (one is None) == (other is None)
    if one and other:
        assert url_key(one) == url_key(other)


@given(addresses, st.sampled_from(sorted(TRACKING)), st.text(max_size=8))
def test_tracking_does_not_matter(address: str, name: str, value: str) -> None:
    """An added tracking parameter is the same page."""
    if usable(address):
        before, mark, fragment = address.partition("#")
        name = f"{name}x" if name.endswith("_") else name
        tracked = f"{before}{'&' if '?' in before else '?'}{name}={quote(value)}{mark}{fragment}"

        assert url_key(tracked) == url_key(address)


@given(st.one_of(st.text(), st.text().map("https://{}".format), st.text().map("http://a.example/{}".format)))
def test_any_text_gives_a_key_or_a_value_error(text: str) -> None:
    """No text makes anything but ValueError come out."""
    for function in (url_key, clean_url, site):
        with contextlib.suppress(ValueError):
            function(text)
    absolute("https://example.com/", text)
    absolute(text, "a")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("https://edition.cnn.com/a", "cnn.com"),
        ("https://ann.github.io/a", "ann.github.io"),
        ("https://github.io/a", "github.io"),
        ("https://news.bücher.example:8080/", "xn--bcher-kva.example"),
        ("http://127.0.0.1:8001/a", "127.0.0.1:8001"),
        ("http://127.0.0.1/a", "127.0.0.1"),
        ("http://[::1]:8001/a", "[::1]:8001"),
        ("http://localhost:8001/a", "localhost:8001"),
    ],
)
def test_a_site_is_the_registrable_domain(address: str, expected: str) -> None:
    """Hosts of one owner share a site; where nothing can be registered, host and port are the site."""
    assert site(address) == expected


@pytest.mark.parametrize(
    ("base", "href", "expected"),
    [
        ("https://example.com/news/", "a.html", "https://example.com/news/a.html"),
        ("https://example.com/news/", "//other.org/a", "https://other.org/a"),
        ("https://example.com/news/", " /a\n", "https://example.com/a"),
        ("https://example.com/news/", "https://other.org/a\n?b", "https://other.org/a?b"),
        ("https://example.com/", "mailto:ann@example.com", None),
        ("https://example.com/", "javascript:void(0)", None),
        ("not a base", "a.html", None),
        ("https://example.com/", "https://a..b/", None),
    ],
)
def test_an_address_is_seen_from_its_base(base: str, href: str, expected: str | None) -> None:
    """Relative addresses are resolved; only http(s) comes out."""
    assert absolute(base, href) == expected


def test_clean_keeps_what_it_does_not_drop() -> None:
    """The clean address is written as the outlet writes it: order, slashes, case and AMP stay."""
    address = "https://www.Example.com/A//b/amp/?z=1&a=%7e&utm_source=x&b#top"

    assert clean_url(address) == "https://www.Example.com/A//b/amp/?z=1&a=%7e&b"


def test_functions_and_keys_travel_to_worker_processes() -> None:
    """The functions and what they return can be pickled."""
    for function in (url_key, clean_url, site, absolute):
        assert pickle.loads(pickle.dumps(function)) is function
