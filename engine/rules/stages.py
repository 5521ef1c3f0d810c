"""The stage machine: which moves a record can make now, for whom, and the reasons why not.

- Each workflow becomes one `transitions` machine, once per blueprint. A record is never registered with it: a small
  subject is triggered through the machine's events.
- `moves` (what a screen offers) and `decide` (what the write door allows) ask the same guard, so a button and its
  refusal cannot disagree.
- All reasons are gathered before the guard says no.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from transitions import EventData, Machine, MachineError

from engine.blueprint import Blueprint
from engine.blueprint.conditions import Condition
from engine.blueprint.entities import Entity
from engine.blueprint.workflows import PREVIOUS, Stage, Transition, Workflow
from engine.errors import Complaint
from engine.rules.permissions import labels, rights_of
from engine.rules.words import article, is_empty, listed, may
from engine.words import said


@dataclass(frozen=True, slots=True)
class Move:
    """One transition of one record, as this actor may or may not make it. `asks` are the fields of the move dialog
    that the actor may fill; `reasons` are whole sentences; `who` the labels of the roles that may."""

    transition: str
    label: str
    workflow: str
    field: str
    source: str
    target: str | None  # None: back to an earlier stage, and there is none
    allowed: bool
    reasons: tuple[Complaint, ...] = ()
    who: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    role_may: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What the machine must know of the record and the actor. `values` holds hidden fields too: a rule may speak of
    what its actor does not see. `asking`: the move dialog is still to be filled, so what it asks for may be empty."""

    role: str
    values: Mapping[str, Any]
    readable: Mapping[str, Any]
    writable: frozenset[str]
    holds: Callable[[Condition], bool]
    previous: Callable[[str], str | None]  # of a stage field: the stage before this one
    asking: bool = True


@dataclass(slots=True)
class _Subject:
    stage: str
    facts: Facts
    reasons: list[Complaint] = field(default_factory=list)


class Stages:
    """The machines of one blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        self.blueprint = blueprint
        self._machines = {name: self._machine(w) for name, w in blueprint.workflows.items()}
        self._roles = {
            (w.name, t.name): frozenset(r for r in blueprint.roles if self._role_may(r, w, t))
            for w in blueprint.workflows.values()
            for t in w.transitions.values()
        }
        self._of = {name: blueprint.workflows_of(name) for name in blueprint.entities}

    def follows(self, entity: str, holds: Callable[[Condition], bool]) -> tuple[Workflow, ...]:
        """The workflows that a record follows: for each stage field the first whose condition holds."""
        chosen: dict[str, Workflow] = {}
        for workflow in self._of[entity]:
            if workflow.field not in chosen and holds(workflow.applies):
                chosen[workflow.field] = workflow
        return tuple(chosen.values())

    def moves(self, entity: str, facts: Facts) -> tuple[Move, ...]:
        """Every transition that leaves the record's stage now, allowed or not."""
        return tuple(
            self.decide(workflow, transition, facts)
            for workflow in self.follows(entity, facts.holds)
            for transition in workflow.transitions.values()
            if facts.values.get(workflow.field) in transition.sources
        )

    def find(self, entity: str, name: str, facts: Facts) -> tuple[Workflow, Transition] | None:
        """The transition of that name, in a workflow that this record follows."""
        for workflow in self.follows(entity, facts.holds):
            if name in workflow.transitions:
                return workflow, workflow.transitions[name]
        return None

    def decide(self, workflow: Workflow, transition: Transition, facts: Facts) -> Move:
        """Whether this move may be made now. The machine has the last word."""
        stage = facts.values.get(workflow.field)
        subject = _Subject(str(stage), facts)
        moved = self._trigger(workflow, transition, subject)
        target = subject.stage if moved else _target(workflow, transition, facts)
        return Move(
            transition.name, transition.label, workflow.name, workflow.field, str(stage), target,
            moved, tuple(subject.reasons), self.who_may(workflow, transition),
            tuple(name for name in transition.asks if name in facts.writable),
            self.role_may(facts.role, workflow, transition),
        )  # fmt: skip

    def who_may(self, workflow: Workflow, transition: Transition) -> tuple[str, ...]:
        able = self._roles[workflow.name, transition.name]
        return labels(self.blueprint, (r for r in self.blueprint.roles if r in able))

    def role_may(self, role: str, workflow: Workflow, transition: Transition) -> bool:
        return role in self._roles[workflow.name, transition.name]

    def _role_may(self, role: str, workflow: Workflow, transition: Transition) -> bool:
        named = transition.roles is None or role in transition.roles
        return named and transition.name in rights_of(self.blueprint, role, workflow.entity).transitions

    def _trigger(self, workflow: Workflow, transition: Transition, subject: _Subject) -> bool:
        try:
            moved = bool(self._machines[workflow.name].events[transition.name].trigger(subject))
        except (MachineError, ValueError, KeyError):  # no such way out of this stage, or a stage that is no more
            subject.reasons.append(_wrong_stage(workflow, transition, subject.stage))
            return False
        if not moved and not subject.reasons:
            subject.reasons.append(Complaint(None, said("There is no earlier stage to go back to.")))
        return moved

    def _machine(self, workflow: Workflow) -> Machine:
        machine = Machine(
            model=None, states=list(workflow.stages), initial=workflow.starts_at, auto_transitions=False,
            send_event=True, model_attribute="stage",
        )  # fmt: skip
        for transition in workflow.transitions.values():
            for source in transition.sources:
                self._add(machine, workflow, transition, source)
        return machine

    def _add(self, machine: Machine, workflow: Workflow, transition: Transition, source: str) -> None:
        back = transition.target == PREVIOUS
        targets = [s for s in workflow.stages if s != source] if back else [transition.target]
        for target in targets:
            guard = partial(self._guard, workflow, transition, workflow.stages[target])
            came_from = [partial(_came_from, workflow.field, target)] if back else []
            machine.add_transition(transition.name, source, target, conditions=[*came_from, guard])

    def _guard(self, workflow: Workflow, transition: Transition, target: Stage, event: EventData) -> bool:
        subject: _Subject = cast(Any, event.model)
        facts, reasons = subject.facts, subject.reasons
        if not self.role_may(facts.role, workflow, transition):
            reasons.append(Complaint(None, may(self.who_may(workflow, transition))))
        if not facts.holds(transition.when):
            reasons.append(Complaint(None, transition.refusal or f"{transition.label} is not possible now."))
        asked = facts.writable.intersection(transition.asks) if facts.asking else frozenset()
        entity = self.blueprint.entities[workflow.entity]
        reasons.extend(missing(entity, target, facts.values, facts.readable, asked))
        return not reasons


def missing(
    entity: Entity,
    stage: Stage,
    values: Mapping[str, Any],
    readable: Mapping[str, Any],
    asked: frozenset[str] = frozenset(),
) -> list[Complaint]:
    """What the stage requires and the record has not; a hidden field is not named."""
    return [
        Complaint(name, is_empty(entity.fields[name].label))
        if name in readable
        else Complaint(None, said("Something that your role does not see is empty."))
        for name in stage.requires
        if is_blank(values.get(name)) and name not in asked
    ]


def refuses_child(workflow: Workflow, stage: str, child: Entity, parent: Entity) -> str | None:
    """The sentence that says that records of `child` are not added in this stage; None when they are."""
    at = workflow.stages.get(stage)
    if at is None or at.allows is None or child.name in at.allows:
        return None
    return said(
        "{plural} are not added to {article} in the stage {label}.",
        plural=child.plural, article=article(parent.label), label=at.label
    )


def is_blank(value: Any) -> bool:
    return value is None or value == "" or value == ()


def _came_from(stage_field: str, target: str, event: EventData) -> bool:
    return bool(cast(Any, event.model).facts.previous(stage_field) == target)


def _target(workflow: Workflow, transition: Transition, facts: Facts) -> str | None:
    return facts.previous(workflow.field) if transition.target == PREVIOUS else transition.target


def _wrong_stage(workflow: Workflow, transition: Transition, stage: str) -> Complaint:
    sources = [workflow.stages[s].label for s in transition.sources]
    now = workflow.stages[stage].label if stage in workflow.stages else stage
    return Complaint(None, said(
        "{label} starts from {names}, and the stage is {now}.", label=transition.label, names=listed(sources), now=now
    ))


__all__ = ["Facts", "Move", "Stages", "is_blank", "missing", "refuses_child"]
