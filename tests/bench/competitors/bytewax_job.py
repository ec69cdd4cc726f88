"""Bytewax: the Kafka source's own batches, one look into Redis for each. Runs in its own environment, as a script."""

import sys

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main
from job import OUT, TOPIC, Clock, kafka, matches, store


def main() -> None:
    """Read until the end of the topic."""
    limit = int(sys.argv[1])
    clock, client = Clock(), store()

    def screen(batch):
        clock.begin()
        found = matches(client, [message.value for message in batch])
        clock.saw(len(batch), len(found))
        return [KafkaSinkMessage(key, value) for key, value in found]

    flow = Dataflow("screening")
    read = kop.input("read", flow, brokers=[kafka()], topics=[TOPIC], tail=False, batch_size=4000)
    kop.output("publish", op.flat_map_batch("screen", read.oks, screen), brokers=[kafka()], topic=OUT)
    run_main(flow)
    assert clock.read <= limit or limit == 0
    clock.tell()


main()
