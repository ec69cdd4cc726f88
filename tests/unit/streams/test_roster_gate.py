"""The gate: whoever was enrolled before a change was published is known when the change is screened."""

import asyncio
from itertools import count
from typing import cast

import pytest

from streams.batch_transport import Fetched
from streams.publishing import PublishError
from streams.roster_gate import RosterGate
from streams.roster_reader import RosterReader


class _Reader:
    """Counts how often it is asked for the roster's end; it sees everything at once."""

    def __init__(self) -> None:
        self.last: dict[int, int] = {}
        self.asked = self.renewed = self.progress = 0

    async def ends(self) -> dict[int, int]:
        self.asked += 1
        return {}

    def reached(self, ends: dict[int, int]) -> bool:
        return True

    def renew(self) -> None:
        self.renewed += 1


class _Behind(_Reader):
    """Comes no further."""

    def reached(self, ends: dict[int, int]) -> bool:
        return False


def test_changes_that_had_come_before_the_last_question_need_no_other() -> None:
    seconds = iter([100.0, 101.0, 102.0])
    reader = _Reader()
    gate = RosterGate(cast(RosterReader, reader), lambda: next(seconds))

    async def ask() -> list[int]:
        asked = []
        for received in (99.0, 99.5, 100.5, Fetched(0, []).received):
            await gate.seen(received)
            asked.append(reader.asked)
        return asked

    assert asyncio.run(ask()) == [1, 1, 2, 3]


def test_a_reader_that_stands_still_is_renewed_and_said_to_be_away() -> None:
    reader = _Behind()
    seconds = count(step=6)
    gate = RosterGate(cast(RosterReader, reader), lambda: float(next(seconds)))
    with pytest.raises(PublishError, match="roster"):
        asyncio.run(gate.seen(1.0))
    assert reader.renewed == 1
