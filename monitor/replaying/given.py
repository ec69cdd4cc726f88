"""What a replay starts from, and how it tells of its progress."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from detectors.looks import Watched
from monitor.assessment import Assessor, Keyring
from monitor.configuration import Configuration
from streams.concealing import reveal
from streams.enrolment import Enrolled
from streams.feed_files import FeedFile
from streams.secrets import Keys

Told = Callable[[str, int, int], None]
"""Hears of the progress: the stage, how much of it is done, and how much there is."""


@dataclass(frozen=True)
class Inputs:
    """What is replayed, and with which keys. `clock` is the instant that counts as now.

    `watched` hears what the detectors see in a household; one process must do the work then.
    """

    roster: Mapping[str, Sequence[Enrolled]]
    files: Sequence[FeedFile]
    configuration: Configuration
    keys: Keys
    clock: int
    watched: Watched | None = None


def assessor_of(inputs: Inputs) -> Assessor:
    """The assessment that live changes go through too."""
    keys = inputs.keys
    keyring = Keyring(keys.id, lambda change: reveal(change, keys))
    return Assessor(inputs.configuration.rules, keyring, inputs.configuration.detectors, inputs.watched)
