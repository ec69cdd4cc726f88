"""A console over a small database, people who are signed in to it, and what they do."""

import asyncio
import re
from pathlib import Path
from typing import Any

import argon2
import httpx
from fastapi import FastAPI

from alert_sinks.database import open_database
from alert_sinks.work_orders import Desk
from alert_sinks.work_orders.tables import WorkOrder
from detectors.alerts import Alert
from monitor.console.app import build
from monitor.console.tables import Account
from monitor.console.visit import Console
from streams.roster import Grant, Line, Member
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert

PASSWORD = "correct horse battery"
_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
PEOPLE = {
    "li": ("officer", "county"),
    "wang": ("officer", "county"),
    "chen": ("supervisor", "county"),
    "zhou": ("officer", "town"),
    "ana": ("analyst", None),
    "ops": ("ops", None),
    "aud": ("auditor", None),
    "adm": ("admin", None),
}
PERSON = ("张三", "420525195403123511")


class Office:
    """The console, with the clock in hand."""

    def __init__(self, folder: Path | None = None, url: str = "") -> None:
        """Over a SQLite file in a folder, unless the URL of another database is given."""
        self.now = NOW
        self.desk = Desk(open_database(url or f"sqlite:///{folder}/office.db"), ROUTING)
        line = Line(
            household_id="H-1",
            region="420525102003",
            as_of=20000,
            programs=(Grant(program="dibao", monthly_amount=1180),),
            members=(Member(person="pseudonym-of-zhang", relation="head", sealed="x"),),
        )
        self.app = build(
            Console(
                desk=self.desk,
                find_line={"H-1": line}.get,
                unseal=lambda _: PERSON,
                clock=lambda: self.now,
            )
        )
        with self.desk.database.writing() as session:
            session.add_all(
                Account(
                    name=name,
                    shown_name=name.title(),
                    role=role,
                    centre=centre,
                    password_hash=_HASH,
                    one_time=False,
                    made_at=NOW,
                )
                for name, (role, centre) in PEOPLE.items()
            )

    def attach(self, *alerts: Alert) -> None:
        self.desk.attach(alerts or (make_alert("a1"),), self.now)

    def order(self, number: int = 1) -> WorkOrder:
        with self.desk.database.reading() as session:
            return session.get_one(WorkOrder, number)

    def person(self, name: str, password: str = PASSWORD) -> "Person":
        return Person(self, name, password)

    def close(self) -> None:
        self.desk.database.close()


class Browser:
    """Speaks to the application without a network, one request after the other, and keeps its cookies."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.cookies = httpx.Cookies()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.send("POST", path, **options)

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def run() -> httpx.Response:
            transport = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://console.example", cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(run())


class Person:
    """A browser in which somebody has signed in."""

    def __init__(self, office: Office, name: str, password: str) -> None:
        self.office = office
        self.client = Browser(office.app)
        self.signed_in = self.client.post("/sign-in", data={"name": name, "password": password})

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def token(self) -> str:
        """The form token of this sign-in, as any page carries it."""
        found = re.search(r'name="form_token" value="([^"]+)"', self.get("/password").text)
        assert found is not None
        return found.group(1)

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client.post(path, data={"form_token": self.token(), **fields})

    def step(self, step: str, number: int = 1, version: int | None = None, **fields: str) -> httpx.Response:
        """A step on the latest version of an order, unless another is given."""
        seen = self.office.order(number).version if version is None else version
        return self.post(f"/orders/WO-{number:07d}/steps/{step}", version=str(seen), **fields)
