"""What both interfaces do for apps: read stories within the window, mark them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from http import HTTPStatus

from aggregator.adapters.store import StoreReader
from aggregator.bootstrap import open_reader, utc_now
from aggregator.bootstrap.paths import Paths
from aggregator.bootstrap.reading import LastingConfig
from aggregator.core.config.checking import default_settings
from aggregator.domain.errors import UsageError
from aggregator.domain.ids import StoryId
from aggregator.domain.marks import Mark
from aggregator.domain.settings import Settings
from aggregator.domain.streams import StreamQuery
from aggregator.web.desk import Desk
from aggregator.web.readers.asking import Refused
from aggregator.web.readers.identities import Streams

READ_ONLY = "This page only reads: `aggregator run` serves one that also marks stories and changes feeds.\n"


class Shelf:
    """Stories for apps; for any thread, as each request opens the database for itself."""

    def __init__(self, paths: Paths, desk: Desk | None) -> None:
        self.paths = paths
        self.config = LastingConfig(paths)
        self._desk = desk
        self._default = default_settings()

    @contextmanager
    def reader(self) -> Iterator[StoreReader]:
        """Open the database for reading."""
        with open_reader(self.paths) as reader:
            yield reader

    def all(self) -> StreamQuery:
        """Return the query for all stories that apps are told of."""
        return StreamQuery(since=utc_now() - self._settings().reader_window)

    def mark_stream(
        self, reader: StoreReader, streams: Streams, names: Iterable[str], until: datetime | None = None
    ) -> None:
        """Mark as read what of some streams was first seen until then.

        Raises:
            Refused: this page only reads.
        """
        query = streams.within(self.all(), ["user/-/state/com.google/kept-unread", *names])
        self.mark(reader.streamed(query) if query else (), Mark.READ, until=until)

    def mark(
        self, stories: Sequence[StoryId], mark: Mark, *, holds: bool = True, until: datetime | None = None
    ) -> None:
        """Mark stories that live, or take the mark away.

        Raises:
            Refused: this page only reads, or one of them is gone since it was looked at.
        """
        desk = self.desk()
        try:
            if stories:
                desk.mark(stories, mark, holds=holds, until=until)
        except UsageError as error:
            raise Refused(HTTPStatus.CONFLICT, f"{error}\n") from error

    def desk(self) -> Desk:
        """Return what writes.

        Raises:
            Refused: this page only reads.
        """
        if self._desk is None:
            raise Refused(HTTPStatus.FORBIDDEN, READ_ONLY)
        return self._desk

    def _settings(self) -> Settings:
        config = self.config.read()
        return config.settings if config else self._default
