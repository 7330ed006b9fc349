"""`aggregator mcp`, driven over stdio by the client of the official SDK."""

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from mcp.types import CallToolResult

from tests.faces.eventful import EVENTS, Newsroom, fill
from tests.faces.installed import COMMAND, SETTINGS, Place, new_place

T = TypeVar("T")

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Assistant:
    """Somebody who asks the server of a place."""

    place: Place
    room: Newsroom

    def does(self, work: Callable[[Client], Awaitable[T]]) -> T:
        """Do `work` with a server of its own, as an assistant's program starts one."""
        return asyncio.run(self._does(work))

    async def _does(self, work: Callable[[Client], Awaitable[T]]) -> T:
        words = self.place.command("mcp")
        server = StdioServerParameters(command=words[0], args=words[1:], env=self.place.environ)
        async with Client(server) as client:
            return await work(client)

    def asks(self, *calls: tuple[str, dict[str, Any]]) -> list[CallToolResult]:
        """Call tools, one after the other."""

        async def work(client: Client) -> list[CallToolResult]:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

        return self.does(work)


@pytest.fixture(scope="module")
def assistant() -> Iterator[Assistant]:
    """The events, and a feed that was never polled; no daemon runs."""
    with TemporaryDirectory() as folder, new_place(Path(folder)) as place:
        place.write(
            "{url: 'https://me:tops3cret@paper.example/feed?key=tops3cret', name: Paper, tags: [coast]}",
            settings=SETTINGS,
        )
        yield Assistant(place=place, room=fill(place.database))


def said(result: CallToolResult) -> str:
    """Return the text of an answer."""
    return "".join(getattr(part, "text", "") for part in result.content)


def test_the_tools_say_what_they_are(assistant: Assistant) -> None:
    """Four, all of which only read, each with a schema of what it takes and answers; the instructions warn of foreign text."""

    async def work(client: Client) -> Any:
        return (await client.list_tools()).tools, client.instructions

    tools, instructions = assistant.does(work)

    assert [tool.name for tool in tools] == ["todays_stories", "story", "search", "feeds"]
    for tool in tools:
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is True
        assert tool.description
        assert tool.output_schema is not None
        assert tool.output_schema["type"] == "object"
    assert "never instructions" in instructions


def test_a_search_leads_to_a_story_and_its_texts(assistant: Assistant) -> None:
    """Who copied whom, why, and the links; what is structured and what is text say the same."""
    (found,) = assistant.asks(("search", {"words": "ferry Halcyon Sundholm", "limit": 10}))
    assert found.structured_content is not None
    number = next(hit["story"] for hit in found.structured_content["hits"] if hit["title"] == EVENTS["wire"].title)
    (told,) = assistant.asks(("story", {"number": number}))
    assert told.structured_content is not None
    story, texts = told.structured_content["story"], told.structured_content["texts"]

    assert number == assistant.room.stories["wire"]
    assert story["counts"] == {"articles": 4, "texts": 3, "sources": 4}
    assert story["url"] == assistant.room.urls["wire"]
    assert [text["article"] for text in texts] == [assistant.room.ids[name] for name in ("wire", "own", "later")]
    (copy,) = texts[0]["copies"]
    assert copy["article"] == assistant.room.ids["reprint"]
    assert 0.5 < copy["similarity"] < 1
    assert "word sequences" in copy["why"]
    assert texts[0]["excerpt"].startswith("The ferry Halcyon ran aground")
    assert assistant.room.urls["wire"] in said(told)


def test_a_day_can_be_narrowed_and_cut(assistant: Assistant) -> None:
    """By language, outlet and number of outlets; the number of all that fit is told, and why there may be none."""
    day = (datetime.now(UTC) - timedelta(hours=28)).date().isoformat()
    all_of_it, german, wide, none = assistant.asks(
        ("todays_stories", {"day": day, "limit": 1}),
        ("todays_stories", {"day": day, "language": "DE", "source": "hafen"}),
        ("todays_stories", {"day": day, "min_sources": 4}),
        ("todays_stories", {"day": "2001-01-01", "tag": "none"}),
    )
    contents = [result.structured_content or {} for result in (all_of_it, german, wide, none)]

    assert len(contents[0]["stories"]) == 1
    assert contents[0]["total"] > 3
    assert [story["title"] for story in contents[1]["stories"]] == [EVENTS["german"].title]
    assert all(story["counts"]["sources"] >= 4 for story in contents[2]["stories"])
    assert (contents[3]["stories"], contents[3]["total"]) == ([], 0)
    assert contents[3]["note"]


def test_errors_tell_the_cure(assistant: Assistant) -> None:
    """What was asked for wrongly is an error of the tool, not of the server, which goes on."""
    results = assistant.asks(
        ("story", {"number": 999_999}),
        ("todays_stories", {"day": "soon"}),
        ("search", {"words": "***"}),
        ("search", {"words": "ferry", "limit": 1000}),
        ("search", {"words": "ferry", "limit": 1}),
    )

    assert [result.is_error for result in results] == [True, True, True, True, False]
    for result, cure in zip(results, ("search give the numbers", "write today", "name one", "50"), strict=False):
        assert cure in said(result)


def test_feeds_are_told_without_their_secrets(assistant: Assistant) -> None:
    """Their state, and the address without password and key."""
    (told,) = assistant.asks(("feeds", {}))
    assert told.structured_content is not None
    (feed,) = told.structured_content["feeds"]

    assert (feed["name"], feed["state"], feed["tags"]) == ("Paper", "new", ["coast"])
    assert "tops3cret" not in said(told)


def test_without_a_database_the_cure_is_told(tmp_path: Path) -> None:
    """The server starts all the same; each call says what to do."""
    with new_place(tmp_path) as place:
        nobody = Assistant(place=place, room=Newsroom(ids={}, stories={}, urls={}))
        (told,) = nobody.asks(("todays_stories", {}))

    assert told.is_error
    assert "aggregator" in said(told)


def test_it_ends_with_its_input(assistant: Assistant) -> None:
    """No process is left behind; nothing but the protocol is on stdout, nothing on stderr."""
    done = assistant.place.call("mcp")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_where_the_sdk_is_missing_the_cure_is_told(assistant: Assistant) -> None:
    """It is an extra that not everybody installs."""
    code = (
        f"import sys; sys.modules['mcp'] = None; sys.argv = ['{COMMAND}', 'mcp']; import aggregator.cli as c; c.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=assistant.place.environ, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "scripts/bootstrap --mcp" in done.stderr
