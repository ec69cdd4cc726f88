"""`monitor report`: the monthly report (月报)."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def report(
        month: Annotated[str, typer.Option(help="YYYY-MM")],
        out: Annotated[Path | None, typer.Option(help="Write an XLSX file instead of printing.")] = None,
        language: Annotated[str, typer.Option(help="zh or en")] = "zh",
    ) -> None:
        """Households and persons by programme, source, direction, region and outcome, of all centres."""
        from monitor.console.access import Viewer
        from monitor.console.figures import monthly, report_month
        from monitor.console.language import language as speak
        from monitor.console.sheet import shown_value, workbook
        from monitor.console.shell import opened
        from monitor.console.titles import source_titles
        from monitor.settings import load
        from streams.errors import UnusableError

        try:
            number = report_month(month)
        except ValueError:
            raise UnusableError(f"--month {month}: write it as YYYY-MM") from None
        texts, titles = speak(language), source_titles(load().config)
        with opened() as (session, _, _):
            found = monthly(session, Viewer("shell", "shell", "analyst", None), number)
        if out is not None:
            try:
                out.write_bytes(workbook(found, texts, titles))
            except OSError as error:
                raise UnusableError(f"{out}: {error.strerror}; give a file that can be written") from error
            return
        typer.echo(texts("Monthly report {month}", month=month))
        typer.echo(texts("Opened: {opened}, closed: {closed}", opened=found.opened, closed=found.closed))
        heads = ("By", "Value", "Households", "Orders", "Persons")
        typer.echo("\t".join(texts(head) for head in heads))
        for row in found.rows:
            value = shown_value(texts, titles, row.dimension, row.value)
            counts = (row.households, row.orders, row.persons)
            typer.echo("\t".join((texts.word("dimension", row.dimension), value, *map(str, counts))))
