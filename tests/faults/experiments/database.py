"""The database is away, locked, full."""

import time

import psycopg

from tests.faults.disks import fill, small_disk
from tests.faults.experiments.experiment import Experiment
from tests.faults.run import Run


def away(run: Run) -> None:
    """Gone for 30 s."""
    run.begin(65)
    with run.blow():
        run.stage.database.stop()
        time.sleep(30)
        run.stage.start_database()


def locked(run: Run) -> None:
    """Somebody holds every table of work orders for 20 s."""
    run.begin(50)
    with run.blow(), psycopg.connect(run.stage.database.url.replace("+psycopg", "")) as connection:
        connection.execute("LOCK TABLE work_orders, alerts, households IN ACCESS EXCLUSIVE MODE")
        time.sleep(20)


def full(run: Run) -> None:
    """Its disk is full for 20 s; it may end of that, and is started again when there is room."""
    disk = small_disk(run.stage.folder / "database-disk", 200, run.stage.open_things)
    run.stage.move_database(disk / "postgres")
    run.begin(60)
    time.sleep(6)
    with run.blow():
        ballast = disk / "ballast"
        fill(ballast)
        time.sleep(20)
        ballast.unlink()
        if run.stage.database.process.poll() is not None:
            run.notes.append("PostgreSQL ended")
            run.stage.start_database()


EXPERIMENTS = {
    "database-away": Experiment("the database is away for 30 s", away),
    "database-locked": Experiment("its tables are locked for 20 s", locked),
    "database-full": Experiment("its disk is full for 20 s", full),
}
