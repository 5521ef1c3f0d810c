"""What leaves the house because of a move or a rule: written down in their own transaction, and sent by the senders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.blueprint import Blueprint
from engine.blueprint.entities import Entity
from engine.blueprint.notifications import Attachment
from engine.blueprint.workflows import Action
from engine.parts.actions.contract import Telling
from engine.parts.registry import action
from engine.records import deliveries
from engine.records.database import Database
from engine.records.read import Reads
from engine.records.rows import change, rows
from engine.records.task import Task


@dataclass(frozen=True, slots=True)
class _House:
    """What planning wants to know."""

    blueprint: Blueprint
    database: Database
    reads: Reads


def tell(task: Task, entity: Entity, id: int, actions: Sequence[Action], cause: str) -> None:
    """`cause` makes these messages one of a kind: what was planned under it already is not planned again."""
    for number, one in enumerate(actions):
        telling = action(one.kind).telling(one.settings)
        if telling is not None:
            _plan(task, entity, id, telling, f"{cause} {number}")


def untell(task: Task, id: int, cause: str) -> None:
    """Takes away what `tell` planned under this cause and nobody has sent yet."""
    waiting = rows(
        task.connection, "select id, dedupe from crm_delivery where record = ? and state = 'waiting' and attempts = 0", (id,)
    )
    for one, dedupe in waiting:
        if f" {cause} " in dedupe:
            change(task.connection, "delete from crm_delivery where id = ? and state = 'waiting'", (one,))


def _plan(task: Task, entity: Entity, id: int, telling: Telling, key: str) -> None:
    reads, doer = task.know.reads, 0 if task.cause else task.actor.user
    house = _House(task.know.blueprint, reads.database, reads)
    whose = task.cause.whose if task.cause else doer
    cause = deliveries.Cause(key, doer, {"rule": task.rule} if task.rule else {}, whose=whose)
    if telling.channel is not None:
        name = task.rule or telling.channel
        deliveries.call(task.connection, house, telling.channel, name, entity.name, id, cause, task.told_at)
    elif (notification := task.know.blueprint.notifications.get(telling.notification or "")) is not None:
        files = (Attachment(file=telling.file),) if telling.file else ()
        deliveries.plan(task.connection, house, notification, id, replace(cause, files=files), task.told_at)
