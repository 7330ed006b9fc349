"""From what is to be shown to HTML. Whatever a template prints is made printable and escaped; `prose` alone is markup.

Templates hold no decisions beyond what is there and what is not.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aggregator.core import days
from aggregator.core.markup.sanitising import address, prose
from aggregator.core.printable import printable_part
from aggregator.web.proof import proof

_STATIC = files("aggregator.web.pages") / "static"
#: The files a page may load, and what they are.
KINDS = {"style.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}


class Static:
    """The style sheet, the script and the icon, under addresses that change with what is in them."""

    def __init__(self) -> None:
        self.files = {name: (_STATIC / name).read_bytes() for name in KINDS}
        self._marks = {name: hashlib.sha256(body).hexdigest()[:12] for name, body in self.files.items()}

    def url(self, name: str) -> str:
        """Return the address of a file."""
        return f"/static/{name}?v={self._marks[name]}"


class Renderer:
    """Fills templates."""

    def __init__(self, static: Static) -> None:
        self._environment = Environment(
            loader=PackageLoader("aggregator.web.pages"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        self._environment.filters |= {"prose": _prose, "href": _href, "day": days.day_name}
        self._environment.globals |= {"static": static.url, "age": days.age, "proof": proof}

    def render(self, template: str, *, now: datetime, zone: tzinfo | None, **shown: Any) -> str:
        """Return a page; times in it are those of `zone`."""

        def clock(moment: datetime, form: str = "%H:%M") -> str:
            return moment.astimezone(zone).strftime(form)

        context: Mapping[str, Any] = {"now": now, "clock": clock, **shown}
        return self._environment.get_template(template).render(context)


def _shown(value: object) -> object:
    return printable_part(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _prose(paragraphs: Iterable[str]) -> Markup:
    return Markup(prose(paragraphs))  # noqa: S704 (sanitised in there)


def _href(url: str) -> str:
    """Return an address that may be opened, empty where it may not."""
    return address(url) or ""
