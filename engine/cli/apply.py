"""crm apply: make the tables and data fit the set."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli._options import compiled, opened, set_argument


@click.command(name="apply")
@set_argument
@click.option("--allow-loss", is_flag=True, help="Also do what takes values away; they are archived first.")
def command(folder: Path, allow_loss: bool) -> None:
    """Do what `crm plan` says, in one transaction. A second run finds nothing to do."""
    from engine.records.apply import apply
    from engine.records.plan import plan

    blueprint = compiled(folder)
    with opened(folder) as database:
        planned = plan(blueprint, database)
        apply(planned, database, allow_loss=allow_loss)
    click.echo("\n".join(planned.lines()) or "Nothing to do: the database fits the set.")
