"""An officer's day on the live pipeline, real Kafka, Redis and PostgreSQL, in a real browser: from the first start."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path

import pytest
from confluent_kafka import Producer
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from monitor.parts.embedded import Parts
from monitor.parts.kafka import Kafka
from monitor.parts.postgres import Postgres
from monitor.parts.server import free_port
from monitor.parts.valkey import Valkey
from streams.topics import changes_topic, partition_of
from tests.acceptance.console_site import Site, enter
from tests.browser import browser
from tests.integration.live import get, until
from tests.unit.streams.people import number

pytestmark = [pytest.mark.parts, pytest.mark.browser]
NEW_PASSWORD = "a password of one's own"
_READY_SECONDS = 240
NAMES = ("赵小满", "钱立秋")


class Service:
    """The live service as somebody installs it: parts, a worker, the console; and a department that publishes."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self.database = Postgres(folder / "postgres", keep=True)
        kafka, redis = Kafka(folder / "kafka"), Valkey(folder / "valkey", keep=False)
        for server in (self, kafka, redis):
            stack.callback(server.stop)
        for part in (self.database, kafka, redis):
            part.wait()
        self._url = self.database.url
        parts = Parts(kafka=kafka.bootstrap, redis=redis.url, database=self._url)
        port, metrics = free_port(), free_port()
        (folder / "secret").write_bytes(b"a secret of tests, thirty-two bytes at least")
        self._environment = {
            **os.environ,
            **parts.environment(),
            "MONITOR_SECRET_FILE": str(folder / "secret"),
            "MONITOR_CONSOLE_PORT": str(port),
            "MONITOR_METRICS_PORT": str(metrics),
        }
        (folder / "households.jsonl").write_text("".join(_household(serial) for serial in range(2)), encoding="utf-8")
        self.run("topics")
        self.run("roster", "load", str(folder / "households.jsonl"))
        self._producer = Producer({"bootstrap.servers": kafka.bootstrap, "log_level": 0})
        for command in ("worker", "console"):
            with (folder / f"{command}.log").open("wb") as log:
                words = [sys.executable, "-m", "monitor", command]
                process = subprocess.Popen(words, env=self._environment, stderr=log, stdout=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        self.address = f"http://127.0.0.1:{port}/"
        for command, url in (("worker", f"http://127.0.0.1:{metrics}/"), ("console", self.address)):
            end = time.monotonic() + _READY_SECONDS
            while get(f"{url}readyz")[0] != 200:
                assert time.monotonic() < end, f"{command}: {(folder / f'{command}.log').read_text()[-2000:]}"
                time.sleep(0.2)

    def run(self, *words: str) -> str:
        """What a command of `monitor` says."""
        done = subprocess.run(
            [sys.executable, "-m", "monitor", *words], env=self._environment, capture_output=True, text=True
        )
        assert done.returncode in (0, 1), done.stderr
        return done.stdout

    def first_password(self) -> str:
        """The administrator's, as the first start printed it."""
        (found,) = re.findall(r"one-time password (\S+)", (self.folder / "console.log").read_text())
        return str(found)

    def registered(self, serial: int, plate: str) -> None:
        """The vehicle office publishes that somebody has a car now."""
        row = {"id_number": number(serial), "plate": plate, "vehicle_type": "car", "action": "registered"}
        day = time.strftime("%Y-%m-%d")
        value = json.dumps({**row, "occurred_at": day, "region": "420525", "event_id": plate}).encode()
        self._producer.produce(changes_topic("vehicles"), value, partition=partition_of(number(serial), 4))
        self._producer.flush()

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """PostgreSQL is away as long as the block lasts."""
        port = int(self._url.rsplit(":", 1)[1].split("/")[0])
        self.database.stop()
        yield
        self.database = Postgres(self.folder / "postgres", keep=True, port=port)
        self.database.wait()

    def stop(self) -> None:
        self.database.stop()


def _household(serial: int) -> str:
    member = {"id_number": number(serial), "name": NAMES[serial], "relation": "head"}
    household = {
        "household_id": f"H-{serial}",
        "region": f"42052510{serial + 1}003",
        "as_of": "2026-01-01",
        "programs": [{"program": "dibao", "monthly_amount": 900}],
        "consent_until": "2099-01-01",
        "members": [member],
    }
    return json.dumps(household, ensure_ascii=False) + "\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    import tempfile

    with tempfile.TemporaryDirectory(prefix="monitor-tests-") as folder, ExitStack() as stack:
        yield Service(Path(folder), stack)


@pytest.fixture
def site(service: Service) -> Iterator[Site]:
    with browser() as running:
        made = Site(service.address, running)
        yield made
        made.close()


def test_a_day_from_the_first_start_to_the_export(service: Service, site: Site) -> None:
    adm = site.visitor()
    adm.goto(site.address)
    enter(adm, "admin", service.first_password())
    _choose_password(adm, service.first_password())
    make_the_town_a_centre(adm, site)
    people = {name: _make_user(adm, site, name, role, centre) for name, role, centre in PEOPLE}
    pages = {name: _first_sign_in(site, name, given) for name, given in people.items()}
    li, chen = pages["li"], pages["chen"]

    service.registered(0, "鄂E0001")
    li.wait_for_selector("text=WO-0000001", timeout=60_000)  # by itself, on the open page
    li.click("text=WO-0000001")
    expect(li.locator(".members")).to_contain_text("赵**")
    take_it_to_the_answer(li, service)
    li.check("input[name=outcome][value=stopped]")
    li.check(".verdict input[value=true]")
    li.fill("#n-close", "车辆价值超过规定")
    service.registered(0, "鄂E0002")  # while the officer decides
    until(lambda: _alerts_of_first_order(service) == 2, 60)
    li.click("text=办结 / 提交复核")
    li.wait_for_selector("[data-problem]")
    expect(li.locator(".alert")).to_have_count(2)
    expect(li.locator(".alert:has-text('您查看之后新增或变动')").first).to_be_visible()
    li.check("input[name=outcome][value=stopped]")
    for right in li.locator(".verdict input[value=true]").all():
        right.check()
    assert li.input_value("#n-close") == "车辆价值超过规定"
    li.click("text=办结 / 提交复核")
    li.wait_for_selector("text=须由另一名工作人员复核同意")
    chen.goto(site.address + "orders/WO-0000001")
    chen.click("text=同意并办结")
    chen.wait_for_selector("text=因申诉重新办理")

    zhou = pages["zhou"]
    answer = zhou.goto(site.address + "orders/WO-0000001")
    assert answer is not None
    assert answer.status == 403
    zhou.goto(site.address)
    service.registered(1, "鄂E0003")
    zhou.wait_for_selector("text=WO-0000002", timeout=60_000)
    li.goto(site.address)
    li.wait_for_selector(".empty")
    _export(chen, site, service)
    chen.goto(site.address + "feeds")
    expect(chen.locator("tr:has-text('车辆登记') th")).to_contain_text("420525")
    assert service.run("audit", "verify").startswith(f"{_entries(service)} entries, unbroken")
    assert site.faults == []


PEOPLE = (("li", "officer", "main"), ("chen", "supervisor", "main"), ("zhou", "officer", "town"))


def make_the_town_a_centre(adm: Page, site: Site) -> None:
    adm.goto(site.address + "centres")
    adm.click("summary:has-text('新建中心')")
    new = adm.locator("details")
    new.locator("input[name=id]").fill("town")
    new.locator("input[name=zh]").fill("河口镇核对站")
    new.locator("input[name=en]").fill("River Town")
    new.locator("button").click()
    adm.wait_for_selector("text=河口镇核对站")
    route = adm.locator("form[action='/centres/route']")
    route.locator("input[name=region]").fill("420525102")
    route.locator("select[name=centre]").select_option("town")
    route.locator("button").click()
    adm.wait_for_selector("th:has-text('420525102')")


def take_it_to_the_answer(li: Page, service: Service) -> None:
    li.click("text=受理本工单")
    li.click("text=开始核实")
    li.click("summary:has-text('添加材料')")
    li.select_option("#e-kind", "register")
    li.fill("#e-source", "车管所")
    li.set_input_files("#e-file", {"name": "登记表.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n...."})
    with service.without_database():
        li.click("form[action$='/steps/evidence'] button")
        li.wait_for_selector("text=系统暂时不可用")
    li.click("text=返回该工单")
    expect(li.locator("#e-source")).to_have_value("车管所", timeout=60_000)
    li.set_input_files("#e-file", {"name": "登记表.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\n...."})
    li.click("form[action$='/steps/evidence'] button")
    li.click("text=我已核验")
    li.select_option("#how", "in_person")
    li.fill("#n-notify", "入户告知")
    li.click("text=登记告知")
    li.fill("#n-hear", "申请人认可")
    li.click("text=登记答复")
    li.wait_for_selector("text=已于")


def _choose_password(page: Page, given: str) -> None:
    page.wait_for_selector("#again")
    page.fill("#old", given)
    page.fill("#new", NEW_PASSWORD)
    page.fill("#again", NEW_PASSWORD)
    page.click("button.primary")
    page.wait_for_selector("#again", state="detached")


def _make_user(adm: Page, site: Site, name: str, role: str, centre: str) -> str:
    adm.goto(site.address + "users")
    adm.fill("form[action='/users'] input[name=name]", name)
    adm.select_option("form[action='/users'] select[name=role]", role)
    adm.select_option("form[action='/users'] select[name=centre]", centre)
    adm.click("form[action='/users'] button")
    return adm.inner_text(".notice code")


def _first_sign_in(site: Site, name: str, given: str) -> Page:
    page = site.visitor()
    page.goto(site.address)
    enter(page, name, given)
    _choose_password(page, given)
    page.wait_for_selector(".empty")
    return page


def _alerts_of_first_order(service: Service) -> int:
    return len(json.loads(service.run("orders").splitlines()[0])["alerts"])


def _export(chen: Page, site: Site, service: Service) -> None:
    chen.goto(site.address + "report")
    with chen.expect_download() as download:
        chen.click("text=下载 XLSX")
    sheet = load_workbook(BytesIO(download.value.path().read_bytes())).active  # kept without a suffix
    cells = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    assert ["按办理结果", "停发", 1, 1, 1] in cells
    assert not any(name in str(cells) for name in NAMES), "no name leaves"


def _entries(service: Service) -> int:
    """How many entries the log has, by its last number."""
    import sqlalchemy as sa

    from alert_sinks.database import open_database

    database = open_database(service.database.url)
    with database.reading() as session:
        found = session.scalar(sa.text("SELECT max(id) FROM audit_log"))
    database.close()
    return int(found or 0)
