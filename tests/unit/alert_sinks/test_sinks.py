"""Webhook, file and the configuration of sinks; the Redis stream has a real server in tests/integration."""

import asyncio
import errno
import hashlib
import hmac
import json
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from alert_sinks.database import open_database
from alert_sinks.sinks.configuration import Wanted, load_sinks
from alert_sinks.sinks.file import JsonLinesFile
from alert_sinks.sinks.orders import WorkOrders
from alert_sinks.sinks.sink import SinkError
from alert_sinks.sinks.webhook import Webhook
from alert_sinks.work_orders import Attached, Desk
from detectors.yaml_file import FaultyError
from tests.unit.alert_sinks.order_examples import NOW, ROUTING, make_alert

SECRET = b"a secret of the two of us"
SHIPPED = Path(__file__).parents[3] / "configs" / "sinks.yaml"


class Receiver:
    """The other end of a webhook."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(204)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def post(self, *alert_ids: str) -> None:
        async def run() -> None:
            client = httpx.AsyncClient(transport=httpx.MockTransport(self))
            hook = Webhook("province", "https://x.example/in", SECRET, now=lambda: NOW, client=client)
            await hook.send([make_alert(alert_id) for alert_id in alert_ids])
            await hook.close()

        asyncio.run(run())


class TestWebhook:
    def test_the_receiver_can_check_who_sent_it_and_when(self) -> None:
        receiver = Receiver()
        receiver.post("a", "b")
        (request,) = receiver.requests
        timestamp = request.headers["Monitor-Timestamp"]
        expected = hmac.new(SECRET, timestamp.encode() + b"." + request.content, hashlib.sha256).hexdigest()
        assert request.headers["Monitor-Signature"] == f"v1={expected}"
        assert int(timestamp) == NOW // 1_000_000
        assert [alert["alert_id"] for alert in json.loads(request.content)["alerts"]] == ["a", "b"]

    def test_the_same_batch_has_the_same_delivery(self) -> None:
        receiver = Receiver()
        for batch in (("a", "b"), ("a", "b"), ("a",)):
            receiver.post(*batch)
        first, again, other = (request.headers["Monitor-Delivery"] for request in receiver.requests)
        assert first == again != other

    @pytest.mark.parametrize(
        ("answer", "retry", "after"),
        [
            (httpx.Response(503), True, 0),
            (httpx.Response(429, headers={"Retry-After": "7"}), True, 7),
            (httpx.Response(503, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}), True, 0),
            (httpx.Response(401), True, 0),
            (httpx.Response(302, headers={"Location": "https://elsewhere.example/"}), True, 0),
            (httpx.Response(422), False, 0),
            (httpx.ConnectError("no route"), True, 0),
            (httpx.ReadTimeout("slow"), True, 0),
        ],
    )
    def test_says_whether_it_is_worth_trying_again(
        self, answer: httpx.Response | Exception, retry: bool, after: float
    ) -> None:
        receiver = Receiver(answer)
        with pytest.raises(SinkError) as raised:
            receiver.post("a")
        assert (raised.value.retry, raised.value.after_seconds) == (retry, after)
        assert len(receiver.requests) == 1


class TestFile:
    def send(self, path: Path, *alert_ids: str) -> None:
        asyncio.run(JsonLinesFile("archive", path).send([make_alert(alert_id) for alert_id in alert_ids]))

    def ids(self, path: Path) -> list[str]:
        return [json.loads(line)["alert_id"] for line in path.read_bytes().splitlines()]

    def test_appends_lines(self, tmp_path: Path) -> None:
        path = tmp_path / "alerts.jsonl"
        self.send(path, "a", "b")
        self.send(path, "c")
        assert self.ids(path) == ["a", "b", "c"]

    @pytest.mark.parametrize("rest", [b'{"alert_id": "half', b"x" * 200_000])
    def test_cuts_off_what_a_crash_left_half_written(self, tmp_path: Path, rest: bytes) -> None:
        path = tmp_path / "alerts.jsonl"
        self.send(path, "a")
        with path.open("ab") as file:
            file.write(rest)
        self.send(path, "b")
        assert self.ids(path) == ["a", "b"]

    def test_a_folder_that_is_away_may_come_back(self, tmp_path: Path) -> None:
        with pytest.raises(SinkError) as raised:
            self.send(tmp_path / "nowhere" / "alerts.jsonl", "a")
        assert raised.value.retry

    def test_what_a_full_disk_did_not_take_is_not_written_when_there_is_room_again(self, tmp_path: Path) -> None:
        path = tmp_path / "alerts.jsonl"
        self.send(path, "a")
        room = path.stat().st_size * 5 // 2
        former = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, former[1]))
        try:
            with pytest.raises(SinkError):
                self.send(path, "b", "c", "d")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, former)
        self.send(path, "e")
        assert self.ids(path) == ["a", "e"]

    def test_workers_of_one_machine_append_to_one_file(self, tmp_path: Path) -> None:
        path = tmp_path / "alerts.jsonl"

        def work(who: str) -> None:
            for number in range(40):
                self.send(path, *(f"{who}{number}.{one}" for one in range(20)))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, "abcd"))
        assert sorted(self.ids(path)) == sorted(
            f"{who}{n}.{one}" for who in "abcd" for n in range(40) for one in range(20)
        )

    def test_a_full_disk_leaves_no_half_line_and_is_worth_waiting_for(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_: int) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        path = tmp_path / "alerts.jsonl"
        self.send(path, "a")
        with monkeypatch.context() as patch:
            patch.setattr("os.fsync", full)
            with pytest.raises(SinkError, match="No space left") as raised:
                self.send(path, "b")
        assert raised.value.retry
        assert self.ids(path) == ["a"]


class TestWorkOrders:
    def test_attaches_and_says_what_became_of_each(self) -> None:
        heard: list[Attached] = []
        desk = Desk(open_database("sqlite://"), ROUTING)
        sink = WorkOrders(desk, lambda: NOW, heard.extend)
        asyncio.run(sink.send([make_alert("a"), make_alert("a")]))
        asyncio.run(sink.close())
        assert [attached.effect for attached in heard] == ["opened", "known"]

    def test_a_database_that_is_away_is_worth_waiting_for(self, tmp_path: Path) -> None:
        database = open_database(f"sqlite:///{tmp_path / 'o.db'}", migrate=False)
        with pytest.raises(SinkError) as raised:
            asyncio.run(WorkOrders(Desk(database, ROUTING), lambda: NOW).send([make_alert("a")]))
        assert raised.value.retry
        database.close()


class TestConfiguration:
    def load(self, folder: Path, text: str) -> list[str]:
        (folder / "sinks.yaml").write_text(text, encoding="utf-8")
        return [sink.name for sink in load_sinks(folder / "sinks.yaml", "redis://127.0.0.1:6379/0")]

    def test_what_ships_has_no_sinks(self) -> None:
        assert load_sinks(SHIPPED, "redis://127.0.0.1/0") == ()

    def test_no_file_no_sinks(self, tmp_path: Path) -> None:
        assert load_sinks(tmp_path / "sinks.yaml", "redis://127.0.0.1/0") == ()

    def test_every_kind_opens(self, tmp_path: Path) -> None:
        (tmp_path / "hook.secret").write_bytes(SECRET + b"\n")
        text = """\
sinks:
  - name: province
    kind: webhook
    url: https://x.example/in
    secret_file: hook.secret
    severities: [critical]
    retry: {first_seconds: 2, failures_to_open: 3}
  - {name: archive, kind: file, path: alerts.jsonl, shadow: true}
  - {name: bus, kind: redis-stream, stream: alerts, most_entries: 1000}
"""
        (tmp_path / "sinks.yaml").write_text(text, encoding="utf-8")
        sinks = load_sinks(tmp_path / "sinks.yaml", "redis://127.0.0.1:6379/0")
        assert sinks[0].secret == SECRET
        assert (sinks[0].retrying.first_seconds, sinks[0].retrying.failures_to_open) == (2, 3)
        assert sinks[1].target == str(tmp_path / "alerts.jsonl")

        async def names() -> list[str]:
            opened = [settings.open(lambda: NOW) for settings in sinks]
            for sink in opened:
                await sink.close()
            return [sink.name for sink in opened]

        assert asyncio.run(names()) == ["province", "archive", "bus"]

    def test_all_faults_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "short").write_bytes(b"short")
        text = """\
sinks:
  - {name: a, kind: webhook, url: "ftp://x", secret_file: missing}
  - {name: a, kind: webhook, url: "https://x", secret_file: short, colour: red}
  - {name: "b c", kind: file, path: x, severities: [urgent]}
  - {name: d, kind: pigeon}
  - {name: e, kind: redis-stream}
other: 1
"""
        with pytest.raises(FaultyError) as raised:
            self.load(tmp_path, text)
        told = [(fault.line, fault.text) for fault in raised.value.faults]
        assert {line for line, _ in told} == {2, 3, 4, 5, 6, 7}
        assert sum(line == 3 for line, _ in told) == 3

    def test_which_alerts_a_sink_wants(self) -> None:
        alert = make_alert("a", direction="help", severity="low")
        assert Wanted()(alert)
        assert not Wanted(directions=("exit",))(alert)
        assert not Wanted(severities=("high",))(alert)
        assert not Wanted()(make_alert("a", shadow=True))
        assert Wanted(shadow=True)(make_alert("a", shadow=True))
