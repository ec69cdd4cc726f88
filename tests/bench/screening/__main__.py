"""Screening beside a bare loop and other frameworks, in one run: ``monitor parts -- python -m tests.bench.screening``.

Words: [CHANGES] [ROUNDS] [--others]; with `--others` the frameworks whose environments have been made take part.
"""

import asyncio
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from redis import Redis

from streams.enrolment import Enrolled, memberships
from streams.redis_store import RedisStore, open_redis
from streams.store import Listing, Place
from streams.topics import ROSTER
from tests.bench.competitors import environments
from tests.bench.competitors.job import name_of
from tests.bench.screening.data import MEMBERS, person, publish, roster

_SHARE = 0.05
_SECONDS = 240.0
_SLOW = {"quix": 20_000, "faust": 60_000}
"""Frameworks that take one record at a time get so many of them; a rate needs no more."""
_OTHERS = Path(environments.__file__).parent


class Took(NamedTuple):
    """What a contestant needed: its records, seconds, processor seconds, matches."""

    read: int
    seconds: float
    processor: float
    matched: int

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.read / self.seconds

    @property
    def cost(self) -> float:
        """Microseconds of processor a record."""
        return self.processor / self.read * 1e6


async def _enrol(ends: dict[int, int]) -> None:
    """Put the roster into Redis as enrolling does, and for the others as plain keys."""
    store = RedisStore(await open_redis(os.environ["MONITOR_REDIS"]))
    await store.mark()
    listings = [
        Listing(person, line.household_id, Place(line.county, 1, held))
        for line in roster()
        for person, held in memberships([Enrolled(0, line)]).items()
    ]
    await store.list_persons(listings)
    await store.set_applied(ROSTER, ends)
    await store.close()
    bare = Redis.from_url(os.environ["MONITOR_REDIS"])
    plain = {person(serial): f"H-{serial // 2 * 2:06d}" for serial in range(MEMBERS)}
    bare.mset({name_of(number): household for number, household in plain.items()})
    bare.hset("plain-roster", mapping=plain)
    bare.close()


def _ends(kafka: str) -> dict[int, int]:
    from confluent_kafka import Consumer, TopicPartition

    reader = Consumer({"bootstrap.servers": kafka, "group.id": "ends"})
    found = {part: reader.get_watermark_offsets(TopicPartition(ROSTER, part), timeout=10)[1] for part in range(4)}
    reader.close()
    return found


def _ours(module: str, count: int, group: str) -> Took:
    """One of the two that live in this environment."""
    command = [sys.executable, "-m", f"tests.bench.screening.{module}", str(count), group]
    seconds, processor, matched = _said(command).split()
    return Took(count, float(seconds), float(processor), int(matched))


def _theirs(name: str, python: Path, count: int) -> Took:
    """One that lives in an environment of its own."""
    words = [str(python), str(_OTHERS / f"{name}_job.py"), str(min(count, _SLOW.get(name, count)))]
    read, seconds, processor, matched = _said(words).splitlines()[-1].split()
    return Took(int(read), float(seconds), float(processor), int(matched))


def _said(command: Sequence[str]) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=_SECONDS)
    return done.stdout


def _table(took: Mapping[str, Sequence[Took]]) -> str:
    """Markdown, the medians; ratios are of the rates, to the bare loop's."""
    rates = {name: statistics.median(one.rate for one in runs) for name, runs in took.items()}
    rows = ["| screening | changes a second | beside bare | CPU µs a change | matched |", "|---|---|---|---|---|"]
    for name, runs in sorted(took.items(), key=lambda item: -rates[item[0]]):
        cost = statistics.median(one.cost for one in runs)
        share = rates[name] / rates["bare"]
        rows.append(
            f"| {name} | {rates[name]:,.0f} | {share:.2f} | {cost:.1f} | {runs[0].matched:,} of {runs[0].read:,} |"
        )
    return "\n".join(rows)


def measure(count: int, rounds: int, others: bool) -> str:
    """Publish once, let everybody take turns; gives the table."""
    kafka = os.environ["MONITOR_KAFKA"]
    publish(kafka, count, _SHARE)
    asyncio.run(_enrol(_ends(kafka)))
    took: dict[str, list[Took]] = {"bare": [], "ours": []}
    for number in range(rounds):
        for module in ("bare", "ours"):
            took[module].append(_ours(module, count, f"{module}-{number}"))
    failed = []
    for name in environments.REQUIREMENTS if others else ():
        python = environments.python_of(name)
        try:
            took[name] = [_theirs(name, python, count)] if python else []
        except (subprocess.SubprocessError, ValueError, IndexError) as error:
            failed.append(f"{name}: not measured ({type(error).__name__})")
    told = [_table({name: runs for name, runs in took.items() if runs}), *failed]
    told += [f"{name}: its environment was not made" for name, runs in took.items() if not runs]
    return "\n".join(
        [*told, f"{count:,} changes, {_SHARE:.0%} about members, medians of {rounds} rounds (others: one)"]
    )


def main() -> None:
    """Read the words, measure, print."""
    words = [word for word in sys.argv[1:] if word != "--others"]
    count = int(words[0]) if words else 1_000_000
    rounds = int(words[1]) if len(words) > 1 else 3
    print(measure(count, rounds, "--others" in sys.argv))


if __name__ == "__main__":
    main()
