"""crm restore: a backup takes the place of the database."""

from __future__ import annotations

from pathlib import Path

import click

from engine.cli._options import opened, set_argument


@click.command(name="restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@set_argument
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(file: Path, folder: Path, yes: bool) -> None:
    """Put the backup FILE in the place of SET's database. Stop `crm serve` and `crm work` first."""
    from engine.records.backup import check, restore

    check(file)
    if not yes:
        click.confirm("All that was entered since this backup will be lost. Go on?", abort=True)
    with opened(folder) as database:
        restore(database, file)
    click.echo(f"The database is as it was in {file}. Run `crm plan` to see whether it fits the set.")
