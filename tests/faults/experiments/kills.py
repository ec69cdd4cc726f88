"""Workers are killed, ended and frozen."""

import random
import signal
import time
from collections.abc import Callable
from itertools import cycle

from tests.faults.experiments.experiment import Experiment
from tests.faults.run import READY_SECONDS, Run
from tests.faults.worker import POINTS
from tests.integration.live import until

_RANDOM_KILLS = 25
_WORST_KILLS = 25
_WORST_SECONDS = 120.0
"""So long a worker may take until it comes to the moment for which it is armed."""
_SESSION_TIMEOUT = 8.0


def kill_random(run: Run) -> None:
    """25 SIGKILLs, a worker by chance each few seconds."""
    chance = random.Random(1)
    run.begin(_RANDOM_KILLS * 2.5 + 20)
    for _ in range(_RANDOM_KILLS):
        with run.blow():
            run.crew.send(chance.randrange(2), signal.SIGKILL).wait()
        time.sleep(chance.uniform(0.5, 4.5))


def kill_worst(run: Run) -> None:
    """25 kills between two steps of a batch: each worker that starts is armed for the next of the worst moments."""
    chance = random.Random(2)
    points = cycle(POINTS)
    killed: list[str] = []

    def arm(_place: int) -> list[str]:
        if len(killed) >= _WORST_KILLS:
            return []
        killed.append(next(points))
        # A few times through, so that the moment is met in full work and not only with the first batch.
        return [killed[-1], str(chance.randrange(1, 4))]

    run.crew.arm = arm
    run.begin(700, ready=False)
    for number in range(_WORST_KILLS):
        until(lambda number=number: run.crew.killed > number, _WORST_SECONDS)
    run.struck()
    run.notes.append(f"{run.crew.killed} kills at {len(POINTS)} moments")


def terminate(run: Run) -> None:
    """SIGTERM in mid-batch, six times: it ends in time, and what is done is committed."""
    run.begin(120)
    longest = 0.0
    for number in range(6):
        with run.blow():
            longest = max(longest, run.crew.give_up(number % 2))
            run.crew.start(number % 2)
        until(run.crew.ready, READY_SECONDS)  # one that is still starting is in no batch
    run.notes.append(f"ended within {longest:.1f} s")
    assert longest < 10, f"a worker took {longest:.1f} s to end"


def frozen(seconds: float) -> Callable[[Run], None]:
    """A worker stands still for so long, then goes on as if nothing had been."""

    def strike(run: Run) -> None:
        run.begin(seconds + 35)
        for place in (0, 1):
            with run.blow():
                run.crew.send(place, signal.SIGSTOP)
                time.sleep(seconds)
                run.crew.send(place, signal.SIGCONT)
            time.sleep(4)
            if seconds > 20:
                break

    return strike


EXPERIMENTS = {
    "kill-random": Experiment("25 SIGKILLs of workers at random", kill_random),
    "kill-worst": Experiment("25 kills between save, publish, mark, commit, and while attaching", kill_worst),
    "terminate": Experiment("SIGTERM in mid-batch, six times", terminate),
    "freeze-7": Experiment("SIGSTOP for 7 s", frozen(7)),
    "freeze-past-session": Experiment("SIGSTOP past the session timeout", frozen(_SESSION_TIMEOUT + 4)),
    "freeze-30": Experiment("SIGSTOP for 30 s", frozen(30)),
}
