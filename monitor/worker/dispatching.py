"""The agents of `dispatch` and of the further sinks: alerts go to where somebody acts on them, each sink for itself."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from faust.types import TP

from alert_sinks.sinks.delivery import Delivery
from detectors.alerts import Alert, decode
from streams.batch_transport import Fetched
from streams.dead_letters import letter
from streams.errors import UNREADABLE
from streams.kafka_record import KafkaRecord
from streams.outages import Outages, lasting
from streams.publishing import Outgoing, Publisher
from streams.secrets import Keys

GROUP = "dispatch"


class Arrived(NamedTuple):
    """An alert as it came from its topic."""

    alert: Alert
    record: KafkaRecord


class DispatchAgent:
    """Delivers batches of alerts to one sink, for as long as that takes.

    `wanted` says which alerts the sink gets; `delivered` hears of those that it took, `broken` of what is no alert.
    """

    def __init__(
        self,
        delivery: Delivery,
        wanted: Callable[[Alert], bool],
        keys: Keys,
        publisher: Publisher,
        outages: Outages,
        delivered: Callable[[Sequence[Arrived]], None],
        broken: Callable[[str, Exception], None],
    ) -> None:
        self.delivery = delivery
        self._wanted = wanted
        self._keys = keys
        self._publisher = publisher
        self._outages = outages
        self._delivered = delivered
        self._broken = broken

    async def handle(self, tp: TP, fetched: Fetched) -> None:
        """Deliver a batch; what is no alert goes to the dead letters."""
        arrived: list[Arrived] = []
        letters: list[Outgoing] = []
        for record in fetched.records:
            try:
                arrived.append(Arrived(decode(record.value or b""), record))
            except UNREADABLE as error:
                self._broken(record.topic, error)
                place = (record.topic, record.partition, record.offset)
                letters.append(
                    letter(self._keys, place, record.value or b"", reason="undecodable", feed="", field="", index=None)
                )
        await lasting("kafka", lambda: self._publisher.publish(letters), self._outages)
        wanted = [one for one in arrived if self._wanted(one.alert)]
        refused = await self.delivery.deliver([one.alert for one in wanted])
        for alert in refused:
            self._broken(f"sink {self.delivery.sink.name}", ValueError(f"alert {alert.alert_id} refused for good"))
        gone = {(alert.alert_id, alert.revision) for alert in refused}
        self._delivered([one for one in wanted if (one.alert.alert_id, one.alert.revision) not in gone])
