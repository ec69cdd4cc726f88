"""Administrators' programs manage users and centres as the pages do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from alert_sinks.centres import StoredRouting
from monitor.console.accounts import SCOPES, make_token
from monitor.console.tables import AuditEntry
from streams.moments import DAY
from tests.unit.alert_sinks.order_examples import NOW
from tests.unit.monitor.console_office import Browser, Office

RIVER = {"zh": "河口中心", "en": "River", "objection_days": 7}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


class Program:
    """A program with a token."""

    def __init__(self, office: Office, name: str = "adm", scopes: tuple[str, ...] = SCOPES) -> None:
        with office.desk.database.writing() as session:
            token = make_token(session, name, "test", scopes, NOW + 10 * DAY, NOW)
        self._headers = {"Authorization": f"Bearer {token}"}
        self._browser = Browser(office.app)

    def __call__(self, method: str, path: str, **body: Any) -> httpx.Response:
        sent = {"json": body} if body else {}
        return self._browser.send(method, f"/api/v1{path}", headers=self._headers, **sent)


def log(office: Office) -> list[tuple[str, str, str, dict[str, Any]]]:
    with office.desk.database.reading() as session:
        entries = session.scalars(sa.select(AuditEntry).where(AuditEntry.action.not_like("sign%")))
        return [(entry.actor, entry.action, entry.object, json.loads(entry.detail)) for entry in entries]


def test_a_user_is_made_signs_in_and_is_locked_out(office: Office) -> None:
    adm = Program(office)
    made = adm("POST", "/users", name="sun", role="officer", centre="county", shown_name="孙")
    assert (made.status_code, made.json()["name"]) == (201, "sun")
    assert office.person("sun", made.json()["password"]).get("/").headers["location"] == "/password"
    (sun,) = [user for user in adm("GET", "/users").json() if user["name"] == "sun"]
    assert (sun["shown_name"], sun["role"], sun["centre"]) == ("孙", "officer", "county")
    assert sun["state"] == "one_time_password"
    again = adm("POST", "/users/sun/password").json()["password"]
    assert office.person("sun", made.json()["password"]).signed_in.status_code == 401
    sun_here = office.person("sun", again)
    assert sun_here.signed_in.status_code == 303
    assert adm("PATCH", "/users/sun", disabled=True).json()["state"] == "disabled"
    assert sun_here.get("/").status_code == 303
    assert office.person("sun", again).signed_in.status_code == 401
    assert adm("PATCH", "/users/sun", disabled=False).json()["state"] == "one_time_password"
    assert office.person("sun", again).signed_in.status_code == 303
    assert log(office) == [
        ("adm", "user_made", "sun", {"role": "officer"}),
        ("adm", "user_reset", "sun", {}),
        ("adm", "user_disable", "sun", {}),
        ("adm", "user_enable", "sun", {}),
    ]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "reason"),
    [
        ("POST", "/users", {"name": "li", "role": "officer", "centre": "county"}, 409, "user_exists"),
        ("POST", "/users", {"name": "Sun Li", "role": "admin"}, 422, "invalid"),
        ("POST", "/users", {"name": "sun", "role": "king"}, 422, "invalid"),
        ("POST", "/users", {"name": "sun", "role": "officer"}, 409, "role_and_centre"),
        ("POST", "/users", {"name": "sun"}, 422, "invalid"),
        ("POST", "/users/sun/password", {}, 404, "no_user"),
        ("PATCH", "/users/sun", {"disabled": True}, 404, "no_user"),
        ("PATCH", "/users/adm", {"disabled": True}, 409, "own_account"),
        ("PUT", "/centres/River", RIVER, 422, "invalid"),
        ("PUT", "/centres/river", {**RIVER, "en": ""}, 422, "invalid"),
        ("PUT", "/centres/river", {**RIVER, "objection_days": 0}, 422, "invalid"),
        ("DELETE", "/centres/town", {}, 409, "routed"),
        ("DELETE", "/centres/river", {}, 404, "no_centre"),
        ("PUT", "/routes", {"region": "42", "direction": "", "centre": "river"}, 404, "no_centre"),
        ("PUT", "/routes", {"region": "42x", "direction": "", "centre": "town"}, 422, "invalid"),
        ("DELETE", "/routes?region=42", {}, 404, "no_route"),
        ("DELETE", "/routes", {}, 409, "last_route"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(
    office: Office, method: str, path: str, body: dict[str, Any], status: int, reason: str
) -> None:
    adm = Program(office)
    before = adm("GET", "/users").json(), adm("GET", "/centres").json()
    answer = adm(method, path, **body)
    assert (answer.status_code, answer.json()["reasons"]) == (status, [reason])
    assert answer.headers["content-type"] == "application/problem+json"
    assert (adm("GET", "/users").json(), adm("GET", "/centres").json()) == before
    assert log(office) == []


def test_a_new_centre_takes_over_a_town_and_gives_it_back(office: Office) -> None:
    office.attach()
    adm = Program(office)
    assert adm("GET", "/centres").json()["changed_by"] is None
    assert adm("PUT", "/centres/river", **RIVER).status_code == 200
    turned = adm("PUT", "/routes", region="420525102", direction="", centre="river").json()
    assert {"id": "river", **RIVER} in turned["centres"]
    assert {"region": "420525102", "direction": "", "centre": "river"} in turned["routes"]
    assert (turned["changed_by"], office.order().centre) == ("adm", "river")
    assert adm("DELETE", "/centres/river").json()["reasons"] == ["routed"]
    assert adm("DELETE", "/routes?region=420525102").status_code == 200
    assert office.order().centre == "county"
    assert "river" not in adm("DELETE", "/centres/river").text
    filed = adm("DELETE", "/centres").json()
    assert (filed["changed_by"], len(filed["centres"])) == (None, 3)
    assert [about for _, _, about, _ in log(office)] == ["centre", "route", "route_gone", "centre_gone", "file"]


def test_a_centre_with_people_stays(office: Office) -> None:
    adm = Program(office)
    adm("PUT", "/centres/river", **RIVER)
    adm("POST", "/users", name="sun", role="officer", centre="river")
    assert adm("DELETE", "/centres").json()["reasons"] == ["centre_in_use"]


CALLS = [
    ("GET", "/users", {}, "users:read"),
    ("POST", "/users", {"name": "sun", "role": "admin"}, "users:write"),
    ("POST", "/users/li/password", {}, "users:write"),
    ("PATCH", "/users/li", {"disabled": True}, "users:write"),
    ("GET", "/centres", {}, "centres:read"),
    ("PUT", "/centres/river", RIVER, "centres:write"),
    ("DELETE", "/centres/relief", {}, "centres:write"),
    ("PUT", "/routes", {"region": "42", "direction": "", "centre": "town"}, "centres:write"),
    ("DELETE", "/routes?region=420525101", {}, "centres:write"),
    ("DELETE", "/centres", {}, "centres:write"),
]


@pytest.mark.parametrize(("method", "path", "body", "scope"), CALLS)
def test_it_wants_an_administrators_token_with_the_scope(
    office: Office, method: str, path: str, body: dict[str, Any], scope: str
) -> None:
    others = tuple(other for other in SCOPES if other != scope)
    assert Program(office, "adm", others)(method, path, **body).status_code == 403
    for name in ("li", "chen", "ana", "ops", "aud"):
        assert Program(office, name)(method, path, **body).status_code == 403
    assert log(office) == []


def test_two_administrators_at_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    adm = Program(office)
    adm("PUT", "/centres/river", **RIVER)

    def too_late(session: Session, _: object, now: int, actor: str) -> None:
        """As if the version had been asked for before the other one's was there."""
        session.add(StoredRouting(version=1, made_at=now, made_by=actor, content=None))
        session.flush()

    monkeypatch.setattr("alert_sinks.centres.save", too_late)
    answer = adm("PUT", "/centres/lake", **RIVER)
    assert (answer.status_code, answer.json()["reasons"]) == (409, ["changed_meanwhile"])


def test_pages_take_no_other_action_and_nobody_disables_the_own_account(office: Office) -> None:
    adm = office.person("adm")
    assert adm.post("/users/li/promote").status_code == 422
    assert adm.post("/users/adm/disable").status_code == 422
    assert adm.get("/users").status_code == 200
    assert log(office) == []
