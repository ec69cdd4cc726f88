"""The JSON interface: tokens and scopes, problems, cursors, versions and steps sent twice."""

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.console.accounts import make_token
from monitor.console.api import steps as api_steps
from streams.moments import DAY
from tests.unit.alert_sinks.order_examples import NOW, make_alert
from tests.unit.monitor.console_office import PERSON, Browser, Office

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


def test_the_same_step_sent_twice_at_once_is_answered_twice_and_done_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(office)
    first = program.step("assign", 2, "key-1")
    looked = []

    def too_early(*asked: object) -> object:
        looked.append(asked)
        return None if len(looked) == 1 else found(*asked)

    found = api_steps._done
    monkeypatch.setattr(api_steps, "_done", too_early)
    again = program.step("assign", 2, "key-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert office.order().version == 3


def test_files_come_and_go_with_the_powers_of_the_account(office: Office) -> None:
    program = Program(office)
    picture = b"\x89PNG\r\n\x1a\n...."
    file = {"file_name": "表.png", "file": base64.b64encode(picture).decode()}
    assert program.step("evidence", 2, kind="photo", source="visit", **file).status_code == 200
    (item,) = program.get("/orders/WO-0000001").json()["evidence"]
    assert (item["file_name"], item["file_type"], item["checked_at"]) == ("表.png", "image/png", None)
    assert program.get("/orders/WO-0000001/files/1").content == picture
    assert Program(office, "zhou").get("/orders/WO-0000001/files/1").status_code == 403
    assert Program(office, "ana").get("/orders/WO-0000001/files/1").status_code == 403
    bad = {"file_name": "x.png", "file": base64.b64encode(b"MZ").decode()}
    assert program.step("evidence", 3, kind="photo", source="visit", **bad).json()["reasons"] == ["file_type_refused"]


def test_an_order_in_full_is_masked(office: Office) -> None:
    program = Program(office)
    program.step("remark", 2, note=f"{PERSON[1]} has moved")
    full = program.get("/orders/WO-0000001").json()
    (member,) = full["members"]
    assert (member["name"], member["id_number"]) == ("张*", "4205**********3511")
    assert full["history"][-1]["note"] == "4205**********3511 has moved"
    assert full["missing"]["stopped"][0] == "not_verified"
    analysts = Program(office, "ana").get("/orders/WO-0000001")
    assert (analysts.json()["members"][0]["name"], analysts.json()["history"][-1]["note"]) == ("", "—")
    for answer in (program.get("/orders/WO-0000001"), analysts):
        assert PERSON[0] not in answer.text
        assert PERSON[1] not in answer.text


def test_what_pages_show_programs_can_read(office: Office) -> None:
    program = Program(office)
    program.step("suppress", 2, source="vehicle-owned", until="2026-06-30", note="agreed")
    assert [made["reason"] for made in program.get("/accepted").json()] == ["agreed"]
    assert Program(office, "zhou").get("/accepted").json() == []
    assert program.get("/orders?quiet=false").json()["items"] == []
    assert len(program.get("/orders?region=420525&source=vehicle-owned&program=dibao").json()["items"]) == 1
    figures = Program(office, "chen", ("figures:read",)).get("/figures").json()
    assert (figures["open"], figures["by_direction"]) == (1, {"exit": 1})
    audit = Program(office, "aud", ("audit:read",))
    page = audit.get("/audit?limit=2").json()
    rest = audit.get(f"/audit?limit=500&cursor={page['next_cursor']}").json()
    numbers = [entry["id"] for entry in (*page["items"], *rest["items"])]
    assert numbers == list(range(len(numbers), 0, -1))
    assert Program(office, "chen", ("audit:read",)).get("/audit").status_code == 403


def test_webhooks_are_described_beside_it(office: Office) -> None:
    sent = Browser(office.app).get("/api").json()["webhooks"]["alerts"]["post"]
    named = {parameter["name"].lower() for parameter in sent["parameters"]}
    assert named == {"monitor-timestamp", "monitor-signature", "monitor-delivery"}


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
