"""The routing that administrators make: what may be changed, and that every process follows it."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from alert_sinks import centres
from alert_sinks.routing import Centre, Routing
from alert_sinks.work_orders import Desk, steps
from alert_sinks.work_orders.tables import OrderEvent, WorkOrder
from detectors.alerts import Text
from streams.errors import UnusableError
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert, memory_database

NEW = Centre(id="river", name=Text("河口中心", "River"), objection_days=7)


def test_a_change_is_kept_whole_and_followed_by_others() -> None:
    database = memory_database()
    mine, theirs = centres.CurrentRouting(ROUTING), centres.CurrentRouting(ROUTING)
    changed = centres.with_route(centres.with_centre(ROUTING, NEW), "420525103", "", "river")
    with database.writing() as session:
        assert mine.of(session) is ROUTING
        assert centres.last_change(session) is None
        centres.save(session, changed, NOW, "adm")
    with database.reading() as session:
        assert theirs.of(session) == changed
        assert theirs.of(session).centre_of("420525103001", "exit") == NEW
        assert theirs.of(session) is theirs.latest, "it is read once"
    with database.writing() as session:
        centres.save(session, None, NOW, "adm")
        assert mine.of(session) is ROUTING
    with pytest.raises(sa.exc.DBAPIError, match="only ever added"), database.writing() as session:
        session.execute(sa.text("DELETE FROM routings"))
    database.close()


def _changed(change: str) -> Routing:
    return {
        "id": lambda: centres.with_centre(ROUTING, replace(NEW, id="Bad Id")),
        "name": lambda: centres.with_centre(ROUTING, replace(NEW, name=Text("", "x"))),
        "days": lambda: centres.with_centre(ROUTING, replace(NEW, objection_days=0)),
        "routed": lambda: centres.without_centre(ROUTING, "town"),
        "region": lambda: centres.with_route(ROUTING, "4205251", "", "town"),
        "direction": lambda: centres.with_route(ROUTING, "", "sideways", "town"),
        "centre": lambda: centres.with_route(ROUTING, "", "", "nowhere"),
        "rest": lambda: centres.without_route(ROUTING, "", ""),
    }[change]()


@pytest.mark.parametrize("change", ["id", "name", "days", "routed", "region", "direction", "centre", "rest"])
def test_what_would_leave_an_alert_without_a_centre_is_refused(change: str) -> None:
    with pytest.raises(UnusableError):
        _changed(change)


def test_orders_that_nobody_has_taken_move_and_the_others_stay() -> None:
    database = memory_database()
    desk = Desk(database, ROUTING)
    desk.attach([make_alert("a1"), make_alert("b1", household_id="H-2"), make_alert("c1", household_id="H-3")], NOW)
    with desk.case(2, version=2, actor="li", now=NOW) as case:
        steps.assign(case, "li")
    with database.writing() as session:
        centres.save(session, centres.with_route(ROUTING, "420525102", "", "town"), NOW, "adm")
    desk.reroute("adm", NOW + 1)
    desk.reroute("adm", NOW + 2)
    with database.reading() as session:
        found = {order.id: (order.centre, order.version) for order in session.scalars(sa.select(WorkOrder))}
        events = session.scalars(sa.select(OrderEvent).where(OrderEvent.kind == "rerouted")).all()
    assert found == {1: ("town", 3), 2: ("county", 3), 3: ("town", 3)}
    assert [(event.order_id, event.actor, event.data) for event in events] == [
        (1, "adm", {"from": "county", "to": "town"}),
        (3, "adm", {"from": "county", "to": "town"}),
    ]
    desk.attach([make_alert("d1", household_id="H-4")], NOW + 3)
    with database.reading() as session:
        assert session.get_one(WorkOrder, 4).centre == "town", "new alerts follow at once"
    database.close()
