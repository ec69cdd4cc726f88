"""How well values are packed for Redis: ``python -m tests.bench.packing [--train FILE]``.

Over the lines and states of a simulated county after a year. `--train` makes a dictionary of other counties' values,
as `streams/packing.zdict` was made; it has to get a mark of its own.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import zstandard

from streams.messages import Matched, decode
from streams.packing import pack, unpack
from tests.bench.county import simulated
from tests.bench.stages import assess

_HOUSEHOLDS, _DAYS, _SEED = 500, 365, 5
_TRAINING_SEEDS = (61, 62, 63)
_DICTIONARY_BYTES, _SAMPLES = 8192, 1000


def values(seed: int) -> dict[str, list[bytes]]:
    """What is kept of households, by kind."""
    return asyncio.run(_values(seed))


async def _values(seed: int) -> dict[str, list[bytes]]:
    county = await simulated(_HOUSEHOLDS, _DAYS, seed)
    await assess(county.store, [*county.notes, *county.changes])
    kept: dict[str, list[bytes]] = {"household": [], "state": [], "event": [_plain(one) for one in county.changes]}
    for name, value in county.store.kept().items():
        if (kind := name.partition(":")[0]) in kept:
            kept[kind].append(value)
    return kept


def _plain(message: bytes) -> bytes:
    """The version of an event that a message brought."""
    found = decode(message)
    return msgspec.msgpack.encode(found.change) if isinstance(found, Matched) else b""


def train() -> bytes:
    """A dictionary of some counties' values."""
    samples = [value for seed in _TRAINING_SEEDS for kind in values(seed).values() for value in kind[:_SAMPLES]]
    return zstandard.train_dictionary(_DICTIONARY_BYTES, samples).as_bytes()


def _cost(work: Callable[[bytes], bytes], given: Sequence[bytes]) -> float:
    began = time.process_time()
    for value in given:
        work(value)
    return (time.process_time() - began) / len(given) * 1e6


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.packing")
    words.add_argument("--train", type=Path, metavar="FILE")
    if (file := words.parse_args().train) is not None:
        file.write_bytes(train())
        return
    print("| values | of them | bytes | packed | CPU µs to pack | to unpack |\n|---|---|---|---|---|---|")
    for kind, plain in values(_SEED).items():
        packed = [pack(value) for value in plain]
        sizes = [sum(map(len, some)) / len(some) for some in (plain, packed)]
        costs = [_cost(pack, plain), _cost(unpack, packed)]
        print(f"| {kind} | {len(plain):,} | {sizes[0]:,.0f} | {sizes[1]:,.0f} | {costs[0]:.1f} | {costs[1]:.1f} |")


if __name__ == "__main__":
    main()
