"""The work that alerts would have been."""

from alert_sinks.routing import load_routing
from monitor.configuration import SHIPPED
from monitor.replaying.register import Said
from monitor.workload import for_nothing, orders
from streams.moments import DAY

ROUTING = load_routing(SHIPPED / "centres.yaml")


def said(name: str, household: str, day: int, retracted: int | None = None) -> Said:
    return Said(
        alert_id=name, source="formal-employment", source_kind="rule", direction="exit", severity="medium",
        household_id=household, person="", region="420525101003", feeds=("social-insurance",), shadow=False,
        occurred_at=day * DAY, due_at=(day + 20) * DAY, first_at=day * DAY, raised_at=day * DAY,
        retracted_at=None if retracted is None else retracted * DAY,
    )  # fmt: skip


def test_a_household_has_one_order_until_it_is_due() -> None:
    found = orders([said("a", "H-1", 0), said("b", "H-1", 5), said("c", "H-1", 40), said("d", "H-2", 1)], ROUTING)
    assert [order.alerts for order in found] == [["a", "b"], ["d"], ["c"]]


def test_an_order_was_for_nothing_when_all_its_alerts_were_taken_back() -> None:
    alerts = [
        said("a", "H-1", 0, retracted=3),
        said("b", "H-1", 5),
        said("c", "H-2", 0, retracted=3),
        said("d", "H-2", 1, retracted=3),
        said("e", "H-3", 0),
    ]
    assert for_nothing(orders(alerts, ROUTING), alerts) == 1
