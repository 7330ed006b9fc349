"""README tells every address that programs may ask for, and what may be asked there, or this fails."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter

from aggregator.bootstrap.paths import Paths
from aggregator.web.api.application import PREFIX, make_api
from aggregator.web.desk import Desk
from aggregator.web.monitoring.routes import Monitoring
from aggregator.web.syndication.routes import Feeds

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
NOWHERE = Path("/nowhere")
PATHS = Paths(config=NOWHERE, database=NOWHERE, state=NOWHERE, runtime=NOWHERE)
DESCRIBED: dict[str, Any] = make_api(PATHS, desk=Desk(PATHS), ask=None).openapi()["paths"]
#: What README has a row for.
ROWS = {
    (found[1], found[2]): found[3]
    for found in re.finditer(r"^\| `(GET|PUT|POST|DELETE) (/\S+)` \| (.*) \|$", README, re.MULTILINE)
}


def addresses() -> Iterator[tuple[str, str]]:
    """Yield each method and address that is served to programs."""
    yield from ((method.upper(), f"{PREFIX}{path}") for path, told in DESCRIBED.items() for method in told)
    yield "GET", f"{PREFIX}/openapi.json"
    routers: tuple[APIRouter, ...] = (Feeds(PATHS).router(), Monitoring(PATHS, None).router())
    yield from (("GET", route.path) for router in routers for route in router.routes)  # type: ignore[attr-defined]


def test_every_address_has_its_row() -> None:
    """And README tells of none that is not there."""
    assert sorted(ROWS) == sorted(addresses())


@pytest.mark.parametrize("path", DESCRIBED)
def test_every_parameter_is_in_its_row(path: str) -> None:
    """What may be asked of a list is named."""
    row = ROWS.get(("GET", f"{PREFIX}{path}"), "")
    told = DESCRIBED[path].get("get", {}).get("parameters", ())

    assert not [one["name"] for one in told if one["in"] == "query" and f"`{one['name']}`" not in row]
