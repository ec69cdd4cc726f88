"""Three workers are restarted one after the other under load: no change waits longer than 15 s for its alert."""

import signal
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.worker.assessing import PUBLISHED_AT
from streams.topics import ALERTS
from tests.integration.live import HOUSEHOLDS, Live, Row, get, live, messages, until
from tests.unit.streams.people import number

pytestmark = [pytest.mark.parts, pytest.mark.scale, pytest.mark.timeout(900)]
_WORKERS = 3
_LONGEST = 15.0
_PERIOD, _AT_ONCE = 0.2, 10


def _business(serial: int) -> Row:
    """A company of somebody on the roster: an alert of its own, which revises no other."""
    what = {"company_id": f"R{serial}", "role": "shareholder", "action": "registered"}
    return "businesses", {"id_number": number(serial % HOUSEHOLDS), "occurred_at": "2026-06-02", **what}


@contextmanager
def _load(service: Live) -> Iterator[list[int]]:
    """Publish 50 changes a second meanwhile; the list's one number counts them."""
    count, ended = [0], threading.Event()

    def publish() -> None:
        while not ended.wait(_PERIOD):
            service.publish([_business(count[0] + one) for one in range(_AT_ONCE)])
            count[0] += _AT_ONCE

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield count
    finally:
        ended.set()
        thread.join()


def _delays(service: Live) -> list[float]:
    """Of each alert, the seconds from its change's timestamp in Kafka to its own."""
    found = []
    for one in messages(service.parts.kafka, ALERTS):
        header = dict(one.headers() or []).get(PUBLISHED_AT)
        if header is not None:
            found.append(one.timestamp()[1] / 1000 - int(header) / 1_000_000)
    return found


def test_no_change_waits_long(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        service.enrol()
        for _ in range(_WORKERS):
            service.start()
        until(lambda: all(get(f"{service.url(one)}/readyz")[0] == 200 for one in range(_WORKERS)), 240)
        service.settle(240)
        with _load(service) as count:
            time.sleep(3)
            for former in range(_WORKERS):
                began = time.monotonic()
                service.workers[former].send_signal(signal.SIGTERM)
                assert service.workers[former].wait(20) == 0
                ended = time.monotonic()
                service.start()
                new = _WORKERS + former
                until(lambda new=new: get(f"{service.url(new)}/readyz")[0] == 200, 120)
                print(f"worker {former}: {ended - began:.1f} s to end, {time.monotonic() - ended:.1f} s to be ready")
            time.sleep(3)
        service.settle(240)
        delays = _delays(service)
        # One person in ten is on two lines, and has two alerts of a change.
        assert len(delays) >= count[0]
        print(f"{count[0]} changes: median {statistics.median(delays):.2f} s, longest {max(delays):.1f} s")
        assert max(delays) < _LONGEST
