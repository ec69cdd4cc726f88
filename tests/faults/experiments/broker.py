"""The broker is restarted, away, without its controller; one of three is killed."""

import time
from collections.abc import Callable

from monitor.parts.kafka import Kafka, new_cluster
from monitor.parts.server import free_port, listens
from tests.faults.experiments.experiment import Experiment
from tests.faults.run import Run
from tests.faults.stage import Stage, kill


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


class _Cluster:
    """Several nodes in place of the stage's one broker."""

    def __init__(self, built: Stage) -> None:
        self._stage = built
        self._id = new_cluster()
        self._ports: dict[int, tuple[int, int]] = {}
        self._changed: dict[int, dict[str, str]] = {}
        self.nodes: dict[int, Kafka] = {}
        built.kafka.stop()

    def start(self, node: int) -> None:
        """Start a node, or start it again."""
        port, controller = self._ports[node]
        folder = self._stage.folder / f"kafka-{node}"
        self.nodes[node] = Kafka(
            folder, port=port, controller=controller, changed=self._changed[node], cluster=self._id
        )

    def one_controller(self) -> None:
        """Node 1 is the broker, node 2 the controller."""
        self._ports = {node: (free_port(), free_port()) for node in (1, 2)}
        voters = {"controller.quorum.voters": f"2@127.0.0.1:{self._ports[2][1]}"}
        controller = self._ports[2][1]
        self._changed = {
            1: {**voters, "process.roles": "broker", "listeners": f"BROKER://127.0.0.1:{self._ports[1][0]}"},
            2: {
                **voters,
                "process.roles": "controller",
                "node.id": "2",
                "advertised.listeners": "",
                "inter.broker.listener.name": "",
                "listeners": f"CONTROLLER://127.0.0.1:{controller}",
            },
        }
        self.start(2)
        self.start(1)
        self.nodes[1].wait()
        self._stage.kafka, self._stage.bootstrap = self.nodes[1], self.nodes[1].bootstrap

    def three(self) -> None:
        """Three nodes that are brokers and controllers, every partition on all of them."""
        self._ports = {node: (free_port(), free_port()) for node in (1, 2, 3)}
        voters = ",".join(f"{node}@127.0.0.1:{ports[1]}" for node, ports in self._ports.items())
        copies = {
            f"{what}.replication.factor": "3"
            for what in ("default", "offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        }
        common = {"controller.quorum.voters": voters, "min.insync.replicas": "2", **copies}
        self._changed = {node: {**common, "node.id": str(node)} for node in self._ports}
        for node in self._ports:
            self.start(node)
        for one in self.nodes.values():
            one.wait()
        self._stage.kafka = self.nodes[2]
        self._stage.bootstrap = ",".join(one.bootstrap for one in self.nodes.values())

    @property
    def controller_port(self) -> int:
        """Where the controller of `one_controller` listens."""
        return self._ports[2][1]

    def close(self) -> None:
        """Stop all nodes."""
        for one in self.nodes.values():
            one.stop()


def _cluster(run: Run, nodes: Callable[[_Cluster], None]) -> _Cluster:
    """A cluster of these nodes, for as long as the experiment runs."""
    cluster = _Cluster(run.stage)
    run.stage.open_things.callback(cluster.close)
    nodes(cluster)
    return cluster


def controller_lost(run: Run) -> None:
    """The only controller is gone for 20 s; the broker stays."""
    cluster = _cluster(run, _Cluster.one_controller)
    run.begin(60)
    with run.blow():
        kill(cluster.nodes[2])
        time.sleep(20)
        cluster.start(2)
        cluster.nodes[2].wait_ready(lambda: listens(cluster.controller_port), 120)


def one_of_three(run: Run) -> None:
    """One of three brokers is killed, and comes back after 20 s."""
    cluster = _cluster(run, _Cluster.three)
    run.begin(70)
    with run.blow():
        kill(cluster.nodes[1])
    time.sleep(20)
    with run.blow():
        cluster.start(1)
        cluster.nodes[1].wait()


EXPERIMENTS = {
    "broker-restart": Experiment("the broker restarts, then is killed and restarts", restart),
    "broker-away": Experiment("the broker is away for 30 s", away),
    "controller-lost": Experiment("the broker loses its controller for 20 s", controller_lost),
    "one-of-three": Experiment("one of three brokers is killed, and comes back", one_of_three),
}
