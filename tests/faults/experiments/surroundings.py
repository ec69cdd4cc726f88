"""What surrounds the workers: their disk, their clocks, a burst, other workers, an operator who errs."""

import json
import signal
import time

from tests.faults.disks import fill, small_disk
from tests.faults.experiments.experiment import Experiment
from tests.faults.load import Load
from tests.faults.run import Run
from tests.integration.live import until

_DAY = 24 * 3600


def full_disk(run: Run) -> None:
    """The disk of a worker's log and of its file sink is full for 20 s."""
    disk = small_disk(run.stage.folder / "disk", 24, run.stage.open_things)
    archive = disk / "alerts.jsonl"
    (run.stage.config / "sinks.yaml").write_text(
        f"sinks:\n  - {{name: archive, kind: file, path: {archive}, retry: {{most_seconds: 1, open_seconds: 2}}}}\n"
    )
    run.crew.log_folder = disk
    run.begin(60)
    time.sleep(4)
    with run.blow():
        fill(disk / "ballast")
        time.sleep(10)
        run.crew.send(0, signal.SIGHUP)  # a reason to log
        time.sleep(10)
        (disk / "ballast").unlink()
    run.settle()
    lines = archive.read_text().splitlines()
    kept = {(alert["alert_id"], alert["revision"]) for alert in map(json.loads, lines)}
    run.notes.append(f"{len(lines)} whole lines in the file, {len(kept)} revisions")
    assert len(kept) > 500, "the file lacks alerts"


def clocks(run: Run) -> None:
    """One worker's clock is a day ahead, the other's a day behind; both change places in mid-load."""
    ways = [_DAY, -_DAY]
    run.crew.arm = lambda place: ["clock", str(ways[place])]
    run.begin(60)
    time.sleep(10)
    with run.blow():
        ways.reverse()
        for place in (0, 1):
            run.crew.give_up(place)
            run.crew.start(place)


def burst(run: Run) -> None:
    """Ten times the load for two minutes, then the rest."""
    run.begin(120)
    run.struck()
    run.finish_load()


def churn(run: Run) -> None:
    """For five minutes workers join and leave, every few seconds, one to four of them."""
    run.begin(300)
    end, turn = time.monotonic() + 290, 0
    while time.monotonic() < end:
        with run.blow():
            if turn % 2:
                run.crew.give_up(run.crew.places()[0])
            else:
                run.crew.start(2 + turn)
        turn += 1
        time.sleep(8)
    run.notes.append(f"{turn} joined or left")


def broken_configuration(run: Run) -> None:
    """An operator saves a broken rule, then a broken standard, then mends both."""
    run.begin(50)
    rule, standards = run.stage.config / "rules" / "vehicle-owned.yaml", run.stage.config / "standards.yaml"
    good_rule, good_standards = rule.read_text(), standards.read_text()
    with run.blow():
        rule.write_text(good_rule.replace("when:", "whenever:", 1) + "\nnonsense: [")
        until(lambda: _refusals(run) >= 2, 90)
        time.sleep(3)
    with run.blow():
        rule.write_text(good_rule)
        standards.write_text("- {}")
        until(lambda: _refusals(run) >= 4, 90)
        time.sleep(3)
    with run.blow():
        standards.write_text(good_standards)
        for place in run.crew.places():
            run.crew.send(place, signal.SIGHUP)
    time.sleep(3)


def _refusals(run: Run) -> int:
    return sum(path.read_text().count("configuration refused") for path in run.crew.logs())


BURST = Load(rows=72_000, strangers=0.9, seed=3, households=880, beacon_each=60)
"""600 changes a second for two minutes; the usual load is 60 and fewer."""

EXPERIMENTS = {
    "worker-disk-full": Experiment("the disk of the workers' logs and file sink is full for 20 s", full_disk),
    "clocks": Experiment("one worker's clock is a day ahead, the other's a day behind", clocks),
    "burst": Experiment("ten times the load for two minutes", burst, BURST),
    "churn": Experiment("workers join and leave for five minutes", churn),
    "broken-configuration": Experiment("broken rules and standards on reload", broken_configuration),
}
