"""Redis is away, loses its last second or everything, is full, is followed by its replica."""

import shutil
import subprocess
import sys
import time

from redis import Redis

from monitor.parts.server import free_port
from monitor.parts.valkey import Valkey
from tests.faults.experiments.experiment import Experiment
from tests.faults.proxy import Proxy
from tests.faults.run import Run
from tests.faults.stage import kill
from tests.integration.live import until


def away(run: Run) -> None:
    """Gone for 30 s, in good order."""
    run.begin(75)
    with run.blow():
        run.stage.redis.stop()
        time.sleep(30)
        run.stage.start_redis()


def last_second(run: Run) -> None:
    """The machine under Redis loses power, three times: what it wrote in the last second or two is gone.

    SIGKILL alone would lose nothing, for the kernel has it already; so the files of a moment ago are put back.
    """
    run.begin(60)
    folder = run.stage.folder / "valkey" / "appendonlydir"
    for _ in range(3):
        with run.blow():
            former = shutil.copytree(folder, run.stage.folder / "former")
            time.sleep(1.5)
            kill(run.stage.redis)
            shutil.rmtree(folder)
            former.rename(folder)
            run.stage.start_redis()
        time.sleep(10)


def emptied(run: Run) -> None:
    """FLUSHALL; the workers wait and say so; `monitor rebuild` brings everything back."""
    run.begin(60)
    time.sleep(8)
    with run.blow():
        with run.stage.client() as client:
            client.flushall()
        until(lambda: not run.crew.ready(), 90)
        time.sleep(3)
        rebuild(run)


def rebuild(run: Run) -> None:
    """Run `monitor rebuild`, and say how long it took."""
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "monitor", "rebuild"],
        env=run.stage.environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-300:]
    run.notes.append(f"rebuilt in {time.monotonic() - begin:.1f} s")


def full(run: Run) -> None:
    """Out of memory with noeviction for 20 s: it refuses to write."""
    run.begin(60)
    with run.blow(), run.stage.client() as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"])
        time.sleep(20)
        client.config_set("maxmemory", 0)


def promoted(run: Run) -> None:
    """The primary dies; its replica, which lacks the last two seconds, takes over its address."""
    primary = run.stage.redis_port
    link, address = Proxy(primary), Proxy(primary)
    second = Valkey(run.stage.folder / "replica", keep=True, port=free_port())
    run.stage.open_things.callback(address.close)
    second.wait()
    run.stage.redis_url = f"redis://127.0.0.1:{address.port}/0"
    port = int(second.url.rsplit(":", 1)[1].split("/")[0])
    with Redis(port=port) as replica:
        replica.execute_command("REPLICAOF", "127.0.0.1", link.port)
        until(lambda: replica.info("replication")["master_link_status"] == "up", 90)
        run.begin(50)
        time.sleep(8)
        with run.blow():
            link.close()
            time.sleep(2)
            kill(run.stage.redis)
            replica.execute_command("REPLICAOF", "NO", "ONE")
            address.target = port
            address.cut()
    run.stage.redis, run.stage.redis_port = second, port


EXPERIMENTS = {
    "redis-away": Experiment("Redis is away for 30 s", away),
    "redis-last-second": Experiment("Redis loses its last second (everysec), three times", last_second),
    "redis-emptied": Experiment("Redis is emptied; `monitor rebuild`", emptied),
    "redis-full": Experiment("Redis is out of memory with noeviction for 20 s", full),
    "redis-promoted": Experiment("a replica that lacks two seconds is promoted", promoted),
}
