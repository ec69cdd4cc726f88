"""A key is added and all sealed anew, while a worker runs: nothing new is said, and the old key opens nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

from streams.packing import unpack
from streams.roster_history import published_lines
from streams.secrets import Keys
from tests.integration.live import Live, get, history, live, until
from tests.unit.streams.people import number

pytestmark = [pytest.mark.parts, pytest.mark.timeout(240)]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Live]:
    """A service of its own."""
    with live(tmp_path) as running:
        yield running


def monitor(service: Live, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "monitor", *words], env=service.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def kept(redis: "Redis", key_id: str) -> dict[str, int]:
    """How many values in Redis hold a text that this key sealed, by the beginning of their names."""
    found = {"household": 0, "state": 0, "event": 0}
    for name in redis.scan_iter("*"):
        kind = name.decode().partition(":")[0]
        if kind not in found:
            continue
        values = redis.hvals(name) if kind == "event" else [redis.get(name)]
        # A household's value begins with 8 bytes that count its versions.
        whole = [unpack(value[8:]) for value in values] if kind == "household" else [unpack(value) for value in values]
        # There the key's id stands beside the sealed bytes, elsewhere before them in one text.
        mark = key_id if kind == "household" else f"{key_id}."
        found[kind] += sum(mark.encode() in value for value in whole)
    return found


def test_everything_kept_is_sealed_with_the_new_key(service: Live, tmp_path: Path) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(
        "household_id,region,as_of,programs,consent_until,id_number,relation,name\n"
        + "".join(
            f"H-{who},420525101003,2026-01-01,dibao:500,2027-12-31,{number(who)},head,样某\n" for who in range(60)
        ),
        encoding="utf-8",
    )
    secret = Path(service.environment["MONITOR_SECRET_FILE"])
    (old,) = Keys.from_file(secret).sealing_keys
    monitor(service, "roster", "load", str(roster))
    service.start()
    until(lambda: get(f"{service.url()}/readyz")[0] == 200, 120)
    rows = history(200, 3)
    service.publish(rows)
    service.settle()
    before, count = service.standing(), len(service.revisions())
    redis = Redis.from_url(service.parts.redis)
    assert all(kept(redis, old).values())

    monitor(service, "keys", "add")
    new = Keys.from_file(secret).sealing_keys[-1]
    assert [line.split()[0] for line in monitor(service, "keys", "show").splitlines()] == [old, new]
    said = monitor(service, "keys", "reseal")
    assert said.startswith("sealed anew: 60 roster lines")
    service.settle()
    until(lambda: not any(kept(redis, old).values()), 90)
    assert all(kept(redis, new).values())
    latest = dict(published_lines(service.parts.kafka))
    assert len(latest) == 60
    assert all(old.encode() not in value for value in latest.values())
    assert len(service.revisions()) == count
    assert monitor(service, "keys", "reseal").startswith("sealed anew: 0 roster lines, records of 0 households, 0 ev")

    # The worker, which began with the old key alone, goes on: repetitions, ties and retractions say what they must.
    service.publish([*rows[100:], *((feed, {**row, "op": "retract"}) for feed, row in rows[:100])])
    service.settle()
    assert service.workers[0].poll() is None
    assert len(service.revisions()) > count
    assert before.keys() <= service.standing().keys()
    redis.close()
