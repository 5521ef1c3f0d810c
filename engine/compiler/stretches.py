"""How long: `{from: created_at, to: closed_on}`, `{since: stage}`, `{time_in: {stage: Proposal}}` as what is measured."""

from __future__ import annotations

from engine.blueprint.entities import Field
from engine.blueprint.reports import Stretch
from engine.compiler.conditions import kind_of
from engine.compiler.draft import Draft
from engine.compiler.sentences import one_of
from engine.compiler.spot import Spot

TAKES = ("sum", "average", "median", "smallest", "largest")
HINT = "Write {from: created_at, to: closed_on}, {since: stage} or {time_in: {stage: Proposal}}."


def read_stretch(draft: Draft, entity: str, take: str, spot: Spot) -> Stretch | None:
    keys = {key for key, _ in spot.items()}
    if take not in TAKES:
        draft.tell(spot, "wrong-value", f"A stretch of time has no {take} value.", one_of("Possible", TAKES))
        return None
    if keys not in ({"from", "to"}, {"since"}, {"time_in"}):
        draft.tell(spot, "wrong-value", "This is no stretch of time.", HINT)
        return None
    if keys == {"time_in"}:
        return _time_in(draft, entity, spot)
    points = [_point(draft, entity, at) for _, at in sorted(spot.items(), key=lambda item: item[0])]  # from, to
    return Stretch(*points) if None not in points else None  # type: ignore[arg-type]


def _point(draft: Draft, entity: str, spot: Spot) -> str | None:
    field = draft.field_named(entity, spot) if spot.word else None
    if field is None:
        if not spot.word:
            draft.wrong(spot, "a date of the record")
        return None
    if kind_of(field) not in ("date", "datetime", "stage"):
        known = [name for name, one in draft.fields[entity].items() if kind_of(one) in ("date", "datetime", "stage")]
        message = f"{field.name} is neither a date nor a stage."
        draft.tell(spot, "wrong-value", message, one_of("Dates and stages", known))
        return None
    return field.name


def _time_in(draft: Draft, entity: str, spot: Spot) -> Stretch | None:
    at = spot.get("time_in")
    pairs = list(at.items()) if at is not None and at.node.is_map else []
    if len(pairs) != 1 or at is None:
        draft.tell(at or spot, "wrong-value", "The time in a stage is that of one stage.", HINT)
        return None
    ((name, stage),) = pairs
    field = draft.field_named(entity, stage, name)
    if field is None or field.type != "stage":
        if field is not None:
            known = [one.name for one in draft.fields[entity].values() if one.type == "stage"]
            draft.tell(stage, "wrong-value", f"{name} is no stage.", one_of(f"Stages of {entity}", known), at_key=True)
        return None
    return Stretch(name, stage=stage.word) if _is_stage(draft, entity, field, stage) else None


def _is_stage(draft: Draft, entity: str, field: Field, spot: Spot) -> bool:
    known = draft.choices_of(field) or ()
    if spot.word not in known and draft.can_judge("entities", "workflows"):
        draft.unknown(spot, spot.node.data(), f"a stage of {entity}.{field.name}", known)
    return spot.word in known


__all__ = ["read_stretch"]
