"""Why a report's numbers are what they are: which records, of which time, what each number is, and what is not in it.

It says of what the reader may not read that it is not counted, and neither how much that is nor what it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.blueprint.conditions import ALWAYS, AllOf, Condition
from engine.blueprint.reports import Measure, Report, Series
from engine.parts.fields.choice import label_of
from engine.records.period_words import period_told
from engine.records.reporting import Asked, period_of, readable_series, where_of
from engine.web.frame import Screen
from engine.web.render_narrowing import Filters, not_narrowed
from engine.web.render_reports import place
from engine.web.render_where import told
from engine.words import said

TAKEN = {
    "count": said("the number of records"),
    "distinct": said("the number of different values of {field}"),
    "sum": said("the sum of {field}"),
    "average": said("the average of {field}, of records that have one"),
    "median": said("the middle value of {field}, of records that have one"),
    "smallest": said("the smallest {field}"),
    "largest": said("the largest {field}"),
    "weighted": said("the sum of {field}, each times the chance of its stage"),
    "ratio": said("{one} divided by {other}"),
    "product": said("{one} times {other}"),
    "share_of": said("{one} as a part of its total"),
    "change_of": said("{one} against the stretch of time before"),
    "running": said("{one}, added up from the first row on"),
}


@dataclass(frozen=True, slots=True)
class Counted:
    """One question of the report: whose records, which of them, of which time, and the list of just these."""

    label: str
    which: str
    time: str
    place: str


@dataclass(frozen=True, slots=True)
class Why:
    counted: tuple[Counted, ...]
    measures: tuple[tuple[str, str], ...]  # (its label, what it is)
    left_out: tuple[str, ...]


def counting(seen: Screen, report: Report, filters: Filters) -> Why:
    kept = (readable_series(seen.crm.reads, seen.actor, one) for one in report.every_series)
    is_of_records = report.columns or report.stages or report.changes
    there = [one for one in kept if one is not None and (one.measures or is_of_records)]
    counted = tuple(_counted(seen, report, one, filters.asked) for one in there)
    return Why(counted, tuple(_measures(seen, report, there)), tuple(_left_out(seen, report, there, filters)))


# ---- which records


def _counted(seen: Screen, report: Report, series: Series, asked: Asked) -> Counted:
    entity = seen.crm.blueprint.entities[series.entity]
    period = period_of(report, asked) if report.is_by_its_time else None
    label = entity.plural if len(report.series) == 1 else f"{series.label}: {entity.plural}"
    parts = [part for part in (series.when, asked.where.get(series.entity, ALWAYS)) if part != ALWAYS]
    which: Condition = AllOf(tuple(parts)) if parts else ALWAYS
    words = told(seen, series.entity, which) if parts else seen.say("all of them")
    whole = where_of(series, period, asked)
    return Counted(label, words, _time(seen, report, series, asked), place(seen, series.entity, whole))


def _time(seen: Screen, report: Report, series: Series, asked: Asked) -> str:
    """`Closed on · This month: 1 Nov 2026 – 30 Nov 2026`; nothing where all that is past is asked."""
    if report.forecast is not None or not series.over:
        return ""
    stretch = period_told(seen.crm.reads, seen.actor, period_of(report, asked), seen.words)
    if not report.is_by_its_time:
        return stretch
    return f"{seen.crm.blueprint.entities[series.entity].fields[series.over].label} · {stretch}"


# ---- what each number is


def _measures(seen: Screen, report: Report, there: Sequence[Series]) -> Iterator[tuple[str, str]]:
    labels: dict[str, str] = {}
    for series in there:
        for measure in series.measures.values():
            labels[measure.name] = measure.label
            yield measure.label, _taken(seen, series.entity, measure)
    for measure in report.derived.values():
        if all(of in labels for of in measure.of):
            labels[measure.name] = measure.label
            one, other = labels[measure.of[0]], labels[measure.of[-1]]
            yield measure.label, seen.say(str(TAKEN[measure.take]), one=one, other=other)


def _taken(seen: Screen, entity: str, measure: Measure) -> str:
    what = seen.say(str(TAKEN[measure.take]), field=_of(seen, entity, measure))
    if measure.when == ALWAYS:
        return what
    return seen.say("{what}, only where {condition}", what=what, condition=told(seen, entity, measure.when))


def _of(seen: Screen, entity: str, measure: Measure) -> str:
    """What is taken: a field, or how long something took."""
    fields = seen.crm.blueprint.entities[entity].fields
    stretch = measure.stretch
    if stretch is None:
        return fields[measure.field].label if measure.field else ""
    start = fields[stretch.start]
    if stretch.stage is not None:
        return seen.say("the time in {stage}", stage=label_of(start.options["stages"], stretch.stage))
    if stretch.end is not None:
        return seen.say("the time from {start} to {end}", start=start.label, end=fields[stretch.end].label)
    return seen.say("the time since {start}", start=start.label)


# ---- what is not in it


def _left_out(seen: Screen, report: Report, there: Sequence[Series], filters: Filters) -> Iterator[str]:
    for name in dict.fromkeys(one.entity for one in there):
        plural = seen.crm.blueprint.entities[name].plural
        if seen.sight.scope(seen.actor, name, "read") == ALWAYS:
            yield seen.say("All {plural} are open to you; those in the bin are not counted.", plural=plural.lower())
        else:
            yield seen.say("{plural} that are not open to you, and those in the bin, are not counted.", plural=plural)
    if report.is_by_its_time and period_of(report, filters.asked) is not None:
        for label in dict.fromkeys(_over(seen, one) for one in there if one.over):
            yield seen.say('What has no "{label}" is in no period.', label=label)
    yield from not_narrowed(seen, filters, (one.entity for one in there))
    if any(_has_currencies(seen, one) for one in there):
        yield seen.say("Amounts of different currencies are never added together.")


def _over(seen: Screen, series: Series) -> str:
    return seen.crm.blueprint.entities[series.entity].fields[series.over].label


def _has_currencies(seen: Screen, series: Series) -> bool:
    fields = seen.crm.blueprint.entities[series.entity].fields
    return any(m.field and len(fields[m.field].options.get("currencies") or ()) > 1 for m in series.measures.values())


__all__ = ["Counted", "Why", "counting"]
