"""A model of work orders that Hypothesis drives beside the real ones: alerts come, people close and object."""

from itertools import count
from typing import ClassVar

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from alert_sinks.database import Database
from alert_sinks.work_orders import Desk, steps
from alert_sinks.work_orders.tables import AlertRevision, OrderEvent, StoredAlert, WorkOrder
from detectors.alerts import SEVERITIES, Alert, Severity
from streams.moments import HOUR, iso
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert, memory_database

HOUSEHOLDS = st.sampled_from(["1", "2", "3"])
NUMBERS = st.integers(0, 3)
SEVERITY = st.sampled_from(SEVERITIES)
_run = count()


class OrderMachine(RuleBasedStateMachine):
    """After every step: one open order a household, each alert in exactly one order, nothing lost."""

    shared: ClassVar[Database | None] = None
    """A database that outlives an example; each example then has households of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.database = self.shared or memory_database()
        self.desk = Desk(self.database, ROUTING)
        self.prefix = f"H-{next(_run)}-"
        self.now = NOW
        self.sent: list[Alert] = []
        self.latest: dict[str, Alert] = {}

    @initialize()
    def nothing_yet(self) -> None:
        assert self.orders() == []

    def orders(self) -> list[WorkOrder]:
        with self.database.reading() as session:
            mine = sa.select(WorkOrder).where(WorkOrder.household_id.startswith(self.prefix)).order_by(WorkOrder.id)
            return list(session.scalars(mine))

    def send(self, *alerts: Alert) -> None:
        self.now += HOUR
        for alert in alerts:
            self.sent.append(alert)
            self.latest[alert.alert_id] = alert
        assert all(done.effect != "refused" for done in self.desk.attach(alerts, self.now))

    def next_revision(
        self, household: str, number: int, severity: Severity, *, raised: bool, shadow: bool = False
    ) -> Alert:
        alert_id = f"{self.prefix}{household}-{number}"
        known = self.latest.get(alert_id)
        return make_alert(
            alert_id,
            known.revision + 1 if known else 1,
            household_id=f"{self.prefix}{household}",
            status="raised" if raised or known is None else "retracted",
            severity=severity,
            shadow=shadow,
            changes=(iso(self.now),),
        )

    @rule(household=HOUSEHOLDS, number=NUMBERS, severity=SEVERITY, raised=st.booleans())
    def an_alert_comes(self, household: str, number: int, severity: Severity, raised: bool) -> None:
        self.send(self.next_revision(household, number, severity, raised=raised))

    @rule(household=HOUSEHOLDS, number=NUMBERS, severity=SEVERITY)
    def one_is_raised_in_shadow(self, household: str, number: int, severity: Severity) -> None:
        if f"{self.prefix}{household}-{number}" not in self.latest:
            self.send(self.next_revision(household, number, severity, raised=True, shadow=True))

    @rule(picks=st.lists(st.tuples(HOUSEHOLDS, NUMBERS, SEVERITY), min_size=2, max_size=6))
    def a_batch_comes(self, picks: list[tuple[str, int, Severity]]) -> None:
        batch = []
        for household, number, severity in picks:
            alert = self.next_revision(household, number, severity, raised=True)
            self.latest[alert.alert_id] = alert
            batch.append(alert)
        self.send(*batch)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def old_messages_come_again(self, data: st.DataObject) -> None:
        before = [(order.id, order.version) for order in self.orders()]
        repeated = data.draw(st.lists(st.sampled_from(range(len(self.sent))), min_size=1, max_size=5))
        done = self.desk.attach([self.sent[index] for index in repeated], self.now)
        assert {result.effect for result in done} == {"known"}
        assert [(order.id, order.version) for order in self.orders()] == before

    @rule(data=st.data())
    def people_close_one(self, data: st.DataObject) -> None:
        still_open = [order.id for order in self.orders() if order.is_open]
        if still_open:
            self.now += HOUR
            with self.database.writing() as session:
                order = session.get_one(WorkOrder, data.draw(st.sampled_from(still_open)))
                order.state, order.outcome, order.closed_at = "closed", "no_change", self.now

    @rule(data=st.data())
    def somebody_objects(self, data: st.DataObject) -> None:
        orders = self.orders()
        open_households = {order.household_id for order in orders if order.is_open}
        closed = [order for order in orders if order.household_id not in open_households]
        if closed:
            order = data.draw(st.sampled_from(closed))
            self.now += HOUR
            with self.desk.case(order.id, version=order.version, actor="li", now=self.now) as case:
                steps.object_to(case, "not so")

    @invariant()
    def one_open_order_a_household(self) -> None:
        households = [order.household_id for order in self.orders() if order.is_open]
        assert len(households) == len(set(households))

    @invariant()
    def every_alert_is_in_one_order_and_nothing_is_lost(self) -> None:
        orders = {order.id: order for order in self.orders()}
        with self.database.reading() as session:
            mine = sa.select(StoredAlert).where(StoredAlert.alert_id.startswith(self.prefix))
            rows = {row.alert_id: row for row in session.scalars(mine)}
            kept = session.execute(
                sa.select(AlertRevision.alert_id, AlertRevision.revision).where(
                    AlertRevision.alert_id.startswith(self.prefix)
                )
            )
            assert {tuple(row) for row in kept} == {(alert.alert_id, alert.revision) for alert in self.sent}
        assert set(rows) == set(self.latest)
        for alert_id, alert in self.latest.items():
            row = rows[alert_id]
            assert (row.revision, row.status) == (alert.revision, alert.status)
            if row.order_id is None:
                assert alert.shadow is True
            else:
                assert orders[row.order_id].household_id == alert.household_id

    @invariant()
    def an_open_order_says_what_its_alerts_say(self) -> None:
        with self.database.reading() as session:
            for order in self.orders():
                held = session.scalars(sa.select(StoredAlert).where(StoredAlert.order_id == order.id)).all()
                events = session.scalars(sa.select(OrderEvent.version).where(OrderEvent.order_id == order.id)).all()
                assert sorted(events) == list(range(1, order.version + 1))
                if order.is_open:
                    standing = [row.severity for row in held if row.stands]
                    assert order.standing == len(standing)
                    assert order.severity == min(standing, default=3)
