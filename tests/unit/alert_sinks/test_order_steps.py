"""What officers may do to an order, and what an adverse outcome asks for."""

from datetime import date

import pytest
import sqlalchemy as sa

from alert_sinks.work_orders import Desk, closing, evidence, steps, suppression
from alert_sinks.work_orders.case import Case
from alert_sinks.work_orders.errors import ConflictError, StepError, UnknownOrderError
from alert_sinks.work_orders.tables import OrderEvent, StoredAlert, WorkOrder
from streams.moments import DAY
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert, memory_database

PDF = evidence.File("deed.pdf", b"%PDF-1.7 ...")


class Office:
    """A desk with one order, and officers who always see its latest version."""

    def __init__(self) -> None:
        self.desk = Desk(memory_database(), ROUTING)
        self.now = NOW
        self.attach(make_alert("a1"))

    def attach(self, *alerts: object) -> None:
        self.desk.attach(alerts, self.now)  # type: ignore[arg-type]  # alerts of make_alert

    @property
    def order(self) -> WorkOrder:
        with self.desk.database.reading() as session:
            return session.get_one(WorkOrder, 1)

    def alert(self, alert_id: str) -> StoredAlert:
        with self.desk.database.reading() as session:
            return session.get_one(StoredAlert, alert_id)

    def do(self, step: object, *args: object, actor: str = "li", **options: object) -> object:
        with self.desk.case(1, version=self.order.version, actor=actor, now=self.now) as case:
            assert callable(step)
            return step(case, *args, **options)

    def refused(self, step: object, *args: object, actor: str = "li", **options: object) -> set[str]:
        before = self.order.version
        with pytest.raises(StepError) as raised:
            self.do(step, *args, actor=actor, **options)
        assert self.order.version == before, "what is refused leaves nothing behind"
        return set(raised.value.reasons)

    def notified(self, how: str = "letter") -> "Office":
        self.do(steps.assign, "li")
        self.do(steps.verify)
        self.do(steps.notify, how, "told what the register says")
        return self


@pytest.fixture
def office() -> Office:
    return Office()


def test_the_usual_way(office: Office) -> None:
    office.notified()
    office.do(closing.close, "no_change", {"a1": "false"}, "the car was sold last year")
    order = office.order
    assert (order.state, order.outcome, order.closed_at) == ("closed", "no_change", NOW)
    assert (office.alert("a1").verdict, office.alert("a1").verdict_by) == ("false", "li")
    with office.desk.database.reading() as session:
        history = session.execute(sa.select(OrderEvent.version, OrderEvent.kind, OrderEvent.actor)).all()
    assert [(version, kind) for version, kind, _ in history] == list(
        enumerate(["opened", "alert_attached", "assigned", "verifying", "notified", "closed"], start=1)
    )
    assert order.version == 6


def test_steps_out_of_turn_are_refused(office: Office) -> None:
    assert office.refused(steps.verify) == {"only_when_assigned"}
    assert office.refused(steps.notify, "letter", "x") == {"only_when_verifying"}
    assert office.refused(steps.hear, "x") == {"only_when_notified"}
    assert office.refused(steps.go_back, "x") == {"nothing_before"}
    assert office.refused(steps.object_to, "x") == {"still_open"}
    assert office.refused(closing.close, "no_change", {"a1": "true"}, "x") == {"not_verified"}


def test_going_back_needs_a_reason_and_undoes_the_notification(office: Office) -> None:
    office.notified()
    assert office.refused(steps.go_back, " ") == {"note_missing"}
    office.do(steps.go_back, "wrong address")
    assert (office.order.state, office.order.notified_at) == ("verifying", None)
    office.do(steps.go_back, "x")
    office.do(steps.go_back, "x")
    assert (office.order.state, office.order.assignee) == ("new", None)


def test_the_second_officer_is_told_of_the_conflict(office: Office) -> None:
    seen = office.order.version
    office.do(steps.assign, "li")
    with (
        pytest.raises(ConflictError) as raised,
        office.desk.case(1, version=seen, actor="wang", now=NOW) as case,
    ):
        steps.assign(case, "wang")
    assert (raised.value.seen, raised.value.current) == (seen, seen + 1)
    assert office.order.assignee == "li"


def test_an_alert_attached_since_makes_the_closing_fail(office: Office) -> None:
    office.notified()
    seen = office.order.version
    office.attach(make_alert("a2"))
    with pytest.raises(ConflictError), office.desk.case(1, version=seen, actor="li", now=NOW) as case:
        closing.close(case, "no_change", {"a1": "true"}, "x")
    assert office.refused(closing.close, "no_change", {"a1": "true"}, "x") == {"verdict_missing"}


def test_an_unknown_order(office: Office) -> None:
    with pytest.raises(UnknownOrderError), office.desk.case(7, version=1, actor="li", now=NOW):
        pass


class TestAdverse:
    verdicts = {"a1": "true"}  # noqa: RUF012  # read only

    def propose(self, office: Office, actor: str = "li") -> None:
        office.do(closing.propose, "stopped", self.verdicts, "car worth 200,000", actor=actor)

    def ready(self, office: Office) -> Office:
        office.notified()
        office.do(evidence.add_evidence, "document", "vehicle office", "registration", PDF)
        office.do(evidence.check_evidence, 1)
        return office

    def test_everything_that_is_missing_is_told_at_once(self, office: Office) -> None:
        office.notified()
        assert office.refused(closing.propose, "stopped", {}, "") == {
            "no_checked_evidence",
            "objection_period_runs",
            "verdict_missing",
            "note_missing",
        }

    def test_unchecked_evidence_is_not_enough(self, office: Office) -> None:
        office.notified()
        office.do(evidence.add_evidence, "document", "vehicle office", "registration", PDF)
        office.do(steps.hear, "says it is his son's")
        assert office.refused(closing.propose, "stopped", self.verdicts, "x") == {"no_checked_evidence"}

    def test_the_answer_or_the_end_of_the_period(self, office: Office) -> None:
        self.ready(office)
        office.now = NOW + 10 * DAY
        assert office.refused(closing.propose, "reduced", self.verdicts, "x") == {"objection_period_runs"}
        office.now = NOW + 11 * DAY
        self.propose(office)
        assert office.order.proposal is not None

    def test_one_officer_alone_cannot(self, office: Office) -> None:
        self.ready(office)
        office.do(steps.hear, "agrees")
        assert office.refused(closing.close, "stopped", self.verdicts, "x") == {"second_officer_needed"}
        assert office.refused(closing.approve) == {"nothing_proposed"}
        self.propose(office)
        assert office.refused(closing.approve) == {"second_officer_needed"}
        office.do(closing.approve, actor="wang")
        assert (office.order.state, office.order.outcome) == ("closed", "stopped")

    def test_a_new_alert_makes_the_proposal_lapse(self, office: Office) -> None:
        self.ready(office)
        office.do(steps.hear, "agrees")
        self.propose(office)
        office.attach(make_alert("a1", 2, changes=("2026-03-02",)))
        assert office.refused(closing.approve, actor="wang") == {"nothing_proposed"}

    def test_a_proposal_can_be_refused(self, office: Office) -> None:
        self.ready(office)
        office.do(steps.hear, "agrees")
        self.propose(office)
        office.do(closing.refuse, "look at the sale first", actor="wang")
        assert office.order.proposal is None

    def test_an_objection_begins_a_new_round_that_owes_everything_again(self, office: Office) -> None:
        self.ready(office)
        office.do(steps.hear, "agrees")
        self.propose(office)
        office.do(closing.approve, actor="wang")
        office.do(steps.object_to, "the car was stolen in 2024", actor="zhao")
        assert (office.order.state, office.order.round, office.order.outcome) == ("new", 2, None)
        office.notified()
        assert office.refused(closing.propose, "stopped", self.verdicts, "x") == {
            "no_checked_evidence",
            "objection_period_runs",
        }

    def test_notice_to_others_only_where_no_member_lives(self, office: Office) -> None:
        office.do(steps.assign, "li")
        office.do(steps.verify)
        assert office.refused(steps.notify, "posting", "x") == {"a_member_lives"}
        office.do(evidence.add_evidence, "no_living_member", "police", "both have died")
        office.do(evidence.check_evidence, 1)
        office.do(steps.notify, "posting", "posted in the village")
        assert office.order.notified_how == "posting"

    def test_the_death_of_the_only_member_is_enough_for_that(self, office: Office) -> None:
        office.attach(make_alert("d", source="death-receiving", only_member=True))
        office.notified("relative")


def test_voluntary_exit_comes_after_the_notification(office: Office) -> None:
    office.do(steps.assign, "li")
    office.do(steps.verify)
    assert office.refused(closing.close, "voluntary_exit", {"a1": "true"}, "x") == {"not_notified"}
    office.do(steps.notify, "in_person", "told")
    office.do(closing.close, "voluntary_exit", {"a1": "true"}, "signed the form")
    assert office.order.outcome == "voluntary_exit"


def test_notice_to_a_relative_is_none_once_the_death_was_an_error(office: Office) -> None:
    office.attach(make_alert("d", source="death-receiving", only_member=True))
    office.notified("relative")
    office.attach(make_alert("d", 2, source="death-receiving", status="retracted", only_member=True))
    for outcome, close in (("voluntary_exit", closing.close), ("stopped", closing.propose)):
        assert "a_member_lives" in office.refused(close, outcome, {"a1": "true"}, "x")


def test_each_call_for_help_needs_an_answer_of_its_own(office: Office) -> None:
    office.attach(make_alert("h1", direction="help"), make_alert("h2", direction="help"))
    office.notified()
    verdicts = {"a1": "true", "h1": "true", "h2": "true"}
    office.do(steps.answer_help, "h1", "referred", "to medical assistance", program="medical")
    assert office.refused(closing.close, "helped", verdicts, "x") == {"help_unanswered"}
    assert office.refused(steps.answer_help, "h2", "referred", "x") == {"program_missing"}
    assert office.refused(steps.answer_help, "a1", "helped", "x") == {"no_help_alert"}
    office.do(steps.answer_help, "h2", "not_needed", "has a new job")
    office.do(closing.close, "helped", verdicts, "x")
    assert office.alert("h1").answer_program == "medical"


def test_a_retracted_call_for_help_needs_none_until_it_is_raised_again(office: Office) -> None:
    office.attach(make_alert("h1", direction="help"))
    office.notified()
    office.do(steps.answer_help, "h1", "helped", "x")
    office.attach(make_alert("h1", 2, status="retracted", direction="help"))
    assert office.do(lambda case: closing.obstacles(case, "no_change")) == []
    office.attach(make_alert("h1", 3, direction="help"))
    assert office.do(lambda case: closing.obstacles(case, "no_change")) == ["help_unanswered"]


def test_an_order_without_standing_alerts_closes_from_every_state(office: Office) -> None:
    office.attach(make_alert("a1", 2, status="retracted"))
    assert office.refused(closing.close, "helped", {}, "x") == {"not_verified"}
    office.do(closing.close, "data_error", {}, "withdrawn by the source")
    assert office.order.outcome == "data_error"


def test_unknown_words_are_refused(office: Office) -> None:
    office.notified()
    assert office.refused(closing.close, "shrugged", {"a1": "true"}, "x") == {"unknown_outcome"}
    assert office.refused(closing.close, "no_change", {"a1": "maybe"}, "x") == {"unknown_verdict"}
    assert office.refused(closing.close, "no_change", {"a1": "true", "zz": "true"}, "x") == {"unknown_verdict"}


class TestEvidence:
    @pytest.mark.parametrize(
        ("name", "content", "reason"),
        [
            ("a.exe", b"MZ....", "file_type_refused"),
            ("a.pdf", b"MZ....", "file_type_refused"),
            ("a.png", b"%PDF-1.7", "file_type_refused"),
            ("a.svg", b"<svg onload='x'>", "file_type_refused"),
            ("a.pdf", b"%PDF-" + b"x" * evidence.MOST_BYTES, "file_too_large"),
        ],
    )
    def test_files_are_checked_by_content(self, office: Office, name: str, content: bytes, reason: str) -> None:
        assert office.refused(evidence.add_evidence, "document", "x", "", evidence.File(name, content)) == {reason}

    def test_a_name_brings_no_folder_along(self, office: Office) -> None:
        office.do(evidence.add_evidence, "document", "x", "", evidence.File("..\\..\\a\r\n.pdf", PDF.content))
        assert office.do(lambda case: case.evidence[0].file_name) == "a__.pdf"

    def test_nothing_said_is_no_evidence(self, office: Office) -> None:
        assert office.refused(evidence.add_evidence, "visit", "village", " ") == {"evidence_empty"}
        assert office.refused(evidence.check_evidence, 9) == {"no_such_evidence"}


class TestSuppression:
    def suppress(self, case: Case) -> None:
        suppression.suppress(case, "vehicle-owned", date(2026, 6, 30), "car for a disabled member, agreed")

    def test_a_suppressed_order_is_quiet_and_its_alerts_stay(self, office: Office) -> None:
        office.do(self.suppress)
        assert office.order.quiet_until > NOW
        assert office.order.standing == 1
        office.attach(make_alert("a2", source="vehicle-owned"))
        assert office.order.quiet_until > NOW
        office.attach(make_alert("a3", source="business-owner"))
        assert office.order.quiet_until == 0

    def test_it_ends_by_itself(self, office: Office) -> None:
        office.do(self.suppress)
        office.now = NOW + 113 * DAY
        assert office.order.quiet_until < office.now
        office.attach(make_alert("a2", source="vehicle-owned"))
        assert office.order.quiet_until == 0

    def test_it_can_be_lifted(self, office: Office) -> None:
        office.do(self.suppress)
        office.do(suppression.lift, 1, "the car was sold")
        assert office.order.quiet_until == 0
        assert office.refused(suppression.lift, 1, "again") == {"no_such_suppression"}

    @pytest.mark.parametrize(
        ("until", "reason", "why"),
        [
            (date(2026, 3, 9), "x", "until_has_passed"),
            (date(2027, 4, 1), "x", "until_too_far"),
            (date(2026, 4, 1), "", "note_missing"),
        ],
    )
    def test_what_it_needs(self, office: Office, until: date, reason: str, why: str) -> None:
        assert office.refused(suppression.suppress, "vehicle-owned", until, reason) == {why}
        assert office.refused(suppression.suppress, "job-lost", date(2026, 4, 1), "x") == {"unknown_source"}
