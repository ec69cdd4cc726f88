"""``python -m tests.fuzz [--seconds N] [TARGET …]``: fuzz each target for so long; ends with 1 if one fell short.

What broke a target is kept beside the run, in `.fuzz/TARGET`; its corpus too, for the next run. A finding becomes a
test in `tests/fuzz/test_fuzz.py`.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(".fuzz")
_PACKAGES = ["streams", "detectors", "monitor"]


def main() -> int:
    """Read the command line."""
    words = argparse.ArgumentParser(prog="python -m tests.fuzz")
    words.add_argument("targets", nargs="*", metavar="TARGET")
    words.add_argument("--seconds", type=float, default=60.0, help="for each target")
    words.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.here:
        _here(given.targets[0], given.seconds)
    from tests.fuzz.targets import TARGETS

    if unknown := [name for name in given.targets if name not in TARGETS]:
        print(f"tests.fuzz: no target {unknown[0]}; there are {', '.join(TARGETS)}", file=sys.stderr)
        return 2
    short = [name for name in given.targets or TARGETS if not _fuzz(name, given.seconds)]
    return 1 if short else 0


def _here(name: str, seconds: float) -> None:
    """Fuzz in this process, which ends with it; the project's own code tells libFuzzer which branches it took."""
    import atheris

    with atheris.instrument_imports(include=_PACKAGES):
        from tests.fuzz.targets import TARGETS, seeds
    corpus = FOLDER / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds(name)):
        (corpus / f"seed-{number:02d}").write_bytes(seed)
    limits = [f"-max_total_time={seconds:.0f}", "-timeout=30", "-rss_limit_mb=3000", "-max_len=20000"]
    atheris.Setup(["fuzz", *limits, f"-artifact_prefix={FOLDER / name}/", str(corpus)], TARGETS[name])
    atheris.Fuzz()


def _fuzz(name: str, seconds: float) -> bool:
    """Fuzz in a process of its own, for a target may end it; says how it went."""
    command = [sys.executable, "-m", "tests.fuzz", "--here", "--seconds", str(seconds), name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 120)
    runs = re.findall(r"Done (\d+) runs|^#(\d+)", done.stderr, re.MULTILINE)
    count = int(next(filter(None, runs[-1]), 0)) if runs else 0
    print(f"{name:12} {count:>9,} inputs, {'nothing found' if not done.returncode else 'FELL SHORT'}", flush=True)
    if done.returncode:
        print("\n".join(done.stderr.splitlines()[-40:]), flush=True)
    return not done.returncode


if __name__ == "__main__":
    sys.exit(main())
