"""Near misses of the rules that read pay, subsidies and bills: just within, by the letter of rules.md."""

from monitor.simulation.model import Series
from monitor.simulation.scene import Scene
from monitor.simulation.tales_life import bills


def flexible_work(scene: Scene) -> None:
    """Contributions of one's own, however high; or an employee's of exactly twice what is declared."""
    person = scene.adult()
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    if scene.rng.random() < 0.5:
        person.declared = max(person.declared, 1200)
        _declare(scene)
        series = scene.new_wage(person, 2.0 * (person.declared + scene.line().rest), scene.span.months.start)
        scene.line().programs = ("medical",)
    else:
        series = scene.new_wage(person, 5200.0, scene.span.months.start)
        series.kind = "flexible"
    scene.near_miss(scene.span.first, person)


def fund_as_declared(scene: Scene) -> None:
    """A housing fund base of exactly what is declared."""
    wages = scene.wages()
    person = wages.person
    scene.home.series = [s for s in scene.home.series if s.feed != "housing-fund"]
    _declare(scene)
    base = float(person.declared + scene.line().rest)
    values = dict.fromkeys(scene.span.months, base)
    scene.home.series.append(Series(person, "housing-fund", wages.payer, "", values, wages.pay_day))
    scene.near_miss(scene.span.first, person)


def _declare(scene: Scene) -> None:
    """Let the household's declaration be the sum of its members'."""
    scene.line().declared = sum(person.declared for person in scene.home.members)


def on_the_line(scene: Scene) -> None:
    """An income per head of exactly the line."""
    line, person = scene.line(), scene.adult()
    line.programs = ("dibao",)
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    others = sum(p.declared for p in line.residents if p is not person)
    heads = len(line.residents)
    person.declared = 0
    line.declared = others
    month = scene.span.months.start
    if others < 800 * heads:
        series = Series(person, "taxes", "business", "", {month: 800.0 * heads - others}, 8)
        scene.home.series.append(series)
    scene.near_miss(scene.span.first, person)


def almost_large(scene: Scene) -> None:
    """Subsidies of just the limit."""
    held = sum(int(r.values["amount"]) for r in scene.home.records if r.feed == "subsidies")
    day, person = scene.day(60), scene.adult()
    scene.record("subsidies", person, day, kind="other", amount=max(100, 10_000 - held))
    scene.near_miss(day, person)


def resident_pension(scene: Scene) -> None:
    """A residents' pension; or an employee's just below the line."""
    person = scene.member()
    scene.home.series = [s for s in scene.home.series if s.person is not person]
    amount = 799.0 if scene.rng.random() < 0.5 else 210.0
    values = dict.fromkeys(scene.span.months, amount)
    scene.line().programs = ("medical",)
    scene.home.series.append(Series(person, "pensions", "", "", values, 12))
    scene.near_miss(scene.span.first, person)


def bearable_bills(scene: Scene) -> None:
    """Bills that stay just within what counts as bearable."""
    room = max(3000, 4.8 * scene.line().declared) * 0.97 - bills(scene, scene.home.members[0])
    day, person = scene.day(60), scene.member()
    if room > 200:
        scene.record("medical", person, day, total_cost=round(room * 2, 2), out_of_pocket=round(room * 0.98, 2))
    scene.near_miss(day, person)
    if day >= scene.span.first + 210 and room > 900:
        scene.label(day, person, day, kind="medical-surge")


def changed_job(scene: Scene) -> None:
    """One employer stops, another pays from that month on."""
    wages = scene.wages()
    paid = sorted(wages.values)
    month = paid[scene.rng.randint(3, max(3, len(paid) - 2))]
    scene.home.series = [s for s in scene.home.series if s is wages or s.person is not wages.person]
    new = {m: value for m, value in wages.values.items() if m >= month}
    wages.values = {m: value for m, value in wages.values.items() if m < month}
    wages.stopped = month
    scene.home.series.append(
        Series(wages.person, "social-insurance", wages.payer + "分厂", "employee", new, wages.pay_day)
    )
    scene.near_miss(scene.span.first, wages.person)
