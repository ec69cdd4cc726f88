"""The town's other people: nineteen of twenty records, made in bulk, an hour or more of one feed at a time."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from monitor.simulation.almanac import DAY, Span, rates
from monitor.simulation.feeds import FEEDS, FeedPlan
from monitor.simulation.identity import CHECK_DIGITS, GIVEN, SURNAMES, WEIGHTS, broken
from monitor.simulation.incidents import Incidents
from monitor.simulation.strange_values import VALUES, Column, Strangers, as_text
from streams.moments import date_of

Ints = NDArray[np.int64]
Line = tuple[int, str]
"""The moment at which it is delivered (seconds), and the text."""
PIECE = 40_000
"""Records made at a time, unless a single hour has more."""
_NAMES = [surname + given for surname in SURNAMES for given in GIVEN]
_TIMES = [f"T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(DAY)]
_OLDEST = -14_600
"""The first birthday of a stranger, a day of 1930; the last is 70 years later."""
_BROKEN = 0.0005
"""Records with each of four faults that a reader must refuse."""


def pieces(
    plan: FeedPlan, counties: list[str], span: Span, total: float, seed: int, incidents: Incidents
) -> Iterator[tuple[int, list[Line]]]:
    """A feed's records about strangers, in pieces of the time that follow each other.

    Each comes with the moment up to which it reaches; lines that are delivered later than that are among them.
    """
    hourly = rates(span, plan.rhythm, plan.monthly) * total / len(counties)
    source = list(FEEDS).index(plan.name)
    dice = np.random.default_rng([seed, source, 0])
    counts = {county: dice.poisson(_raised(hourly, plan, county, span, incidents)) for county in counties}
    together = np.sum(list(counts.values()), axis=0)
    first = number = 0
    while first < len(together):
        length = max(1, int(np.searchsorted(np.cumsum(together[first:]), PIECE, side="right")))
        start = span.first * 24 + first
        lines: list[Line] = []
        for county, mine in counts.items():
            rng = np.random.default_rng([seed, source, first + 1, int(county)])
            hours = np.repeat(np.arange(start, start + length)[: len(mine) - first], mine[first : first + length])
            reported = hours * 3600 + rng.integers(0, 3600, len(hours))
            lines += _lines(plan, county, number, reported, rng, incidents)
            number += len(hours)
        first += length
        yield min(start + length, span.end * 24) * 3600, lines


def _raised(
    hourly: NDArray[np.float64], plan: FeedPlan, county: str, span: Span, incidents: Incidents
) -> NDArray[np.float64]:
    raised = hourly.copy()
    for incident in incidents.of(plan.name, county):
        if incident.kind == "feed-burst":
            first = incident.since // 3600 - span.first * 24
            raised[first : incident.until // 3600 - span.first * 24] *= incidents.multiple(incident)
    return raised


def _lines(
    plan: FeedPlan, county: str, number: int, reported: Ints, rng: np.random.Generator, incidents: Incidents
) -> list[Line]:
    """The lines of one county's piece, with doubles and what an incident does to them."""
    size = len(reported)
    if not size:
        return []
    delay = rng.integers(plan.delay[0], plan.delay[1] + 1, size)
    delay += np.where(rng.random(size) < 0.03, rng.integers(5, 40, size), 0)
    occurred = reported // DAY - delay
    persons = rng.integers(0, 1 << 30, size)
    numbers = identity_numbers(int(county), persons, rng.random(size) < 0.004)
    fields = VALUES[plan.name](Strangers(rng, persons, occurred, numbers))
    head = [
        *([[f"{plan.code}{county[-3:]}{number + n:x}" for n in range(size)]] if plan.event_ids else []),
        numbers,
        [_NAMES[n] for n in (persons % len(_NAMES)).tolist()],
        [_day(day) for day in occurred.tolist()],
    ]
    tail = [[county] * size, [plan.code] * size, [""] * size]
    _break(head, tail, rng)
    moments = reported.tolist()
    if not incidents.during(plan.name, county, moments[0], moments[-1]):
        lines = list(zip(moments, _join(head, moments, tail, fields, 1.0), strict=True))
        return lines + [(moments[n] + 300, lines[n][1]) for n in np.flatnonzero(rng.random(size) < 0.015).tolist()]
    sent = [incidents.delivered(plan.name, county, moment) for moment in moments]
    factors = np.array([incidents.factor(plan.name, county, moment) for moment in moments])
    draws = rng.random(size).tolist()
    spoilt = [incidents.spoils(plan.name, county, moment, draw) for moment, draw in zip(moments, draws, strict=True)]
    numbers = [broken(n) if n and bad else n for n, bad in zip(head[-3], spoilt, strict=True)]
    lines = list(zip(sent, _join([*head[:-3], numbers, *head[-2:]], sent, tail, fields, factors), strict=True))
    repeated = [(incidents.repeated(plan.name, county, moment), line) for moment, line in lines]
    right = [incidents.resent(plan.name, county, m, u) for m, u in zip(moments, rng.random(size).tolist(), strict=True)]
    corrected = list(zip(right, _join(head, right, tail, fields, 1.0), strict=True))
    return (
        lines
        + [(moment, line) for moment, line in repeated if moment is not None]
        + [corrected[n] for n in np.flatnonzero((factors != 1.0) | np.array(spoilt)).tolist()]
    )


def _join(
    head: list[list[str]], moments: list[int], tail: list[list[str]], fields: tuple[Column, ...],
    factor: float | NDArray[np.float64],
) -> list[str]:  # fmt: skip
    reported = [_day(moment // DAY) + _TIMES[moment % DAY] for moment in moments]
    columns = [*head, reported, *tail, *(as_text(column, factor) for column in fields)]
    return list(map(",".join, zip(*columns, strict=True)))


def _break(head: list[list[str]], tail: list[list[str]], rng: np.random.Generator) -> None:
    """Spoil a few records: no identity number, a day that does not exist, an unknown word, a column too many."""
    draws = rng.random(len(head[0])) / _BROKEN
    for n in np.flatnonzero(draws < 4).tolist():
        fault = int(draws[n])
        if fault == 0:
            head[-3][n] = ""
        elif fault == 1:
            head[-1][n] = head[-1][n][:5] + "02-30"
        elif fault == 2:
            tail[-1][n] = "replace"
        else:
            tail[-1][n] = ","


def identity_numbers(county: int, persons: Ints, wrong: NDArray[np.bool_]) -> list[str]:
    """Strangers' identity numbers, by who they are; where `wrong`, with another check digit."""
    births = np.array(_birthdays())[persons % len(_birthdays())]
    first17 = ((county + persons % 5) * 10**8 + births) * 1000 + 900 + persons // 31 % 100
    digits = np.empty((len(persons), 18), dtype=np.uint8)
    rest = first17
    total = np.zeros(len(persons), dtype=np.int64)
    for place in range(16, -1, -1):
        rest, digit = np.divmod(rest, 10)
        digits[:, place] = digit + 48
        total += digit * WEIGHTS[place]
    digits[:, 17] = np.frombuffer(CHECK_DIGITS.encode(), dtype=np.uint8)[(total + np.where(wrong, 3, 0)) % 11]
    return [text.decode() for text in digits.view("S18").ravel().tolist()]


@cache
def _birthdays() -> list[int]:
    return [int(f"{date_of(_OLDEST + n):%Y%m%d}") for n in range(25_567)]


@cache
def _day(day: int) -> str:
    return date_of(day).isoformat()
