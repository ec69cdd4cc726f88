"""Publishes departments' files: every row that can be read as a record. Refusing records is the worker's work."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from streams.errors import UnusableError
from streams.feed_files import FeedFile, Row
from streams.publishing import Outgoing, Publisher, PublishError
from streams.topics import LARGEST_VALUE, changes_topic

_BATCH_ROWS = 5000
_BATCH_BYTES = 32 << 20


@dataclass
class Published:
    """How many of a file's rows were published, and how many were left out."""

    rows: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class FilePublisher:
    """Publishes files. `progress` hears a file and how many of its rows are published, `report` of rows left out."""

    publisher: Publisher
    progress: Callable[[FeedFile, int], object]
    report: Callable[[str], object]

    @classmethod
    def to(
        cls,
        kafka: str,
        files: Sequence[FeedFile],
        progress: Callable[[FeedFile, int], object],
        report: Callable[[str], object],
    ) -> "FilePublisher":
        """For files that can all be opened and topics that exist. Raises UnusableError before anything is sent."""
        for file in files:
            next(iter(file.rows()), None)
        return cls(Publisher.to(kafka, sorted({changes_topic(file.feed) for file in files})), progress, report)

    async def publish(self, file: FeedFile) -> Published:
        """Publish a file's rows, each person's in their order. Raises UnusableError."""
        done = Published()
        batch: list[Outgoing] = []
        size = 0
        for row in self._readable(file, done):
            batch.append(row)
            size += len(row.value)
            if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
                await self._send(file, batch, done)
                batch, size = [], 0
        await self._send(file, batch, done)
        return done

    def _readable(self, file: FeedFile, done: Published) -> Iterable[Outgoing]:
        topic = changes_topic(file.feed)
        for row in file.rows():
            reason = _unreadable(row)
            if row.value is not None and not reason:
                yield Outgoing(topic, "", row.value, row.person)
            else:
                done.unreadable += 1
                self.report(f"{file.path}: line {row.line}: {reason}; not published")

    async def _send(self, file: FeedFile, batch: Sequence[Outgoing], done: Published) -> None:
        try:
            await self.publisher.publish(batch)
        except PublishError as error:
            raise UnusableError(
                f"{file.path}: the broker did not take the rows after the first {done.rows} ({error}); "
                "run it again: what was published twice counts once"
            ) from error
        done.rows += len(batch)
        self.progress(file, done.rows)


def _unreadable(row: Row) -> str:
    if row.value is not None and len(row.value) > LARGEST_VALUE - 1024:
        return f"larger than {LARGEST_VALUE >> 20} MiB"
    words = {"bad_columns": "more or fewer columns than the header", "undecodable": "cannot be read as a record"}
    return words.get(row.reason, row.reason)
