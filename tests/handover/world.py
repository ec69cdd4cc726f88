"""The world of the model: one partition with a few messages, a broker, a store, and two workers.

The workers run `AssessmentAgent` itself on `MemoryStore`, which `tests/integration/test_stores.py` holds against Redis.
A worker stops before each call to the store or the broker, and goes on when it is told to. So a path through the world
is a list of actions, and the same path always leads to the same state.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from faust.types import TP

from detectors.alerts import decode
from monitor.assessment import Assessor
from monitor.worker.assessing import AssessmentAgent
from streams.batch_transport import Fetched
from streams.memory_store import MemoryStore
from streams.messages import encode
from streams.publishing import Outgoing, Publisher
from streams.store import Part
from streams.topics import ALERTS
from tests.handover.counting import CountingAssessor, message
from tests.unit.streams.doubles import Counted, Heard, fetched
from tests.unit.streams.people import KEYS

PART = 3
TPS = TP("household-changes.v1", PART)
Action = tuple[str, int]


class _Pause:
    """Stops a coroutine before a call, and says which one; the model sends it on."""

    def __init__(self, call: str) -> None:
        self.call = call

    def __await__(self) -> Generator[str, None, None]:
        yield self.call


class Rules(NamedTuple):
    """What a variant of the protocol does otherwise."""

    store: type["PausingStore"]
    differing: bool = False
    """The workers have read different configurations, so that they would say the same revision in different words.

    Redis then loses no write: what is computed anew after that is computed by the configuration of that day.
    """
    commits_first: bool = False
    """The offset is committed when a batch is fetched, not when it is done."""


class Shared(MemoryStore):
    """The one store that all workers use; it can go back to what it was a save ago."""

    def __init__(self) -> None:
        super().__init__()
        self.former: list[tuple[Any, Any]] = []

    def picture(self) -> tuple[Any, ...]:
        """All that it holds, comparable."""
        return tuple(sorted(self._parts.items())), tuple(sorted(self._part_values.items()))

    def remember(self) -> None:
        """Keep what it holds now, to go back to."""
        self.former = [(dict(self._parts), dict(self._part_values))]

    def lose_the_last_write(self) -> None:
        """What was saved last is gone, as with Redis's everysec."""
        self._parts, self._part_values = self.former.pop()


class PausingStore:
    """A worker's view of the store: each call waits for its turn, then is done at once."""

    def __init__(self, shared: Shared, heard: list[object]) -> None:
        self.shared = shared
        self._heard = heard

    async def load_part(self, part: int, names: Sequence[str]) -> Part:
        """Wait, then load."""
        await _Pause("load")
        found = await self.shared.load_part(part, names)
        self._heard.append((found.applied, found.unsent, tuple(found.values)))
        return found

    async def save_part(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        """Wait, then save if nobody has been faster."""
        await _Pause("save")
        self.shared.remember()
        saved = await self.saving(part, over, applied, unsent, values)
        self._heard.append(saved)
        return saved

    async def saving(self, part: int, over: Part, applied: int, unsent: bytes, values: Mapping[str, bytes]) -> bool:
        """The rule by which a save is taken; broken variants have others."""
        return await self.shared.save_part(part, over, applied, unsent, values)

    async def sent(self, part: int, applied: int) -> None:
        """Wait, then mark as sent."""
        await _Pause("mark")
        await self.marking(part, applied)
        self._heard.append("marked")

    async def marking(self, part: int, applied: int) -> None:
        """The rule by which something is marked as sent."""
        await self.shared.sent(part, applied)


class _PausingPublisher:
    """A worker's way to the broker."""

    def __init__(self, log: list[bytes], heard: list[object]) -> None:
        self._log = log
        self._heard = heard

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Wait, then append to the alerts' topic."""
        if messages:
            await _Pause("publish")
            self._log += [one.value for one in messages if one.topic == ALERTS]
            self._heard.append("published")


class Worker:
    """A process: what it believes to own, where it stands, and the batch in its hand."""

    def __init__(self, world: "World", number: int) -> None:
        self.heard: list[object] = []
        """The answers to the calls of the batch in hand; with the batch itself they say where it stands."""
        self.position: int | None = None
        """The next offset to read; None while it owns nothing."""
        self.batch: Fetched | None = None
        self.waits_for = ""
        self.uncommitted: int | None = None
        self._course: Coroutine[Any, Any, int | None] | None = None
        assessor = CountingAssessor(number if world.rules.differing else 0)
        self._agent = AssessmentAgent(
            lambda: cast(Assessor, assessor),
            KEYS,
            cast(Any, world.rules.store(world.store, self.heard)),
            cast(Publisher, _PausingPublisher(world.alerts, self.heard)),
            Counted(),
            Heard(),
            lambda: 0,
            _nothing_breaks,
            lambda _county, _population: None,
            1,
        )

    def begin(self, batch: Fetched) -> None:
        """Take a batch in hand, and go to the first call."""
        self.heard.clear()
        self.batch = batch
        self._course = self._agent.handle(TPS, batch)
        self.go_on()

    def go_on(self) -> None:
        """Do the call that it waits for, and go to the next one or to the end of the batch."""
        assert self._course is not None
        assert self.batch is not None
        try:
            while (call := self._course.send(None)) is None:
                pass  # others of the process get their turn here; there are none
        except StopIteration as done:
            again = done.value
            end = self.batch.records[-1].offset + 1
            self.position = end if again is None else again
            self.uncommitted = self.position
            self._course, self.batch, self.waits_for = None, None, ""
        else:
            self.waits_for = cast(str, call)

    def drop(self) -> None:
        """Forget everything: the process is gone."""
        if self._course is not None:
            self._course.close()
        self._course, self.batch, self.waits_for = None, None, ""
        self.position, self.uncommitted = None, None
        self.heard.clear()

    def picture(self) -> tuple[Any, ...]:
        """Where it stands, comparable."""
        batch = () if self.batch is None else (self.batch.start, len(self.batch.records))
        return self.position, self.uncommitted, self.waits_for, batch, tuple(self.heard)


class World:
    """Everything, at a moment. `messages` is how many the partition holds."""

    def __init__(self, rules: Rules, messages: int) -> None:
        self.rules = rules
        self.store = Shared()
        _done(self.store.mark())
        self.values = [encode(message(number)) for number in range(messages)]
        self.alerts: list[bytes] = []
        self.committed = 0
        self.owner = 0
        self.left = {"crash": 2, "move": 2, "lose": 0 if rules.differing else 1}
        """How many crashes, moves of the partition, and losses of Redis's last write may still come."""
        self.workers = [Worker(self, 0), Worker(self, 1)]
        self._assign()

    def actions(self) -> list[Action]:
        """What may happen next."""
        found: list[Action] = []
        for number, worker in enumerate(self.workers):
            if worker.batch is not None:
                found.append(("step", number))
            elif worker.position is not None and worker.position < len(self.values):
                found += [("fetch-1", number)]
                if worker.position + 1 < len(self.values):
                    found += [("fetch-2", number)]
            if worker.uncommitted is not None and worker.batch is None:
                found.append(("commit", number))
            if worker.position is not None and number != self.owner:
                found.append(("learn", number))
            if worker.position is not None and self.left["crash"]:
                found.append(("crash", number))
        if self.left["move"]:
            found.append(("move", 1 - self.owner))
        if self.left["lose"] and self.store.former:
            found.append(("lose", 0))
        return found

    def do(self, action: Action) -> None:
        """Let it happen."""
        what, number = action
        worker = self.workers[number]
        if what == "step":
            worker.go_on()
        elif what.startswith("fetch"):
            assert worker.position is not None
            end = worker.position + int(what[-1])
            batch = fetched(TPS, self.values[worker.position : end], worker.position)
            if self.rules.commits_first:
                self.committed = max(self.committed, end) if number == self.owner else self.committed
            worker.begin(batch)
        elif what == "commit":
            # The broker refuses the commit of one who lost the partition.
            if number == self.owner and worker.uncommitted is not None:
                self.committed = worker.uncommitted
            worker.uncommitted = None
        elif what == "learn":
            worker.drop()
        elif what == "crash":
            self.left["crash"] -= 1
            worker.drop()
            if number == self.owner:
                # The other one takes over; the process comes back without anything.
                self.owner = 1 - number
                self._assign()
        elif what == "move":
            self.left["move"] -= 1
            self.owner = number
            self._assign()
        else:
            self.left["lose"] -= 1
            self.store.lose_the_last_write()

    def _assign(self) -> None:
        """The owner reads from what is committed or what is kept, whichever is less."""
        owner = self.workers[self.owner]
        owner.drop()
        kept = _done(self.store.load_part(PART, [])).applied
        owner.position = min(self.committed, kept)

    def finish(self) -> None:
        """Let the owner do all that is left, undisturbed; as in the worker it notices what its store has lost."""
        while True:
            owner = self.workers[self.owner]
            assert owner.position is not None
            kept = _done(self.store.load_part(PART, [])).applied
            if owner.batch is not None:
                owner.go_on()
            elif kept < owner.position:
                owner.position = kept
            elif owner.position < len(self.values):
                self.do(("fetch-1", self.owner))
            else:
                return

    def faults(self, *, finished: bool) -> list[str]:
        """What may never be. A finished world must also have said everything."""
        contents: dict[tuple[str, int], set[tuple[tuple[str, ...], int]]] = {}
        for value in self.alerts:
            alert = decode(value)
            contents.setdefault((alert.alert_id, alert.revision), set()).add((alert.event_ids, alert.source_version))
        found = [f"{key} has the contents {sorted(said)}" for key, said in contents.items() if len(said) > 1]
        if finished:
            said = sorted({events for all_said in contents.values() for events, _ in all_said})
            wanted = [tuple(f"e{n}" for n in range(number + 1)) for number in range(len(self.values))]
            if said != wanted:
                found.append(f"said {said} in place of {wanted}")
        return found

    def picture(self) -> tuple[Any, ...]:
        """The whole state, comparable: worlds of equal pictures go on alike."""
        former = tuple((tuple(sorted(a.items())), tuple(sorted(b.items()))) for a, b in self.store.former)
        return (
            self.store.picture(),
            former,
            tuple(self.alerts),
            self.committed,
            self.owner,
            tuple(self.left.values()),
            tuple(worker.picture() for worker in self.workers),
        )

    def close(self) -> None:
        """Let go of unfinished coroutines."""
        for worker in self.workers:
            worker.drop()


def _nothing_breaks(where: str, error: Exception) -> None:
    raise error


def _done(asked: Awaitable[Any]) -> Any:
    """The result of a coroutine that waits for nobody."""
    try:
        cast(Coroutine[Any, Any, Any], asked).send(None)
    except StopIteration as stop:
        return stop.value
    raise AssertionError("it waits for somebody")


def inside_a_loop(work: Callable[[], Any]) -> Any:
    """Run inside an event loop, whose clock the agent reads."""

    async def run() -> Any:
        return work()

    return asyncio.run(run())
