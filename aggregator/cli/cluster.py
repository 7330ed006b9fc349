"""`aggregator cluster`."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import IO

import click

from aggregator.bootstrap.clustering import opened_slate, streamed
from aggregator.cli import show
from aggregator.domain.errors import AggregatorError
from aggregator.domain.lines import Line

#: So many articles without a date are felt.
_MANY = 1_000
_WORDS = ("title", "text", "source", "url")


@click.command()
@click.argument("file", type=click.File("rb"))
def cluster(file: IO[bytes]) -> None:
    """Find stories and copies in FILE, one JSON object a line; "-" reads stdin.

    A line has id (any string, number or boolean, each but once) and title, text, published (ISO 8601; UTC where it has
    no zone), source, url and lang (such as "en"), null where unknown. Printed is {"id", "story", "copy_of"} a line, in the order of the input.
    """
    with opened_slate() as slate:
        lines = show.progress(_lines(file, slate.note_name), "articles")
        # The names are asked for when there is a first answer: all lines have been read then.
        for answer, name in zip(streamed(lines, slate), slate.names(), strict=True):
            copy_of = None if answer.copy_of is None else json.loads(slate.name(answer.copy_of))
            show.print_json_line({"id": json.loads(name), "story": answer.story, "copy_of": copy_of})


def _lines(file: IO[bytes], first_of: Callable[[str, int], int]) -> Iterator[Line]:
    """Yield the articles; say what those without a date cost where that is felt."""
    undated = 0
    for _, line in read_lines(file, first_of=first_of):
        undated += line.published is None
        yield line
    if undated >= _MANY:
        text = f"{undated:,} articles have no date: each is compared with all others, so time and memory grow with them"
        click.echo(text, err=True)


def read_lines(
    file: IO[bytes],
    *,
    check: Callable[[Mapping[str, object]], object] | None = None,
    first_of: Callable[[str, int], int] | None = None,
) -> Iterator[tuple[Mapping[str, object], Line]]:
    """Yield each line's object and the article it tells; lines of blanks are passed over.

    Args:
        file: The lines.
        check: Looks at an object's further keys, and raises ValueError where they are not what they must be.
        first_of: Notes an id, as JSON, with the number of its line, and tells the number of the first line that has it.
            Where it is not given, the ids are kept in memory.

    Raises:
        AggregatorError: the first line that is no article, with its number.
    """
    first_of = first_of or dict[str, int]().setdefault
    for number, raw in enumerate(file, 1):
        if not raw.strip():
            continue
        try:
            value, line = read_line(raw.decode("utf-8-sig"))
            if check is not None:
                check(value)
            id = json.dumps(value["id"])
            first = first_of(id, number)
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
    try:
        text.encode()
    except UnicodeEncodeError:
        # JSON can spell half a surrogate pair, which no database takes.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f'"published" must be an ISO 8601 time or null, not {text!r}') from None
