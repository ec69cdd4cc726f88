"""Measures the detectors and prints the tables of README.md: `python -m tests.bench.detectors` (make bench-detectors).

The seeds here were never looked at while the detectors were tuned.
"""

import io
import sys
import tempfile
from collections import defaultdict
from contextlib import redirect_stdout
from pathlib import Path
from statistics import mean, median

from detectors.settings import load_detectors
from monitor.garbage import collect_rarely
from tests.bench.detectors import feeds
from tests.bench.detectors.county import PROFILES, Maker
from tests.bench.detectors.fairness import Shares
from tests.bench.detectors.run import CONFIGS, Outcome, Quality, judge, run
from tests.bench.detectors.simulated import KINDS, judged, made
from tests.bench.detectors.stock import STOCK, recall_at, scores

SEEDS = (201, 202, 203)
SIMULATED = ("county", "heavy-tails", "day-labour", "mixed")
HOUSEHOLDS, DAYS, MONTHS = 2000, 730, 24
_STOCK_HOUSEHOLDS = 300
README = Path(__file__).with_name("README.md")
_MARK = "<!-- What follows is written by make bench-detectors. -->"


class _Both(io.StringIO):
    """Prints at once, and keeps what was printed for the README."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)
        sys.__stdout__.flush()
        return super().write(text)


def main() -> None:
    """Print all tables and put them into README.md, in place of the former ones."""
    printed = _Both()
    with redirect_stdout(printed):
        tables()
    kept = README.read_text(encoding="utf-8").split(_MARK)[0]
    README.write_text(f"{kept}{_MARK}\n{printed.getvalue()}", encoding="utf-8")


def tables() -> None:
    """All tables. Cycles are looked for as rarely as in a worker, whose cost is measured."""
    collect_rarely()
    cost: list[Outcome] = []
    simulated(cost)
    other_making(cost)
    of_feeds()
    stock()
    print("\n## Cost\n")
    spent, changes = sum(outcome.seconds for outcome in cost), sum(outcome.changes for outcome in cost)
    sizes = [len(state.encode()) for outcome in cost for state in outcome.states.values() if state.persons]
    persons = sum(len(state.persons) for outcome in cost for state in outcome.states.values())
    counties = [len(p.encode()) for outcome in cost for p in outcome.populations.values()]
    print("| CPU µs a matched change, all detectors | bytes a person with a series | KB a county |\n|---|---|---|")
    print(f"| {spent / changes * 1e6:.1f} | {sum(sizes) / persons:.0f} | {mean(counties) / 1000:.0f} |")


def _head(title: str, columns: tuple[str, ...]) -> None:
    print(f"\n## {title}\n\n| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)


def simulated(cost: list[Outcome]) -> None:
    """Counties of `monitor simulate`, judged by the contract's rules."""
    _head(
        f"Counties of monitor simulate, {HOUSEHOLDS} households, {DAYS} days, seeds {SEEDS}",
        ("profile", "detector", "truths", "recall", "recall faint", "false", "median days"),
    )
    for profile in SIMULATED:
        truths: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
        days: defaultdict[str, list[float]] = defaultdict(list)
        months = 0.0
        for seed in SEEDS:
            with tempfile.TemporaryDirectory() as folder:
                county = made(profile, seed, Path(folder) / "county", households=HOUSEHOLDS, days=DAYS)
            outcome = run(county.county)
            cost.append(outcome)
            months += county.household_months
            clear, faint = judged(county, outcome, ("plain", "medium")), judged(county, outcome, ("faint",))
            for kind in KINDS:
                one, two = clear.kinds[kind], faint.kinds[kind]
                more = (one.truths, one.found, two.truths, two.found, one.false)
                truths[kind] = [a + b for a, b in zip(truths[kind], more, strict=True)]
                days[kind] += one.days
        for kind in KINDS:
            n, found, faints, faint_found, false = truths[kind]
            print(
                f"| {profile} | {kind} | {n} | {found / max(1, n):.2f} | {faint_found / max(1, faints):.2f} "
                f"| {1000 * false / months:.2f} | {median(days[kind] or [0]):.0f} |"
            )
        total = 1000 * sum(found[4] for found in truths.values()) / months
        print(f"| {profile} | **all** | | | | **{total:.2f}** | |", flush=True)


def other_making(cost: list[Outcome]) -> None:
    """Counties made by county.py, and the shares of groups in their false alarms."""
    _head(
        f"Counties of another making (county.py), {HOUSEHOLDS} households, {MONTHS} months, seeds {SEEDS}",
        ("profile", "detector", "truths", "recall", "recall faint", "false", "median days"),
    )
    shares = Shares()
    for profile in PROFILES.values():
        quality = Quality()
        for seed in SEEDS:
            county = Maker(profile, seed, HOUSEHOLDS, MONTHS).build()
            outcome = run(county)
            cost.append(outcome)
            one = judge(county, outcome)
            shares.add(county, one.wrong)
            quality.add(one)
        for kind in KINDS:
            print(
                f"| {profile.name} | {kind} | {quality.truths[kind, 'plain'] + quality.truths[kind, 'medium']} "
                f"| {quality.recall(kind):.2f} | {quality.recall(kind, ['faint']):.2f} "
                f"| {quality.false_rate(kind):.2f} | {median(quality.delays[kind] or [0]):.0f} |"
            )
        print(f"| {profile.name} | **all** | | | | **{quality.false_rate():.2f}** | |", flush=True)
    _head(
        "False alarms by group, against what is watched of them (the whole is 1)",
        ("", "group", "seen", "expected", "ratio", "95 % interval", "0.8 to 1.25"),
    )
    for row in shares.rows():
        print(
            f"| {row.dimension} | {row.group} | {row.seen} | {row.expected:.1f} | {row.ratio:.2f} "
            f"| {row.low:.2f} to {row.high:.2f} | {row.verdict} |"
        )


def of_feeds() -> None:
    """Bursts, silence and shifts by the hour."""
    _head(
        f"Feeds, {len(feeds.FLOWS) * len(feeds.REGIONS)} cells, 44 weeks, seeds {SEEDS}",
        ("detector", "episodes", "recall", "median hours", "false a week and cell"),
    )
    quality, detectors = feeds.FeedQuality(), load_detectors(CONFIGS)
    for seed in SEEDS:
        given = feeds.make(seed)
        quality.add(feeds.judge(given, feeds.run(given, detectors)))
    for kind in feeds.KINDS:
        print(
            f"| {kind} | {quality.truths[kind]} | {quality.found[kind] / quality.truths[kind]:.2f} "
            f"| {median(quality.delays[kind] or [0]):.1f} | {quality.false[kind] / quality.cell_weeks:.4f} |",
            flush=True,
        )


def stock() -> None:
    """River's detectors as they come; HalfSpaceTrees takes milliseconds a value, so that the county is small."""
    kinds = KINDS[:-1]
    _head(
        f"River's stock detectors, recall of plain and medium sizes, {_STOCK_HOUSEHOLDS} households, profile calm",
        ("detector", "false per 1,000", *kinds),
    )
    county = Maker(PROFILES["calm"], SEEDS[0], _STOCK_HOUSEHOLDS, MONTHS, per_kind=0.08).build()
    ours = judge(county, run(county))
    row = " | ".join(f"{ours.recall(kind):.2f}" for kind in kinds)
    print(f"| these | {ours.false_rate():.1f} (seen) | {row} |", flush=True)
    for name, make in STOCK.items():
        found = list(scores(county, make))
        for allowed in (2.0, 20.0):
            recalls = recall_at(county, found, allowed)
            print(
                f"| {name} | {allowed:g} | " + " | ".join(f"{recalls[kind]:.2f}" for kind in kinds) + " |", flush=True
            )


if __name__ == "__main__":
    sys.exit(main())
