"""What feeds.yaml means: a tree of what is written becomes a `Config`, or every fault in it at once."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from aggregator.core.config import table
from aggregator.core.config.kinds import Misfit
from aggregator.core.config.mute_keys import MUTE_KEYS, MUTED, MUTED_UNTIL
from aggregator.core.config.table import FEED_KEYS, SETTINGS, Setting
from aggregator.core.config.tree import Listing, Mapping, Node, Scalar, Span, shape
from aggregator.core.urls import url_key
from aggregator.domain.errors import ConfigError, Fault
from aggregator.domain.ids import UrlKey
from aggregator.domain.settings import Config, FeedConfig, MuteKind, MuteRule, Settings

T = TypeVar("T")

_SETTING_NAMES = tuple(setting.name for setting in SETTINGS)
_FEED_NAMES = tuple(key.name for key in FEED_KEYS)
_MUTE_NAMES = tuple(key.name for key in MUTE_KEYS)


def read_config(tree: Node | None, *, faults: Iterable[Fault] = ()) -> Config:
    """Understand a whole file; `faults` are those that were found before, to be told together with the others.

    Raises:
        ConfigError: there are faults; it names no path, which is the caller's to know.
    """
    reader = _Reader(faults)
    config = reader.config(tree)
    if reader.faults:
        raise ConfigError(None, tuple(reader.faults))
    return config


def default_settings() -> Settings:
    """Return the settings of a file that has none."""
    return read_config(None).settings


class _Reader:
    """Walks the tree from top to bottom and gathers what is wrong; where something is, the default stands in."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)

    def config(self, tree: Node | None) -> Config:
        """Read the whole file."""
        if tree is not None and not isinstance(tree, Mapping) and not _is_nothing(tree):
            self._fault(
                tree, f"the file is {shape(tree)}", "write `feeds:` on a line of its own and the feeds under it"
            )
        keys = self._keys(tree, ("settings", "feeds", "mute")) if isinstance(tree, Mapping) else {}
        return Config(
            settings=self._settings(keys.get("settings")),
            feeds=self._feeds(keys.get("feeds")),
            mute=self._mute(keys.get("mute")),
        )

    def _settings(self, node: Node | None) -> Settings:
        keys: dict[str, Node] = {}
        if isinstance(node, Mapping):
            keys = self._keys(node, _SETTING_NAMES)
        elif node is not None and not _is_nothing(node):
            self._fault(
                node, f"settings: keys with values are wanted, not {shape(node)}", "write `every: 15m` or the like"
            )
        return Settings(
            every=self._take(table.EVERY, keys),
            site_delay=self._take(table.SITE_DELAY, keys),
            workers=self._take(table.WORKERS, keys),
            timezone=self._take(table.TIMEZONE_NAME, keys),
            allow_networks=self._take(table.ALLOW_NETWORKS, keys),
            canonical=self._take(table.CANONICAL, keys),
            same_event=self._take(table.SAME_EVENT, keys),
            about_url=self._take(table.ABOUT_URL, keys),
            notify=self._take(table.NOTIFY, keys),
            digest=self._take(table.DIGEST, keys),
            digest_to=self._take(table.DIGEST_TO, keys),
            websub_url=self._take(table.WEBSUB_URL, keys),
            websub_listen=self._take(table.WEBSUB_LISTEN, keys),
            host_names=self._take(table.HOST_NAMES, keys),
            trusted_proxies=self._take(table.TRUSTED_PROXIES, keys),
            keep=self._take(table.KEEP, keys),
            feed_size=self._take(table.FEED_SIZE, keys),
            page_size=self._take(table.PAGE_SIZE, keys),
            fetch_time=self._take(table.FETCH_TIME, keys),
            max_entries=self._take(table.MAX_ENTRIES, keys),
            reader_window=self._take(table.READER_WINDOW, keys),
            pictures=self._take(table.PICTURES, keys),
        )

    def _feeds(self, node: Node | None) -> tuple[FeedConfig, ...]:
        if node is None or _is_nothing(node):
            return ()
        if not isinstance(node, Listing):
            cure = "begin each feed with a dash: `- url: https://example.org/feed`"
            self._fault(node, f"feeds: a list is wanted, not {shape(node)}", cure)
            return ()
        seen: dict[UrlKey, tuple[int, str]] = {}
        return tuple(self._feed(member, seen) for member in node.members)

    def _feed(self, node: Node, seen: dict[UrlKey, tuple[int, str]]) -> FeedConfig:
        keys: dict[str, Node] = {}
        if isinstance(node, Mapping):
            keys = self._keys(node, _FEED_NAMES)
            if "url" not in keys and not node.cut:
                self._fault(node, "the feed has no url", "add `url: https://…`")
        elif isinstance(node, Scalar) and not node.is_nothing:
            keys = {"url": node}
        else:
            self._fault(node, f"a feed is wanted, not {shape(node)}", "write `- url: https://…` or delete the line")
        feed = FeedConfig(
            url=self._take(table.URL_KEY, keys),
            name=self._take(table.NAME, keys),
            tags=self._take(table.TAGS_KEY, keys),
            every=self._take(table.FEED_EVERY, keys),
            weight=self._take(table.WEIGHT, keys),
            full_text=self._take(table.FULL_TEXT, keys),
            enabled=self._take(table.ENABLED, keys),
            user_agent=self._take(table.USER_AGENT, keys),
        )
        if feed.url:
            self._refuse_double(keys["url"], feed.url, seen)
        return feed

    def _mute(self, node: Node | None) -> tuple[MuteRule, ...]:
        if node is None or _is_nothing(node):
            return ()
        if not isinstance(node, Listing):
            cure = "begin each rule with a dash: `- word: royal wedding`"
            self._fault(node, f"mute: a list is wanted, not {shape(node)}", cure)
            return ()
        seen: dict[tuple[MuteKind, str], int] = {}
        return tuple([rule for member in node.members if (rule := self._rule(member, seen)) is not None])

    def _rule(self, node: Node, seen: dict[tuple[MuteKind, str], int]) -> MuteRule | None:
        if not isinstance(node, Mapping):
            cure = "write `- word: …`, `- source: …` or `- tag: …`"
            self._fault(node, f"a rule is wanted, not {shape(node)}", cure)
            return None
        faults = len(self.faults)
        keys = self._keys(node, _MUTE_NAMES)
        until = self._take(MUTED_UNTIL, keys)
        given = [setting for setting in MUTED if setting.name in keys]
        if len(given) > 1:
            several = " and ".join(setting.name for setting in given)
            self._fault(keys[given[1].name], f"the rule has {several}", "make two rules of it")
        elif not given and len(self.faults) == faults and not node.cut:
            self._fault(node, "the rule mutes nothing", "add `word: …`, `source: …` or `tag: …`")
        if len(given) != 1:
            return None
        (setting,) = given
        rule = MuteRule(kind=MuteKind(setting.name), what=self._take(setting, keys), until=until)
        if not rule.what:
            return None
        if rule.key in seen:
            self._fault(node, f"this rule stands already in line {seen[rule.key]}", "delete one of the two")
        seen.setdefault(rule.key, node.span.line)
        return rule

    def _refuse_double(self, node: Node, url: str, seen: dict[UrlKey, tuple[int, str]]) -> None:
        key = url_key(url)
        if key not in seen:
            seen[key] = (node.span.line, url)
            return
        line, known = seen[key]
        spelled = "" if known == url else f" as {known}"
        self._fault(node, f"this feed stands already in line {line}{spelled}", "delete one of the two")

    def _take(self, setting: Setting[T], keys: dict[str, Node]) -> T:
        node = keys.get(setting.name)
        if node is None:
            return setting.value
        if _is_nothing(node):
            self._fault(node, f"{setting.name}: there is no value", f"write {setting.kind.form}, or delete the line")
            return setting.value
        try:
            return setting.kind.read(node)
        except Misfit as misfit:
            for problem in misfit.problems:
                cure = problem.cure or f"write {setting.kind.form}"
                self._fault(problem.node, f"{setting.name}: {problem.what}", cure)
            return setting.value

    def _keys(self, node: Mapping, known: Sequence[str]) -> dict[str, Node]:
        """Return what each known key holds; unknown keys and doubles are faults."""
        first: dict[str, Span] = {}
        values: dict[str, Node] = {}
        for key, value in node.pairs:
            if key.text in first:
                line = first[key.text].line
                self._fault(key, f"{key.text[:60]} stands already in line {line}", "delete one of the two")
                continue
            first[key.text] = key.span
            if key.text in known:
                values[key.text] = value
            else:
                self._fault(key, f'unknown key "{key.text[:60]}"', _suggest(key.text, known))
        return values

    def _fault(self, node: Node, problem: str, cure: str) -> None:
        self.faults.append(Fault(line=node.span.line, column=node.span.column, problem=problem, cure=cure))


def _is_nothing(node: Node) -> bool:
    return isinstance(node, Scalar) and node.is_nothing


def _suggest(key: str, known: Sequence[str]) -> str:
    # A key that is right elsewhere is more likely misplaced than misspelled.
    if "feeds" in known and key in _SETTING_NAMES:
        return "move it under `settings:`"
    if "feeds" in known and key in _FEED_NAMES:
        return "move it under the feed it belongs to"
    near = get_close_matches(key.lower().replace("-", "_"), known, n=1)
    return f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
