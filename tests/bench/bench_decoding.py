"""What decoding and screening cost a record, against a bare loop that parses and hashes and checks nothing.

Run: ``python -m tests.bench.bench_decoding [RECORDS]``. Figures are the best of five rounds, in microseconds of
processor time a record.
"""

import sys
import time
from collections.abc import Callable, Sequence

import msgspec

from streams.decoding import FeedDecoder, decode
from streams.roster_filter import RosterFilter
from streams.screening import Home, screen, suspects
from streams.secrets import Keys
from tests.unit.streams.people import NOW, as_json, number, record

KEYS = Keys(b"a secret of the bench, thirty-two bytes at least")
FEED = "social-insurance"
BATCH = 1000
ROUNDS = 5
MEMBERS = 20
"""One record in so many is about somebody on the roster."""


def values(count: int) -> list[bytes]:
    """Records as a department sends them, with event ids of its own and times to the second."""
    found = []
    for n in range(count):
        person = number(n % 1000, division=f"{420000 + n // 1000 % 1000}")
        at = f"2026-0{1 + n % 6}-{1 + n % 28:02d}T{n % 24:02d}:{n % 60:02d}:{n * 7 % 60:02d}+08:00"
        found.append(
            as_json(
                record(
                    FEED,
                    id_number=person,
                    event_id=f"S-{n}",
                    occurred_at=at,
                    reported_at="2026-06-29T08:00:00+08:00",
                    employer=f"宜昌市第{n % 5000}建筑有限公司",
                    base=3000 + n % 9000,
                )
            )
        )
    return found


def bare(batch: Sequence[bytes]) -> None:
    """As little as a program could do: parse, hash."""
    rows = [msgspec.json.decode(value) for value in batch]
    KEYS.digests(row["id_number"] for row in rows)


def best(work: Callable[[Sequence[bytes]], object], given: Sequence[bytes]) -> float:
    """Microseconds a record."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for at in range(0, len(given), BATCH):
            work(given[at : at + BATCH])
        found.append((time.process_time() - start) / len(given) * 1e6)
    return min(found)


def main(count: int) -> None:
    """Measure and print."""
    given = values(count)
    decoder = FeedDecoder(FEED, KEYS)
    clocks = [NOW] * BATCH
    persons = {KEYS.pseudonym(msgspec.json.decode(value)["id_number"]) for value in given[::MEMBERS]}
    homes = {person: (Home(f"H-{n}", "420525"),) for n, person in enumerate(sorted(persons))}
    roster = RosterFilter(len(homes))
    roster.add(homes)

    def screened(batch: Sequence[bytes]) -> None:
        found = decoder.decode(batch, clocks[: len(batch)]).batch
        named = suspects(found, roster)
        screen(found, named, {person: homes[person] for person in named if person in homes})

    def in_columns(batch: Sequence[bytes]) -> None:
        decoder.decode(batch, clocks[: len(batch)])

    def exactly(batch: Sequence[bytes]) -> None:
        for value in batch:
            decode(FEED, value, NOW)

    least = best(bare, given)
    print(f"{count} records of {sum(map(len, given)) // count} bytes, {len(homes)} persons on the roster")
    print(f"{'':44}{'µs':>7}{'ratio':>8}")
    for what, work in (
        ("parse and hash, nothing checked", bare),
        ("decode, check, pseudonyms of all", in_columns),
        (f"the same, and screen (1 in {MEMBERS} matches)", screened),
        ("exact check, one by one", exactly),
    ):
        cost = best(work, given)
        print(f"{what:44}{cost:7.2f}{least / cost:8.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
