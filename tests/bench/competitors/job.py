"""The job itself, for frameworks in whose environments this project is not installed: needs msgspec and redis alone.

Decode, keyed hash, look up in Redis, and a message for each record about somebody on the roster.
"""

import os
import time
from collections.abc import Sequence
from hashlib import blake2b

import msgspec
import redis

TOPIC = "changes.vehicles.v1"
OUT = "household-changes.v1"
_KEY = b"a key of the bench"


class Row(msgspec.Struct, gc=False):
    """The fields of a record."""

    id_number: str
    occurred_at: str
    plate: str
    vehicle_type: str
    action: str
    event_id: str = ""
    name: str = ""
    reported_at: str = ""
    region: str = ""
    source: str = ""


decode = msgspec.json.Decoder(Row).decode


def kafka() -> str:
    """The broker's address."""
    return os.environ["MONITOR_KAFKA"]


def store() -> "redis.Redis":
    """A client of Redis."""
    return redis.Redis.from_url(os.environ["MONITOR_REDIS"])


def name_of(id_number: str) -> str:
    """Under which a person of the roster is kept in Redis."""
    return "plain:" + blake2b(id_number.encode(), key=_KEY, digest_size=16).hexdigest()


def message(row: Row, name: str, household: bytes) -> tuple[bytes, bytes]:
    """Key and value of what is published about a match."""
    return household, msgspec.json.encode({"household_id": household.decode(), "person": name, "change": row})


def matches(client: "redis.Redis", values: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """What a batch of records has to publish."""
    rows = [decode(value) for value in values]
    names = [name_of(row.id_number) for row in rows]
    found = client.mget(names)
    return [message(row, name, household) for row, name, household in zip(rows, names, found, strict=True) if household]


class Clock:
    """Seconds and processor seconds from the first batch on, and how many records were read and matched."""

    def __init__(self) -> None:
        self.start = self.processor = 0.0
        self.read = self.matched = 0

    def saw(self, read: int, matched: int) -> None:
        """A batch is done."""
        self.read += read
        self.matched += matched

    def begin(self) -> None:
        """The first batch is there."""
        if not self.start:
            self.start, self.processor = time.perf_counter(), time.process_time()

    def tell(self) -> None:
        """Print what the bench reads: records, seconds, processor seconds, matches."""
        seconds, processor = time.perf_counter() - self.start, time.process_time() - self.processor
        print(f"{self.read} {seconds:.3f} {processor:.3f} {self.matched}", flush=True)
