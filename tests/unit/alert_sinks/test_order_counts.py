"""The counts that the metrics show."""

import sqlalchemy as sa

from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.listing import count_by_state, count_overdue, list_orders
from alert_sinks.work_orders.tables import WorkOrder
from streams.moments import DAY
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert, memory_database


def test_counts_by_state_and_overdue() -> None:
    database = memory_database()
    alerts = [make_alert(f"a{n}", household_id=f"H-{n}", feed_doubtful=n == 0) for n in range(4)]
    Desk(database, ROUTING).attach(alerts, NOW)
    with database.writing() as session:
        order = session.scalars(sa.select(WorkOrder).where(WorkOrder.household_id == "H-3")).one()
        order.state, order.closed_at = "closed", NOW
    with database.reading() as session:
        assert count_by_state(session) == {"new": 3, "assigned": 0, "verifying": 0, "notified": 0, "closed": 1}
        assert count_overdue(session, NOW) == 0
        assert count_overdue(session, NOW + 30 * DAY) == 2, "neither the closed one nor the quiet one"


def test_a_long_list_is_read_in_pieces() -> None:
    database = memory_database()
    Desk(database, ROUTING).attach([make_alert(f"a{n}", household_id=f"H-{n}") for n in range(1100)], NOW)
    with database.reading() as session:
        listed = list(list_orders(session))
    assert [order.order_id for order in listed] == sorted({order.order_id for order in listed})
    assert len(listed) == 1100
