"""What the event stream tells its listeners: their own orders, once, from where they left off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from alert_sinks.work_orders.tables import OrderEvent
from monitor.console import stream
from streams.moments import SECOND
from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.monitor.console_office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def news(office: Office, token: str, last: int, sent: set[int]) -> list[int]:
    found = stream._news(office.app.state.console, token, last, sent)
    assert found is not None
    return [number for number, _, _ in found]


def test_a_cut_connection_goes_on_where_it_was(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_AT_ONCE", 4)
    token = office.person("li").client.cookies["monitor_session"]
    office.attach(*(make_alert(f"a{n}", household_id=f"H-{n}") for n in range(5)))
    office.now += 60 * SECOND
    seen: list[int] = []
    while found := news(office, token, seen[-1] if seen else 0, set(seen)):
        seen += found
    assert seen == list(range(1, 11)), "ten events, in pieces, without gap or repetition"
    assert news(office, token, 6, set()) == [7, 8, 9, 10]


def test_what_was_committed_late_is_told_and_keeps_nothing_waiting(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "_AT_ONCE", 2)
    token = office.person("li").client.cookies["monitor_session"]
    office.attach(*(make_alert(f"a{n}", household_id=f"H-{n}") for n in range(3)))
    assert news(office, token, 4, {1, 3, 4}) == [2, 5, 6], "2 came into sight after 4"


def test_others_hear_nothing_and_who_signed_out_is_let_go(office: Office) -> None:
    li, zhou = office.person("li"), office.person("zhou")
    office.attach()
    assert news(office, zhou.client.cookies["monitor_session"], 0, set()) == []
    token = li.client.cookies["monitor_session"]
    li.post("/sign-out")
    assert stream._news(office.app.state.console, token, 0, set()) is None
    with office.desk.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(OrderEvent)) == 2
