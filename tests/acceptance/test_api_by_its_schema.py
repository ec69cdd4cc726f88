"""The JSON interface does what its own description says: Schemathesis asks it all kinds of things."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, given, settings

from monitor.console.accounts import SCOPES, make_token
from streams.moments import DAY
from tests.unit.alert_sinks.order_examples import NOW, make_alert
from tests.unit.monitor.console_office import Office


@pytest.fixture
def interface(tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a console over two orders, and the tokens of a supervisor and an administrator."""
    office = Office(tmp_path)
    office.attach(make_alert("a1"), make_alert("b1", household_id="H-2", direction="help"))
    with office.desk.database.writing() as session:
        tokens = {name: make_token(session, name, "test", SCOPES, NOW + 10 * DAY, NOW) for name in ("chen", "adm")}
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(office.app, log_level="error", timeout_graceful_shutdown=1))
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    serving.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/api", tokens
    server.should_exit = True
    serving.join(10)
    listening.close()
    office.close()


@pytest.mark.parametrize("name", ["chen", "adm"])
def test_every_operation_answers_as_described(interface: tuple[str, dict[str, str]], name: str) -> None:
    address, tokens = interface
    schema = schemathesis.openapi.from_url(address)
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) == 20
    for operation in operations:

        @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers={"Authorization": f"Bearer {tokens[name]}"})

        ask()
