"""An explanation on a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from monitor.explaining.detector import SourceExplained
from monitor.explaining.explanation import Explanation
from monitor.explaining.trials import Part, Trial

_MOST_TRIALS = 20


def show(explanation: Explanation, console: Console, *, in_full: bool) -> None:
    """Print it; with `in_full` each source's trials with all values, else one line a source."""
    _show_line(explanation, console)
    _show_facts(explanation, console)
    if in_full:
        for source in explanation.sources:
            _show_source(source, console)
        return
    table = Table("rule", "fires", "the first part that failed", box=None)
    for source in explanation.sources:
        table.add_row(source.source, "[green]yes[/]" if source.fires else "no", escape(source.why))
    console.print(table)
    console.print("[dim]--source ID shows each part with its values; detectors are asked by --source too[/]")


def _show_line(explanation: Explanation, console: Console) -> None:
    when = f"as known at the end of {explanation.as_of}" if explanation.as_of else "as known at the end of the files"
    console.print(f"[bold]Household {escape(explanation.household_id)}[/], {when}")
    line = explanation.line
    if line is None:
        console.print("on no line yet")
        return
    programs = ", ".join(line["programs"]) or "no programme (has left)"
    consent = f"consent until {line['consent_until']}" if line["consent_until"] else "no consent"
    console.print(f"line of {line['as_of']}: {programs}; region {line['region']}; {consent}")
    declared = [f"{name.removeprefix('declared_')} {line[name]}" for name in line if name.startswith("declared_")]
    console.print(f"declared: {', '.join(declared)}")
    for member in line["members"]:
        lives = "co-resident" if member["co_resident"] else "supporter"
        console.print(f"  {member['person']}, {lives}, declared {member['declared_monthly_income']:g} a month")


def _show_facts(explanation: Explanation, console: Console) -> None:
    table = Table(
        "occurred", "reported", "feed", "person", "what", "ended", title="Facts", title_justify="left", box=None
    )
    for fact in explanation.facts:
        said = ", ".join(f"{name} {value}" for name, value in fact.values.items())
        table.add_row(
            fact.occurred_at[:10], fact.reported_at[:10], fact.feed, fact.person, escape(said), (fact.until or "")[:10]
        )
    console.print(table)
    for left in explanation.left_out:
        console.print(f"[dim]{left['feed']} {escape(left['event_id'])}: {left['why']}[/]")


def _show_source(source: SourceExplained, console: Console) -> None:
    tree = Tree(f"[bold]{source.source}[/] version {source.version} · {source.title['en']} · {source.title['zh']}")
    for alert in source.alerts:
        tree.add(f"{alert.status}, {alert.severity}: {escape(alert.explanation.en)} [dim]{alert.alert_id}[/]")
        if source.thresholds:
            seen = {name: value for name, value in alert.evidence.items() if not isinstance(value, list | dict)}
            tree.add(escape(", ".join(f"{name} {value}" for name, value in seen.items())))
    if source.thresholds:
        tree.add(
            escape("compares with: " + ", ".join(f"{name} {value:g}" for name, value in source.thresholds.items()))
        )
    if not source.fires:
        tree.add(f"[yellow]does not fire[/]: {escape(source.why)}")
    nearest = _nearest(source.trials)
    for trial in nearest:
        why = "does not fire" if trial.parts else escape(trial.why)
        outcome = "[green]fires[/]" if trial.fires else f"[yellow]{why}[/]"
        branch = tree.add(f"{trial.day} {escape(trial.what)}: {outcome}")
        for part in trial.parts:
            branch.add(_part(part))
    if len(source.trials) > len(nearest):
        tree.add(f"[dim]{len(source.trials) - len(nearest)} that came less near; --json shows all[/]")
    console.print(tree)


def _nearest(trials: Sequence[Trial]) -> list[Trial]:
    """So many as a person reads: those that came nearest to firing, in the order of time.

    Where some part of anything held, what failed at once tells nothing.
    """
    order = sorted(range(len(trials)), key=lambda place: (-trials[place].held, -place))
    some = any(trial.held for trial in trials)
    return [trials[place] for place in sorted(order[:_MOST_TRIALS]) if trials[place].held or not some]


def _part(part: Part) -> str:
    values = ", ".join(f"{name} = {_value(value)}" for name, value in part.values.items())
    mark = "[green]✓[/]" if part.holds else "[red]✗[/]"
    return f"{mark} {escape(part.condition)}  [dim]{escape(values)}[/]"


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1_000_000 else str(value)
