"""`monitor check`: every fault of a configuration at once, and the rules' own examples."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from detectors.rules.rule_book import RuleBook
    from detectors.yaml_file import Faults


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command("check")
    def check(
        config: Annotated[
            Path | None, typer.Option(help="The configuration folder; MONITOR_CONFIG unless said.")
        ] = None,
    ) -> None:
        """Read the whole configuration, list every fault with file and line, and run the rules' own examples."""
        from alert_sinks.routing import load_routing
        from alert_sinks.sinks.configuration import load_sinks
        from detectors.yaml_file import Faults
        from monitor.configuration import load_configuration
        from monitor.console.provider import load_provider
        from monitor.expiries import load_expiries
        from monitor.settings import load

        faults, settings = Faults(), load()
        configuration = load_configuration(config or settings.config, faults)
        load_routing(configuration.folder / "centres.yaml", faults)
        load_provider(configuration.folder / "provider.yaml", faults)
        load_sinks(configuration.folder / "sinks.yaml", settings.redis, faults)
        load_expiries(configuration.folder / "expiries.yaml", faults)
        if not faults:
            _run_examples(configuration.rules, faults)
        for fault in sorted(faults):
            typer.echo(str(fault), err=True)
        if faults:
            typer.echo(f"{len(faults)} fault(s) in {configuration.folder}", err=True)
            raise typer.Exit(1)
        examples = sum(len(rule.examples) for rule in configuration.rules.rules)
        typer.echo(f"{configuration.folder}: {len(configuration.rules.rules)} rules, {examples} examples, no fault")


def _run_examples(rules: "RuleBook", faults: "Faults") -> None:
    from detectors.yaml_file import Fault
    from monitor.assessment import Assessor, Keyring
    from monitor.examples import fires
    from streams.concealing import reveal
    from streams.secrets import Keys

    keys = Keys(b"examples of synthetic people only")
    assessor = Assessor(rules, Keyring(keys.id, lambda change: reveal(change, keys)))
    for rule in rules.rules:
        for example in rule.examples:
            try:
                outcome = fires(rule, example, assessor, keys)
            except (ValueError, KeyError, ArithmeticError) as error:
                faults.append(Fault(rule.file, example.line, f"example {example.name}: {error}"))
                continue
            if outcome != example.fires:
                said = "fires, but should not" if outcome else "does not fire, but should"
                faults.append(Fault(rule.file, example.line, f"example {example.name}: {said}"))
