"""crm restore-field: archived values back into a field."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli._options import compiled, opened, set_argument
from engine.records.plan import plan
from engine.records.restore import restore_field


@click.command(name="restore-field")
@click.argument("entity")
@click.argument("field")
@set_argument
def command(entity: str, field: str, folder: Path) -> None:
    """Put back the values of FIELD that `crm apply --allow-loss` archived.

    The set must have the field again, and must be applied. A value that was entered since is kept."""
    blueprint = compiled(folder)
    with opened(folder) as database:
        if not plan(blueprint, database).is_empty:
            raise click.ClickException(f"The database does not fit the set yet. Say `crm apply {folder}` first.")
        done = restore_field(database, blueprint, entity, field)
    click.echo(f"{done.restored:,} values are back in {entity}.{field}.")
    if done.left:
        why = "their records are gone, hold another value by now or cannot hold it"
        click.echo(f"{done.left:,} stay in the archive: {why}.")
