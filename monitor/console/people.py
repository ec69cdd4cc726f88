"""The people of a centre, as orders can be given to them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.work_orders.tables import WorkOrder

from .access import OF_A_CENTRE, Viewer
from .tables import Account


def colleagues(session: Session, viewer: Viewer) -> Sequence[Account]:
    """Everybody of the viewer's centre who may work on its orders."""
    wanted = sa.select(Account).where(
        Account.centre == (viewer.centre or ""), Account.role.in_(OF_A_CENTRE), Account.disabled.is_(False)
    )
    return session.scalars(wanted.order_by(Account.name)).all()


def shown_names(session: Session) -> dict[str, str]:
    """Everybody's shown name by account name."""
    return {account.name: account.shown_name for account in session.scalars(sa.select(Account))}


def may_be_given(session: Session, order: WorkOrder, name: str) -> bool:
    """The account exists, may sign in, and works at the order's centre."""
    account = session.get(Account, name)
    return (
        account is not None and not account.disabled and account.role in OF_A_CENTRE and account.centre == order.centre
    )
