"""The routing in force: the one that an administrator made last, else that of `centres.yaml`.

A change is a whole new routing beside the former ones, so that every process finds it complete, and what held when
stays known.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from alert_sinks.database import Base
from alert_sinks.routing import DIRECTIONS, REGION_LENGTHS, Centre, Routing
from detectors.alerts import Text
from streams.errors import NamedError

ID = r"[a-z][a-z0-9-]{0,31}"
MOST_DAYS = 365


class StoredRouting(Base):
    """A routing as it was made; `content` is null where the file's was taken up again."""

    __tablename__ = "routings"

    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    made_at: Mapped[int] = mapped_column(sa.BigInteger)
    made_by: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class CurrentRouting:
    """Knows the routing in force; one small question to the database each time tells whether it has changed."""

    def __init__(self, filed: Routing) -> None:
        self.filed = filed
        self._known = (0, filed)

    @property
    def latest(self) -> Routing:
        """As it was when somebody last looked."""
        return self._known[1]

    def of(self, session: Session) -> Routing:
        """As it is now."""
        version = session.scalar(sa.select(sa.func.max(StoredRouting.version))) or 0
        if version != self._known[0]:
            content = session.get_one(StoredRouting, version).content
            self._known = (version, self.filed if content is None else _decode(content))
        return self._known[1]


def last_change(session: Session) -> StoredRouting | None:
    """Who made the routing in force, and when; None while it is the file's and always was."""
    return session.scalar(sa.select(StoredRouting).order_by(StoredRouting.version.desc()).limit(1))


def save(session: Session, routing: Routing | None, now: int, actor: str) -> None:
    """Put a routing in force; None is the file's. Two people at once: one fails with an IntegrityError."""
    version = session.scalar(sa.select(sa.func.max(StoredRouting.version))) or 0
    content = None if routing is None else _encode(routing)
    session.add(StoredRouting(version=version + 1, made_at=now, made_by=actor, content=content))
    session.flush()


def with_centre(routing: Routing, centre: Centre) -> Routing:
    """The routing with a further centre, or one that is named differently. Raises NamedError."""
    if not re.fullmatch(ID, centre.id):
        raise NamedError(
            "bad_id", f"centre {centre.id!r}: an id has 1 to 32 of a-z, 0-9 and -, and begins with a letter"
        )
    if not centre.name.zh or not centre.name.en:
        raise NamedError("names_missing", f"centre {centre.id}: it needs a name in Chinese and in English")
    if not 1 <= centre.objection_days <= MOST_DAYS:
        raise NamedError("bad_days", f"centre {centre.id}: days to object are 1 to {MOST_DAYS}")
    return replace(routing, centres={**routing.centres, centre.id: centre})


def without_centre(routing: Routing, name: str) -> Routing:
    """The routing without a centre to which nothing is routed. Raises NamedError."""
    if name not in routing.centres:
        raise NamedError("no_centre", f"centre {name}: there is no such centre")
    if name in routing.routes.values():
        raise NamedError("routed", f"centre {name}: routes lead to it; change them first")
    return replace(routing, centres={key: centre for key, centre in routing.centres.items() if key != name})


def with_route(routing: Routing, region: str, direction: str, centre: str) -> Routing:
    """The routing with a route added or turned; region "" is every region, direction "" all. Raises NamedError."""
    if region and not (region.isascii() and region.isdigit() and len(region) in REGION_LENGTHS):
        raise NamedError(
            "bad_region", f"region {region}: the first 2, 4, 6, 9 or all 12 digits of a division code, or none"
        )
    if direction and direction not in DIRECTIONS:
        raise NamedError("bad_direction", f"direction {direction}: one of {', '.join(DIRECTIONS)}, or none")
    if centre not in routing.centres:
        raise NamedError("no_centre", f"centre {centre}: there is no such centre")
    return replace(routing, routes={**routing.routes, (region, direction): centre})


def without_route(routing: Routing, region: str, direction: str) -> Routing:
    """The routing without a route; the one that takes all the rest must stay. Raises NamedError."""
    if (region, direction) == ("", ""):
        raise NamedError(
            "last_route", "the route of every region takes what no other takes; turn it to another centre instead"
        )
    if (region, direction) not in routing.routes:
        raise NamedError(
            "no_route", f"route of region {region or 'any'}, direction {direction or 'any'}: there is none"
        )
    return replace(routing, routes={key: name for key, name in routing.routes.items() if key != (region, direction)})


def _encode(routing: Routing) -> dict[str, Any]:
    return {
        "centres": [
            {"id": c.id, "zh": c.name.zh, "en": c.name.en, "objection_days": c.objection_days}
            for c in routing.centres.values()
        ],
        "routes": [
            {"region": region, "direction": direction, "centre": centre}
            for (region, direction), centre in sorted(routing.routes.items())
        ],
    }


def _decode(content: Mapping[str, Any]) -> Routing:
    centres = {
        c["id"]: Centre(id=c["id"], name=Text(c["zh"], c["en"]), objection_days=c["objection_days"])
        for c in content["centres"]
    }
    return Routing(centres, {(r["region"], r["direction"]): r["centre"] for r in content["routes"]})
