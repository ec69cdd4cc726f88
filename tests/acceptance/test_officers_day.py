"""An officer's day in a real browser (Debian's Chromium): take, verify, notify, propose; a colleague approves."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.console_site import Site, enter, hindrances, listening, sideways
from tests.browser import browser
from tests.unit.alert_sinks.order_examples import NOW, make_alert
from tests.unit.monitor.console_office import Office

pytestmark = pytest.mark.browser
ORDER = "orders/WO-0000001"
SERIES = [["2025-10", 900], ["2025-11", 910], ["2025-12", 905], ["2026-01", 2600]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.close()


@pytest.fixture
def site(office: Office, chromium: Browser) -> Iterator[Site]:
    with listening(office.app) as address:
        made = Site(address, chromium)
        yield made
        made.close()


def attach_evidence(page: Page) -> None:
    page.click("summary:has-text('添加材料')")
    page.select_option("#e-kind", "register")
    page.fill("#e-source", "车管所")
    page.fill("#e-text", "登记属实")
    page.click("form[action$='/steps/evidence'] button")
    page.click("text=我已核验")


def notify(page: Page) -> None:
    page.select_option("#how", "letter")
    page.fill("#n-notify", "书面告知车辆登记情况")
    page.click("text=登记告知")


def test_an_officers_day(site: Site, office: Office) -> None:
    office.attach()
    li = site.sign_in("li")
    li.keyboard.press("j")
    li.keyboard.press("Enter")
    li.wait_for_url("**/orders/WO-0000001")
    li.click("text=受理本工单")
    li.click("text=开始核实")
    attach_evidence(li)
    notify(li)
    assert li.is_disabled("input[name=outcome][value=stopped]"), "the applicant has not answered"
    li.fill("#n-hear", "申请人认可")
    li.click("text=登记答复")
    li.check("input[name=outcome][value=stopped]")
    li.check("input[name='verdict.a1'][value=true]")
    li.fill("#n-close", "车辆价值超过规定")
    li.click("text=办结 / 提交复核")
    li.wait_for_selector("text=须由另一名工作人员复核同意")
    assert not li.is_visible("text=同意并办结")
    wang = site.sign_in("wang")
    wang.goto(site.address + ORDER)
    wang.click("text=同意并办结")
    wang.wait_for_selector("text=因申诉重新办理")
    assert (office.order().state, office.order().outcome) == ("closed", "stopped")
    zhou = site.sign_in("zhou")
    answer = zhou.goto(site.address + ORDER)
    assert answer is not None
    assert answer.status == 403
    assert site.faults == []


def test_new_orders_appear_by_themselves_and_what_changed_is_marked(site: Site, office: Office) -> None:
    li = site.sign_in("li")
    li.wait_for_selector(".empty")
    office.attach(make_alert("a1", severity="critical"))
    li.wait_for_selector("text=WO-0000001", timeout=10_000)
    li.check("input[name=order]")
    office.attach(make_alert("b1", household_id="H-2", severity="low"))
    li.wait_for_selector("text=WO-0000002", timeout=10_000)
    expect(li.locator("tr.fresh")).to_have_count(1)
    assert li.is_checked("input[value^='WO-0000001']"), "what was chosen stays chosen"
    assert site.faults == []


def test_what_was_typed_survives_a_conflict_and_a_lost_session(site: Site, office: Office) -> None:
    office.attach()
    li = site.sign_in("li")
    li.goto(site.address + ORDER)
    li.click("summary:has-text('添加备注')")
    li.fill("#n-remark", "已电话联系村委会")
    office.attach(make_alert("a2", source="business-owner"))
    li.click("form[action$='/steps/remark'] button")
    li.wait_for_selector("[data-problem]")
    assert li.input_value("#n-remark") == "已电话联系村委会"
    li.context.clear_cookies()
    li.click("form[action$='/steps/remark'] button")
    li.click("text=重新登录并继续")
    enter(li, "li")
    li.wait_for_url("**/orders/WO-0000001")
    assert li.input_value("#n-remark") == "已电话联系村委会"
    li.click("form[action$='/steps/remark'] button")
    li.wait_for_selector("text=已电话联系村委会")
    assert li.input_value("#n-remark") == "", "what was sent is no draft any more"
    li.context.clear_cookies()
    li.click("summary:has-text('添加备注')")
    li.fill("#n-remark", "李的话")
    li.goto(site.address + ORDER)
    enter(li, "wang")
    li.wait_for_url("**/orders/WO-0000001")
    assert li.input_value("#n-remark") == "", "one person's draft is not shown to the next"


def test_double_clicks_two_tabs_and_the_way_back_double_nothing(site: Site, office: Office) -> None:
    office.attach()
    li = site.sign_in("li")
    li.goto(site.address + ORDER)
    other = li.context.new_page()
    other.goto(site.address + ORDER)
    seen = office.order().version
    li.dblclick("text=受理本工单")
    li.wait_for_selector("text=开始核实")
    assert office.order().version == seen + 1
    other.click("text=受理本工单")
    other.wait_for_selector("[data-problem]")
    assert office.order().version == seen + 1
    li.click("text=开始核实")
    li.wait_for_selector("#how")
    li.go_back()
    li.wait_for_selector("#how")  # the page before is asked for anew: it shows how things stand now
    assert office.order().version == seen + 2


def test_names_are_shown_for_a_minute(site: Site, office: Office) -> None:
    office.attach()
    li = site.sign_in("li")
    li.clock.install()
    li.goto(site.address + ORDER)
    assert "张三" not in li.content()
    li.click("summary:has-text('查看姓名')")
    li.fill("#reason", "明日入户")
    li.click("text=显示一分钟")
    li.wait_for_selector("text=张三")
    li.clock.run_for(61_000)
    li.wait_for_selector("text=张*")
    assert "张三" not in li.content()


def test_an_identity_number_is_not_searched_for(site: Site, office: Office) -> None:
    li = site.sign_in("li")
    li.fill("#search", "420525195403123511")
    li.click("form[role=search] button")
    assert "4205" not in li.url
    li.goto(site.address + "?household=420525195403123511")
    li.wait_for_selector("[role=alert]")
    assert "4205" not in li.url


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("li", ["", "suppressions", "password", "nowhere"]),
        ("chen", ["", ORDER, "figures", "report", "feeds"]),
        ("aud", ["audit"]),
        ("adm", ["users", "centres"]),
    ],
)
def test_everybody_can_use_every_page_also_on_a_phone(site: Site, office: Office, name: str, paths: list[str]) -> None:
    office.attach(
        make_alert("a1", direction="help", series=SERIES),
        make_alert("a2", status="retracted"),
        make_alert("a3", source="business-owner", severity="critical"),
        make_alert("f1", household_id=None, direction="data"),
    )
    page = site.sign_in(name, "zh-CN" if name != "adm" else "en-GB")
    for path in paths:
        page.set_viewport_size({"width": 1366, "height": 768})
        page.goto(site.address + path)
        assert hindrances(page) == [], path
        assert page.locator("h1").count() == 1
        page.set_viewport_size({"width": 390, "height": 844})
        assert sideways(page) <= 0, path
    assert site.faults == []


def test_everybody_can_use_an_order_in_each_of_its_states(site: Site, office: Office) -> None:
    office.attach(make_alert("a1"), make_alert("a2", direction="help", only_member=True))
    anybody = site.visitor()
    anybody.goto(site.address)
    assert hindrances(anybody) == []
    li = site.sign_in("li")
    li.goto(site.address + ORDER)
    li.click("text=受理本工单")
    li.click("text=开始核实")
    attach_evidence(li)
    li.wait_for_selector(".ok")
    li.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    assert hindrances(li) == []
    notify(li)
    li.fill("#n-hear", "申请人认可")
    li.click("text=登记答复")
    li.wait_for_selector("text=已于")
    assert hindrances(li) == []
    with office.desk.case(1, version=office.order().version, actor="li", now=NOW) as case:
        case.record("remark", "x")
    li.click("summary:has-text('添加备注')")
    li.fill("#n-remark", "两个窗口")
    li.click("form[action$='/steps/remark'] button")
    li.wait_for_selector("[data-problem]")
    assert hindrances(li) == []
    li.set_viewport_size({"width": 390, "height": 844})
    assert hindrances(li) == []
    assert sideways(li) <= 0
