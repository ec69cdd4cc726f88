"""The Redis stream on a real server."""

import asyncio

import pytest
from redis import Redis

from alert_sinks.sinks.configuration import SinkSettings, Wanted
from alert_sinks.sinks.delivery import Retrying
from alert_sinks.sinks.sink import SinkError
from detectors.alerts import decode
from tests.unit.alert_sinks.order_examples import make_alert

pytestmark = pytest.mark.parts


def settings(url: str, most_entries: int = 0) -> SinkSettings:
    return SinkSettings(
        name="bus",
        kind="redis-stream",
        target=url,
        wanted=Wanted(),
        retrying=Retrying(),
        stream="alerts",
        most_entries=most_entries,
        timeout_seconds=2,
    )


def send(sink_settings: SinkSettings, count: int) -> None:
    async def run() -> None:
        sink = sink_settings.open(lambda: 0)
        try:
            await sink.send([make_alert(f"a{number}") for number in range(count)])
        finally:
            await sink.close()

    asyncio.run(run())


def test_entries_hold_the_alerts_in_order(redis_url: str) -> None:
    send(settings(redis_url), 3)
    with Redis.from_url(redis_url) as client:
        entries = client.xrange("alerts")
    assert [decode(fields[b"alert"]).alert_id for _, fields in entries] == ["a0", "a1", "a2"]
    assert entries[0][1][b"revision"] == b"1"


def test_the_stream_stays_bounded(redis_url: str) -> None:
    send(settings(redis_url, most_entries=100), 1000)
    with Redis.from_url(redis_url) as client:
        assert client.xlen("alerts") < 300


def test_a_server_that_is_away_is_worth_waiting_for() -> None:
    with pytest.raises(SinkError) as raised:
        send(settings("redis://127.0.0.1:1/0"), 1)
    assert raised.value.retry
