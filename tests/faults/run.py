"""A run of the load through a stage: undisturbed, or with blows; and the report of what came of it."""

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka import KafkaException, Producer

from streams.errors import UnusableError
from streams.roster import Line
from streams.roster_topic import message
from streams.topics import LARGEST_VALUE, changes_topic, partition_of
from tests.faults import judging
from tests.faults.crew import Crew
from tests.faults.load import PARTITIONS, Load, Row, comes_late, roster
from tests.faults.stage import Stage, stage
from tests.faults.watching import Watcher
from tests.integration.live import until

READY_SECONDS, SETTLE_SECONDS = 180.0, 120.0
"""Generous: the machine may be busy with something else."""
_ROSTER_EACH = 20
"""One line of the roster is published again for so many rows, so that enrolling goes on beside the changes."""


class Report(msgspec.Struct):
    """What came of an experiment. Times are seconds, the worst of all blows; memory is in MB, before and after."""

    name: str
    faults: list[str]
    blows: int = 0
    next_change: float | None = None
    everywhere: float | None = None
    workers: tuple[float | None, float | None] = (None, None)
    redis: tuple[float | None, float | None] = (None, None)
    ends: list[int] = []
    seconds: float = 0.0
    notes: list[str] = []


class Run:
    """A load on its way through two workers, while an experiment strikes."""

    def __init__(self, built: Stage, load: Load) -> None:
        self.stage = built
        self.load = load
        self.crew = Crew(built.folder, built.environment)
        self.blows: list[float] = []
        self.notes: list[str] = []
        self.letters: int | None = 0
        """How many records may be refused; None where nobody can know."""
        self.least_letters = 0
        self._producer: Any = None
        self._publishing: threading.Thread | None = None
        self._hurried = threading.Event()
        self._lost: list[str] = []
        """What the broker never took of the load."""
        self.watcher: Watcher | None = None
        self._before: tuple[float | None, float | None] = (None, None)

    def begin(self, seconds: float, workers: int = 2, *, ready: bool = True) -> None:
        """Enrol everybody, start the workers, and let the load run for about so many seconds."""
        self.stage.prepare()
        self._producer = Producer(
            {
                "bootstrap.servers": self.stage.bootstrap,
                "linger.ms": 5,
                "log_level": 0,
                "message.max.bytes": 2 * LARGEST_VALUE,
                "enable.idempotence": True,
                "message.timeout.ms": 600_000,
                "reconnect.backoff.max.ms": 500,
            }
        )
        self.enrol()
        for place in range(workers):
            self.crew.start(place)
        self.watcher = Watcher(self.stage.bootstrap)
        if ready:
            until(self.crew.ready, READY_SECONDS)
            self._before = (self.crew.megabytes(), self.stage.redis_megabytes())
        self._publishing = threading.Thread(target=self._publish, args=(seconds,), daemon=True)
        self._publishing.start()
        time.sleep(2.0)

    def enrol(self) -> None:
        """Publish the roster, but for those who come late."""
        for line in roster(self.load):
            if not comes_late(line.household_id):
                self._enrol_again(line)
        self._producer.flush()

    def _enrol_again(self, line: Line) -> None:
        sent = message(line)
        self.publish_raw(sent.topic, sent.value, partition_of(sent.spread, PARTITIONS), sent.key)

    def _publish(self, seconds: float) -> None:
        rows = self.load.changes
        lines = list(roster(self.load))
        late = {line.household_id: line for line in lines if comes_late(line.household_id)}
        begin = time.monotonic()
        for number, row in enumerate(rows):
            due = begin + seconds * number / len(rows)
            if (wait := due - time.monotonic()) > 0.005:
                self._hurried.wait(wait)
            if line := late.pop(row.household_id, None):
                self._enrol_again(line)
                self._producer.flush()
                time.sleep(0.002)  # so that the line is the earlier one by its timestamp
            self.publish(row)
            if number % _ROSTER_EACH == 0:
                again = lines[number // _ROSTER_EACH % len(lines)]
                if again.household_id not in late:
                    self._enrol_again(again)
        self._producer.flush()

    def publish(self, row: Row) -> None:
        """Publish a row."""
        self.publish_raw(changes_topic(row.feed), row.encoded(), row.partition)

    def publish_raw(self, topic: str, value: bytes | None, partition: int, key: str | None = None) -> None:
        """Publish whatever."""
        while True:
            try:
                self._producer.produce(topic, value, key, partition=partition, on_delivery=self._delivered)
            except (BufferError, KafkaException):  # full, or the broker is starting and knows no topics yet
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return

    def _delivered(self, error: Any, _message: Any) -> None:
        if error is not None:
            self._lost.append(error.name())

    @contextmanager
    def blow(self) -> Iterator[None]:
        """Strike inside; the time until work goes on counts from the end of the block."""
        yield
        self.struck()

    def struck(self) -> None:
        """A blow is over now. If the load is too, nobody can see what would be processed next."""
        assert self._publishing is not None
        if self._publishing.is_alive():
            self.blows.append(time.monotonic())
        else:
            self.notes.append("the load was over before the blow")

    def finish_load(self) -> None:
        """Wait until the load is out, at its own pace."""
        assert self._publishing is not None
        self._publishing.join()

    def _recovered(self) -> bool:
        """Every partition has moved after each blow."""
        assert self.watcher is not None
        return all(self.watcher.everywhere_after(at) is not None for at in self.blows)

    def settle(self, seconds: float = SETTLE_SECONDS) -> None:
        """Wait until the load is out, and every group has committed all that there is, three times in a row.

        The rest of the load comes at once when nothing is to be learned from its pace any more. So many seconds
        without any movement are too many.
        """
        assert self._publishing is not None
        while self._publishing.is_alive() and not self._recovered():
            time.sleep(0.5)
        self._hurried.set()
        self.finish_load()
        assert not self._lost, f"the broker never took {len(self._lost)} records of the load: {self._lost[0]}"
        quiet, end = 0, time.monotonic() + seconds
        waiting: dict[str, int] = {}
        while quiet < 3:
            assert time.monotonic() < end, f"nothing moved for {seconds:.0f} s: {waiting}"
            time.sleep(0.5)
            with suppress(KafkaException, UnusableError):
                before, waiting = waiting, judging.lags(self.stage.bootstrap)
                quiet = 0 if waiting else quiet + 1
                if waiting != before:
                    end = time.monotonic() + seconds  # slow, but it moves

    def memory(self) -> tuple[tuple[float | None, float], tuple[float | None, float]]:
        """Megabytes of the workers and of Redis, before (once they were ready) and now."""
        now = self.crew.megabytes(), self.stage.redis_megabytes()
        return (self._before[0], now[0]), (self._before[1], now[1])

    def worst(self, measure: Callable[[float], float | None]) -> tuple[float | None, bool]:
        """The longest of what was measured after each blow; and whether one could not be measured."""
        found = [measure(at) for at in self.blows]
        known = [one for one in found if one is not None]
        return max(known, default=None), len(known) < len(found)

    def close(self) -> None:
        """Kill what still runs."""
        if self.watcher is not None:
            self.watcher.close()
        self.crew.close()


def undisturbed(load: Load, kept: Path) -> judging.Left:
    """What one worker leaves of the load when nobody disturbs it; computed once, then kept in the folder."""
    path = kept / f"undisturbed-{load.name}.json"
    if path.exists():
        return msgspec.json.decode(path.read_bytes(), type=judging.Left)
    with stage() as built:
        run = Run(built, load)
        try:
            run.begin(0.0, workers=1)
            run.settle()
            found = judging.left(built.bootstrap, built.database.url)
        finally:
            run.close()
    assert not found.faults, found.faults
    path.write_bytes(msgspec.json.encode(found))
    return found


def experiment(name: str, strike: Callable[[Run], None], load: Load, kept: Path) -> Report:
    """Run one experiment and judge it."""
    wanted = undisturbed(load, kept)
    began = time.monotonic()
    with stage() as built:
        run = Run(built, load)
        try:
            strike(run)
            run.settle()
            found = judging.left(built.bootstrap, built.database.url)
            faults = judging.differences(found, wanted, run.letters)
            if found.letters < run.least_letters:
                faults.append(f"{found.letters} dead letters, at least {run.least_letters} were due")
            assert run.watcher is not None
            next_change, unseen = run.worst(run.watcher.next_after)
            everywhere, _ = run.worst(run.watcher.everywhere_after)
            if unseen:
                faults.append("after a blow no change was processed any more")
            workers, redis = run.memory()
            return Report(
                name=name,
                faults=faults,
                blows=len(run.blows),
                next_change=next_change,
                everywhere=everywhere,
                workers=workers,
                redis=redis,
                ends=list(run.crew.ends),
                seconds=time.monotonic() - began,
                notes=run.notes,
            )
        finally:
            run.close()
            shutil.copytree(built.folder, kept / name, ignore=_all_but_logs, dirs_exist_ok=True)


def _all_but_logs(folder: str, names: list[str]) -> list[str]:
    """What is not worth keeping of a stage."""
    return [name for name in names if not name.startswith("worker-")]
