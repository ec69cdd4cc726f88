"""Who may what: roles, their powers, and which orders a person sees."""

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from alert_sinks.work_orders.tables import WorkOrder

Power = Literal["orders", "work", "assign", "persons", "figures", "feeds", "audit", "users"]
ROLES: dict[str, frozenset[Power]] = {
    "officer": frozenset({"orders", "work", "persons"}),
    "supervisor": frozenset({"orders", "work", "assign", "persons", "figures", "feeds"}),
    "analyst": frozenset({"orders", "figures", "feeds"}),
    "ops": frozenset({"feeds"}),
    "auditor": frozenset({"audit"}),
    "admin": frozenset({"users"}),
}
"""What each role may do. Analysts see orders with pseudonyms only, and take no step."""
OF_A_CENTRE = frozenset({"officer", "supervisor"})
"""Roles that belong to a centre and see nothing beyond it."""


@dataclass(frozen=True)
class Viewer:
    """Somebody who is signed in."""

    name: str
    shown_name: str
    role: str
    centre: str | None

    def may(self, power: Power) -> bool:
        return power in ROLES.get(self.role, frozenset())

    def sees(self, order: WorkOrder) -> bool:
        """The order is one of those that the viewer may look at."""
        return self.may("orders") and (self.role not in OF_A_CENTRE or order.centre == self.centre)

    def condition(self) -> sa.ColumnElement[bool]:
        """The same as `sees`, for queries."""
        if not self.may("orders"):
            return sa.false()
        return WorkOrder.centre == (self.centre or "") if self.role in OF_A_CENTRE else sa.true()


class RefusedError(Exception):
    """The viewer may not do this, or see this."""
