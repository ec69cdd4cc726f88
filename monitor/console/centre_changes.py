"""What administrators do with the centres and the routes to them, on pages and by programs."""

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from alert_sinks import centres
from alert_sinks.routing import Routing
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.tables import WorkOrder
from streams.errors import NamedError

from . import audit
from .tables import Account

MEANWHILE = "changed_meanwhile"


def change(
    desk: Desk, make: Callable[[Routing], Routing | None], now: int, *, by: str, what: str, told: Mapping[str, object]
) -> None:
    """Put in force what `make` makes of the routing (None: the file's), and say so in the audit log.

    Orders that nobody has taken go to their new centre at once. Raises NamedError for what cannot be; its name is
    `MEANWHILE` where somebody else was first.
    """
    try:
        with desk.database.writing() as session:
            made = make(desk.current.of(session))
            needed = _in_use(session) - set((made or desk.current.filed).centres)
            if needed:
                raise NamedError("centre_in_use", f"centre {', '.join(sorted(needed))}: has open orders or users")
            centres.save(session, made, now, by)
            audit.write(session, now, by, "centres_changed", what, told)
    except IntegrityError as error:
        raise NamedError(MEANWHILE, "centres: somebody else changed them at the same moment; look again") from error
    desk.reroute(by, now)


def _in_use(session: Session) -> set[str]:
    """The centres that have open orders or people."""
    orders = sa.select(WorkOrder.centre).where(WorkOrder.state.in_(("assigned", "verifying", "notified")))
    people = sa.select(Account.centre).where(Account.centre.is_not(None), Account.disabled.is_(False))
    return {name for query in (orders, people) for name in session.scalars(query.distinct()) if name}
