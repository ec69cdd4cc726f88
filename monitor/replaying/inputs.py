"""Reads what a replay needs; every input that cannot be used is one clear line."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from monitor.configuration import Configuration
from monitor.replaying.given import Inputs
from monitor.settings import Settings
from streams.enrolment import Enrolled
from streams.errors import UnusableError
from streams.feed_files import find_feed_files
from streams.roster_files import read_roster
from streams.secrets import Keys, make_secret_file


class Given(NamedTuple):
    """What a replay starts from. `refused` says of each household that could not be loaded where and why."""

    inputs: Inputs
    refused: Sequence[str]


def keys_of(settings: Settings) -> Keys:
    """The keys of the secret file; one is made where there is none, so that a replay needs no preparation."""
    if not settings.secret_file.exists():
        make_secret_file(settings.secret_file)
    return Keys.from_file(settings.secret_file)


def gather(roster: Path, events: Path, configuration: Configuration, keys: Keys, clock: int) -> Given:
    """Read the roster and find the files. Raises UnusableError."""
    if not events.is_dir():
        raise UnusableError(f"--events {events}: is no folder; give the folder that holds deaths.csv and its like")
    lines: dict[str, list[Enrolled]] = {}
    refused: list[str] = []
    for version, line in enumerate(read_roster(roster, keys, lambda fault: refused.append(f"{roster}, {fault}"))):
        lines.setdefault(line.household_id, []).append(Enrolled(version, line))
    if not lines:
        why = f"; the first fault: {refused[0]}" if refused else ""
        raise UnusableError(f"--roster {roster}: holds no household that can be used{why}")
    return Given(Inputs(lines, find_feed_files([events]), configuration, keys, clock), refused)
