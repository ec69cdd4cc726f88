"""Truths of the detectors about people: what changes, from when, and how plainly."""

from monitor.simulation import pay
from monitor.simulation.almanac import first_day, last_day
from monitor.simulation.model import Series
from monitor.simulation.scene import Scene

WARM_UP = 7
"""Months before anything happens: six of warm-up, and one to be sure."""


def onset(scene: Scene, months_after: int) -> int:
    """The month in which it begins: after the warm-up, with so many months left to be seen in."""
    months = scene.span.months
    return scene.rng.randint(months.start + WARM_UP, max(months.start + WARM_UP, months.stop - 1 - months_after))


def _wage_series(scene: Scene) -> list[Series]:
    """All series of one member's wages, or, now and then, a pension."""
    pensions = [s for s in scene.home.series if s.feed == "pensions" and s.person.co_resident]
    if pensions and scene.rng.random() < 0.5:
        return pensions[:1]
    worker = scene.wages().person
    return [series for series in scene.home.series if series.person is worker]


def _steady(series: list[Series]) -> list[Series]:
    """Without a bonus month, so that the size of what happens is what it says."""
    return [s for s in series if s.values]


def income_jump(scene: Scene) -> None:
    """One income rises and stays there: the contributions, the wages that are taxed, or all of them."""
    month = onset(scene, 3)
    factor = scene.pick(1.35, 1.8, 3.0)
    series = _steady(_wage_series(scene))
    if len(series) > 1 and scene.rng.random() < 0.4:
        series = [scene.rng.choice(series)]
    _scale(series, month, factor)
    scene.label(first_day(month), series[0].person, last_day(month))


def income_drop(scene: Scene) -> None:
    """The pay falls and stays low, or stops without a word."""
    month = onset(scene, 4)
    series = _steady(_wage_series(scene))
    if scene.rng.random() < 0.5 and series[0].feed != "pensions":
        usual = sorted(m for m in series[0].values if m >= month)
        for one in series:
            one.values = {m: value for m, value in one.values.items() if m < month}
        third = usual[2] if len(usual) > 2 else month + 2
        scene.label(first_day(month), series[0].person, last_day(third))
    else:
        _scale(series, month, scene.pick(0.78, 0.55, 0.3))
        scene.label(first_day(month), series[0].person, last_day(month))


def income_drift(scene: Scene) -> None:
    """The pay rises a little every month; no single month says so."""
    month = onset(scene, 8)
    rate = scene.pick(0.02, 0.035, 0.055)
    series = _steady(_wage_series(scene))
    for one in series:
        for m in one.values:
            if m >= month:
                one.values[m] *= (1 + rate) ** (min(m, month + 11) - month + 1)
    scene.label(first_day(month), series[0].person, last_day(month))


def second_source(scene: Scene) -> None:
    """A second employer contributes beside the first. The label begins with the second period that overlaps."""
    first = scene.wages()
    month = onset(scene, 3)
    feed = "housing-fund" if scene.rng.random() < 0.25 else "social-insurance"
    payer = pay.employer(scene.rng)
    while payer == first.payer:
        payer = pay.employer(scene.rng)
    base = scene.pick(500, 1500, 2800)
    length = scene.rng.randint(4, 24)
    values = {m: base for m in first.values if month <= m < month + length}
    if feed == "housing-fund" and not any(s.feed == feed and s.person is first.person for s in scene.home.series):
        scene.home.series.append(Series(first.person, feed, first.payer, "", dict(first.values), first.pay_day))
    kind = "employee" if feed == "social-insurance" else ""
    scene.home.series.append(Series(first.person, feed, payer, kind, values, scene.rng.randint(5, 20)))
    overlapping = sorted(values)
    scene.label(first_day(month), first.person, last_day(overlapping[1]))


def medical_surge(scene: Scene) -> None:
    """Bills climb far above the person's own for one to three months."""
    month = onset(scene, 2)
    person = scene.member()
    monthly = scene.pick(450, 950, 1700)
    days = []
    for m in range(month, month + scene.rng.randint(1, 3)):
        visits = scene.rng.randint(1, 3)
        for _ in range(visits):
            day = min(first_day(m) + scene.rng.randint(0, 25), scene.span.end - 2)
            own = monthly / visits
            scene.record("medical", person, day, total_cost=round(own * 2.4, 2), out_of_pocket=round(own, 2))
            days.append(day)
    scene.label(min(days), person, last_day(month))


def household_outlier(scene: Scene) -> None:
    """Records of several kinds leave their range together, for three months."""
    month = onset(scene, 4)
    person = scene.adult()
    factor = scene.pick(0.5, 1.0, 2.0)
    for m in range(month, month + 3):
        day = first_day(m) + scene.rng.randint(2, 15)
        scene.record("subsidies", person, day, kind="other", amount=round(700 * factor))
        scene.record("medical", person, day + 3, total_cost=round(900 * factor), out_of_pocket=round(380 * factor))
        scene.record("taxes", person, day + 5, income_kind="other", amount=round(1200 * factor), period=m)
        scene.record("medical", person, day + 8, total_cost=round(500 * factor), out_of_pocket=round(200 * factor))
    scene.label(first_day(month), None, last_day(month + 1))


def _scale(series: list[Series], month: int, factor: float) -> None:
    for one in series:
        for m in one.values:
            if m >= month:
                one.values[m] *= factor
