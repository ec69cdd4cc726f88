"""A webhook that answers slowly, with errors, never: it delays only itself, and has everything in the end."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import sqlalchemy as sa

from alert_sinks.database import open_database
from tests.faults.experiments.experiment import Experiment
from tests.faults.run import Run
from tests.integration.live import SECRET, until

_SICK_SECONDS = 25.0
_SINK = """\
sinks:
  - name: province
    kind: webhook
    url: {url}
    secret_file: webhook.secret
    timeout_seconds: 2
    retry: {{first_seconds: 0.2, most_seconds: 1, failures_to_open: 3, open_seconds: 2}}
"""


class _Receiver:
    """Takes batches. While it is sick, `treat` says what a request gets; None is no answer at all."""

    def __init__(self, treat: Callable[[int], int | None]) -> None:
        self.got: dict[tuple[str, int], int] = {}
        self.asked = 0
        self.sick = True
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.asked += 1
                status = treat(receiver.asked) if receiver.sick else 200
                if status is None:
                    time.sleep(10)
                    return
                if status == 200:
                    for alert in json.loads(body)["alerts"]:
                        key = alert["alert_id"], alert["revision"]
                        receiver.got[key] = receiver.got.get(key, 0) + 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Requests are no news."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/"


@contextmanager
def _receiver(run: Run, treat: Callable[[int], int | None]) -> Iterator[_Receiver]:
    receiver = _Receiver(treat)
    (run.stage.config / "webhook.secret").write_bytes(SECRET)
    (run.stage.config / "sinks.yaml").write_text(_SINK.format(url=receiver.url))
    yield receiver
    run.settle()
    wanted = _stored(run)
    until(lambda: wanted <= set(receiver.got), 180)
    run.notes.append(f"{receiver.asked} requests, {len(receiver.got)} revisions")
    receiver.server.shutdown()
    receiver.server.server_close()


def _stored(run: Run) -> set[tuple[str, int]]:
    """The latest revision of each alert that has an order."""
    database = open_database(run.stage.database.url)
    with database.reading() as session:
        found = {(name, number) for name, number in session.execute(sa.text("SELECT alert_id, revision FROM alerts"))}
    database.close()
    return found


def _slow(_asked: int) -> int:
    time.sleep(1.5)
    return 200


def _errors(asked: int) -> int:
    return (500, 503, 429, 404)[asked % 4]


def _never(_asked: int) -> None:
    return None


def sick(treat: Callable[[int], int | None]) -> Callable[[Run], None]:
    """The webhook is sick for a while; orders are made meanwhile."""

    def strike(run: Run) -> None:
        with _receiver(run, treat) as receiver:
            run.begin(55)
            with run.blow():
                before = len(_stored(run))
                time.sleep(_SICK_SECONDS)
                until(lambda: len(_stored(run)) > before, 90)  # orders are made meanwhile
                receiver.sick = False

    return strike


EXPERIMENTS = {
    "sink-slow": Experiment("a sink answers slowly for 25 s", sick(_slow)),
    "sink-errors": Experiment("a sink answers with errors for 25 s", sick(_errors)),
    "sink-never": Experiment("a sink never answers for 25 s", sick(_never)),
}
