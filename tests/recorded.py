"""Replays what `household-changes.v1` recorded, by the functions of the replay: live must have said the same."""

from collections.abc import Iterable, Iterator

from detectors.alerts import Alert
from detectors.cells import decode as decode_cells
from detectors.doubts import Doubt
from detectors.open_hours import OpenHours
from monitor.feed_alerts import FeedDesk
from monitor.replaying.given import Inputs, assessor_of
from monitor.replaying.households import Households
from streams.messages import Counted, Doubted, HouseholdMessage, Matched, Reached, RosterNote
from streams.packing import unpack


def replay_partition(inputs: Inputs, messages: Iterable[HouseholdMessage]) -> Iterator[Alert]:
    """What one partition's messages, in their order, make the service say; `detected_at` means nothing."""
    households = Households(assessor_of(inputs), {})
    desk, hours = FeedDesk(inputs.configuration.detectors, inputs.keys.id), OpenHours()
    for message in messages:
        match message:
            case RosterNote():
                yield from households.note(message, 0)
            case Matched():
                yield from households.take(message, 0)
            case Reached():
                yield from households.progress(message, 0)
            case Doubted():
                doubt = Doubt(message.feed, message.cell, message.since, message.until)
                yield from households.doubt(doubt, 0)
            case Counted():
                closed = hours.take(decode_cells(unpack(message.cells)) if message.cells else (), message)
                for hour, cells in [*closed.hours, (closed.before, [])]:
                    yield from desk.close_before(hour, 0)[0]
                    yield from desk.take(cells, 0)[0]
