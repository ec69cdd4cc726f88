"""Near misses of the detectors about people: what moves, and says nothing."""

from monitor.simulation.almanac import first_day
from monitor.simulation.model import Series
from monitor.simulation.scene import Scene
from monitor.simulation.shocks import onset


def single_month(scene: Scene) -> None:
    """One month's pay is far higher or lower; the next is as before."""
    month, series = onset(scene, 2), scene.wages()
    if month in series.values:
        series.values[month] *= scene.rng.choice((0.4, 1.5))
    scene.near_miss(first_day(month), series.person)


def gap_of_two(scene: Scene) -> None:
    """Two months are never reported."""
    month, worker = onset(scene, 4), scene.wages().person
    for series in scene.home.series:
        if series.person is worker:
            series.values = {m: value for m, value in series.values.items() if m not in (month, month + 1)}
    scene.near_miss(first_day(month), worker)


def late_months(scene: Scene) -> None:
    """Two months come late, together with the third."""
    month, worker = onset(scene, 4), scene.wages().person
    for series in scene.home.series:
        if series.person is worker:
            series.late = {month: 62, month + 1: 31}
    scene.near_miss(first_day(month), worker)


def away_in_winter(scene: Scene) -> None:
    """A seasonal worker is not paid from December to February, every year."""
    worker = scene.wages().person
    for series in scene.home.series:
        if series.person is worker:
            series.values = {m: value for m, value in series.values.items() if m % 12 not in (11, 0, 1)}
    scene.near_miss(scene.span.first, worker)


def other_spelling(scene: Scene) -> None:
    """The employer's name is written with other brackets and spaces from some month on: no second payer."""
    month, wages = onset(scene, 3), scene.wages()
    payer = wages.payer.replace("（", "(").replace("）", ") ")
    later = {m: value for m, value in wages.values.items() if m >= month}
    wages.values = {m: value for m, value in wages.values.items() if m <= month}
    scene.home.series.append(Series(wages.person, wages.feed, payer, wages.kind, later, wages.pay_day))
    scene.near_miss(first_day(month), wages.person)


def overlapping_month(scene: Scene) -> None:
    """A new employer's first month is the old one's last."""
    month, wages = onset(scene, 3), scene.wages()
    scene.home.series = [s for s in scene.home.series if s is wages or s.person is not wages.person]
    later = {m: value for m, value in wages.values.items() if m >= month}
    wages.values = {m: value for m, value in wages.values.items() if m <= month}
    scene.home.series.append(Series(wages.person, wages.feed, wages.payer + "二分厂", wages.kind, later, 9))
    scene.near_miss(first_day(month), wages.person)


def regular_bill(scene: Scene) -> None:
    """A chronic patient's bill, high and the same every month: own history."""
    person = scene.member()
    scene.home.records = [r for r in scene.home.records if r.feed != "medical"]
    scene.line().declared = max(scene.line().declared, 900)
    for month in scene.span.months:
        own = round(230 * scene.rng.uniform(0.95, 1.05), 2)
        day = min(first_day(month) + scene.rng.randint(3, 22), scene.span.end - 1)
        scene.record("medical", person, day, total_cost=round(own * 3, 2), out_of_pocket=own)
    scene.near_miss(scene.span.first, person)


def one_kind(scene: Scene) -> None:
    """One kind of records alone leaves its range."""
    month, person = onset(scene, 4), scene.adult()
    for m in range(month, month + 3):
        scene.record("subsidies", person, first_day(m) + scene.rng.randint(2, 20), kind="other", amount=900)
    scene.near_miss(first_day(month), person)
