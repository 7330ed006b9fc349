"""`aggregator cluster`."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import IO

import click

from aggregator.bootstrap import cluster as place
from aggregator.cli import show
from aggregator.domain.errors import AggregatorError
from aggregator.pipeline.batch import Line

_WORDS = ("title", "text", "source", "url")


@click.command()
@click.argument("file", type=click.File("rb"))
def cluster(file: IO[bytes]) -> None:
    """Find stories and copies in FILE, one JSON object a line; "-" reads stdin.

    A line has id (any string, number or boolean, each but once) and title, text, published (ISO 8601; UTC where it has
    no zone), source, url and lang (such as "en"), null where unknown. Printed is {"id", "story", "copy_of"} a line, in the order of the input.
    """
    ids: list[object] = []
    for answer in place(show.progress(_lines(file, ids), "articles")).placed():
        copy_of = None if answer.copy_of is None else ids[answer.copy_of - 1]
        show.print_json_line({"id": ids[answer.article - 1], "story": answer.story, "copy_of": copy_of})


def _lines(file: IO[bytes], ids: list[object]) -> Iterator[Line]:
    """Yield the articles and note their ids."""
    for value, line in read_lines(file):
        ids.append(value["id"])
        yield line


def read_lines(
    file: IO[bytes], *, check: Callable[[Mapping[str, object]], object] | None = None
) -> Iterator[tuple[Mapping[str, object], Line]]:
    """Yield each line's object and the article it tells; lines of blanks are passed over.

    `check` looks at an object's further keys, and raises ValueError where they are not what they must be.

    Raises:
        AggregatorError: the first line that is no article, with its number.
    """
    seen: dict[str, int] = {}
    for number, raw in enumerate(file, 1):
        if not raw.strip():
            continue
        try:
            value, line = read_line(raw.decode("utf-8-sig"))
            if check is not None:
                check(value)
            id = json.dumps(value["id"])
            first = seen.setdefault(id, number)
            if first != number:
                raise ValueError(f"the id {id} is that of line {first} already")  # noqa: TRY301  # one place names the line
        except UnicodeDecodeError as error:
            raise AggregatorError(f"{file.name}:{number}: not UTF-8: {error.reason}") from error
        except ValueError as error:
            raise AggregatorError(f"{file.name}:{number}: {error}") from error
        yield value, line


def read_line(text: str) -> tuple[Mapping[str, object], Line]:
    """Read one line: its object and the article it tells.

    Raises:
        ValueError: it is not what a line must be; the message says how.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004  # all faults of a line are ValueErrors
    if not isinstance(value.get("id"), str | int | float):
        raise ValueError('"id" must be a string, a number or a boolean')  # noqa: TRY004  # all faults of a line are ValueErrors
    words = {name: _text(value, name) for name in _WORDS}
    return value, Line(published=_time(_text(value, "published")), language=_text(value, "lang"), **words)


def _text(value: dict[str, object], name: str) -> str | None:
    text = value.get(name)
    if text is None:
        return None
    if not isinstance(text, str):
        raise ValueError(f'"{name}" must be a string or null')  # noqa: TRY004  # all faults of a line are ValueErrors
    # JSON can spell half a surrogate pair, which no database takes.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f'"published" must be an ISO 8601 time or null, not {text!r}') from None
