"""`forecast:` of a report: what is told of the months to come, and what is asked beside the report for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

from engine.blueprint.entities import Field
from engine.blueprint.reports import Forecast, Measure, Override, Pipeline, Series
from engine.compiler.conditions import kind_of, read_condition
from engine.compiler.draft import Draft
from engine.compiler.sentences import one_of
from engine.compiler.spot import Spot

MONTHS = 3  # after the running one, unless said
KINDS = ("money", "integer", "decimal")  # what can be added month by month and told ahead
NOT_BESIDE = ("series", "group_by", "columns", "stages", "order", "top", "period")
ReadSeries: TypeAlias = "Callable[[Draft, str, Spot], Series | None]"
ReadMeasure: TypeAlias = "Callable[[Draft, str, Spot], Measure | None]"


def by_month(series: Series) -> Series:
    return replace(series, group_by=(f"{series.over} by month",))


def check_forecast(draft: Draft, spot: Spot, series: Mapping[str, Series], derived: Mapping[str, Measure]) -> None:
    """A report with a forecast measures one thing that can be added, and is grouped by the month of its own time."""
    for key in NOT_BESIDE:
        at = spot.get(key)
        if at is not None:
            message = f"A report with a forecast says no {key}: it is one measure, by month."
            draft.tell(at, "contradiction", message, "Remove one of the two.", at_key=True)
    measures, at = [m for one in series.values() for m in one.measures.values()], spot.get("measures")
    if at is not None and (len(measures) + len(derived) > 1 or not all(m.take in ("count", "sum") for m in measures)):
        message = "A forecast is made of one measure that can be added month by month."
        draft.tell(at, "wrong-value", message, "Write for example sales: {sum: amount}, or orders: count.", at_key=True)
    elif at is not None and measures:
        _check_number(draft, at, next(iter(series.values())).entity, measures[0])


def _check_number(draft: Draft, spot: Spot, entity: str, measure: Measure) -> None:
    kind = _unit(draft, entity, measure)
    if kind not in KINDS:
        message = f"{measure.field} is of type {kind}, of which no forecast is made."
        known = [f.name for f in draft.fields[entity].values() if kind_of(f) in KINDS and not f.system]
        draft.tell(spot, "wrong-value", message, one_of("Fields that can be forecast", known))


def read_forecast(draft: Draft, sales: Series, spot: Spot, series: ReadSeries, measure: ReadMeasure) -> Forecast:
    parts = {name: series(draft, name, at) for name in ("comes_from", "target") if (at := spot.get(name)) is not None}
    target = parts.get("target")
    if target is not None:
        _check_alike(draft, sales, target, spot["target"])
    return Forecast(
        months=MONTHS if (months := spot.number("months")) is None else months,
        pipeline=_pipeline(draft, sales, spot.get("pipeline"), measure),
        comes_from=parts.get("comes_from"),
        target=target,
        override=_override(draft, sales, spot.get("override")),
    )


def _check_alike(draft: Draft, sales: Series, other: Series, spot: Spot) -> None:
    mine, theirs = (_unit(draft, one.entity, m) for one in (sales, other) for m in one.measures.values())
    if mine in KINDS and theirs != mine:
        at = spot.get("measure") or spot
        draft.tell(at, "wrong-value", f"The target is {theirs}, but what is forecast is {mine}.", "Measure both alike.")


def _unit(draft: Draft, entity: str, measure: Measure) -> str:
    """`money`, `integer`, ...: what a count or a sum is told in."""
    field = draft.fields[entity].get(measure.field) if measure.field else None
    return kind_of(field) if field is not None else "integer"


# ---- the pipeline


def _pipeline(draft: Draft, sales: Series, spot: Spot | None, measure: ReadMeasure) -> Pipeline | None:
    if spot is None:
        return None
    entered = _date(draft, sales.entity, spot.get("entered"))
    return Pipeline(
        open=read_condition(draft, sales.entity, spot.get("when")),
        entered=entered.name if entered is not None else "created_at",
        expected=_expected(draft, sales, spot, measure),
    )


def _expected(draft: Draft, sales: Series, spot: Spot, measure: ReadMeasure) -> Series | None:
    """What is open, by the month in which it is expected to close. The two keys go together."""
    over, taken = spot.get("expected"), spot.get("measure")
    if over is None or taken is None:
        if (given := over or taken) is not None:
            missing = "measure" if taken is None else "expected"
            hint = "Say when an open one is expected to close, and what of it is told: {weighted: amount}."
            draft.tell(given, "missing-key", f'"{missing}" is missing beside it.', hint, at_key=True)
        return None
    when, field = read_condition(draft, sales.entity, spot.get("when")), _date(draft, sales.entity, over)
    found = measure(draft, sales.entity, taken)
    if field is None or found is None:
        return None
    one = Series("pipeline", "", sales.entity, (), {"pipeline": found}, when, field.name, spot.source)
    return by_month(one)


def _date(draft: Draft, entity: str, spot: Spot | None) -> Field | None:
    field = draft.field_named(entity, spot) if spot is not None and spot.word else None
    if field is not None and spot is not None and kind_of(field) not in ("date", "datetime"):
        draft.tell(spot, "wrong-value", f"{field.name} is no date.", "Name a date or a moment.")
        return None
    return field


# ---- what people expect themselves


def _override(draft: Draft, sales: Series, spot: Spot | None) -> Override | None:
    entity = draft.entity_named(spot.get("entity")) if spot is not None else None
    if spot is None or entity is None:
        return None
    if "owner" not in draft.fields[entity]:
        message = f"{entity} has no owner, so nobody could say whose number it is."
        draft.tell(spot["entity"], "wrong-value", message, "Name an entity whose records are owned.")
    month, value = (draft.field_named(entity, spot[key]) if spot.get(key) else None for key in ("month", "value"))
    if month is None or value is None:
        return None
    if kind_of(month) != "date":
        draft.tell(spot["month"], "wrong-value", f"{month.name} is of type {month.type}, and no date.", "Name a date.")
    wanted = [_unit(draft, sales.entity, m) for m in sales.measures.values()]
    if wanted and kind_of(value) != wanted[0]:
        message = f"{value.name} is of type {kind_of(value)}, but what is forecast is {wanted[0]}."
        draft.tell(spot["value"], "wrong-value", message, "Name a field of the same type.")
    return Override(entity, month.name, value.name, spot.source)


__all__ = ["by_month", "check_forecast", "read_forecast"]
