"""The engine and the oracle leave the same standing alerts over random histories, in whatever order things arrive.

``ORACLE_HISTORIES=20000 pytest tests/unit/oracle`` looks further than every run can.
"""

import os
import random
from datetime import UTC, datetime

import pytest

from tests.oracle import Standing, standing
from tests.oracle.cases import CASES
from tests.oracle.engine import comparable, engine_stands
from tests.oracle.histories import NOW, History, history
from tests.oracle.story import NOW as STORY_NOW
from tests.oracle.story import Case, Seen, differences

BATCH = 50
BATCHES = range(int(os.environ.get("ORACLE_HISTORIES", "600")) // BATCH)


def _ids(of: History) -> list[str]:
    return [row["event_id"] for _, row in of.rows if row.get("event_id")]


def _oracle(of: History) -> list[Standing]:
    return comparable(standing(of.roster, of.events, None, NOW), _ids(of))


def _engine(of: History, order: random.Random | None = None) -> list[Standing]:
    return comparable(engine_stands(of.roster, of.rows, NOW, order), _ids(of))


@pytest.mark.parametrize("batch", BATCHES)
def test_engine_agrees_with_oracle(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        of = history(seed)
        assert _engine(of) == _oracle(of), f"history {seed}"


@pytest.mark.parametrize("batch", BATCHES[:3])
def test_order_of_arrival_changes_nothing(batch: int) -> None:
    for seed in range(batch * BATCH, (batch + 1) * BATCH):
        of = history(seed)
        expected = _engine(of)
        for shuffle in range(3):
            assert _engine(of, random.Random(shuffle)) == expected, f"history {seed}, shuffle {shuffle}"


_CASES = [pytest.param(of, id=of.name) for of in CASES]


@pytest.mark.parametrize("of", _CASES)
def test_case(of: Case) -> None:
    rows = [(row["feed"], {name: value for name, value in row.items() if name != "feed"}) for row in of.records]
    now = datetime.fromisoformat(STORY_NOW).astimezone(UTC)
    given = [row["event_id"] for _, row in rows if "event_id" in row]
    alerts = comparable(engine_stands(of.roster, rows, now), given)
    seen = [
        Seen(a.source, a.household_id, a.occurred_at, a.severity, a.match, a.due_at[:10], a.event_ids) for a in alerts
    ]
    assert not differences(of, seen)
