"""Every alert about a household in exactly one order; repeated, late, retracted and moved ones included."""

import pytest
import sqlalchemy as sa

from alert_sinks.work_orders import Attached, Desk
from alert_sinks.work_orders.tables import AlertRevision, OrderEvent, StoredAlert, WorkOrder
from detectors.alerts import Alert
from streams.moments import DAY, iso, parse_instant
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert, memory_database


@pytest.fixture
def desk() -> Desk:
    return Desk(memory_database(), ROUTING)


def attach(desk: Desk, *alerts: Alert, now: int = NOW) -> list[Attached]:
    return desk.attach(alerts, now)


def orders(desk: Desk) -> list[WorkOrder]:
    with desk.database.reading() as session:
        return list(session.scalars(sa.select(WorkOrder).order_by(WorkOrder.id)))


def only_order(desk: Desk) -> WorkOrder:
    (order,) = orders(desk)
    return order


def stored(desk: Desk, alert_id: str = "a1") -> StoredAlert:
    with desk.database.reading() as session:
        return session.get_one(StoredAlert, alert_id)


def kinds(desk: Desk, order_id: int) -> list[str]:
    with desk.database.reading() as session:
        events = sa.select(OrderEvent.kind).where(OrderEvent.order_id == order_id).order_by(OrderEvent.version)
        return list(session.scalars(events))


def close(desk: Desk, order_id: int, now: int, outcome: str = "no_change") -> None:
    """As if officers had closed the order."""
    with desk.database.writing() as session:
        order = session.get_one(WorkOrder, order_id)
        order.state, order.outcome, order.closed_at = "closed", outcome, now


def test_one_order_per_household_holds_its_alerts(desk: Desk) -> None:
    done = attach(desk, make_alert("a1"), make_alert("a2"), make_alert("b1", household_id="H-2"))
    assert [result.effect for result in done] == ["opened", "attached", "opened"]
    assert [order.household_id for order in orders(desk)] == ["H-1", "H-2"]
    assert done[0].order_id == done[1].order_id != done[2].order_id


def test_a_repeated_message_changes_nothing(desk: Desk) -> None:
    attach(desk, make_alert("a1"))
    before = only_order(desk).version
    assert [result.effect for result in attach(desk, make_alert("a1"), make_alert("a1"))] == ["known", "known"]
    assert only_order(desk).version == before


def test_the_same_alerts_in_one_batch_or_many_leave_the_same(desk: Desk) -> None:
    alerts = [
        make_alert("a1"),
        make_alert("a2", severity="critical"),
        make_alert("a1", 2, status="retracted"),
        make_alert("b1", household_id="H-2"),
    ]
    other = Desk(memory_database(), ROUTING)
    attach(desk, *alerts)
    for alert in alerts:
        attach(other, alert)
    assert [(o.id, o.version, o.severity, o.due_at, kinds(desk, o.id)) for o in orders(desk)] == [
        (o.id, o.version, o.severity, o.due_at, kinds(other, o.id)) for o in orders(other)
    ]


def test_an_older_revision_that_comes_late_is_kept_and_changes_nothing(desk: Desk) -> None:
    attach(desk, make_alert("a1", 3, status="retracted"))
    attach(desk, make_alert("a1", 2))
    assert stored(desk).status == "retracted"
    with desk.database.reading() as session:
        assert set(session.scalars(sa.select(AlertRevision.revision))) == {2, 3}


def test_due_as_the_most_urgent_alert_counted_from_opening_where_that_is_later(desk: Desk) -> None:
    attach(desk, make_alert("a1", severity="medium", occurred_at="2025-12-01", days=3))
    assert iso(only_order(desk).due_at) == "2026-03-13T23:59:59+08:00"
    attach(desk, make_alert("a2", severity="high", occurred_at="2026-03-09", days=20))
    assert iso(only_order(desk).due_at) == "2026-03-30T23:59:59+08:00"
    attach(desk, make_alert("a3", severity="high", occurred_at="2026-04-01", days=1), now=NOW + DAY)
    assert iso(only_order(desk).due_at) == "2026-03-30T23:59:59+08:00", "of two high ones the sooner due leads"
    attach(desk, make_alert("a4", severity="critical", occurred_at="2026-05-01", days=10), now=NOW + DAY)
    assert iso(only_order(desk).due_at) == "2026-05-11T23:59:59+08:00"


def test_without_stated_days_they_count_from_the_occurrence(desk: Desk) -> None:
    alert = make_alert("a1", occurred_at="2026-03-01T10:00:00+08:00", days=20)
    del alert.evidence["days_to_act"]
    attach(desk, alert)
    assert stored(desk).days_to_act == 20


def test_retracted_alerts_stay_and_no_longer_count(desk: Desk) -> None:
    attach(desk, make_alert("a1", severity="critical"), make_alert("a2", severity="low"))
    attach(desk, make_alert("a1", 2, status="retracted", severity="critical"))
    order = only_order(desk)
    assert (order.urgency, order.standing, order.state) == ("low", 1, "new")
    assert stored(desk).order_id == order.id


def test_an_order_whose_alerts_are_all_retracted_stays_open_at_the_end_of_the_queue(desk: Desk) -> None:
    attach(desk, make_alert("a1", severity="critical"))
    due = only_order(desk).due_at
    attach(desk, make_alert("a1", 2, status="retracted", severity="critical"))
    order = only_order(desk)
    assert (order.urgency, order.standing, order.state, order.due_at) == ("low", 0, "new", due)
    attach(desk, make_alert("a1", 3, severity="critical"))
    assert only_order(desk).urgency == "critical"


def test_an_alert_first_seen_retracted_is_in_an_order_too(desk: Desk) -> None:
    attach(desk, make_alert("a1", 2, status="retracted"))
    assert stored(desk).order_id == only_order(desk).id


def test_death_of_the_only_member_inhibits_the_others(desk: Desk) -> None:
    attach(
        desk, make_alert("a1", severity="high", days=1), make_alert("a2", severity="high", only_member=True, days=10)
    )
    assert (stored(desk, "a1").inhibited, stored(desk, "a2").inhibited) == (True, False)
    assert only_order(desk).due_at == stored(desk, "a2").due_at + 9 * DAY, "10 days from opening, not 1"
    attach(desk, make_alert("a3", severity="critical"))
    assert stored(desk, "a3").inhibited
    attach(desk, make_alert("a2", 2, status="retracted", only_member=True))
    assert not stored(desk, "a1").inhibited


def test_alerts_in_shadow_and_about_feeds_raise_no_order_and_are_kept(desk: Desk) -> None:
    done = attach(desk, make_alert("a1", shadow=True), make_alert("f1", household_id=None, source="feed-silence"))
    assert [result.effect for result in done] == ["stored", "stored"]
    assert orders(desk) == []
    assert stored(desk, "f1").household_id is None
    assert attach(desk, make_alert("a1", 2))[0].effect == "opened", "out of the shadow it becomes an order's"


def test_an_order_of_doubtful_feeds_is_quiet_until_the_doubt_is_resolved(desk: Desk) -> None:
    attach(desk, make_alert("a1", feed_doubtful=True), make_alert("a2", feed_doubtful=True))
    assert only_order(desk).quiet_until > NOW + 1000 * DAY
    attach(desk, make_alert("a1", 2))
    assert only_order(desk).quiet_until == 0


def test_region_and_direction_choose_the_centre_until_somebody_takes_the_order(desk: Desk) -> None:
    town = "420525101003"
    attach(desk, make_alert("a1", region=town, direction="help", severity="medium"))
    assert only_order(desk).centre == "relief"
    attach(desk, make_alert("a2", region=town, direction="exit", severity="high"))
    assert only_order(desk).centre == "town"
    with desk.database.writing() as session:
        session.get_one(WorkOrder, 1).state = "assigned"
    attach(desk, make_alert("a3", region=town, direction="help", severity="critical"))
    assert only_order(desk).centre == "town"


class TestAfterClosing:
    closing = parse_instant("2026-03-12T15:00:00+08:00")

    def test_a_new_alert_opens_another_order(self, desk: Desk) -> None:
        attach(desk, make_alert("a1"))
        close(desk, 1, self.closing)
        assert attach(desk, make_alert("a2"))[0].effect == "opened"
        assert [order.state for order in orders(desk)] == ["closed", "new"]

    def test_more_of_the_same_from_before_the_closing_stays_with_the_closed_order(self, desk: Desk) -> None:
        attach(desk, make_alert("a1"))
        close(desk, 1, self.closing)
        late = make_alert("a1", 2, changes=("2026-03-01", "2026-03-12T15:00:00+08:00"))
        assert attach(desk, late)[0].effect == "revised"
        assert only_order(desk).state == "closed"

    def test_raised_again_after_a_retraction_reopens(self, desk: Desk) -> None:
        attach(desk, make_alert("a1"))
        close(desk, 1, self.closing)
        attach(desk, make_alert("a1", 2, status="retracted"))
        assert only_order(desk).state == "closed"
        again = self.closing + 5 * DAY
        assert attach(desk, make_alert("a1", 3), now=again)[0].effect == "reopened"
        order = only_order(desk)
        assert (order.state, order.outcome, order.closed_at, order.round) == ("new", None, None, 2)
        assert iso(order.due_at) == "2026-04-06T23:59:59+08:00", "counted from the reopening"
        assert iso(order.opened_at) == iso(NOW)

    def test_what_occurred_since_reopens(self, desk: Desk) -> None:
        attach(desk, make_alert("a1"))
        close(desk, 1, self.closing)
        since = make_alert("a1", 2, changes=("2026-03-01", "2026-03-12T15:00:01+08:00"))
        assert attach(desk, since)[0].effect == "reopened"

    def test_it_moves_where_the_household_has_another_open_order(self, desk: Desk) -> None:
        attach(desk, make_alert("a1"), make_alert("a0"))
        close(desk, 1, self.closing)
        attach(desk, make_alert("a2", severity="low"))
        attach(desk, make_alert("a1", 2, status="retracted"))
        assert attach(desk, make_alert("a1", 3, severity="critical"))[0].effect == "moved"
        first, second = orders(desk)
        assert (first.state, second.state, second.urgency) == ("closed", "new", "critical")
        assert (stored(desk, "a1").order_id, stored(desk, "a0").order_id) == (second.id, first.id)
        assert "alert_moved_away" in kinds(desk, first.id)


def test_a_poisonous_alert_is_refused_alone(desk: Desk) -> None:
    bad = make_alert("a2", days=20)
    bad = Alert(**{**{f: getattr(bad, f) for f in bad.__struct_fields__}, "due_at": "2026-02-30"})
    done = attach(desk, make_alert("a1"), bad, make_alert("a3"))
    assert [result.effect for result in done] == ["opened", "refused", "attached"]
    assert only_order(desk).standing == 2


def test_events_can_be_neither_changed_nor_removed(desk: Desk) -> None:
    attach(desk, make_alert("a1"))
    for statement in (sa.update(OrderEvent).values(note="x"), sa.delete(OrderEvent)):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), desk.database.writing() as session:
            session.execute(statement)


def test_the_database_itself_refuses_a_second_open_order(desk: Desk) -> None:
    attach(desk, make_alert("a1"))
    copy = {column.key: getattr(only_order(desk), column.key) for column in sa.inspect(WorkOrder).columns}
    with pytest.raises(sa.exc.IntegrityError), desk.database.writing() as session:
        session.execute(sa.insert(WorkOrder).values(**{**copy, "id": 99}))
