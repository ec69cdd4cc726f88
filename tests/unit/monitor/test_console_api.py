"""The JSON interface: tokens and scopes, problems, cursors, versions and steps sent twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.console.accounts import make_token
from streams.moments import DAY
from tests.unit.alert_sinks.order_examples import NOW, make_alert
from tests.unit.monitor.console_office import Browser, Office

READ, WRITE = ("orders:read",), ("orders:read", "orders:write")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    made.attach()
    yield made
    made.close()


class Program:
    """A program with a token."""

    def __init__(self, office: Office, name: str = "li", scopes: tuple[str, ...] = WRITE) -> None:
        with office.desk.database.writing() as session:
            token = make_token(session, name, "test", scopes, NOW + 10 * DAY, NOW)
        self.headers = {"Authorization": f"Bearer {token}"}
        self.browser = Browser(office.app)

    def get(self, path: str) -> httpx.Response:
        return self.browser.get(f"/api/v1{path}", headers=self.headers)

    def step(self, step: str, version: int, key: str = "", **body: Any) -> httpx.Response:
        headers = {**self.headers, "If-Match": f'"{version}"', **({"Idempotency-Key": key} if key else {})}
        return self.browser.post(f"/api/v1/orders/WO-0000001/steps/{step}", headers=headers, json=body)


def test_nobody_gets_in_without_a_valid_token(office: Office) -> None:
    anybody = Browser(office.app)
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}):
        answer = anybody.get("/api/v1/orders", headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    program = Program(office)
    office.now += 11 * DAY
    assert program.get("/orders").status_code == 401


def test_scopes_and_centres_bound_what_a_token_may(office: Office) -> None:
    assert Program(office, scopes=READ).step("assign", 2).status_code == 403
    assert Program(office, "zhou").get("/orders/WO-0000001").status_code == 403
    assert Program(office, "zhou").get("/orders").json()["items"] == []
    assert Program(office).get("/report").status_code == 403
    assert Program(office, "chen", ("figures:read",)).get("/report?month=2026-03").json()["opened"] == 1
    assert Program(office, "ops", ("feeds:read",)).get("/feeds/alerts").json() == []


def test_an_order_with_its_alerts_and_version(office: Office) -> None:
    answer = Program(office).get("/orders/WO-0000001")
    assert answer.headers["etag"] == '"2"'
    assert [alert["alert_id"] for alert in answer.json()["alerts"]] == ["a1"]
    assert answer.json()["due_at"] == "2026-03-30T23:59:59+08:00"


def test_a_step_names_the_version_that_was_seen(office: Office) -> None:
    program = Program(office)
    assert program.step("assign", 1).status_code == 409
    done = program.step("assign", 2)
    assert (done.status_code, done.json()["state"], done.json()["version"]) == (200, "assigned", 3)
    missing = program.browser.post("/api/v1/orders/WO-0000001/steps/verify", headers=program.headers, json={})
    assert (missing.status_code, missing.json()["reasons"]) == (422, ["invalid"])


def test_the_same_step_sent_again_is_done_once(office: Office) -> None:
    program = Program(office)
    first = program.step("assign", 2, "key-1")
    again = program.step("assign", 2, "key-1")
    assert first.json() == again.json()
    assert office.order().version == 3
    other = program.step("remark", 3, "key-1", note="x")
    assert (other.status_code, other.json()["reasons"]) == (422, ["key_used_before"])


def test_what_is_not_possible_says_why(office: Office) -> None:
    program = Program(office)
    program.step("assign", 2)
    program.step("verify", 3)
    answer = program.step("close", 4, outcome="stopped", note="x", verdicts={"a1": "true"})
    assert answer.status_code == 422
    assert set(answer.json()["reasons"]) == {"not_notified", "no_checked_evidence"}
    closed = program.step("close", 4, outcome="no_change", note="x", verdicts={"a1": "false"})
    assert closed.json()["outcome"] == "no_change"


def test_lists_are_read_page_by_page(office: Office) -> None:
    office.attach(*(make_alert(f"b{n}", household_id=f"H-b{n}") for n in range(25)))
    program = Program(office)
    seen, cursor = [], ""
    while cursor is not None:
        page = program.get(f"/orders?limit=10&cursor={cursor}").json()
        seen += [order["order_id"] for order in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 26
    assert program.get("/orders?cursor=nonsense").status_code == 422
    assert program.get("/orders?limit=1000").status_code == 422


def test_odd_text_does_no_harm(office: Office) -> None:
    program = Program(office)
    body = b'{"note": "a\\u0000b \\ud800 c"}'
    headers = {**program.headers, "If-Match": "2", "Content-Type": "application/json"}
    answer = program.browser.post("/api/v1/orders/WO-0000001/steps/remark", headers=headers, content=body)
    assert answer.status_code in (200, 422)
    assert program.get("/orders?household=%00").status_code == 200


def test_the_description_is_openapi_3_1(office: Office) -> None:
    described = Browser(office.app).get("/api").json()
    assert described["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    assert "/api/v1/orders/{order_id}/steps/{step}" in described["paths"]
