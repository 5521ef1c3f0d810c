"""crm backup: a copy of the database while it is in use."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from engine.cli._options import opened, set_argument


@click.command(name="backup")
@set_argument
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="A new file; without it, one in data/backups.")
def command(folder: Path, to: Path | None) -> None:
    """Copy the database of SET and check the copy. Stored files lie in their own folder: copy that one too."""
    from engine.records.backup import backup
    from engine.settings import settings_for

    to = to or folder / "data" / "backups" / f"{datetime.now():%Y-%m-%d-%H%M%S}.db"
    to.parent.mkdir(parents=True, exist_ok=True)
    with opened(folder) as database:
        size = backup(database, to)
    click.echo(f"{to} holds {size / 1_000_000:,.1f} MB and can be read. Stored files: {settings_for(folder).files}")
