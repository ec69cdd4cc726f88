"""What a truth or a near miss works with: the household, the time, the dice, and how plain it is to be."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from monitor.simulation import pay
from monitor.simulation.almanac import Span
from monitor.simulation.model import Household, Label, Line, Person, Record, Series, Size
from monitor.simulation.profile import Profile

DIRECTIONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "death-receiving", "double-programme", "duplicate-member", "vehicle-owned", "property-multiple",
            "property-commercial", "business-owner", "formal-employment", "housing-fund-paid", "income-above-line",
            "large-subsidy", "public-post-coresident", "retirement-pension", "income-jump", "income-drift",
            "second-source",
        ),
        "exit",
    ),
    **dict.fromkeys(
        (
            "public-post-relative", "supporter-means", "marriage-changed", "moved-away", "household-size-changed",
            "member-in-custody", "household-outlier",
        ),
        "review",
    ),
    **dict.fromkeys(
        (
            "catastrophic-medical", "job-lost", "severe-disability", "breadwinner-death", "released-from-custody",
            "income-drop", "medical-surge",
        ),
        "help",
    ),
    **dict.fromkeys(
        ("identity-mismatch", "consent-missing", "activity-after-death", "feed-burst", "feed-silence", "feed-shift"),
        "data",
    ),
}  # fmt: skip
"""The direction of every rule and detector of rules.md."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One household in which something is to happen. `size` says how plainly."""

    home: Household
    span: Span
    rng: Random
    profile: Profile
    size: Size
    kind: str

    def pick(self, faint: float, medium: float, plain: float, spread: float = 0.12) -> float:
        """A number by size, within `spread` around it."""
        middle = {"faint": faint, "medium": medium, "plain": plain}[self.size]
        return middle * self.rng.uniform(1 - spread, 1 + spread)

    def day(self, margin: int = 12, after: int = 5) -> int:
        """A day on which it happens."""
        return self.span.some_day(self.rng, margin, after)

    def label(self, since: int, person: Person | None = None, until: int | None = None, kind: str = "") -> None:
        """Say that it must be found."""
        self.home.labels.append(self._label(since, person, until, kind))
        self.home.sizes[kind or self.kind] = self.size

    def near_miss(self, since: int, person: Person | None = None, kind: str = "") -> None:
        """Say that it must not be reported."""
        self.home.near_misses.append(self._label(since, person, None, kind))

    def _label(self, since: int, person: Person | None, until: int | None, kind: str) -> Label:
        name = kind or self.kind
        return Label(
            household_id=self.home.household_id,
            kind=name,
            direction=DIRECTIONS[name],
            since=since,
            person=person,
            until=until,
            size=self.size,
        )

    def intend(self) -> None:
        """The rule's own reading of the records gives the label; here is its size."""
        self.home.sizes[self.kind] = self.size

    def adult(self) -> Person:
        """A member who is grown up; the head where there is none."""
        grown = [person for person in self.home.members if person.role == "adult"]
        return self.rng.choice(grown) if grown else self.home.members[0]

    def member(self) -> Person:
        """Any member who is not a child."""
        return self.rng.choice([person for person in self.home.members if person.role != "child"])

    def wages(self) -> Series:
        """The contributions of an employed member; whoever asks for them has asked for a worker."""
        return next(s for s in self.home.series if s.kind == "employee" and s.person.co_resident)

    def line(self) -> Line:
        """The first line."""
        return self.home.line

    def record(self, feed: str, person: Person, day: int, **values: str | float) -> Record:
        """A record on which the truth rests."""
        return self.home.planted(feed, person, day, **values)

    def new_wage(self, person: Person, base: float, start: int) -> Series:
        """An employment that begins in a month and that nobody declared."""
        values = dict.fromkeys(range(start, self.span.months.stop), base)
        series = Series(person, "social-insurance", pay.employer(self.rng), "employee", values, self.rng.randint(5, 20))
        self.home.series.append(series)
        return series


Story = Callable[[Scene], None]


def worker_at_home(home: Household) -> bool:
    """An employed member whose pay is steady enough to be followed."""
    return any(
        s.kind == "employee" and s.person.co_resident and len(s.values) >= 0.9 * _longest(home) for s in home.series
    )


def _longest(home: Household) -> int:
    return max((len(series.values) for series in home.series), default=0)
