"""The console's pages: who sees what, steps and their refusals, and what bad days look like."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from monitor.console import figures
from monitor.console.access import Viewer
from monitor.console.edge import MOST_BYTES
from monitor.console.tables import AuditEntry, SignIn
from streams.moments import DAY, HOUR, SECOND
from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.monitor.console_office import PASSWORD, PERSON, Office

ORDER = "/orders/WO-0000001"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


def audited(office: Office) -> list[tuple[str, str]]:
    with office.desk.database.reading() as session:
        entries = session.execute(sa.select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.id))
        return [(actor, action) for actor, action in entries]


class TestSigningIn:
    def test_pages_lead_to_signing_in_and_back(self, office: Office) -> None:
        nobody = office.person("li", "wrong")
        assert nobody.signed_in.status_code == 401
        answer = nobody.get("/orders/WO-0000001?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/orders/WO-0000001%3Fx%3D1")

    def test_never_leads_elsewhere(self, office: Office) -> None:
        for path in ("https://evil.example/", "//evil.example", "/\\evil.example"):
            client = office.person("li").client
            answer = client.post("/sign-in", data={"name": "li", "password": PASSWORD, "next": path})
            assert answer.headers["location"] == "/"

    def test_an_idle_browser_is_signed_out_and_a_busy_one_after_a_day(self, office: Office) -> None:
        li = office.person("li")
        assert li.get("/").status_code == 200
        office.now += 61 * 60 * SECOND
        assert li.get("/").status_code == 303
        busy = office.person("li")
        for _ in range(15):
            office.now += 50 * 60 * SECOND
            last = busy.get("/").status_code
        assert last == 303

    def test_wrong_passwords_make_the_account_rest(self, office: Office) -> None:
        for _ in range(5):
            office.person("li", "wrong")
        resting = office.person("li")
        assert resting.signed_in.status_code == 401
        assert "30" in resting.signed_in.text
        office.now += 31 * SECOND
        assert office.person("li").signed_in.status_code == 303

    def test_a_one_time_password_has_to_be_changed_first(self, office: Office) -> None:
        admin = office.person("adm")
        page = admin.post("/users", name="new", role="officer", centre="county", shown_name="New")
        password = page.text.split("<code>")[1].split("</code>")[0]
        new = office.person("new", password)
        assert new.get("/").headers["location"] == "/password"
        short = new.post("/password", old=password, new="short", again="short")
        assert short.status_code == 422
        done = new.post("/password", old=password, new="a long new one", again="a long new one")
        assert done.status_code == 303
        assert new.get("/").status_code == 200

    def test_tokens_are_kept_as_hashes_only(self, office: Office) -> None:
        li = office.person("li")
        cookie = li.client.cookies["monitor_session"]
        with office.desk.database.reading() as session:
            assert cookie not in session.scalars(sa.select(SignIn.token_hash)).all()


class TestWhoMayWhat:
    @pytest.mark.parametrize(
        ("name", "allowed"),
        [
            ("li", {"/", ORDER, "/suppressions"}),
            ("chen", {"/", ORDER, "/suppressions", "/figures", "/report", "/report.xlsx", "/feeds"}),
            ("zhou", {"/", "/suppressions"}),
            ("ana", {"/", ORDER, "/suppressions", "/figures", "/report", "/report.xlsx", "/feeds"}),
            ("ops", {"/feeds"}),
            ("aud", {"/audit"}),
            ("adm", {"/users"}),
        ],
    )
    def test_pages_by_role_and_centre(self, office: Office, name: str, allowed: set[str]) -> None:
        office.attach()
        person = office.person(name)
        pages = ["/", ORDER, "/suppressions", "/figures", "/report", "/report.xlsx", "/feeds", "/audit", "/users"]
        assert {page for page in pages if person.get(page).status_code == 200} == allowed

    def test_the_inbox_shows_the_own_centre_only(self, office: Office) -> None:
        office.attach(make_alert("a1"), make_alert("b1", household_id="H-2", region="420525101003"))
        assert "H-1" in office.person("li").get("/").text
        town = office.person("zhou").get("/").text
        assert "H-2" in town
        assert "H-1" not in town

    def test_steps_on_another_centres_order_are_refused_and_logged(self, office: Office) -> None:
        office.attach()
        assert office.person("zhou").step("assign").status_code == 403
        assert office.order().state == "new"
        assert ("zhou", "refused") in audited(office)

    def test_analysts_take_no_step_and_see_pseudonyms(self, office: Office) -> None:
        office.attach()
        ana = office.person("ana")
        assert ana.step("assign").status_code == 403
        page = ana.get(ORDER).text
        assert "张" not in page
        assert "pseudony" in page
        assert ana.post(f"{ORDER}/show", reason="curious").status_code == 403

    def test_only_supervisors_give_orders_to_others(self, office: Office) -> None:
        office.attach()
        assert office.person("li").step("assign", assignee="wang").status_code == 403
        assert office.person("chen").step("assign", assignee="wang").status_code == 303
        assert office.order().assignee == "wang"
        assert office.person("li").step("assign").status_code == 403, "nobody takes away what is a colleague's"

    def test_orders_are_given_to_people_of_their_centre_only(self, office: Office) -> None:
        office.attach()
        chen = office.person("chen")
        for name in ("zhou", "ana", "nobody"):
            assert chen.step("assign", assignee=name).status_code == 422
        assert office.order().state == "new"

    def test_nobody_takes_many_away_from_a_colleague(self, office: Office) -> None:
        office.attach(make_alert("a1"), make_alert("b1", household_id="H-2"))
        office.person("wang").step("assign")
        li = office.person("li")
        chosen = [f"{office.order(n).order_id}:{office.order(n).version}" for n in (1, 2)]
        data = {"form_token": li.token(), "order": chosen, "next": "/?state=new"}
        answer = li.client.post("/orders/assign", data=data)
        assert answer.headers["location"] == "/?state=new&done=assigned_some"
        assert [office.order(n).assignee for n in (1, 2)] == ["wang", "li"]

    def test_forms_from_other_sites_are_refused(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        data = {"form_token": li.token(), "version": "2"}
        headers = {"Sec-Fetch-Site": "cross-site"}
        assert li.client.post(f"{ORDER}/steps/assign", data=data, headers=headers).status_code == 403
        assert office.order().state == "new"

    def test_forms_of_others_are_refused(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        answer = li.client.post(f"{ORDER}/steps/assign", data={"version": "2", "form_token": "guessed"})
        assert answer.status_code == 403
        assert office.order().state == "new"

    def test_every_page_forbids_foreign_scripts_and_frames(self, office: Office) -> None:
        policy = office.person("li").get("/").headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy


class TestPersons:
    def test_masked_until_shown_for_a_reason_that_is_logged(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        page = li.get(ORDER).text
        assert "张*" in page
        assert "4205**********3511" in page
        assert PERSON[0] not in page
        assert PERSON[1] not in page
        assert li.post(f"{ORDER}/show", reason="").status_code == 422
        shown = li.post(f"{ORDER}/show", reason="visit tomorrow").text
        assert PERSON[0] in shown
        assert PERSON[1] in shown
        assert audited(office)[-1] == ("li", "persons_shown")

    def test_numbers_that_somebody_typed_are_masked_too_and_analysts_read_no_notes(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        note = f"户主{PERSON[1]}之子有车"
        assert li.step("remark", note=note).status_code == 303
        li.step("suppress", source="vehicle-owned", until="2026-06-30", note=note)
        for path in (ORDER, "/suppressions"):
            page = li.get(path).text
            assert PERSON[1] not in page
            assert "户主4205**********3511之子有车" in page
        assert note in li.post(f"{ORDER}/show", reason="visit").text
        assert "之子有车" not in office.person("ana").get(ORDER).text

    def test_shown_names_go_by_themselves_without_scripts(self, office: Office) -> None:
        office.attach()
        shown = office.person("li").post(f"{ORDER}/show", reason="visit tomorrow")
        assert shown.headers["refresh"] == f"60; url={ORDER}"
        assert shown.headers["cache-control"] == "no-store"

    def test_another_centres_orders_of_the_household_stay_there(self, office: Office) -> None:
        office.attach(make_alert("b1", region="420525101003"))
        zhou = office.person("zhou")
        zhou.step("assign")
        zhou.step("verify")
        zhou.step("close", outcome="no_change", note="x", **{"verdict.b1": "false"})
        office.attach(make_alert("a1"))
        assert "WO-0000001" not in office.person("li").get("/orders/WO-0000002").text
        assert "WO-0000001" in office.person("ana").get("/orders/WO-0000002").text

    def test_every_view_is_logged(self, office: Office) -> None:
        office.attach()
        office.person("li").get(ORDER)
        assert audited(office)[-1] == ("li", "household_viewed")


class TestSteps:
    def ready_to_stop(self, office: Office) -> None:
        li = office.person("li")
        for step, fields in (
            ("assign", {}),
            ("verify", {}),
            ("evidence", {"kind": "register", "source": "vehicle office", "text": "owns it"}),
            ("check", {"evidence": "1"}),
            ("notify", {"how": "letter", "note": "told"}),
            ("hear", {"note": "agrees"}),
        ):
            assert li.step(step, **fields).status_code == 303, step

    def test_an_officers_day(self, office: Office) -> None:
        office.attach()
        self.ready_to_stop(office)
        closing = {"outcome": "stopped", "verdict.a1": "true", "note": "car of 200,000"}
        assert office.person("li").step("close", **closing).status_code == 303
        assert office.order().state == "notified", "it is only proposed"
        assert office.person("li").step("approve").status_code == 422
        assert office.person("wang").step("approve").status_code == 303
        assert (office.order().state, office.order().outcome) == ("closed", "stopped")

    def test_a_stale_page_changes_nothing_and_keeps_what_was_typed(self, office: Office) -> None:
        office.attach()
        seen = office.order().version
        office.person("wang").step("assign")
        answer = office.person("li").step("remark", version=seen, note="called the <village>")
        assert answer.status_code == 409
        assert "called the &lt;village&gt;" in answer.text
        assert office.order().assignee == "wang"

    def test_a_double_click_does_it_once(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        seen = office.order().version
        assert [li.step("assign", version=seen).status_code for _ in range(2)] == [303, 409]

    def test_an_alert_since_makes_closing_fail_and_is_shown(self, office: Office) -> None:
        office.attach()
        self.ready_to_stop(office)
        seen = office.order().version
        office.attach(make_alert("a2", source="business-owner"))
        answer = office.person("li").step(
            "close", version=seen, outcome="no_change", note="x", **{"verdict.a1": "false"}
        )
        assert answer.status_code == 409
        assert "business-owner" in answer.text
        assert answer.text.count("您查看之后新增或变动") == 1

    def test_a_file_can_be_attached_and_fetched_by_the_centre_only(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        answer = li.client.post(
            f"{ORDER}/steps/evidence",
            data={"form_token": li.token(), "version": str(office.order().version), "kind": "photo", "source": "visit"},
            files={"file": ("车辆.png", b"\x89PNG\r\n\x1a\n....", "image/png")},
        )
        assert answer.status_code == 303
        file = li.get(f"{ORDER}/files/1")
        assert file.content.startswith(b"\x89PNG")
        assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''%E8%BD%A6%E8%BE%86.png"
        assert "sandbox" in file.headers["content-security-policy"]
        assert office.person("zhou").get(f"{ORDER}/files/1").status_code == 403

    def test_a_wrong_file_is_told(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        answer = li.client.post(
            f"{ORDER}/steps/evidence",
            data={"form_token": li.token(), "version": str(office.order().version), "kind": "photo", "source": "visit"},
            files={"file": ("car.png", b"MZ", "image/png")},
        )
        assert answer.status_code == 422

    def test_suppression_is_listed_and_quiet(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        assert li.step("suppress", source="vehicle-owned", until="2026-06-30", note="agreed").status_code == 303
        assert "agreed" in li.get("/suppressions").text
        assert "WO-0000001" not in li.get("/").text
        assert "WO-0000001" in li.get("/?quiet=1").text

    def test_many_are_assigned_at_once(self, office: Office) -> None:
        office.attach(make_alert("a1"), make_alert("b1", household_id="H-2"))
        chen = office.person("chen")
        chosen = [f"{office.order(n).order_id}:{office.order(n).version}" for n in (1, 2)]
        data = {"form_token": chen.token(), "order": chosen, "assignee": "wang"}
        assert chen.client.post("/orders/assign", data=data).status_code == 303
        assert {office.order(n).assignee for n in (1, 2)} == {"wang"}


class TestInbox:
    def test_most_urgent_first_and_filters(self, office: Office) -> None:
        office.attach(
            make_alert("a", household_id="H-a", severity="low", direction="review"),
            make_alert("b", household_id="H-b", severity="critical", programs=("tekun",)),
            make_alert("c", household_id="H-c", severity="medium", direction="help", region="420526"),
        )
        li = office.person("li")

        def shown(query: str = "") -> list[str]:
            text = li.get("/" + query).text
            return [f"H-{name}" for name in sorted("abc", key=lambda n: text.find(f"H-{n}<")) if f"H-{name}<" in text]

        assert shown() == ["H-b", "H-c", "H-a"]
        assert shown("?severity=critical") == ["H-b"]
        assert shown("?direction=help") == ["H-c"]
        assert shown("?program=tekun") == ["H-b"]
        assert shown("?region=420526") == ["H-c"]
        assert shown("?household=H-a") == ["H-a"]
        assert shown("?source=vehicle") == [], "a word is found whole only"
        office.now += 40 * DAY
        li = office.person("li")
        assert len(shown("?due=overdue")) == 3

    def test_pages_follow_each_other_without_gap(self, office: Office) -> None:
        office.attach(*(make_alert(f"a{n}", household_id=f"H-{n:03d}") for n in range(120)))
        li = office.person("li")
        path, seen = "/", []
        while path:
            text = li.get(path).text
            seen += [part.split("<")[0] for part in text.split('class="home">H-')[1:]]
            path = text.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in text else ""
            path = path.replace("&amp;", "&")
        assert len(seen) == len(set(seen)) == 120

    def test_a_household_is_found_whatever_became_of_its_order(self, office: Office) -> None:
        office.attach(make_alert("a1"), make_alert("b1", household_id="H-2"))
        li = office.person("li")
        li.step("assign")
        li.step("verify")
        li.step("close", outcome="no_change", note="x", **{"verdict.a1": "false"})
        assert "WO-0000001" not in li.get("/").text
        for query in ("household=H-1", "state=any", "state=closed"):
            assert "WO-0000001" in li.get(f"/?{query}").text
        assert "WO-0000001" not in li.get("/?household=H-1&state=new").text

    def test_an_identity_number_stays_in_no_address(self, office: Office) -> None:
        li = office.person("li")
        for number in (PERSON[1], f" {PERSON[1].lower()}", "420525540312351"):
            assert li.get(f"/?household={number}").headers["location"] == "/?refused=number"

    def test_a_bad_cursor_is_the_first_page(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        for cursor in ("x", "1.2", "9" * 40 + ".1.1", "-1.0.0"):
            assert "WO-0000001" in li.get(f"/?cursor={cursor}").text


class TestBadDays:
    def test_a_database_that_is_away_is_said_and_retried(self, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
        office.attach()
        li = office.person("li")

        def away(*_: object) -> None:
            raise sa.exc.OperationalError("x", {}, Exception("gone"))

        with monkeypatch.context() as patch:
            patch.setattr("monitor.console.inbox.find", away)
            answer = li.get("/")
        assert answer.status_code == 503
        assert 'http-equiv="refresh"' in answer.text
        assert li.get("/").status_code == 200

    def test_a_session_that_ended_in_a_form_says_so(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        token = li.token()
        office.now += 2 * HOUR
        answer = li.client.post(f"{ORDER}/steps/remark", data={"form_token": token, "version": "2", "note": "x"})
        assert answer.status_code == 401
        assert office.order().version == 2

    def test_requests_beyond_any_form_are_not_read(self, office: Office) -> None:
        li = office.person("li")
        assert li.client.post("/sign-in", content=b"x" * (MOST_BYTES + 1)).status_code == 413
        assert li.client.post("/sign-in", headers={"Transfer-Encoding": "chunked"}, content=b"x").status_code == 411

    def test_what_is_not_there_or_breaks_is_a_page_and_a_problem(
        self, office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        li = office.person("li")
        for path in ("/nowhere", "/orders/WO-1/files/x"):
            answer = li.get(path)
            assert answer.status_code in (404, 422)
            assert "没有这个页面" in answer.text
        assert li.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"

        def broken(*_: object) -> None:
            raise RuntimeError("420525195403123511 was typed here")

        monkeypatch.setattr("monitor.console.inbox.find", broken)
        answer = li.get("/")
        assert answer.status_code == 500
        assert "content-security-policy" in answer.headers
        said = capsys.readouterr()
        assert "420525" not in answer.text + said.out + said.err
        assert "RuntimeError" in said.out + said.err

    def test_a_session_that_ended_leads_back_to_the_order(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        answer = li.client.post("/orders/WO-0000001/steps/remark", data={"form_token": li.token(), "version": "2"})
        assert answer.status_code == 422
        li.client.cookies.clear()
        answer = li.client.post("/orders/WO-0000001/steps/remark", data={"form_token": "x", "version": "2"})
        assert (answer.status_code, "/sign-in?next=/orders/WO-0000001" in answer.text) == (401, True)

    def test_control_characters_do_no_harm(self, office: Office) -> None:
        office.attach()
        li = office.person("li")
        assert li.step("remark", note="a\x00b").status_code == 303
        assert li.get("/?household=%00%F0%9F").status_code == 200
        assert li.get("/orders/WO-99999999999999999999").status_code == 403


def test_the_report_counts_and_exports(office: Office) -> None:
    office.attach(make_alert("a1"), make_alert("a2", direction="help"))
    chen = office.person("chen")
    assert "420525" in chen.get("/report?month=2026-03").text
    assert chen.get("/report.xlsx?month=2026-03").content.startswith(b"PK")
    for month in ("2026-13", "9999-12", "0000-01", "x"):
        assert chen.get(f"/report?month={month}").status_code == 200
    assert ("chen", "report_exported") in audited(office)


def test_the_report_counts_persons_where_their_alerts_are(office: Office) -> None:
    office.attach(
        replace(make_alert("a1"), person="p1"),
        replace(make_alert("a2"), person="p2"),
        replace(make_alert("a3", source="job-lost", direction="help"), person="p1"),
        make_alert("b1", household_id="H-2", source="job-lost", direction="help"),
    )
    with office.desk.database.reading() as session:
        viewer = Viewer("chen", "Chen", "supervisor", "county")
        rows = figures.monthly(session, viewer, figures.report_month("2026-03")).rows
    found = {(row.dimension, row.value): (row.households, row.orders, row.persons) for row in rows}
    assert found == {
        ("program", "dibao"): (2, 2, 3),
        ("source", "vehicle-owned"): (1, 1, 2),
        ("source", "job-lost"): (2, 2, 2),
        ("direction", "exit"): (1, 1, 2),
        ("direction", "help"): (2, 2, 2),
        ("region", "420525"): (2, 2, 3),
    }
