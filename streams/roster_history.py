"""What the roster's topic holds at this moment, from its beginning to its end."""

from collections.abc import Iterator

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from streams.errors import UnusableError
from streams.topics import ROSTER, required_partitions

_BATCH = 5000
_WAIT = 0.2
_PATIENCE = 150
"""How many waits without any word there may be, in a row."""


def published_lines(kafka: str) -> Iterator[tuple[str, bytes]]:
    """Keys and values of all lines, those of a household in their order. Raises UnusableError."""
    partitions = required_partitions(kafka, [ROSTER])[ROSTER]
    consumer = Consumer(
        {
            "bootstrap.servers": kafka,
            "group.id": "roster-history",  # never joined nor committed: partitions are assigned by hand
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "earliest",
            "log_level": 0,
        }
    )
    try:
        consumer.assign([TopicPartition(ROSTER, partition, 0) for partition in range(partitions)])
        open_ones = set(range(partitions))
        silent = 0
        while open_ones:
            messages = consumer.consume(_BATCH, _WAIT)
            silent = 0 if messages else silent + 1
            if silent == _PATIENCE:
                raise UnusableError(f"MONITOR_KAFKA={kafka}: the broker stopped answering; try again")
            for message in messages:
                error, key, value = message.error(), message.key(), message.value()
                if error is None:
                    if isinstance(key, bytes) and value:
                        yield key.decode("utf-8", "replace"), value
                elif error.code() == KafkaError._PARTITION_EOF:
                    open_ones.discard(message.partition())
    except KafkaException as error:
        raise UnusableError(f"MONITOR_KAFKA={kafka}: {error.args[0].str()}") from error
    finally:
        consumer.close()
