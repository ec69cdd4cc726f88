"""A street of made-up households for the detectors' tests: peers with steady records, and one to whom it happens."""

from collections.abc import Callable, Iterable
from pathlib import Path

from detectors.household_state import HouseholdSeries
from detectors.online import Online
from detectors.population import Population
from detectors.progress import Progress
from detectors.settings import load_detectors
from detectors.signals import Signal
from streams.changes import Change
from streams.ledger import Applied
from streams.moments import DAY, day_end, day_of, iso_month, month_start
from streams.roster import Grant, Line, Member

CONFIGS = Path(__file__).parents[3] / "configs" / "detectors"
FIRST = 2023 * 12
COUNTY = "420525"
ONE = "H-one"
"""The household to which it happens; its only member is `one`."""
PEERS = 30

Amounts = Callable[[int], float]
"""The amount of a month, counted from 0; 0 means no record."""


class Known:
    """A household as its ledger and roster show it."""

    def __init__(self, member: str, consent_until: int | None = 10**6) -> None:
        grant = Grant(program="dibao")
        self._line = Line(
            household_id=member, region=COUNTY + "100001", as_of=0, programs=(grant,),
            members=(Member(person=member, relation="head"),), consent_until=consent_until,
        )  # fmt: skip
        self.standing: dict[str, Change] = {}
        self.deaths: dict[str, int] = {}

    def line(self, at: int) -> Line | None:
        return self._line

    def records(self) -> Iterable[Change]:
        return self.standing.values()

    def died(self, person: str) -> int | None:
        return self.deaths.get(person)

    def apply(self, change: Change) -> Applied | None:
        before = self.standing.pop(change.event_id, None)
        if change.op == "upsert":
            self.standing[change.event_id] = change
        elif before is None:
            return None
        return Applied(before, change if change.op == "upsert" else None)


def wage(person: str, month: int, base: float, *, payer: str = "甲公司", feed: str = "social-insurance") -> Change:
    """A paid contribution of a month, reported in the month after."""
    at = month_start(FIRST + month + 1) + 5 * DAY
    values: dict[str, str | float] = {"employer": payer, "base": float(base), "period": iso_month(FIRST + month)}
    values |= {"status": "paid", "kind": "employee"}
    return _change(feed, f"{feed}/{person}/{month}/{payer}", person, at, values)


def bill(person: str, month: int, amount: float, day: int = 10) -> Change:
    """A medical bill."""
    at = month_start(FIRST + month) + day * DAY
    values: dict[str, str | float] = {"total_cost": amount * 2.0, "out_of_pocket": float(amount)}
    return _change("medical", f"medical/{person}/{month}/{day}", person, at, values)


def subsidy(person: str, month: int, amount: float) -> Change:
    """A subsidy."""
    at = month_start(FIRST + month) + 12 * DAY
    return _change("subsidies", f"subsidies/{person}/{month}", person, at, {"kind": "other", "amount": float(amount)})


def _change(feed: str, event: str, person: str, at: int, values: dict[str, str | float]) -> Change:
    return Change(
        feed=feed, event_id=event, person=person, occurred_at=at, reported_at=at + DAY,
        region=COUNTY + "000000", values=values,
    )  # fmt: skip


def unsteady(person: str, month: int) -> float:
    """A little noise that is the same every time, about one in a hundred."""
    return 1 + ((hash_of(person) * 31 + month * 17) % 41 - 20) / 2000


def hash_of(text: str) -> int:
    """A number that stands for a text, the same in every process."""
    return sum((index + 1) * ord(letter) for index, letter in enumerate(text))


def peers(months: int, shape: Amounts = lambda month: 1.0) -> list[Change]:
    """What thirty other households report; `shape` is what moves all of them."""
    found = []
    for index in range(PEERS):
        person = f"peer{index}"
        for month in range(months):
            base = (3000 + 40 * index) * shape(month) * unsteady(person, month)
            found.append(wage(person, month, round(base, 2)))
            found.append(wage(person, month, round(base, 2), feed="housing-fund"))
            found.append(bill(person, month, round((80 + index) * unsteady(person, month + 5), 2)))
            found.append(subsidy(person, month, round((300 + index) * unsteady(person, month + 9), 2)))
    return found


class Street:
    """Runs the detectors over changes in the order in which they were reported."""

    def __init__(self, online: Online | None = None) -> None:
        self.online = online or Online(load_detectors(CONFIGS))
        self.population = Population()
        self.homes: dict[str, Known] = {}
        self.states: dict[str, HouseholdSeries] = {}
        self.said: list[Signal] = []
        self.after: list[tuple[int, int]] = []
        """After each message: the instant, and how many signals there were."""
        self.forgetful = False
        """Everything is saved and loaded now and then, after every seventeenth message."""

    def run(self, changes: Iterable[Change]) -> "Street":
        """All changes, and the county's progress every fifth day."""
        ordered = sorted(changes, key=lambda change: (change.reported_at, change.event_id))
        day = 0
        for change in ordered:
            if day_of(change.reported_at) >= day + 5:
                day = day_of(change.reported_at)
                self.progress(day - 1)
            self.take(change)
        return self

    def take(self, change: Change) -> list[Signal]:
        """One change."""
        name = ONE if change.person == "one" else change.person
        home = self.homes.setdefault(name, Known(change.person))
        state = self.states.setdefault(name, HouseholdSeries())
        applied = home.apply(change)
        said = self.online.step(self.population, state, home, name, applied) if applied else []
        self._note(change.reported_at, said)
        return said

    def progress(self, day: int) -> list[Signal]:
        """Both wage feeds have come to this day."""
        message = Progress(county=COUNTY, days={"social-insurance": day, "housing-fund": day})
        said = []
        for name in self.online.due(self.population, message):
            said += self.online.progressed(self.population, self.states[name], self.homes[name], name, day_end(day))
        self._note(day_end(day), said)
        return said

    def _note(self, at: int, said: list[Signal]) -> None:
        self.said += said
        self.after.append((at, len(self.said)))
        if self.forgetful and len(self.after) % 17 == 0:
            self.population = Population.decode(self.population.encode())
            self.states = {name: HouseholdSeries.decode(state.encode()) for name, state in self.states.items()}

    def about(self, household: str = ONE) -> list[tuple[str, str, str]]:
        """What was said about a household: source, about, status."""
        return [(s.source, s.about, s.status) for s in self.said if s.household_id == household]
