"""The one door for writing. Every change of a record, from a screen, the API, an import or a job, is a command here.

One transaction, in this order:
1. the record is loaded in the actor's scope of the action: what they may not read is not found;
2. the role's right is asked, and a refusal says who may;
3. the given values are read and checked, every complaint at once;
4. the stage machine and the other guards;
5. the row is changed where id and version; unique values and references by the database's own word;
6. its history row, its stay in a stage, its message in the outbox, its search text.

A refused deed changes nothing; that it was tried is remembered in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.clock import Clock, system_clock
from engine.errors import Conflict, CrmError, MoveRefused, NotFound, Refused
from engine.records import asking, changes, many, merging, pairs, refusals, undoing
from engine.records.commands import (
    Bulk,
    BulkOutcome,
    Cause,
    Create,
    Delete,
    Merge,
    Move,
    One,
    Outcome,
    Restore,
    Undo,
    Unmerge,
    Update,
)
from engine.records.conflict import conflict
from engine.records.database import Connection, Database
from engine.records.idempotency import Claim, claim, fingerprint
from engine.records.read import Reads, Whole
from engine.records.rows import rows
from engine.records.save import Overtaken
from engine.records.tables import Tables
from engine.records.task import Knowledge, Task
from engine.rules import stages

T = TypeVar("T")
REFUSALS = (Refused, MoveRefused, NotFound)
ASKED_A_MINUTE = 60  # by one person: nobody types that many numbers, and who tries many learns who is known


class Writes:
    """Made once for a blueprint and its database; safe to use from many threads."""

    def __init__(
        self, blueprint: Blueprint, database: Database, tables: Tables, reads: Reads, clock: Clock = system_clock,
        heard: Callable[[], Any] = lambda: None,
    ) -> None:
        self.blueprint = blueprint
        self.database = database
        self.tables = tables
        self.reads = reads
        self.clock = clock
        self.know = Knowledge(blueprint, reads)
        self.heard = heard  # called after each commit; it must not wait for anything
        self._refusals = refusals.Budget()
        self._asked = refusals.Budget(ASKED_A_MINUTE)

    def do(
        self, actor: Actor, command: One, key: str | None = None, cause: Cause | None = None, *, by_hand: bool = False
    ) -> Outcome:
        """Does the command, or raises one of engine.errors and changes nothing.

        With an idempotency `key` a repetition of the same command gets the first one's outcome, for a day. `cause`:
        the rule that asks; its events tell so. `by_hand`: a person does it on a screen, so that others are told of it
        when the time to take it back is over."""
        held = self.blueprint.manifest.undo * 1000 if by_hand else 0
        return self._do_and(actor, command, key, cause, lambda connection, outcome: outcome, held)

    def do_and_show(self, actor: Actor, command: One, key: str | None = None) -> tuple[Outcome, dict[str, Any] | None]:
        """As `do`; and the record as the actor then sees it, None when the change took it out of their sight. It is read on
        the connection that wrote it: to others of SQLite all that they knew of the file is old after a write."""

        def shown(connection: Connection, outcome: Outcome) -> tuple[Outcome, dict[str, Any] | None]:
            try:
                return outcome, self.reads.item(actor, outcome.entity, outcome.id, connection=connection)
            except NotFound:
                return outcome, None

        return self._do_and(actor, command, key, None, shown)

    def _do_and(
        self, actor: Actor, command: One, key: str | None, cause: Cause | None,
        then: Callable[[Connection, Outcome], T], held: int = 0,
    ) -> T:  # fmt: skip
        try:
            done = self.database.retry(lambda: self._do(actor, command, key, cause, then, held))
        except Overtaken:
            raise self._overtaken(actor, command) from None
        except REFUSALS as refusal:
            self._remember(actor, command, refusal)
            raise
        self.heard()
        return done

    def together(self, actor: Actor, deed: Callable[[Task], T], cause: Cause | None = None) -> T:
        """What `deed` does in one transaction, by `perform` and by rows of the engine's own: all of it is kept, or nothing.

        Raises as `do`; what was overtaken by another's change is tried once more."""
        try:
            done = self.database.retry(lambda: self._together(actor, deed, cause))
        except Overtaken:
            done = self.database.retry(lambda: self._together(actor, deed, cause))
        self.heard()
        return done

    def bulk(self, actor: Actor, commands: Bulk | Sequence[One]) -> BulkOutcome:
        """Each command by itself, so that one bad row does not undo the others. Raises Refused without the bulk right."""
        given = commands.commands if isinstance(commands, Bulk) else tuple(commands)
        with self.database.reading() as connection:
            task = self.task(connection, actor)
            for entity in {command.entity for command in given}:
                task.entity(entity, "bulk")
        return BulkOutcome(tuple(self._tried(actor, command) for command in given))

    def create_many(
        self, actor: Actor, entity: str, given: Iterable[many.Given], *, stages: Sequence[str | None] = (),
        batch: int = 1000, keep: bool = True, heard: many.Heard = lambda rows: None,
    ) -> many.Imported:  # fmt: skip
        """See many.create_many. Raises Refused without the import right."""
        return many.create_many(self, actor, entity, given, stages, batch, keep, heard)

    def upsert_many(
        self, actor: Actor, entity: str, key: str, given: Iterable[many.Given], *,
        stages: Sequence[str | None] = (), batch: int = 1000, keep: bool = True, heard: many.Heard = lambda rows: None,
    ) -> many.Imported:  # fmt: skip
        """See many.upsert_many. Raises Refused without the import right."""
        return many.upsert_many(self, actor, entity, key, given, stages, batch, keep, heard)

    def ask(
        self, actor: Actor, entity: str, given: Mapping[str, Any], id: int | None = None,
        touched: Collection[str] | None = None,
    ) -> asking.Asked:  # fmt: skip
        """Who the values of a form are known to be, before anything is written; see asking.ask. Who asks more often than
        anybody types is told nothing."""
        if not self._asked.left(actor.user, self.clock()):
            return asking.Asked()
        with self.database.reading() as connection:
            return asking.ask(self.task(connection, actor), entity, given, id, touched)

    def compare(self, actor: Actor, entity: str, id: int, other: int) -> tuple[merging.Choice, ...]:
        """What a merge of the two would decide about each field that the actor may read. Raises as the merge would."""
        with self.database.reading() as connection:
            task = self.task(connection, actor)
            described, this, that = merging.both(task, entity, id, other)
            readable = task.sheet(described).readable
            return tuple(c for c in merging.choices(task, described, this, that) if c.field.name in readable)

    def dismiss(self, actor: Actor, pair: int, state: str = "dismissed") -> None:
        """Two records are not the same after all; see pairs.dismiss."""
        with self.database.writing() as connection:
            pairs.dismiss(self.task(connection, actor), pair, state)

    def moves(self, actor: Actor, entity: str, id: int) -> tuple[stages.Move, ...]:
        """Every transition from the record's stage, allowed or not with reasons: what the buttons show, by the same
        function that `do` asks. Raises NotFound."""
        with self.reads.lent(None) as lent:
            return changes.moves(self.task(lent, actor), entity, id)

    def moves_of(self, actor: Actor, whole: Whole, connection: Connection) -> tuple[stages.Move, ...]:
        """As `moves`, of a record that was read for this actor on this very connection: its scope is not asked again."""
        record = whole.record
        if "update" not in whole.rights or not self.blueprint.workflows_of(record.entity):
            return ()
        task = self.task(connection, actor)
        return changes.moves_of(task, record.entity, task.stored(record.entity, record.id))

    def may(self, actor: Actor, entity: str, id: int, action: str) -> bool:
        """Whether a record's update or delete button is offered."""
        return self.reads.allowed(actor, action, entity, id)

    def can_create(self, actor: Actor, entity: str) -> bool:
        return changes.can_create(self.know, actor, entity)

    def writable(self, actor: Actor, entity: str) -> frozenset[str]:
        """The fields that this role may fill in a form."""
        return self.know.sheets[actor.role, entity].writable

    def defaults(self, actor: Actor, entity: str) -> dict[str, Any]:
        """What a new record's form shows before anything is typed; only what the role may fill."""
        filled = self.know.sheets[actor.role, entity]
        values = filled.with_defaults({}, self.know.reading(actor, self.clock()))
        return {name: value for name, value in values.items() if name in filled.writable}

    # ---- inside

    def task(self, connection: Connection, actor: Actor, cause: Cause | None = None, held: int = 0) -> Task:
        return Task.begin(self.know, connection, actor, self.clock(), cause, held)

    def _do(
        self, actor: Actor, command: One, key: str | None, cause: Cause | None,
        then: Callable[[Connection, Outcome], T], held: int,
    ) -> T:  # fmt: skip
        """`then` is told the outcome in the same transaction."""
        with self.database.writing() as connection:
            task = self.task(connection, actor, cause, held)
            outcome = perform(task, command) if key is None else _once(task, command, key)
            return then(connection, outcome)

    def _together(self, actor: Actor, deed: Callable[[Task], T], cause: Cause | None) -> T:
        with self.database.writing() as connection:
            return deed(self.task(connection, actor, cause))

    def _tried(self, actor: Actor, command: One) -> Outcome | CrmError:
        try:
            return self.do(actor, command)
        except CrmError as error:
            return error

    def _overtaken(self, actor: Actor, command: One) -> CrmError:
        """Two wrote at once; what the other one did is there to be told now."""
        assert not isinstance(command, Create)
        with self.database.reading() as connection:
            task = self.task(connection, actor)
            shape = self.know.shapes[command.entity]
            found = rows(connection, shape.select, (command.id,))
            try:
                changes.check_version(task, command, task.load(command.entity, command.id, "read"))
            except (Conflict, NotFound) as error:
                return error
            return conflict(task, command.entity, found[0], command.version)

    def _remember(self, actor: Actor, command: One, refusal: CrmError) -> None:
        if self._refusals.left(actor.user, self.clock()):
            with self.database.writing() as connection:
                refusals.remember(self.task(connection, actor), command, refusal)


def perform(task: Task, command: One) -> Outcome:
    """Does a command within a transaction that is the caller's."""
    outcome = DEEDS[type(command)](task, command)
    return replace(outcome, history=task.deeds.get(outcome.id)) if outcome.history is None else outcome


def _once(task: Task, command: One, key: str) -> Outcome:
    """Does the command unless it was done before under this key; by a token with other rights it was not."""
    only = None if task.actor.only is None else sorted(task.actor.only)
    request = fingerprint(type(command).__name__, [_told(command), only])
    claimed = claim(task.connection, task.actor.user, key, request, task.now)
    if not isinstance(claimed, Claim):
        return Outcome(**{**claimed, "id": int(claimed["id"]), "changed": tuple(claimed["changed"]), "replayed": True})
    outcome = perform(task, command)
    claimed.answered(200, {**_told(outcome), "id": str(outcome.id)})
    return outcome


def _told(said: One | Outcome) -> dict[str, Any]:
    """Its fields by name; `asdict` copies every value too, a tenth of a write's time."""
    return {name: getattr(said, name) for name in said.__slots__}


DEEDS: Mapping[type, Callable[[Task, Any], Outcome]] = {
    Create: changes.create,
    Update: changes.update,
    Move: changes.move,
    Delete: changes.delete,
    Restore: changes.restore,
    Merge: merging.merge,
    Unmerge: merging.unmerge,
    Undo: undoing.undo,
}

__all__ = [
    "Bulk", "BulkOutcome", "Create", "Delete", "Merge", "Move", "Outcome", "Restore", "Undo", "Unmerge", "Update",
    "Writes", "perform",
]  # fmt: skip
