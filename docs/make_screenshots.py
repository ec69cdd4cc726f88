"""Makes the pictures of the console in docs/images, of the synthetic county in replay_data.

Run: ``.venv/bin/python -m docs.make_screenshots`` in the repository's folder (Debian's fonts-noto-cjk should be there;
the browser is the machine's Chromium, or Debian's package unpacked).
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, Page

from alert_sinks.database import open_database
from alert_sinks.routing import load_routing
from alert_sinks.work_orders import Desk, closing, steps
from alert_sinks.work_orders.tables import WorkOrder
from detectors.alerts import Alert, decode
from monitor import feed_days
from monitor.console.accounts import change_password, make_account
from monitor.console.app import build
from monitor.console.roster import unsealer
from monitor.console.titles import source_titles
from monitor.console.visit import Console
from monitor.division_counts import DivisionCounts
from streams.feed_files import find_feed_files
from streams.moments import DAY, day_of, iso_month, month_of, parse_instant
from streams.roster import Line
from streams.roster_lines import line_from_plain
from streams.secrets import Keys
from tests.browser import browser

ROOT = Path(__file__).resolve().parent.parent
COUNTY = ROOT / "replay_data"
IMAGES = ROOT / "docs" / "images"
PASSWORD = "only for pictures"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_bytes(b"the secret of pictures, of synthetic people only")
        keys = Keys.from_file(secret)
        alerts = replayed(Path(folder), secret)
        last = max(parse_instant(alert.detected_at) for alert in alerts)
        desk = Desk(open_database(f"sqlite:///{folder}/pictures.db"), load_routing(ROOT / "configs" / "centres.yaml"))
        with desk.database.writing() as session:
            for name, role, shown in (
                ("li", "officer", "李晓梅"),
                ("wang", "officer", "王强"),
                ("chen", "supervisor", "陈主任"),
            ):
                given = make_account(session, desk.routing, name, role, "main", shown, last)
                session.flush()
                change_password(session, name, given, PASSWORD)
        # What the county's last two months brought is enough for a morning's inbox; what came before is done.
        for alert in sorted(alerts, key=lambda alert: alert.detected_at):
            at = parse_instant(alert.detected_at)
            if at < last - 60 * DAY:
                for attached in desk.attach([alert], at):
                    done(desk, attached.order_id, at + 3 * DAY)
            else:
                desk.attach([alert], max(at, last - 9 * DAY))
        count_feeds(desk, keys, last)
        console = Console(
            desk=desk,
            find_line=lines(keys).get,
            unseal=unsealer(keys),
            clock=lambda: last + 2 * DAY,
            titles=source_titles(ROOT / "configs"),
        )
        # The last month of which all orders are done.
        take(console, iso_month(month_of(last - 60 * DAY) - 1))
        desk.database.close()


def done(desk: Desk, number: int | None, at: int) -> None:
    """Somebody has looked at the order and closed it."""
    if number is None:
        return
    with desk.database.reading() as session:
        order = session.get_one(WorkOrder, number)
    if not order.is_open:
        return
    with desk.case(number, version=order.version, actor=("li", "wang")[number % 2], now=at) as case:
        if order.state == "new":
            steps.assign(case, case.actor)
            steps.verify(case)
        for alert in steps.unanswered(case):
            steps.answer_help(case, alert.alert_id, "helped", "已协助申请")
        outcome = "false_alarm" if number % 5 == 0 else "helped" if "help" in order.directions else "no_change"
        verdict = "false" if outcome == "false_alarm" else "true"
        closing.close(case, outcome, {alert.alert_id: verdict for alert in case.alerts}, "已核实")


def count_feeds(desk: Desk, keys: Keys, last: int) -> None:
    """What the workers would have counted of the last two weeks of the county's records."""
    days: dict[int, DivisionCounts] = defaultdict(DivisionCounts)
    for file in find_feed_files([COUNTY / "events"]):
        for piece in file.pieces(keys, last + 60 * DAY):
            regions = piece.batch.columns.get("region") or [None] * len(piece.batch)
            refused = {record: rejection.reason for record, rejection in piece.batch.refused}
            for record, at in enumerate(piece.batch.reported_at.tolist()):
                for reason in {"", refused.get(record, "")}:
                    days[day_of(at)].add(file.feed, {(regions[record] or "", reason): 1}, at)
    with desk.database.writing() as session:
        for day in range(day_of(last) - feed_days.WINDOW, day_of(last) + 3):
            feed_days.add(session, days[day].records, days[day].newest, day)


def replayed(folder: Path, secret: Path) -> list[Alert]:
    """What the rules and detectors say about the county."""
    out = folder / "out"
    command = [sys.executable, "-m", "monitor", "replay", "--out", str(out)]
    command += ["--roster", str(COUNTY / "households.jsonl"), "--events", str(COUNTY / "events")]
    subprocess.run(command, check=True, env={"PATH": "", "MONITOR_SECRET_FILE": str(secret)}, cwd=ROOT)
    return [decode(line) for line in (out / "alerts.jsonl").read_bytes().splitlines()]


def lines(keys: Keys) -> dict[str, Line]:
    """The households' lines as enrolled."""
    with (COUNTY / "households.jsonl").open(encoding="utf-8") as file:
        households = [json.loads(line) for line in file]
    return {household["household_id"]: line_from_plain(household, keys) for household in households}


def take(console: Console, busy: str) -> None:
    """Serve the console and photograph it, the monthly report that of the month `busy`."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(build(console), log_level="error", timeout_graceful_shutdown=1))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    serving.start()
    while not server.started:
        time.sleep(0.05)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    IMAGES.mkdir(exist_ok=True)
    try:
        with browser() as running:
            photograph(running, address, busy)
    finally:
        server.should_exit = True
        serving.join()
        listening.close()


def photograph(running: Browser, address: str, busy: str) -> None:
    """The pictures, as an officer and a supervisor see the pages; the monthly report is that of the month `busy`."""
    officer = running.new_page(locale="zh-CN", viewport={"width": 1366, "height": 768})
    sign_in(officer, address, "li")
    officer.screenshot(path=IMAGES / "inbox.png")
    several = officer.locator(".list tr:has(.what span:nth-child(2)) .open").first
    at = address + str(several.get_attribute("href"))
    officer.goto(at)
    officer.click("text=受理本工单")
    officer.click("text=开始核实")
    officer.wait_for_selector("#n-notify")
    officer.screenshot(path=IMAGES / "order.png", full_page=True)
    ready_to_close(officer, address)
    supervisor = running.new_page(locale="zh-CN", viewport={"width": 1366, "height": 768})
    sign_in(supervisor, address, "chen")
    for name, query in (("figures", ""), ("report", f"?month={busy}"), ("feeds", "")):
        supervisor.goto(f"{address}/{name}{query}")
        supervisor.screenshot(path=IMAGES / f"{name}.png")


def ready_to_close(officer: Page, address: str) -> None:
    """The most urgent order, ready to be closed."""
    officer.goto(address)
    officer.locator(".list .open").first.click()
    officer.click("text=受理本工单")
    officer.click("text=开始核实")
    officer.click("summary:has-text('添加材料')")
    officer.select_option("#e-kind", "register")
    officer.fill("#e-source", "县殡葬管理所")
    officer.fill("#e-text", "火化登记,与死亡登记一致")
    officer.click("form[action$='/steps/evidence'] button")
    officer.click("text=我已核验")
    officer.wait_for_selector(".ok")
    officer.select_option("#how", "in_person")
    officer.fill("#n-notify", "入户告知家属拟按实有人口重新核算")
    officer.click("text=登记告知")
    officer.wait_for_selector("#n-hear")
    officer.locator(".next-step").screenshot(path=IMAGES / "closing.png")


def sign_in(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector("form[action='/sign-out']")
    page.wait_for_timeout(500)


if __name__ == "__main__":
    main()
