"""Makes the competitors' environments: ``python -m tests.bench.competitors.environments`` (once; a few minutes).

Each gets a virtual environment below `.bench`, for their dependencies exclude each other and ours.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(".bench")
HERE = Path(__file__).parent
_COMMON = ("msgspec==0.22.0", "redis==8.1.0", "hiredis==3.5.0")
PROFILER = "profiler"
REQUIREMENTS = {
    "bytewax": ("bytewax==0.21.1", "confluent-kafka==2.16.1"),
    "quix": ("quixstreams==3.28.1",),
    "pathway": ("pathway==0.33.0",),
    "faust": ("faust-streaming==0.15.3", "aiokafka[lz4]==0.14.0"),
}
"""Pinned, so that the figures can be had again."""
_PROFILER = ("py-spy==0.4.1",)


def python_of(name: str) -> Path | None:
    """The interpreter of a competitor's environment; None if it has not been made."""
    path = FOLDER / name / "bin" / "python"
    return path if (FOLDER / name / ".done").exists() else None


def make(name: str) -> str:
    """Make one; gives what went wrong, nothing if it is there."""
    if python_of(name):
        return ""
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER / name], check=True)
    wanted = _PROFILER if name == PROFILER else (*_COMMON, *REQUIREMENTS[name])
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted]
    command = [FOLDER / name / "bin" / "python", *install]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return done.stderr.strip().splitlines()[-1][:200] if done.stderr.strip() else "pip failed"
    (FOLDER / name / ".done").touch()
    return ""


def main() -> None:
    """Make all of them; one that cannot be installed here is named and left out of the table."""
    for name in (*REQUIREMENTS, PROFILER):
        print(f"{name}: {make(name) or 'there'}", flush=True)


if __name__ == "__main__":
    main()
