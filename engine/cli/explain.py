"""crm explain: why somebody sees a record or does not, and which moves they have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.cli._options import fail, person, running
from engine.errors import CrmError, NotFound

if TYPE_CHECKING:
    from engine.actor import Actor
    from engine.runtime import Crm


@click.command(name="explain")
@click.argument("user")
@click.argument("record")
@click.argument("folder", metavar="[SET]", default=".", type=click.Path(exists=True, file_okay=False, path_type=Path))
def command(user: str, record: str, folder: Path) -> None:
    """Say why USER (an e-mail address) may read, change or delete RECORD or not, and what each of its moves waits for.

    RECORD is ENTITY/ID, as in its address, or its reference number."""
    with running(folder) as runtime:
        crm = runtime.current
        actor = person(crm, user)
        entity, id = _found(crm, record)
        click.echo("\n".join([*crm.reads.why(actor, entity, id), *_moves(crm, actor, entity, id)]))


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


def _why_not(move: object) -> str:
    reasons = " ".join(reason.message for reason in getattr(move, "reasons", ()))
    who = getattr(move, "who", ())
    also = f" Allowed to {', '.join(who)}." if who and not getattr(move, "role_may", True) else ""
    return f"not now. {reasons}{also}"
