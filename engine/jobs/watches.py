"""The time rules of a blueprint: its notifications and rules that a moment sets off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.actor import robot
from engine.blueprint.conditions import Condition
from engine.blueprint.notifications import Notification
from engine.blueprint.rules import Rule
from engine.blueprint.triggers import Around, Every, Idle, Missed, Span, Staying
from engine.records.due import Candidates
from engine.records.occurrences import Subject
from engine.rules.dues import Dues
from engine.rules.moments import FirmTime
from engine.runtime import Crm

Timed = Around | Staying | Idle | Every


@dataclass(frozen=True, slots=True)
class Watch:
    """`dues`: one for each span of the trigger; none for a schedule. `candidates` None: it is about no record."""

    subject: Subject
    trigger: Timed
    when: Condition
    only_in_hours: bool
    missed: Missed
    dues: tuple[Dues, ...] = ()
    candidates: Candidates | None = None

    @property
    def name(self) -> str:
        return self.subject.name


def watches(crm: Crm, firm: FirmTime) -> tuple[Watch, ...]:
    made = (*_of(crm, firm, "notification", crm.blueprint.notifications), *_of(crm, firm, "rule", crm.blueprint.rules))
    return tuple(made)


def _of(crm: Crm, firm: FirmTime, kind: str, named: Mapping[str, Notification] | Mapping[str, Rule]) -> Iterator[Watch]:
    for name, one in named.items():
        if isinstance(one.trigger, Timed):
            yield _watch(crm, firm, f"{kind} {name}", one, one.trigger)


def _watch(crm: Crm, firm: FirmTime, name: str, one: Notification | Rule, trigger: Timed) -> Watch:
    candidates = None
    if one.entity is not None:
        candidates = Candidates(crm.reads, robot(crm.blueprint), name, one.entity, trigger, one.when)
    subject = Subject(name, one.entity, firm.zone.key)
    dues = tuple(_dues(crm, firm, one, trigger))
    return Watch(subject, trigger, one.when, one.working_hours_only, one.missed, dues, candidates)


def _dues(crm: Crm, firm: FirmTime, one: Notification | Rule, trigger: Timed) -> Iterator[Dues]:
    if isinstance(trigger, Every) or one.entity is None:
        return
    by_day = isinstance(trigger, Around) and crm.blueprint.entities[one.entity].fields[trigger.field].type == "date"
    for span in _spans(trigger):
        yield Dues(firm, trigger, span, one.working_hours_only, by_day)


def _spans(trigger: Around | Staying | Idle) -> tuple[Span | None, ...]:
    return trigger.by or (None,) if isinstance(trigger, Around) else (trigger.span,)
