"""A producer that refuses everything for good is replaced, and the batch goes out with the next try."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue
from typing import Any, ClassVar

import pytest
from confluent_kafka import KafkaError, KafkaException

from streams import publishing
from streams.publishing import Outgoing, Publisher, PublishError


class Producer:
    """Takes messages, unless it has failed for good."""

    made: ClassVar[list["Producer"]] = []

    def __init__(self, _settings: dict[str, Any]) -> None:
        self.fatal = False
        self.word: KafkaError | None = None
        self.taken: list[bytes] = []
        self.waiting: Queue[Callable[[Any, Any], None]] = Queue()
        self.made.append(self)

    def produce(self, _topic: str, *, value: bytes, on_delivery: Callable[[Any, Any], None], **_others: Any) -> None:
        if self.fatal:
            raise KafkaException(KafkaError(KafkaError._FATAL))
        self.taken.append(value)
        self.waiting.put(on_delivery)

    def poll(self, seconds: float) -> None:
        with suppress(Empty):
            self.waiting.get(timeout=seconds)(self.word, None)

    def purge(self) -> None:
        self.fatal = True

    def flush(self, _seconds: float) -> int:
        return 0


@pytest.fixture
def publisher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    monkeypatch.setattr(Producer, "made", [])
    monkeypatch.setattr(publishing, "Producer", Producer)
    made = Publisher("nowhere", {"alerts.v1": 4})
    yield made
    made.close()


BATCH = [Outgoing("alerts.v1", "k", b"a", "H-1"), Outgoing("alerts.v1", "k", b"b", "H-2")]


def test_after_a_fatal_error_another_producer_goes_on(publisher: Publisher) -> None:
    Producer.made[0].fatal = True
    with pytest.raises(PublishError, match="_FATAL"):
        asyncio.run(publisher.publish(BATCH))
    asyncio.run(publisher.publish(BATCH))
    assert [producer.taken for producer in Producer.made] == [[], [b"a", b"b"]]


def test_several_batches_are_under_way_and_each_hears_its_own_end(publisher: Publisher) -> None:
    async def story() -> None:
        await asyncio.gather(*(publisher.publish(BATCH) for _ in range(3)))

    asyncio.run(story())
    assert Producer.made[0].taken == [b"a", b"b"] * 3


def test_a_batch_of_which_one_message_has_no_word_has_failed(publisher: Publisher) -> None:
    Producer.made[0].word = KafkaError(KafkaError._MSG_TIMED_OUT)
    with pytest.raises(PublishError):
        asyncio.run(publisher.publish(BATCH))
