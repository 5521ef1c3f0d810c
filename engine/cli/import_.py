"""crm import: records from a CSV or XLSX file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.blueprint.imports import ImportMapping
from engine.cli._collector import settle
from engine.cli._options import fail, person, running, told
from engine.errors import CrmError
from engine.runtime import Crm

if TYPE_CHECKING:
    from engine.records.importing import Report


@click.command(name="import")
@click.argument("entity")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--mapping", help="A mapping of the set (imports/NAME.yaml). Without it, headers name fields.")
@click.option("--key", help="The field by which a row finds its record again, when there is no mapping.")
@click.option("--as", "user", help="Whose rights are used: an e-mail address. Without it, an administrator's.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and keep nothing.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go, with reasons.")
def command(
    entity: str, file: Path, folder: Path, mapping: str | None, key: str | None, user: str | None, dry_run: bool,
    rejected: Path | None,
) -> None:  # fmt: skip
    """Import FILE into ENTITY. Importing the same file twice changes nothing when there is a key."""
    from engine.records.importing import import_file
    from engine.records.sheets import read_sheet

    with running(folder) as runtime:
        settle()
        crm = runtime.current
        try:
            actor = person(crm, user)
            sheet = read_sheet(file)
            plan = _mapping(crm, entity, mapping, key, sheet.headers)
            with click.progressbar(length=max(1, sheet.count), label=f"{plan.label}: {file.name}", file=sys.stderr) as bar:
                seen = 0

                def progress(done: int) -> None:
                    nonlocal seen
                    bar.update(done - seen)
                    seen = done

                report = import_file(crm.writes, actor, plan, sheet, keep=not dry_run, progress=progress)
                bar.update(max(0, (bar.length or 0) - seen))
        except CrmError as error:
            fail(told(error))
    _tell(report, dry_run, rejected or file.with_suffix(".rejected.csv"))


def _mapping(crm: Crm, entity: str, name: str | None, key: str | None, headers: tuple[str, ...]) -> ImportMapping:
    from engine.records.importing import mapping_of_headers

    if entity not in crm.blueprint.entities:
        fail([f'There is no entity "{entity}". There are {", ".join(crm.blueprint.entities)}.'])
    if name is None:
        return mapping_of_headers(crm.blueprint, crm.blueprint.entities[entity], headers, key)
    found = crm.blueprint.imports.get(name)
    if found is None or found.entity != entity:
        fitting = [m.name for m in crm.blueprint.imports.values() if m.entity == entity]
        fail([f'There is no mapping "{name}" into {entity}. There are: {", ".join(fitting) or "none"}.'])
    return found


def _tell(report: Report, dry_run: bool, rejected: Path) -> None:
    would = "would be " if dry_run else ""
    click.echo(
        f"{report.created:,} {would}created, {report.changed:,} {would}changed, {report.same:,} the same, "
        f"{len(report.rejected):,} {would}rejected."
    )
    for entity, count in report.made.items():
        click.echo(f"{count:,} missing {entity} {would}made.")
    for row in report.rejected[:10]:
        click.echo(f"  row {row.number}: {row.reasons}", err=True)
    if report.rejected:
        report.write_rejected(rejected)
        click.echo(f"The rejected rows and their reasons are in {rejected}. Mend them and import that file.", err=True)
        sys.exit(1)
