"""An officer's day in a real browser (Debian's Chromium): take, verify, notify, propose; a colleague approves."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.unit.alert_sinks.order_examples import make_alert
from tests.unit.monitor.console_office import PASSWORD, Office

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium")
NAMELESS = """
() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]
  .filter((e) => !(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.textContent.trim())
  .map((e) => e.outerHTML)
"""
"""Things to fill in or press that have no name for those who cannot see them."""


class Site:
    """A console that listens, and the browser that looks at it."""

    def __init__(self, office: Office, address: str, browser: Browser) -> None:
        self.office = office
        self.address = address
        self.browser = browser
        self.faults: list[str] = []
        self._contexts: list[BrowserContext] = []

    def sign_in(self, name: str, language: str = "zh-CN") -> Page:
        context = self.browser.new_context(locale=language, viewport={"width": 1366, "height": 768})
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if "Security Policy" in said.text else None)
        page.goto(self.address)
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("button.primary")
        page.wait_for_selector("form[action='/sign-out']")
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    office = Office(tmp_path)
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(office.app, log_level="error", timeout_graceful_shutdown=1))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    serving.start()
    while not server.started:
        time.sleep(0.02)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        made = Site(office, f"http://127.0.0.1:{listening.getsockname()[1]}/", browser)
        yield made
        made.close()
        browser.close()
    server.should_exit = True
    serving.join(10)
    listening.close()
    office.close()


def test_an_officers_day(site: Site) -> None:
    site.office.attach()
    li = site.sign_in("li")
    li.keyboard.press("j")
    li.keyboard.press("Enter")
    li.wait_for_url("**/orders/WO-0000001")
    li.click("text=受理本工单")
    li.click("text=开始核实")
    li.click("summary:has-text('添加材料')")
    li.select_option("#e-kind", "register")
    li.fill("#e-source", "车管所")
    li.fill("#e-text", "登记属实")
    li.click("form[action$='/steps/evidence'] button")
    li.click("text=我已核验")
    li.select_option("#how", "letter")
    li.fill("#n-notify", "书面告知车辆登记情况")
    li.click("text=登记告知")
    assert li.is_disabled("input[name=outcome][value=stopped]"), "the applicant has not answered"
    li.fill("#n-hear", "申请人认可")
    li.click("text=登记答复")
    li.check("input[name=outcome][value=stopped]")
    li.check("input[name='verdict.a1'][value=true]")
    li.fill("#n-close", "车辆价值超过规定")
    li.click("text=办结 / 提交复核")
    li.wait_for_selector("text=须由另一名工作人员复核同意")
    wang = site.sign_in("wang")
    wang.goto(site.address + "orders/WO-0000001")
    wang.click("text=同意并办结")
    wang.wait_for_selector("text=因申诉重新办理")
    assert (site.office.order().state, site.office.order().outcome) == ("closed", "stopped")
    zhou = site.sign_in("zhou")
    answer = zhou.goto(site.address + "orders/WO-0000001")
    assert answer is not None
    assert answer.status == 403
    assert site.faults == []


def test_a_new_order_appears_by_itself(site: Site) -> None:
    li = site.sign_in("li")
    li.wait_for_selector(".empty")
    site.office.attach(make_alert("a1", severity="critical"))
    li.wait_for_selector("text=WO-0000001", timeout=10_000)
    site.office.attach(make_alert("b1", household_id="H-2", severity="low"))
    li.wait_for_selector("text=WO-0000002", timeout=10_000)
    assert site.faults == []


def test_what_was_typed_survives_a_conflict_and_a_lost_session(site: Site) -> None:
    site.office.attach()
    li = site.sign_in("li")
    li.goto(site.address + "orders/WO-0000001")
    li.click("summary:has-text('添加备注')")
    li.fill("#n-remark", "已电话联系村委会")
    site.office.attach(make_alert("a2", source="business-owner"))
    li.click("form[action$='/steps/remark'] button")
    li.wait_for_selector("[data-problem]")
    assert li.input_value("#n-remark") == "已电话联系村委会"
    li.context.clear_cookies()
    li.click("form[action$='/steps/remark'] button")
    li.wait_for_selector("text=登录已过期")
    li.goto(site.address + "sign-in?next=/orders/WO-0000001")
    li.fill("#name", "li")
    li.fill("#password", PASSWORD)
    li.click("button.primary")
    li.wait_for_url("**/orders/WO-0000001")
    assert li.input_value("#n-remark") == "已电话联系村委会"


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("li", ["", "orders/WO-0000001", "suppressions", "password"]),
        ("chen", ["figures", "report", "feeds"]),
        ("aud", ["audit"]),
        ("adm", ["users"]),
    ],
)
def test_everything_has_a_name_and_fits_a_phone(site: Site, name: str, paths: list[str]) -> None:
    site.office.attach()
    page = site.sign_in(name)
    page.set_viewport_size({"width": 390, "height": 844})
    for path in paths:
        page.goto(site.address + path)
        assert page.evaluate(NAMELESS) == [], path
        assert page.locator("h1").count() == 1
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    assert site.faults == []
