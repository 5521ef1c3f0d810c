"""crm export: records into a CSV or XLSX file."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli._collector import settle
from engine.cli._options import fail, person, running, told
from engine.errors import CrmError

if TYPE_CHECKING:
    from engine.actor import Actor
    from engine.records.query import Query
    from engine.runtime import Crm


@click.command(name="export")
@click.argument("entity")
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="FILE.csv or FILE.xlsx; without it, CSV here.")
@click.option("--as", "user", help="Whose rights are used: an e-mail address. Without it, an administrator's.")
@click.option("--where", multiple=True, metavar="TEST", help="As in a list's address: status=NEW, amount.above=100.")
@click.option("--columns", help="Fields, with commas between; left out: all that may be read.")
def command(
    entity: str, folder: Path, to: Path | None, user: str | None, where: tuple[str, ...], columns: str | None
) -> None:
    """Write the records of ENTITY that the person may read and export."""
    from engine.records.exporting import export_csv, export_xlsx

    with running(folder) as runtime:
        settle()
        crm = runtime.current
        try:
            actor = person(crm, user)
            query = _query(crm, actor, entity, where, columns)
            if to is not None and to.suffix.lower() == ".xlsx":
                click.echo(f"{export_xlsx(crm.reads, actor, query, to):,} rows are in {to}.", err=True)
                return
            pieces = export_csv(crm.reads, actor, query)
            with to.open("wb") if to else click.open_file("-", "wb") as file:
                for piece in pieces:
                    file.write(piece)
        except CrmError as error:
            fail(told(error))
        except BrokenPipeError:  # `crm export ... | head`
            sys.stderr.close()


def _query(crm: Crm, actor: Actor, entity: str, where: tuple[str, ...], columns: str | None) -> Query:
    from engine.records.exporting import every_column

    pairs = [pair.partition("=") for pair in where]
    if wrong := [name for name, sign, _ in pairs if not sign]:
        fail([f'--where {wrong[0]} has no "=". Write FIELD=VALUE or FIELD.OPERATOR=VALUE.'])
    given = [(name.strip(), value) for name, _, value in pairs]
    if columns:
        given.append(("columns", columns.replace(" ", "")))
    query = crm.reads.query(actor, entity, given)
    return query if columns else replace(query, columns=every_column(crm.reads, actor, crm.blueprint.entities[entity]))
