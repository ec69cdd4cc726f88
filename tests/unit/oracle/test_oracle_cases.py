"""The oracle against the hand-computed cases, in the order written and backwards."""

from datetime import UTC, datetime

import pytest

from tests.oracle import Standing, standing
from tests.oracle.cases import CASES
from tests.oracle.histories import coverage
from tests.oracle.judge import SAYS
from tests.oracle.story import NOW, Case, Seen, differences

CLOCK = datetime.fromisoformat(NOW).astimezone(UTC)


def seen(alert: Standing) -> Seen:
    return Seen(
        source=alert.source,
        household=alert.household_id,
        occurred_at=alert.occurred_at,
        severity=alert.severity,
        match=alert.match,
        due=alert.due_at[:10],
        ids=alert.event_ids,
    )


@pytest.mark.parametrize("of", CASES, ids=lambda of: of.name)
def test_case(of: Case) -> None:
    alerts = standing(of.roster, of.events, None, CLOCK)
    assert not differences(of, [seen(alert) for alert in alerts])


@pytest.mark.parametrize("of", CASES, ids=lambda of: of.name)
def test_case_in_the_opposite_order(of: Case) -> None:
    backwards = {feed: rows[::-1] for feed, rows in of.events.items()}
    assert standing(of.roster, backwards, None, CLOCK) == standing(of.roster, of.events, None, CLOCK)


def test_random_histories_exercise_every_rule() -> None:
    assert set(coverage(1000)) == set(SAYS)


def test_names_are_unique() -> None:
    names = [of.name for of in CASES]
    assert len(names) == len(set(names)) >= 120
