"""Rules at work: messages of the outbox of kind `rule`, each one rule for one record, carried out by the robot.

- The robot acts as the first role that administers, through the write door; history calls it by the rule.
- Whether the rule's condition holds is asked again, in the transaction that does it. What was changed, and the mark on the
  message, are one transaction.
- What cannot be done is dead at once, with the sentence that a person would have been told; it stands on the record, and
  those who administer are told once. What was only in somebody's way is tried again.
- Two rules that set each other off are stopped: MOST_DEEP rules led to this one, or it ran MOST_ON_RECORD times on this
  record within an hour. A rule that runs more than MOST_IN_HOUR times an hour waits for the next one.

Messages: {"rule", "entity", "record", "depth", ...}, and {"assign", "entity", "record", ...} for a record that nobody
could take (see records/assigning.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from engine.actor import Actor, robot
from engine.blueprint.rules import Rule
from engine.errors import Conflict, CrmError, Invalid, NotFound, TooMany, Unusable
from engine.parts.actions.contract import Gift
from engine.records import acting, assigning, changes, leases, outbox, runs
from engine.records.commands import Cause
from engine.records.database import Connection
from engine.records.journal import REFUSED, Entry, remember
from engine.records.keys import milliseconds
from engine.records.rows import change, rows, target_id
from engine.records.task import Task
from engine.rules.hours import OpenHours
from engine.runtime import Crm

QUEUE = outbox.queue(("rule",))
MOST_DEEP = 8  # rules that led to one another
MOST_ON_RECORD = 20  # runs of one rule on one record within an hour
MOST_IN_HOUR = 50_000  # runs of one rule; an import of many records is no circle
HOUR = 3_600_000  # ms
PASSING = (TooMany, Unusable, Conflict)  # errors that say nothing about the rule


@dataclass(frozen=True, slots=True)
class Run:
    """A leased message."""

    id: int
    lease: str
    attempts: int
    payload: Mapping[str, Any]

    @property
    def record(self) -> int:
        return int(self.payload["record"])

    @property
    def depth(self) -> int:
        return int(self.payload.get("depth") or 0)


class _Stopped(CrmError):
    """A budget is used up: rules set each other off."""


class _LeaseLost(Exception):
    """Somebody else has the message by now; nothing of this may be kept."""


class Rules:
    """Made once per blueprint."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        manifest = crm.blueprint.manifest
        self.hours = OpenHours(manifest.hours, ZoneInfo(manifest.zone))
        self._ran: dict[str, int] = {}  # runs of each rule within the hour, counted once for a batch

    def run(self, now: datetime, most: int = 50) -> int:
        """Carries out up to `most` messages that are due; how many it took."""
        moment = milliseconds(now)
        with self.crm.database.reading() as connection:
            if not leases.is_due(connection, QUEUE, moment):
                return 0
        with self.crm.database.writing() as connection:
            taken = _claimed(connection, moment, most)
        self._ran.clear()
        for run in taken:
            self._one(run, now)
        return len(taken)

    def _one(self, run: Run, now: datetime) -> None:
        try:
            self._carry_out(run, now)
        except _LeaseLost:
            return
        except PASSING as error:
            self._again(run, error, now)
        except CrmError as refusal:
            self._refused(run, refusal)
        except Exception as error:  # one bad message must not stop the others: it waits, and dies with its reason
            self._again(run, error, now)

    def _again(self, run: Run, error: Exception, now: datetime) -> None:
        said = error.message if isinstance(error, CrmError) else f"{type(error).__name__}: {error}"
        with self.crm.database.writing() as connection:
            leases.fail(connection, QUEUE, run.id, run.lease, run.attempts, said, milliseconds(now))

    # ---- doing it

    def _carry_out(self, run: Run, now: datetime) -> None:
        if "assign" in run.payload:
            self._as_robot(run, self._rule(run), lambda task: _assign_again(task, run))
            return
        rule = self._rule(run)
        if rule is None:
            self._as_robot(run, None, lambda task: _finish(task, run, "skipped", "The set has no such rule any more."))
        elif rule.working_hours_only and (opening := self.hours.opening(now)) > now:
            self._wait(run, opening)
        else:
            self._as_robot(run, rule, lambda task: self._act(task, run, rule))

    def _rule(self, run: Run) -> Rule | None:
        return self.crm.blueprint.rules.get(run.payload.get("rule") or "")

    def _as_robot(self, run: Run, rule: Rule | None, deed: Any) -> None:
        cause = Cause(run.depth + 1, rule.name, int(run.payload.get("whose") or 0)) if rule else None
        self.crm.writes.together(self._robot(rule), deed, cause)

    def _robot(self, rule: Rule | None) -> Actor:
        return robot(self.crm.blueprint, f"Rule: {rule.label}" if rule else "Robot")

    def _act(self, task: Task, run: Run, rule: Rule) -> None:
        entity = self.crm.blueprint.entities[rule.entity]
        self._check_budgets(task, run, rule)
        if self._in_hour(task, rule) >= MOST_IN_HOUR:
            self._too_many(task, run, rule)
        elif why := _why_not(task, run, rule):
            _finish(task, run, "skipped", why)
        else:
            acting.carry_out(task, entity, run.record, rule.then, f"rule {rule.name} {run.id}")
            _finish(task, run, "done", None)

    def _wait(self, run: Run, until: datetime) -> None:
        with self.crm.database.writing() as connection:
            _postpone(connection, run, milliseconds(until), None)

    # ---- budgets

    def _check_budgets(self, task: Task, run: Run, rule: Rule) -> None:
        """Raises _Stopped."""
        called = _called(task, run)
        if run.depth >= MOST_DEEP:
            said = f"{self._both(run, rule)} set each other off on {called}: {run.depth} rules ran one after another."
            raise _Stopped(said)
        if runs.on_record(task.connection, rule.name, run.record, task.now) >= MOST_ON_RECORD:
            said = f"{self._both(run, rule)}: {MOST_ON_RECORD} runs on {called} within an hour are enough."
            raise _Stopped(said)

    def _in_hour(self, task: Task, rule: Rule) -> int:
        if rule.name not in self._ran:
            self._ran[rule.name] = runs.in_hour(task.connection, rule.name, task.now, MOST_IN_HOUR)
        self._ran[rule.name] += 1
        return self._ran[rule.name] - 1

    def _both(self, run: Run, rule: Rule) -> str:
        """`Rules "Hot" and "Cold"`: this one, and the one that set it off."""
        before = self.crm.blueprint.rules.get(run.payload.get("by") or runs.before(run.payload) or "")
        if before is None or before is rule:
            return f'Rule "{rule.label}"' + ("" if before is None else " and itself")
        return f'Rules "{before.label}" and "{rule.label}"'

    def _too_many(self, task: Task, run: Run, rule: Rule) -> None:
        said = f'Rule "{rule.label}" ran {MOST_IN_HOUR:,} times within an hour. The others wait for the next one.'
        _postpone(task.connection, run, task.now + HOUR, said)
        self._tell_once(task, run, rule, said, HOUR)

    # ---- what cannot be done

    def _refused(self, run: Run, refusal: CrmError) -> None:
        rule = self._rule(run)
        stopped = isinstance(refusal, _Stopped)
        said = _sentence(refusal)
        try:
            self._as_robot(run, rule, lambda task: self._note_refusal(task, run, rule, said, stopped))
        except _LeaseLost:
            return

    def _note_refusal(self, task: Task, run: Run, rule: Rule | None, said: str, stopped: bool) -> None:
        """The message is dead; the record's history and those who administer know why."""
        where = said if rule is None or stopped else f'Rule "{rule.label}" ({_place(rule)}): {said}'
        if not leases.finish(task.connection, QUEUE, run.id, run.lease, "dead", where):
            raise _LeaseLost
        name, entity = (rule.name if rule else "?"), run.payload["entity"]
        state = "stopped" if stopped else "refused"
        told = {"deed": "rule", "said": said}
        remember(task.connection, Entry(task.new_id(), entity, run.record, task.now, None, REFUSED, told,
                                        task.know.blueprint.hash, rule=name))  # fmt: skip
        if rule is not None:
            self._tell_once(task, run, rule, where, HOUR if stopped else 24 * HOUR)
        runs.keep(task.connection, task.new_id(), name, entity, run.record, task.now, state, said)

    def _tell_once(self, task: Task, run: Run, rule: Rule, said: str, within: int) -> None:
        name = f"rule {rule.name}"
        text = "select 1 from crm_notice where notification = ? and at > ? limit 1"
        if not rows(task.connection, text, (name, task.now - within)):
            assigning.tell_administrators(task, name, run.payload["entity"], run.record, said)


def _claimed(connection: Connection, now: int, most: int) -> list[Run]:
    return [Run(m.id, m.lease, m.attempts, m.payload) for m in outbox.claim(connection, now, most, ("rule",))]


def _why_not(task: Task, run: Run, rule: Rule) -> str | None:
    """Why the rule has nothing to do any more."""
    if not task.in_scope(rule.entity, run.record):
        return "The record is gone."
    if not task.meets(rule.entity, run.record, rule.when):
        return "Its condition did not hold any more."
    return None


def _finish(task: Task, run: Run, state: str, reason: str | None) -> None:
    """Raises _LeaseLost."""
    if not leases.finish(task.connection, QUEUE, run.id, run.lease, "done", reason):
        raise _LeaseLost
    name = run.payload.get("rule") or f"assign {run.payload.get('assign')}"
    runs.keep(task.connection, task.new_id(), name, run.payload["entity"], run.record, task.now, state, reason)


def _postpone(
    connection: Connection, run: Run, until: int, why: str | None, payload: Mapping[str, Any] | None = None
) -> None:
    """Raises _LeaseLost."""
    text = (
        "update crm_outbox set state = 'waiting', due_at = ?, error = ?, payload = ?, lease = null, leased_until = null, "
        "attempts = 0 where id = ? and lease = ?"
    )
    kept = orjson.dumps(payload or run.payload).decode()
    if change(connection, text, (until, why, kept, run.id, run.lease)) != 1:
        raise _LeaseLost


def _called(task: Task, run: Run) -> str:
    try:
        stored = task.load(run.payload["entity"], run.record, "read")
    except NotFound:
        return "a record"
    return task.called(task.know.blueprint.entities[run.payload["entity"]], stored, run.record)


def _sentence(refusal: CrmError) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(complaint.message for complaint in refusal.complaints)
    return refusal.message


def _place(rule: Rule) -> str:
    """`workflows.yaml:40`"""
    return f"{PurePath(rule.source.file).name}:{rule.source.line}" if rule.source else "workflows.yaml"


# ---- records that nobody could take


def _assign_again(task: Task, run: Run) -> None:
    payload, blueprint = run.payload, task.know.blueprint
    if payload["assign"] not in blueprint.assignments or payload["entity"] not in blueprint.entities:
        return _finish(task, run, "skipped", "The set has no such assignment any more.")
    if not task.in_scope(payload["entity"], run.record):
        return _finish(task, run, "skipped", "The record is gone.")
    entity = blueprint.entities[payload["entity"]]
    stored = task.load(entity.name, run.record, "update")
    owner = stored.get("owner")
    if payload["owner"] != (None if owner is None else str(target_id(owner))):
        settled = "update crm_given set state = 'settled' where record = ? and state = 'waiting'"
        change(task.connection, settled, (run.record,))
        return _finish(task, run, "skipped", "Somebody else was given it meanwhile.")
    gift = Gift(payload["assign"], payload["somebody_else"])
    decision = assigning.choose(task, entity, run.record, stored, gift)
    if decision.user is None:
        tries = payload["tries"] + 1
        assigning.tell_nobody(task, entity, run.record, stored, gift)
        return _postpone(task.connection, run, task.now + assigning.wait_after(tries), decision.why,
                         {**payload, "tries": tries})  # fmt: skip
    changes.changed(task, entity, stored, ({"owner": decision.user}, []))
    return _finish(task, run, "done", None)
