"""The broker is restarted, away, frozen, without its controller; one of three is killed."""

import signal
import time
from collections.abc import Mapping

from monitor.parts.kafka import Kafka, new_cluster
from monitor.parts.server import free_port, listens
from tests.faults.experiments.experiment import Experiment
from tests.faults.run import Run
from tests.faults.stage import Stage, kill
from tests.integration.clusters import KafkaCluster


def restart(run: Run) -> None:
    """Ended in good order and started again at once; then killed and started again."""
    run.begin(60)
    with run.blow():
        run.stage.kafka.stop()
        run.stage.start_kafka()
    time.sleep(12)
    with run.blow():
        kill(run.stage.kafka)
        run.stage.start_kafka()


def away(run: Run) -> None:
    """Gone for 30 s."""
    run.begin(75)
    with run.blow():
        run.stage.kafka.stop()
        time.sleep(30)
        run.stage.start_kafka()


def frozen(run: Run) -> None:
    """Frozen for longer than a message waits for the broker's word: its connections stay open."""
    run.begin(110)
    with run.blow():
        run.stage.kafka.process.send_signal(signal.SIGSTOP)
        try:
            time.sleep(80)
        finally:
            run.stage.kafka.process.send_signal(signal.SIGCONT)


class _Apart:
    """In place of the stage's one node: a broker, and a controller apart from it."""

    def __init__(self, built: Stage) -> None:
        built.kafka.stop()
        self._folder = built.folder
        self._cluster = new_cluster()
        self._ports, self._controllers = (free_port(), free_port()), (free_port(), free_port())
        self.controller = self._node(1, _CONTROLLER)
        self.broker = self._node(0, _BROKER)
        self.broker.wait()
        built.kafka, built.bootstrap = self.broker, self.broker.bootstrap

    def _node(self, number: int, changed: Mapping[str, str]) -> Kafka:
        port, controller = self._ports[number], self._controllers[number]
        fixed = {
            "node.id": str(number + 1),
            "controller.quorum.voters": f"2@127.0.0.1:{self._controllers[1]}",
            "listeners": changed["listeners"].format(port=port, controller=controller),
        }
        folder = self._folder / f"kafka-{number + 1}"
        return Kafka(folder, port=port, controller=controller, changed={**changed, **fixed}, cluster=self._cluster)

    def start_controller(self) -> None:
        """Start the controller again."""
        self.controller = self._node(1, _CONTROLLER)
        self.controller.wait_ready(lambda: listens(self._controllers[1]), 120)

    def close(self) -> None:
        """Stop both; the stage stops the broker too."""
        self.broker.stop()
        self.controller.stop()


_BROKER = {"process.roles": "broker", "listeners": "BROKER://127.0.0.1:{port}"}
_CONTROLLER = {
    "process.roles": "controller",
    "advertised.listeners": "",
    "inter.broker.listener.name": "",
    "listeners": "CONTROLLER://127.0.0.1:{controller}",
}


def controller_lost(run: Run) -> None:
    """The only controller is gone for 20 s; the broker stays."""
    nodes = _Apart(run.stage)
    run.stage.open_things.callback(nodes.close)
    run.begin(60)
    with run.blow():
        kill(nodes.controller)
        time.sleep(20)
        nodes.start_controller()


def one_of_three(run: Run) -> None:
    """One of three brokers is killed, and comes back after 20 s."""
    run.stage.kafka.stop()
    cluster = KafkaCluster(run.stage.folder / "brokers")
    run.stage.open_things.callback(cluster.stop)
    run.stage.bootstrap = cluster.bootstrap
    run.begin(70)
    with run.blow():
        cluster.kill(0)
    time.sleep(20)
    with run.blow():
        cluster.start_again(0)


EXPERIMENTS = {
    "broker-restart": Experiment("the broker restarts, then is killed and restarts", restart),
    "broker-away": Experiment("the broker is away for 30 s", away),
    "broker-frozen": Experiment("the broker stands frozen for 80 s", frozen),
    "controller-lost": Experiment("the broker loses its controller for 20 s", controller_lost),
    "one-of-three": Experiment("one of three brokers is killed, and comes back", one_of_three),
}
