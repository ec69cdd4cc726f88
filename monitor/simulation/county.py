"""The whole county: households in blocks, strangers in pieces, every file in the order of its reports."""

import csv
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import Any, TextIO

import msgspec

from monitor.simulation import strangers
from monitor.simulation.almanac import DAY, Span
from monitor.simulation.block import BLOCK, households_of
from monitor.simulation.delivery import rows, text_of_day, text_of_moment
from monitor.simulation.feeds import FEEDS, FeedPlan
from monitor.simulation.incidents import Incidents, plan
from monitor.simulation.model import Household, Label, Line
from monitor.simulation.profile import COUNTY, Profile
from monitor.simulation.spill import Spill
from streams.errors import UnusableError

FIRST_COUNTY = 420525
LABEL_COLUMNS = (
    "household_id", "id_number", "kind", "direction", "since", "until", "feed", "region", "size", "cause", "since_at",
    "until_at",
)  # fmt: skip


_RESULTS = ("households.jsonl", "events", "labels.csv", "near_misses.csv")


@dataclass(frozen=True, slots=True)
class Made:
    """What was made: how many households, people on the roster, records about them, records in all, labels."""

    households: int
    persons: int
    matched: int
    records: int
    labels: int


def default_start(days: int) -> date:
    """The year 2024 or, of a longer time, so early that it ends with 2025: its records lie in the past."""
    return min(date(2024, 1, 1), date(2026, 1, 1) - timedelta(days=days))


def simulate(
    profile: Profile = COUNTY,
    households: int = 2000,
    days: int = 730,
    seed: int = 1,
    out: Path | str = "county",
    *,
    start: date | None = None,
    counties: int = 1,
    told: Callable[[str, float], None] = lambda stage, done: None,
) -> Made:
    """Write a synthetic county to the folder `out`: households.jsonl, events/<feed>.csv, labels.csv, near_misses.csv.

    The same arguments give the same bytes. `told` hears of the progress: a stage and the part of it that is done.
    The files appear when all of them are made, in the place of those that a former call made.
    Raises UnusableError where an argument or the folder cannot be used.
    """
    folder = Path(out)
    if households < 1:
        raise UnusableError(f"--households {households}: a county needs at least one household")
    if not 1 <= counties <= 20:
        raise UnusableError(f"--counties {counties}: choose 1 to 20")
    span = Span(start or default_start(days), days)
    codes = [str(FIRST_COUNTY + n) for n in range(counties)]
    try:
        _check_free(folder)
        found = folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".county.", dir=folder))
        try:
            incidents = plan(seed, span, codes, households, profile)
            made = _write(scratch, profile, households, span, seed, codes, incidents, told)
            _publish(scratch, folder)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
            if not found:
                with suppress(OSError):  # it holds something, then
                    folder.rmdir()
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise UnusableError(f"{folder}: cannot be written ({why}); choose another --out") from error
    return made


def _check_free(folder: Path) -> None:
    if any((folder / name).exists() for name in _RESULTS) and not (folder / "near_misses.csv").exists():
        raise UnusableError(f"{folder}: holds files of a county that is not simulated; choose another --out")


def _publish(scratch: Path, folder: Path) -> None:
    """Put the results in the place of former ones; other files of the folder stay."""
    for name in _RESULTS:
        former = folder / name
        if former.is_dir():
            shutil.rmtree(former)
        (scratch / name).replace(former)


def _write(
    folder: Path, profile: Profile, households: int, span: Span, seed: int, codes: list[str], incidents: Incidents,
    told: Callable[[str, float], None],
) -> Made:  # fmt: skip
    persons = labels = 0
    with ExitStack() as stack:
        spill = stack.enter_context(Spill(folder / ".spill"))
        roster = stack.enter_context((folder / "households.jsonl").open("w", encoding="utf-8"))
        found = _labels_file(stack, folder / "labels.csv")
        near = _labels_file(stack, folder / "near_misses.csv")
        of_feeds = incidents.labels()
        for first in range(0, households, BLOCK):
            size = min(BLOCK, households - first)
            for home in households_of(first, size, seed, codes, span, profile):
                for line in home.lines:
                    roster.write(roster_line(home, line))
                found.writerows(map(_label_row, home.labels))
                near.writerows(map(_label_row, home.near_misses))
                spill.add(rows(home, Random(f"rows {seed} {home.index}"), span, profile, incidents))
                persons += len(home.line.members)
                labels += len(home.labels)
            told("households", min(1.0, (first + BLOCK) / households))
        found.writerows(map(_label_row, of_feeds[0]))
        near.writerows(map(_label_row, of_feeds[1]))
        matched = spill.count()
        spill.order()
        events = folder / "events"
        events.mkdir()
        records = 0
        for n, feed in enumerate(FEEDS.values()):
            with (events / f"{feed.name}.csv").open("w", encoding=feed.encoding, newline="\n") as file:
                total = matched * profile.strangers_per_match * feed.share / _SHARES
                records += _feed_file(file, feed, total, seed, codes, span, incidents, spill)
            told("feeds", (n + 1) / len(FEEDS))
    return Made(households, persons, matched, records, labels + len(of_feeds[0]))


_SHARES = sum(feed.share for feed in FEEDS.values())


def _feed_file(
    file: TextIO, feed: FeedPlan, total: float, seed: int, codes: list[str], span: Span, incidents: Incidents,
    spill: Spill,
) -> int:  # fmt: skip
    """Write one feed in the order of its reports; returns how many records it has."""
    file.write(feed.header + "\n")
    written, since, end = 0, 0, span.end * DAY
    for until, lines in strangers.pieces(feed, codes, span, total, seed, incidents):
        now = [line for line in lines if line[0] < until]
        if len(now) < len(lines):
            spill.add((feed.name, moment, text) for moment, text in lines if until <= moment < end)
        now += spill.between(feed.name, since, until)
        now.sort(key=itemgetter(0))
        file.write("".join([f"{text}\n" for _, text in now]))
        written += len(now)
        since = until
    return written


def _labels_file(stack: ExitStack, path: Path) -> Any:
    writer = csv.writer(stack.enter_context(path.open("w", encoding="utf-8", newline="")), lineterminator="\n")
    writer.writerow(LABEL_COLUMNS)
    return writer


def _label_row(label: Label) -> Iterator[str]:
    yield label.household_id
    yield label.person.id_number if label.person else ""
    yield label.kind
    yield label.direction
    yield text_of_day(label.since)
    yield "" if label.until is None else text_of_day(label.until)
    yield from (label.feed, label.region, label.size, label.cause)
    yield "" if label.since_at is None else text_of_moment(label.since_at)
    yield "" if label.until_at is None else text_of_moment(label.until_at)


def roster_line(home: Household, line: Line) -> str:
    """A household's line of households.jsonl."""
    value: dict[str, Any] = {
        "household_id": home.household_id,
        "region": home.region,
        "as_of": text_of_day(line.as_of),
        "programs": [
            {"program": name, "since": text_of_day(home.line.as_of - 200), "monthly_amount": _amount(home, name)}
            for name in line.programs
        ],
        "categories": [name for name in line.programs if name != "temporary"],
        "declared_monthly_income": line.declared,
        "declared_vehicles": line.vehicles,
        "declared_properties": line.properties,
        "consent_until": None if line.consent_until is None else text_of_day(line.consent_until),
        "members": [
            {
                "id_number": person.id_number,
                "name": person.name,
                "relation": person.relation,
                "co_resident": person.co_resident,
                "disability_grade": person.disability,
                "student": person.student,
                "declared_monthly_income": person.declared,
            }
            for person in line.members
        ],
    }
    return msgspec.json.encode(value).decode() + "\n"


def _amount(home: Household, program: str) -> int:
    """What the programme pays a month; dibao makes the difference to the line."""
    heads = len(home.members)
    if program == "dibao":
        return max(100, 800 * heads - home.line.declared)
    return 1040 * heads if program == "tekun" else 0
