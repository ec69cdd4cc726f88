"""Keeps a person's income series: reads records into cells; rebuilds a series from the ledger when one is undone."""

from functools import lru_cache

import msgspec

from detectors.context import View, readable
from detectors.household_state import PersonSeries
from detectors.population import WAGES
from detectors.series import PERIODS, Cells, Series, Values, log_amount, payer_mark
from streams.changes import Change
from streams.ledger import Applied
from streams.moments import parse_month

INCOMES = (*WAGES, "pensions")
_STOPPED_KEPT = 6
_month = lru_cache(maxsize=4096)(parse_month)
_LEDGER_MONTHS = 36
"""Of what lies further back the ledger need not know any more."""


class Reading(msgspec.Struct, frozen=True):
    """An income record as the series reads it. `level` is None for a notice that pay has stopped."""

    period: int
    payer: str
    level: float | None


def read(change: Change) -> Reading | None:
    """The record's place in its series; None for what no income series watches."""
    feed, values = change.feed, change.values
    if feed not in INCOMES or (feed == "social-insurance" and values.get("kind") != "employee"):
        return None
    if feed == "taxes":
        if values.get("income_kind") != "wages":
            return None
        return Reading(_month(change.text("period")), "wages", log_amount(change.number("amount")))
    if feed == "pensions":
        return Reading(_month(change.text("period")), "pension", log_amount(change.number("amount")))
    period, payer = _month(change.text("period")), change.text("employer")
    if values.get("status") == "stopped":
        return Reading(period, payer, None)
    return Reading(period, payer, log_amount(change.number("base")))


class Update(msgspec.Struct, frozen=True):
    """What a record did to its series, whose `values` it has now.

    `period` is the one whose value is new, None if one was only taken away. `appended` means that the period is later
    than all before it and nothing else was touched. `reading` is the record as it stands now, None if it does no more.
    """

    values: Values
    series: Series | None
    period: int | None
    appended: bool
    reading: Reading | None


def update(view: View, person: PersonSeries, change: Change, applied: Applied) -> Update | None:
    """Take a record into its person's series, or out of it. None if the series does not read it."""
    feed = change.feed
    new = read(applied.after) if applied.after is not None else None
    old = read(applied.before) if applied.before is not None else None
    if new is None and old is None:
        return None
    if (new is not None and new.level is None) or (old is not None and old.level is None):
        _note_stopped(view, person, change.person)
    series = person.incomes.get(feed)
    if new is not None and old is None and new.level is not None and new.period not in person.stopped:
        inserted = _insert(person, feed, series, new)
        if inserted is not None:
            return inserted
    return _rebuild(view, person, change, new)


def _insert(person: PersonSeries, feed: str, series: Series | None, new: Reading) -> Update | None:
    """The usual case: a value for a place that had none. None if the place is taken."""
    if series is None:
        series = person.incomes[feed] = Series(new.period)
    values, level = series.values(), new.level or 0.0
    payer = series.payer(payer_mark(new.payer), new.period)
    periods, levels = values.periods, values.levels
    if not periods or new.period > periods[-1]:
        periods.append(new.period)
        levels.append(level)
        series.append(new.period, payer, level)
        if len(periods) > PERIODS:
            del periods[0], levels[0]
            series.forget_before(periods[0])
        return Update(values, series, new.period, True, new)
    cells = series.unpack()
    payers = cells.get(new.period)
    if payers is not None and payer in payers:
        return None
    if payers is None:
        cells[new.period] = {payer: level}
    else:
        payers[payer] = level
    series.first = min(series.first, new.period)
    series.pack(cells)
    values = series.values()
    return Update(values, series, new.period if new.period >= values.periods[0] else None, False, new)


def _rebuild(view: View, person: PersonSeries, change: Change, new: Reading | None) -> Update:
    """The series out of all records that stand: of one payer and period the latest counts."""
    latest: dict[tuple[int, bytes], tuple[tuple[int, int, str], float | None]] = {}
    order: dict[bytes, tuple[int, int]] = {}
    standing = [c for c in view.records() if c.feed == change.feed and c.person == change.person and readable(view, c)]
    for record in sorted(standing, key=lambda c: (c.reported_at, c.event_id)):
        reading = read(record)
        if reading is None:
            continue
        mark = payer_mark(reading.payer)
        rank = (record.occurred_at, record.reported_at, record.event_id)
        known = latest.get((reading.period, mark))
        if known is None or rank > known[0]:
            latest[(reading.period, mark)] = (rank, reading.level)
        if reading.level is None:
            continue
        index, first = order.get(mark, (len(order), reading.period))
        order[mark] = (index, min(first, reading.period))
    paid = {place: level for place, (_, level) in latest.items() if level is not None}
    if not paid:
        person.incomes.pop(change.feed, None)
        return Update(Values([], []), None, None, False, new)
    former = person.incomes.get(change.feed)
    first, newest = min(at for at, _ in paid), max(at for at, _ in paid)
    if former is not None and former.first < newest - _LEDGER_MONTHS:
        first = min(first, former.first)
    series = person.incomes[change.feed] = Series(first)
    for mark, (_, since) in order.items():
        series.payer(mark, since)
    cells: Cells = {}
    for (at, mark), level in sorted(paid.items()):
        cells.setdefault(at, {})[series.payer(mark, at)] = level
    series.pack(cells)
    values = series.values()
    return Update(values, series, new.period if new is not None and new.period in values.periods else None, False, new)


def _note_stopped(view: View, person: PersonSeries, name: str) -> None:
    """Remember in which periods somebody said that this person's pay has stopped."""
    readings = [read(c) for c in view.records() if c.person == name and c.feed in WAGES and readable(view, c)]
    said = {reading.period for reading in readings if reading is not None and reading.level is None}
    person.stopped = sorted(said)[-_STOPPED_KEPT:]


def paid_periods(person: PersonSeries) -> set[int]:
    """The periods in which any wage feed has a record of the person."""
    return {period for feed in WAGES if (series := person.incomes.get(feed)) is not None for period in series.unpack()}
