"""Carries out one deed on many records, each by itself, through the write door.

- Records of a batch share a transaction, each within a savepoint: what one of them met undoes nothing of the others.
- That a record is done is written in the transaction of its deed: whoever is killed did neither, and the next one goes on.
- A trial does the same to a few of them and keeps nothing: so what is told beforehand is what would happen.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.actor import Actor
from engine.errors import Complaint, Conflict, CrmError, Invalid, MoveRefused, NotFound, Refused
from engine.records import bulks
from engine.records.bulks import Bulk, Fate, Wish
from engine.records.commands import Delete, Move, One, Outcome, Undo, Update
from engine.records.idempotency import Claim, claim, fingerprint
from engine.records.keys import milliseconds
from engine.records.rows import rows
from engine.records.save import Overtaken
from engine.records.sight import NOT_FOUND
from engine.records.task import Task
from engine.records.write import Writes, perform
from engine.rules.words import as_one
from engine.words import said

BATCH = 25  # records in one transaction
LONGEST = 0.1  # seconds of one, so that others write in between
TRIED = 50  # records of a trial
LONGEST_WHY = 500
MANY = frozenset({"tags", "choices"})  # kinds of fields to whose values one is added, or taken away
ALREADY = said("It is so already.")
GONE = said("It is not there any more, or not yours to see.")


class Lost(Exception):
    """It was stopped, or another worker has it."""


class _OnlyTried(Exception):
    """Ends a trial's transaction."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What would become of `tried` of the records; reasons with how many they are for."""

    tried: int
    done: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def left_out(self) -> int:
        return self.tried - self.done


def check(task: Task, wish: Wish) -> None:
    """Raises Refused without the bulk right, Invalid for a wish that makes no sense for any record."""
    entity = task.entity(wish.entity, "bulk")
    complaints: list[Complaint] = []
    given = wish.settings.get("values") or {}
    if wish.kind == "update":
        complaints = task.read(entity, given)[1]
        if not given:
            complaints.append(Complaint(None, said("Nothing is to be changed.")))
    elif wish.kind == "move":
        complaints = task.read(entity, given)[1]
        known = {name for w in task.know.blueprint.workflows_of(entity.name) for name in w.transitions}
        if wish.settings.get("transition") not in known:
            complaints.append(Complaint("transition", said("{plural} have no such move.", plural=entity.plural)))
    elif wish.kind == "tag":
        complaints = _about_tags(task, wish)
    elif wish.kind == "delete":
        task.entity(wish.entity, "delete")
    if complaints:
        raise Invalid(complaints)


def _about_tags(task: Task, wish: Wish) -> list[Complaint]:
    entity, name = task.know.blueprint.entities[wish.entity], wish.settings.get("field")
    known = entity.fields.get(str(name))
    if known is None or known.type not in MANY or name not in task.sheet(entity).writable:
        return [Complaint("field", said("{plural} have no such field that you may change.", plural=entity.plural))]
    add, remove = wish.settings.get("add") or [], wish.settings.get("remove") or []
    complaints = [c for given in (add, remove) if given for c in task.read(entity, {str(name): given})[1]]
    return complaints or ([] if add or remove else [Complaint("add", said("Nothing is to be added or taken away."))])


def trial(writes: Writes, actor: Actor, wish: Wish, ids: Sequence[int]) -> Trial:
    """Some of them, evenly from first to last. Raises as `check`."""
    step = max(1, -(-len(ids) // TRIED))
    some = list(ids[::step])
    met: list[Fate] = []

    def tried() -> None:
        met.clear()
        with writes.database.writing() as connection:
            task = writes.task(connection, actor)
            check(task, wish)
            met.extend(_each(task, wish, list(enumerate(some)), lambda: False))
            raise _OnlyTried

    try:
        writes.database.retry(tried)
    except _OnlyTried:
        pass
    why = Counter(fate.why or "" for fate in met if fate.state != "done")
    return Trial(len(met), sum(fate.state == "done" for fate in met), tuple(why.most_common(5)))


def batch(writes: Writes, bulk: Bulk, actor: Actor, position: int) -> int:
    """Does the next records; how many. Raises Lost, and Refused when the actor may not do this any more."""
    wish = bulk.wish
    # No longer than one transaction should take, however slow its records are.
    until = time.monotonic() + LONGEST

    def once() -> int:
        with writes.database.writing() as connection:
            ids = bulks.ids_from(connection, bulk.id, position, BATCH)
            task = writes.task(connection, actor, held=bulk.held)
            task.entity(wish.entity, "bulk")
            met = _each(task, wish, list(enumerate(ids, position)), lambda: time.monotonic() > until)
            if met and not bulks.note(connection, bulk, met, milliseconds(writes.clock())):
                raise Lost
            return len(met)

    done = writes.database.retry(once)
    if done:
        writes.heard()
    return done


# ---- one record


def _each(task: Task, wish: Wish, places: Sequence[tuple[int, int]], is_late: Callable[[], bool]) -> list[Fate]:
    met: list[Fate] = []
    for position, id in places:
        met.append(_fate(task, wish, position, id))
        if is_late():
            break
    return met


def _fate(task: Task, wish: Wish, position: int, id: int) -> Fate:
    record, deed = _undone(task, wish, id) if wish.kind == "undo" else (id, lambda: _command(task, wish, id))
    try:
        outcome = _done(task, deed)
    except Exception as error:
        state, why = _met(task, wish, error)
        return Fate(position, record, state, why[:LONGEST_WHY], None, None)
    if outcome.history is None and not outcome.lists:
        return Fate(position, record, "skipped", ALREADY, None, None)
    return Fate(position, record, "done", None, outcome.history, outcome.version)


def _done(task: Task, command: Callable[[], One]) -> Outcome:
    """By itself; once more when somebody else changed the record in the middle of it."""
    for tries in (2, 1):
        task.deeds.clear()
        try:
            with task.connection.by_itself():
                return perform(task, command())
        except Overtaken:
            if tries == 1:
                raise
    raise AssertionError


def _met(task: Task, wish: Wish, error: Exception) -> tuple[str, str]:
    """skipped or failed, and why. What the database may get over is raised again: the whole batch is tried once more."""
    if isinstance(error, NotFound):
        return "skipped", GONE
    if isinstance(error, Overtaken) or (isinstance(error, Conflict) and wish.kind == "undo"):
        return "skipped", said("Somebody changed it since, so it stays as it is.")
    if isinstance(error, Invalid):
        return "skipped" if wish.kind == "undo" else "failed", as_one([c.message for c in error.complaints])
    if isinstance(error, (Refused, MoveRefused, Conflict)):
        return "skipped", as_one([c.message for c in error.complaints]) or error.message
    if isinstance(error, CrmError):
        return "failed", error.message
    raise error


def _command(task: Task, wish: Wish, id: int) -> One:
    version, values = _version(task, wish.entity, id), wish.settings.get("values") or {}
    if wish.kind == "update":
        return Update(wish.entity, id, version, values)
    if wish.kind == "move":
        return Move(wish.entity, id, version, str(wish.settings["transition"]), values)
    if wish.kind == "tag":
        return _tagged(task, wish, id)
    return Delete(wish.entity, id, version)


def _version(task: Task, entity: str, id: int) -> int:
    found = rows(task.connection, f'select version from "{entity}" where id = ? and deleted_at is null', (id,))
    if not found:
        raise NotFound(NOT_FOUND)
    return int(found[0][0])


def _tagged(task: Task, wish: Wish, id: int) -> One:
    entity, name = task.know.blueprint.entities[wish.entity], str(wish.settings["field"])
    stored = task.load(wish.entity, id, "update")
    add, remove = (_words(task, wish, name, word) for word in ("add", "remove"))
    had = tuple(stored[name] or ())
    kept = [one for one in had if one not in remove]
    return Update(entity.name, id, stored.version, {name: [*kept, *(one for one in add if one not in kept)]})


def _words(task: Task, wish: Wish, name: str, word: str) -> tuple[Any, ...]:
    given = wish.settings.get(word)
    values, _ = task.read(task.know.blueprint.entities[wish.entity], {name: given}) if given else ({}, [])
    return tuple(values.get(name) or ())


def _undone(task: Task, wish: Wish, place: int) -> tuple[int, Callable[[], One]]:
    """The record that stands at this place of the bulk that is taken back, and the command for it."""
    text = "select record, version, history from crm_bulk_record where bulk = ? and position = ?"
    record, version, history = rows(task.connection, text, (int(wish.settings["of"]), place))[0]
    return record, lambda: Undo(wish.entity, record, version, history or 0, judged=True)


# ---- asking


def start(
    writes: Writes, actor: Actor, wish: Wish, ids: Sequence[int], *, by_hand: bool = False, key: str | None = None
) -> int:
    """Writes it down for the workers, once for an idempotency `key`; the bulk's id. Raises as `check`, and TooMany."""
    found = bulks.check_ids(ids)
    held = writes.blueprint.manifest.undo * 1000 if by_hand else 0

    def once() -> int:
        with writes.database.writing() as connection:
            task = writes.task(connection, actor)
            check(task, wish)
            made = None if key is None else claim(connection, actor.user, key, _print(wish, found), task.now)
            if made is not None and not isinstance(made, Claim):
                return int(made["bulk"])
            id = bulks.put(connection, actor, wish, found, task.moment, held=held)
            if made is not None:
                made.answered(200, {"bulk": str(id)})
            return id

    id = writes.database.retry(once)
    writes.heard()
    return id


def start_undo(writes: Writes, actor: Actor, bulk: int, *, by_hand: bool = False) -> int:
    """A bulk that takes another back. Raises NotFound, Refused, Invalid where it is too late."""
    held = writes.blueprint.manifest.undo * 1000 if by_hand else 0

    def once() -> int:
        with writes.database.writing() as connection:
            task = writes.task(connection, actor)
            task.entity(bulks.find(connection, actor, bulk).entity, "bulk")
            return bulks.put_undo(connection, actor, bulk, task.moment, held=held)

    id = writes.database.retry(once)
    writes.heard()
    return id


def _print(wish: Wish, ids: Sequence[int]) -> str:
    return fingerprint("bulk", [wish.entity, wish.kind, dict(wish.settings), list(ids)])
