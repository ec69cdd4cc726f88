"""After an error the ends of the roster's topic are asked for by a client that knows nothing of former leaders."""

import asyncio
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from streams import roster_reader
from streams.publishing import PublishError
from streams.roster_reader import RosterReader
from streams.secrets import Keys


class End(NamedTuple):
    offset: int


class Admin:
    """Answers with an offset, or with an error."""

    def __init__(self, answer: End | KafkaException) -> None:
        self._answer = answer

    def list_offsets(
        self, wanted: dict[TopicPartition, object], request_timeout: float
    ) -> dict[TopicPartition, object]:
        answered: dict[TopicPartition, object] = {}
        for place in wanted:
            future: Future[End] = Future()
            if isinstance(self._answer, End):
                future.set_result(self._answer)
            else:
                future.set_exception(self._answer)
            answered[place] = future
        return answered


def test_former_leaders_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(b"a secret of tests that is long enough")
    fenced = KafkaException(KafkaError(KafkaError.FENCED_LEADER_EPOCH))
    clients = [Admin(fenced), Admin(End(7))]
    monkeypatch.setattr(roster_reader, "administer", lambda _: clients.pop(0))
    reader = RosterReader("127.0.0.1:1", 2, Keys.from_file(tmp_path / "secret"))
    with pytest.raises(PublishError, match="FENCED_LEADER_EPOCH"):
        asyncio.run(reader.ends())
    assert asyncio.run(reader.ends()) == {0: 7, 1: 7}
