"""Feeds random bytes, led by what they reach, to what reads the world's: `scripts/fuzz TARGET [SECONDS]`.

Atheris is no dependency of ours; `scripts/fuzz` installs it beside the checkout. What it finds becomes a case in
`tests/hostile`.
"""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["aggregator", "feedparser", "ruamel"]):
    from aggregator.adapters.feeds_file.yaml_tree import read_tree
    from aggregator.core.config.checking import read_config
    from aggregator.core.feeds.parsing import parse_feed
    from aggregator.core.markup.html_text import one_line, paragraphs, plain_text
    from aggregator.core.markup.sanitising import prose, sanitised
    from aggregator.core.pages.extract import read_page
    from aggregator.core.urls import absolute, clean_url, site, url_key
    from aggregator.domain.articles import Page
    from aggregator.domain.errors import ConfigError
    from aggregator.domain.feeds import ParsedFeed
    from aggregator.domain.fetching import Failed

from tests.core.markup.allowed import check

#: Seconds that one input may take; libFuzzer reports what takes longer.
_TIMEOUT = 5
#: Bytes of an input: small ones are many a second, and what is slow in proportion to a square shows all the same.
_LENGTH = {"feed": 20_000, "url": 400, "config": 2_000, "html": 4_000, "page": 8_000, "sanitise": 4_000}


def feed(given: bytes) -> None:
    """Bytes become a feed or a failure, never an exception."""
    assert isinstance(parse_feed(given, url="https://paper.example/feed", content_type=None), ParsedFeed | Failed)


def url(given: bytes) -> None:
    """An address has a key, which is its own key, or is refused."""
    text = given.decode("utf-8", "surrogateescape")
    absolute("https://paper.example/feed", text)
    with contextlib.suppress(ValueError):
        key = url_key(text)
        assert url_key(key) == key, (key, url_key(key))
        assert url_key(clean_url(text)) == key, (key, url_key(clean_url(text)))
        assert site(text)


def config(given: bytes) -> None:
    """A file becomes a configuration, or its faults are told."""
    with contextlib.suppress(ConfigError):
        tree, faults = read_tree(given.decode("utf-8", "replace"))
        read_config(tree, faults=faults)


def html(given: bytes) -> None:
    """Markup becomes text of clean lines."""
    text = given.decode("utf-8", "surrogateescape")
    assert plain_text(text) == one_line(plain_text(text))
    assert all(line == one_line(line) for line in paragraphs(text).split("\n"))


def page(given: bytes) -> None:
    """A page is read, by the usual way and by the simple one."""
    for simply in (False, True):
        assert isinstance(read_page(given, url="https://paper.example/a", content_type=None, simply=simply), Page)


def sanitise(given: bytes) -> None:
    """Markup becomes markup that a page may have, and stays so."""
    text = given.decode("utf-8", "replace")
    for made in (sanitised(text), prose(text.split("\n"))):
        check(made)
        assert sanitised(made) == made


TARGETS: dict[str, Callable[[bytes], None]] = {
    "feed": feed,
    "url": url,
    "config": config,
    "html": html,
    "page": page,
    "sanitise": sanitise,
}


def main() -> None:
    """Fuzz one target; its corpus grows in .fuzz/ and is used again the next time."""
    name, seconds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60
    found = Path(".fuzz") / name
    found.mkdir(parents=True, exist_ok=True)
    options = [f"-max_total_time={seconds}", f"-timeout={_TIMEOUT}", f"-max_len={_LENGTH[name]}", "-rss_limit_mb=1500"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={found}-", str(found)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
