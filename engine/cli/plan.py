"""crm plan: what would change in tables and data, in words with counts."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from engine.cli._options import compiled, opened, set_argument


@click.command(name="plan")
@set_argument
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(folder: Path, form: str) -> None:
    """Say what `crm apply` would do. Exit 0: nothing to do, 2: changes are planned."""
    from engine.records.plan import plan

    blueprint = compiled(folder)
    with opened(folder) as database:
        planned = plan(blueprint, database)
    if form == "json":
        click.echo(json.dumps(planned.json(), ensure_ascii=False, indent=2, default=str))
    else:
        click.echo("\n".join(planned.lines()) or "Nothing to do: the database fits the set.")
    sys.exit(0 if planned.is_empty else 2)
