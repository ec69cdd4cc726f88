"""The watchdog ends a worker whose loop or partitions stand still, and no other."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from monitor.operating_metrics import OperatingMetrics
from monitor.worker.health import STUCK_SECONDS, Health
from monitor.worker.watchdog import STATUS, start_watchdog


class Clock:
    """A clock that a watchdog's naps move on; other things happen meanwhile."""

    def __init__(self, meanwhile: Iterator[None]) -> None:
        self.now = 0.0
        self._meanwhile = meanwhile

    def nap(self, seconds: float) -> None:
        self.now += seconds
        next(self._meanwhile, None)


def watched(happens: str) -> float:
    """How many seconds the process lived."""
    ended: list[float] = []

    def meanwhile() -> Iterator[None]:
        for _ in range(250):
            happens_now = "hangs" if clock.now > 900 else happens  # every test ends
            if happens_now != "hangs":
                health.beat()
            if happens_now == "waits":
                health.waits("screen", "changes.taxes.v1", 3)
            if happens_now in ("away", "a sink fails"):
                health.away("redis" if happens_now == "away" else "sink-province", ConnectionError())
                health.waits("screen", "changes.taxes.v1", 3)
            if happens_now == "only a sink fails":
                health.away("sink-province", ConnectionError())
                health.waits("sink-province", "alerts.v1", 3)
            yield

    clock = Clock(meanwhile())
    health = Health(OperatingMetrics(CollectorRegistry()), lambda: clock.now)
    health.settled("sink-province", True)

    def end(status: int) -> None:
        assert status == STATUS
        ended.append(clock.now)

    start_watchdog(health, end, clock.nap).join(10)
    return ended[0]


def test_a_loop_that_hangs_ends_the_process() -> None:
    assert 60 <= watched("hangs") <= 75


def test_a_partition_that_stands_still_ends_it_too() -> None:
    assert STUCK_SECONDS <= watched("waits") <= STUCK_SECONDS + 15


def test_work_goes_on_as_long_as_it_goes() -> None:
    assert watched("goes on") > 900


def test_waiting_for_a_part_that_is_away_is_not_standing_still() -> None:
    assert watched("away") > 900


def test_a_sink_that_fails_excuses_its_own_group_alone() -> None:
    assert watched("only a sink fails") > 900
    assert STUCK_SECONDS <= watched("a sink fails") <= STUCK_SECONDS + 15


def test_the_log_tells_when_a_worker_becomes_ready_and_when_it_no_longer_is() -> None:
    health = Health(OperatingMetrics(CollectorRegistry()))
    health.settled("screen", False)
    with capture_logs() as told:
        for settled in (False, True, True, False):
            health.settled("screen", settled)
            health.beat()
    assert [one["event"] for one in told] == ["ready", "not ready"]
    assert told[1]["because"] == ["group screen: no assignment yet"]
