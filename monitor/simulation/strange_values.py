"""What strangers' records say, feed by feed, for many at once. Amounts stay numbers, so that a feed may shift them."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.simulation.almanac import month_number
from streams.moments import iso_month

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Column = list[str] | Floats
Made = tuple[Column, ...]
_EMPLOYERS = [
    f"样例{trade}（第{n}）" for trade in ("集团", "商贸公司", "建筑公司", "学校", "医院", "机械厂") for n in range(60)
]


def words(rng: np.random.Generator, size: int, weights: dict[str, float]) -> list[str]:
    """One of some words for each record, by weight."""
    table = np.array(list(weights), dtype=object)
    edges = np.cumsum(list(weights.values()))
    return list(table[np.searchsorted(edges / edges[-1], rng.random(size), side="right")])


def numbers(format_text: str, values: Ints) -> list[str]:
    """Each number as text, `format_text` with one %d."""
    return [format_text % value for value in values.tolist()]


def lognormal(rng: np.random.Generator, size: int, median: float, deviation: float) -> Floats:
    """Amounts in CNY, to the yuan."""
    return np.round(median * np.exp(rng.normal(0.0, deviation, size)))


class Strangers:
    """Who the records of one piece are about, and when it happened (days)."""

    def __init__(self, rng: np.random.Generator, persons: Ints, occurred: Ints, id_numbers: list[str]) -> None:
        self.rng, self.persons, self.occurred, self.id_numbers = rng, persons, occurred, id_numbers
        self.size = len(persons)

    def own(self, median: float, deviation: float) -> Floats:
        """An amount that belongs to the person: the same in every record."""
        draw = (self.persons * 2654435761 % (1 << 32) / (1 << 32) - 0.5) * 3.4
        return np.round(median * np.exp(deviation * draw))

    def employers(self) -> list[str]:
        """The person's employer."""
        return [_EMPLOYERS[n] for n in (self.persons // 7 % len(_EMPLOYERS)).tolist()]

    def periods(self, earlier: int) -> list[str]:
        """The month of the record, or so many months before."""
        days, where = np.unique(self.occurred, return_inverse=True)
        texts = [iso_month(month_number(day) - earlier) for day in days.tolist()]
        return [texts[n] for n in where.tolist()]

    def others(self) -> list[str]:
        """The identity number of somebody else."""
        return self.id_numbers[1:] + self.id_numbers[:1]

    def some(self, weights: dict[str, float]) -> list[str]:
        """A word for each record."""
        return words(self.rng, self.size, weights)


def _deaths(s: Strangers) -> Made:
    return (numbers("Z%08d", s.persons % 10**8),)


def _vehicles(s: Strangers) -> Made:
    kinds = {"car": 6.0, "truck": 0.6, "motorcycle": 1.5, "agricultural": 0.5, "tricycle": 0.8, "other": 0.2}
    action = {"registered": 7.0, "transferred": 2.0, "scrapped": 1.0}
    return numbers("鄂A%06d", s.persons % 10**6), s.some(kinds), lognormal(s.rng, s.size, 60000, 0.6), s.some(action)


def _properties(s: Strangers) -> Made:
    return (
        numbers("R%09d", s.persons % 10**9),
        s.some({"residential": 8, "commercial": 1, "other": 1}),
        [str(n) for n in s.rng.integers(45, 160, s.size).tolist()],
        lognormal(s.rng, s.size, 400000, 0.4),
        s.some({"acquired": 6, "disposed": 4}),
    )


def _social_insurance(s: Strangers) -> Made:
    status = s.some({"paid": 98.5, "stopped": 1.5})
    kind = s.some({"employee": 6, "flexible": 2, "resident": 2})
    return s.employers(), s.own(4600, 0.4), s.periods(0), kind, status


def _housing_fund(s: Strangers) -> Made:
    return s.employers(), s.own(5200, 0.4), s.periods(0), s.some({"paid": 98.5, "stopped": 1.5})


def _businesses(s: Strangers) -> Made:
    role = s.some({"legal_representative": 4, "shareholder": 3, "sole_proprietor": 4, "executive": 1})
    return (
        numbers("C%09d", s.persons % 10**9),
        role,
        lognormal(s.rng, s.size, 200000, 1.0),
        s.some({"registered": 6, "cancelled": 4}),
    )


def _marriages(s: Strangers) -> Made:
    return s.some({"married": 7, "divorced": 3}), s.others()


def _household_register(s: Strangers) -> Made:
    action = s.some({"moved_in": 3, "moved_out": 3, "born": 3, "cancelled": 2})
    towns = numbers("4205%02d", s.persons % 80 + 2)
    to_region = [town if word == "moved_out" else "" for town, word in zip(towns, action, strict=True)]
    related = [other if word == "born" else "" for other, word in zip(s.others(), action, strict=True)]
    return action, to_region, related


def _taxes(s: Strangers) -> Made:
    kind = s.some({"wages": 8, "business": 1, "property": 0.5, "other": 0.5})
    return kind, s.own(6000, 0.5) + np.round(s.rng.normal(0, 120, s.size)), s.periods(1)


def _pensions(s: Strangers) -> Made:
    return s.own(2600, 0.5), s.periods(0)


def _medical(s: Strangers) -> Made:
    own = lognormal(s.rng, s.size, 90, 1.0)
    return np.round(own * s.rng.uniform(1.5, 4.5, s.size)), own


def _disabilities(s: Strangers) -> Made:
    return s.some({"1": 1, "2": 2, "3": 3, "4": 4}), s.some({"certified": 9, "revoked": 1})


def _subsidies(s: Strangers) -> Made:
    return s.some({"farm_machinery": 2, "forestry": 4, "other": 4}), lognormal(s.rng, s.size, 900, 0.8)


def _public_posts(s: Strangers) -> Made:
    return s.employers(), s.some({"hired": 6, "left": 4})


def _custody(s: Strangers) -> Made:
    return (s.some({"imprisoned": 5, "released": 5}),)


VALUES: dict[str, Callable[[Strangers], Made]] = {
    "deaths": _deaths,
    "vehicles": _vehicles,
    "properties": _properties,
    "social-insurance": _social_insurance,
    "housing-fund": _housing_fund,
    "businesses": _businesses,
    "marriages": _marriages,
    "household-register": _household_register,
    "taxes": _taxes,
    "pensions": _pensions,
    "medical": _medical,
    "disabilities": _disabilities,
    "subsidies": _subsidies,
    "public-posts": _public_posts,
    "custody": _custody,
}
"""The feed's own fields, in the order of its columns."""


def as_text(column: Column, factor: Any = 1.0) -> list[str]:
    """A column as it is written; amounts multiplied."""
    if isinstance(column, list):
        return column
    return [str(n) for n in np.maximum(np.rint(column * factor), 1).astype(np.int64).tolist()]
