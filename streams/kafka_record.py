"""A record as it came from Kafka: what is asked of one, and no more."""

import msgspec


class KafkaRecord(msgspec.Struct, frozen=True, gc=False):
    """A record of a partition. `timestamp` is in milliseconds; a `value` of None deletes what the key stands for."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
