"""`at`: a moment that comes, around a date of the record, after a time in a stage or of silence, or on a schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.blueprint.entities import Field
from engine.blueprint.notifications import Notification
from engine.blueprint.rules import Rule
from engine.blueprint.triggers import Around, Every, Idle, Span, Staying, Trigger
from engine.compiler.conditions import kind_of
from engine.compiler.draft import Draft, frozen
from engine.compiler.sentences import missing_key
from engine.compiler.spans import PASSING_UNITS, has_working_hours, read_span, read_time, read_weekday
from engine.compiler.spot import Spot

# What begins a moment, and the keys that may go with it.
SHAPES: Mapping[str, tuple[str, ...]] = {
    "before": ("by", "time"), "after": ("by", "time"), "on": ("time",), "in_stage": ("for",), "idle": (),
    "every": ("day", "time"),
}  # fmt: skip
DAILY = ("day", "working day")
PERIODS = ("week", "month", "quarter", "year", "financial_year")  # which of its days is said
MONTH_DAYS = 31
LAST = -1


def read_moment(draft: Draft, entity: str | None, spot: Spot) -> Trigger | None:
    """None after telling why not."""
    shape = _shape(draft, spot)
    if shape is None:
        return None
    if shape == "every":
        return _every(draft, spot)
    if entity is None:
        draft.tell(spot, "contradiction", f'"{shape}" speaks of a record.', "Say whose records with entity, or use every.")
        return None
    if shape == "in_stage":
        return _staying(draft, entity, spot)
    if shape == "idle":
        span = read_span(draft, spot.get("idle"))
        return Idle(span) if span else None
    return _around(draft, entity, shape, spot)


def _shape(draft: Draft, spot: Spot) -> str | None:
    """The word that says what kind of moment it is; what does not go with it is told."""
    said = [key for key in SHAPES if spot.get(key) is not None]
    if not said and spot.node.value:
        message = "This says no moment."
        draft.tell(spot, "missing-key", message, f"Begin with one of {', '.join(SHAPES)}.")
    if len(said) > 1:
        message = f"This says {len(said)} moments: {' and '.join(said)}."
        draft.tell(spot, "contradiction", message, "Keep one; several notifications or rules can say the others.")
        return None
    for key, at in spot.items() if said else ():
        if key not in (*said, *SHAPES[said[0]]) and any(key in more for more in SHAPES.values()):
            draft.tell(at, "no-effect", f'"{key}" does not go with {said[0]}.', "Remove it.", at_key=True)
    return said[0] if said else None


# ---- around a date


def _around(draft: Draft, entity: str, side: str, spot: Spot) -> Around | None:
    at = spot.get(side)
    assert at is not None
    field, time = _date_field(draft, entity, at), read_time(draft, spot.get("time"))
    spans = _spans(draft, spot.get("by")) if side != "on" else ()
    if side != "on" and spot.get("by") is None:
        _tell_missing(draft, spot, "by", "Say how long, as in by: 1 hour.")
    if field is None or (side != "on" and not spans):
        return None
    if kind_of(field) == "date" and spot.get("time") is None:
        message = f"{field.name} is a day, which has no hour."
        draft.tell(at, "missing-key", message, "Add the time of that day, as in time: 09:00.")
    if spot.get("time") is not None:
        _check_whole_days(draft, spans, spot.get("by"))
    return Around(side, field.name, spans, time)


def _date_field(draft: Draft, entity: str, spot: Spot) -> Field | None:
    field = draft.field_named(entity, spot)
    if field is None:
        return None
    dates = [f.name for f in draft.fields[entity].values() if f.type in ("date", "datetime") and f.name != "deleted_at"]
    if field.name in dates:
        return field
    if field.type in ("computed", "rollup") and kind_of(field) in ("date", "datetime"):
        message = f"{field.name} is worked out when it is read, so that nobody can be woken by it."
        draft.tell(spot, "wrong-value", message, "Name a date that is kept.")
    else:
        draft.unknown(spot, field.name, f"a date of {entity}", dates)
    return None


def _spans(draft: Draft, spot: Spot | None) -> tuple[Span, ...]:
    items = spot.each() if spot is not None and spot.node.is_list else (spot,)
    return tuple(dict.fromkeys(span for at in items if (span := read_span(draft, at))))


def _check_whole_days(draft: Draft, spans: tuple[Span, ...], spot: Spot | None) -> None:
    if spot is not None and any(span.unit in PASSING_UNITS for span in spans):
        message = "A time of day and a span of hours do not go together."
        draft.tell(spot, "contradiction", message, "Count in days, or remove time.")


# ---- after a time in a stage


def _staying(draft: Draft, entity: str, spot: Spot) -> Staying | None:
    at = spot.get("in_stage")
    assert at is not None
    span = read_span(draft, spot.get("for"))
    if spot.get("for") is None:
        _tell_missing(draft, spot, "for", "Say how long, as in for: 3 working hours.")
    fields: dict[str, str] = {}
    for workflow in draft.workflows.values():
        if workflow.entity == entity:
            fields |= {stage: workflow.field for stage in workflow.stages if stage not in fields}
    wrong = [(word, item) for word, item in spot.words("in_stage") if word not in fields]
    for word, item in wrong if draft.can_judge("workflows") else ():
        draft.unknown(item, word, f"a stage of {entity}", fields)
    stages = [word for word, _ in spot.words("in_stage") if word in fields]
    if len({fields[stage] for stage in stages}) > 1:
        message = f"These are stages of several fields: {', '.join(dict.fromkeys(fields[s] for s in stages))}."
        draft.tell(at, "contradiction", message, "Name the stages of one.")
    return Staying(fields[stages[0]], tuple(dict.fromkeys(stages)), span) if stages and span and not wrong else None


# ---- on a schedule


def _every(draft: Draft, spot: Spot) -> Every | None:
    period, time = spot.text("every") or "", read_time(draft, spot.get("time"))
    if spot.get("time") is None:
        _tell_missing(draft, spot, "time", "Say at what time, as in time: 09:00.")
    every = spot.get("every")
    if period == "working day" and every is not None and not has_working_hours(draft, every):
        return None
    day = _day(draft, period, spot)
    return Every(period, time, day) if time is not None and day is not None else None


def _day(draft: Draft, period: str, spot: Spot) -> int | None:
    at = spot.get("day")
    if period in DAILY or period not in PERIODS:
        if at is not None and period in DAILY:
            draft.tell(at, "no-effect", f'"day" does not go with every: {period}.', "Remove it.", at_key=True)
        return 1
    if at is None:
        hint = "Say which, as in day: Monday." if period == "week" else "Say which, as in day: 1 or day: last."
        _tell_missing(draft, spot, "day", hint)
        return None
    return read_weekday(draft, at) if period == "week" else _day_of_period(draft, at)


def _day_of_period(draft: Draft, spot: Spot) -> int | None:
    if spot.word == "last":
        return LAST
    if spot.word is not None and spot.word.isdecimal() and 1 <= int(spot.word) <= MONTH_DAYS:
        return int(spot.word)
    draft.wrong(spot, f"a day from 1 to {MONTH_DAYS}", "Write its number, or last.")
    return None


def _tell_missing(draft: Draft, spot: Spot, key: str, hint: str) -> None:
    draft.problems.add(missing_key(spot.key_source, spot.path, key, hint))


# ---- what moments are looked up by


def settle_moments(draft: Draft) -> None:
    """A date that a moment is counted from is looked for again and again, so it gets an index. Goes last."""
    set_off: tuple[Notification | Rule, ...] = (*draft.notifications.values(), *draft.rules.values())
    for named in set_off:
        trigger, entity = named.trigger, draft.entities.get(named.entity or "")
        if isinstance(trigger, Around | Idle) and entity is not None:
            name = trigger.field if isinstance(trigger, Around) else "updated_at"
            if name in entity.fields and not entity.fields[name].index:
                fields = {**entity.fields, name: replace(entity.fields[name], index=True)}
                draft.entities[entity.name] = replace(entity, fields=frozen(fields))
