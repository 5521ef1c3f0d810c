"""crm explain: why somebody sees a record or does not, and which moves they have."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from engine.cli._options import fail, person, running
from engine.errors import CrmError, NotFound

if TYPE_CHECKING:
    from engine.actor import Actor
    from engine.rules.assignment import Passed
    from engine.rules.stages import Move
    from engine.runtime import Crm


@click.command(name="explain")
@click.argument("user")
@click.argument("record")
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(user: str, record: str, folder: Path) -> None:
    """Say why USER (an e-mail address) may read, change or delete RECORD or not, what each of its moves waits for, why it
    went to whom, and what rules did to it.

    RECORD is ENTITY/ID, as in its address, or its reference number."""
    with running(folder) as runtime:
        crm = runtime.current
        actor = person(crm, user)
        entity, id = _found(crm, record)
        told = [*crm.reads.why(actor, entity, id), *_moves(crm, actor, entity, id), *_by_itself(crm, id)]
        click.echo("\n".join(told))


def _found(crm: Crm, record: str) -> tuple[str, int]:
    entity, slash, id = record.strip("/").partition("/")
    if not slash:
        return _by_number(crm, record)
    if entity not in crm.blueprint.entities:
        fail([f'There is no entity "{entity}". There are {", ".join(crm.blueprint.entities)}.'])
    return (entity, int(id)) if id.isascii() and id.isdigit() and len(id) < 19 else _by_number(crm, id, entity)


def _by_number(crm: Crm, number: str, only: str | None = None) -> tuple[str, int]:
    from engine.actor import robot
    from engine.blueprint.conditions import Test
    from engine.records.query import Query

    for entity in crm.blueprint.entities.values():
        for field in entity.fields_of("reference_number") if only in (None, entity.name) else ():
            query = Query(entity.name, (field.name,), Test(field.name, "is", number), limit=1)
            try:
                rows = crm.reads.page(robot(crm.blueprint), query).rows
            except CrmError:
                continue
            if rows:
                return entity.name, rows[0][0]
    return fail([f'There is no record "{number}". Write ENTITY/ID as in its address, or its reference number.'])


def _moves(crm: Crm, actor: Actor, entity: str, id: int) -> list[str]:
    try:
        moves = crm.writes.moves(actor, entity, id)
    except NotFound:
        return []
    return [f"{move.label}: {'possible now.' if move.allowed else _why_not(move)}" for move in moves]


def _by_itself(crm: Crm, id: int) -> list[str]:
    """Why assignments gave it to whom, and what became of the rules that ran on it; the newest first."""
    from engine.records import assigning, runs

    with crm.database.reading() as connection:
        gifts, ran = assigning.given(connection, id), runs.of_record(connection, id)
    told = [f"{_at(crm, one.at)} {one.why}{_passed(one.passed)}" for one in gifts]
    for one in ran:
        rule = crm.blueprint.rules.get(one.rule)
        label = f'Rule "{rule.label}"' if rule else one.rule
        told.append(f"{_at(crm, one.at)} {label}: {one.state}.{f' {one.reason}' if one.reason else ''}")
    return told


def _passed(passed: Mapping[int, Passed]) -> str:
    said = "; ".join(why.said for why in passed.values())
    return f" Passed over: {said}." if said else ""


def _at(crm: Crm, ms: int) -> str:
    zone = ZoneInfo(crm.blueprint.manifest.zone)
    return f"{datetime.fromtimestamp(ms / 1000, zone):%Y-%m-%d %H:%M}"


def _why_not(move: Move) -> str:
    reasons = " ".join(reason.message for reason in move.reasons)
    also = f" Allowed to {', '.join(move.who)}." if move.who and not move.role_may else ""
    return f"not now. {reasons}{also}"
