"""Where a new record starts in its workflows."""

from __future__ import annotations

from engine.blueprint.entities import Entity
from engine.errors import Complaint
from engine.records.task import Task, Values
from engine.rules.stages import missing
from engine.rules.values import Holds
from engine.words import said


def start(
    task: Task, entity: Entity, values: Values, holds: Holds, stage: str | None
) -> tuple[dict[str, str], list[Complaint]]:
    """Where the record starts for each stage field, and what that stage requires."""
    started: dict[str, str] = {}
    complaints: list[Complaint] = []
    for workflow in task.workflows(entity, holds):
        at = workflow.starts_at if stage is None or started else stage
        if at not in workflow.stages:
            complaints.append(Complaint(workflow.field, said(
                '"{at}" is not a stage of {label}.', at=at[:100], label=entity.label
            )))
            continue
        started[workflow.field] = at
        complaints += missing(entity, workflow.stages[at], values, task.sheet(entity).readable)
    if stage is not None and not started and not complaints:
        complaints.append(Complaint(None, said(
            '"{stage}" is a stage, and this {lower} has none.', stage=stage[:100], lower=entity.label.lower()
        )))
    return started, complaints
