"""What changed since: the records of a condition at the start of a period, what came and went, and those of its end.

- As its reader: only records that he may read now (or find in the bin) are there, at any moment; of the past of a record
  that was taken from him nothing is told.
- Records that were not written since the start count as they are, by one statement. Of the others, found by when they were
  written last, the history takes back what changed, row by row; the condition is asked of each state in between.
- What history keeps of a field that has another type by now cannot be read: such a change is passed over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson

from engine.actor import Actor
from engine.blueprint.conditions import AllOf, Condition, Test, fields_in
from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.reports import Measure, Report, Series
from engine.blueprint.values import Ref
from engine.errors import BadRequest
from engine.parts.derived import effective
from engine.parts.tables import Axis, Column, Line, added
from engine.parts.words import Span, moments, span_of
from engine.records.columns import ID, value_of
from engine.records.database import Connection
from engine.records.keys import milliseconds
from engine.records.late import in_places
from engine.records.periods import Period
from engine.records.query import Query
from engine.records.rows import RowShape, rows
from engine.rules.conditions import holds, is_at_hand
from engine.rules.movement import END, LINES, START, State, movements, size
from engine.words import said, speech

if TYPE_CHECKING:
    from engine.records.read import Reads

MOST_CHANGED = 20_000  # records written since the start
LISTED = 500  # records of a line that are listed
TOO_MANY = said("Too many records changed since then. Ask for a shorter period, or narrow the report.")
NOT_OF_PAST = said("What changed cannot be narrowed by this: it is asked of other records.")
NAMES = {
    START: said("At the start"), "new": said("New"), "back": said("Opened again"), "came": said("Came in"),
    "raised": said("Raised"), "lowered": said("Lowered"), "won": said("Won"), "lost": said("Lost"), "done": said("Done"),
    "went": said("Went out"), "deleted": said("Deleted"), END: said("At the end"),
}  # fmt: skip
NOW, RECORDS, CHANGED = said("Now"), said("Records"), said("What changed")
INTO_BIN, OUT_OF_BIN = ("deleted", "merged"), ("restored", "unmerged")
Past = list[tuple[int, str, dict[str, Any]]]  # (ms, action, changes) of the rows of a record, newest first


@dataclass(frozen=True, slots=True)
class Moved:
    """A record of a line: its number at the start and at the end, and what it adds to the line. None: not in then.
    `in_bin`: it lies there now."""

    record: Ref
    was: Any
    now: Any
    change: Any
    in_bin: bool = False


@dataclass(frozen=True, slots=True)
class Movement:
    """`lines`: by name, in their order, those of which there is something; `records` those of each that were written
    since the start. `still`: how many records were not, and their sum; `where` finds those."""

    lines: tuple[str, ...]
    sums: Mapping[str, tuple[Any, int]]
    records: Mapping[str, Sequence[Moved]]
    still: tuple[Any, int]
    still_where: Condition
    is_now: bool


def table(
    reads: Reads, actor: Actor, report: Report, series: Series, where: Condition, period: Period, lent: Connection
) -> tuple[tuple[Axis, ...], tuple[Column, ...], list[Line], None]:
    """Raises BadRequest where too much changed, or where it is narrowed by what only other records can tell."""
    found = movement(reads, actor, report, series, where, period, lent)
    opens = {END: {"": (series.entity, where)}} if found.is_now else {}
    lines = [Line((name,), found.sums[name], opens.get(name, {})) for name in found.lines]
    return (axis_of(actor, found),), _columns(reads, actor, report), lines, None


def axis_of(actor: Actor, found: Movement) -> Axis:
    words = speech(actor.language)
    told = {**NAMES, END: NOW} if found.is_now else NAMES
    choices = tuple(Choice(name, words.tell(told[name])) for name in found.lines)
    field = Field("line", "choice", words.tell(CHANGED), options={"choices": choices})
    return Axis(field.name, field.label, field, None, found.lines)


def _columns(reads: Reads, actor: Actor, report: Report) -> tuple[Column, ...]:
    field, count = reads.blueprint.entities[report.entity].fields[str(report.changes)], speech(actor.language).tell(RECORDS)
    return (
        Column("value", field.label, "value", effective(field), Measure("value", field.label, "changes", field.name)),
        Column("records", count, "count", None, Measure("records", count, "changes")),
    )


def movement(
    reads: Reads, actor: Actor, report: Report, series: Series, where: Condition, period: Period, lent: Connection
) -> Movement:
    entity = reads.blueprint.entities[series.entity]
    if not is_at_hand(where, entity.fields):
        raise BadRequest(NOT_OF_PAST)
    field, asking = str(report.changes), _Asking(reads, actor, entity, where, str(report.changes), lent)
    start, end, is_now = _ends(reads, actor, period)
    still_where = AllOf((where, Test("updated_at", "before", start)))
    records: dict[str, list[Moved]] = {}
    for moved, lines in asking.moved(start, end):
        for line, change in lines:
            records.setdefault(line, []).append(replace(moved, change=change))
    measures = {"value": Measure("value", "", "sum", field), "count": Measure("count", "", "count")}
    summary = reads.aggregate(actor, entity.name, still_where, (), measures, connection=lent)
    still = (summary.rows[0][0], summary.rows[0][1]) if summary.rows else (None, 0)
    sums = {line: (added(one.change for one in found), len(found)) for line, found in records.items()}
    for line in (START, END):
        value, count = sums.get(line, (None, 0))
        sums[line] = (added([value, still[0]]), count + still[1])
    return Movement(tuple(line for line in LINES if line in sums), sums, records, still, still_where, is_now)


def records_of(
    reads: Reads, actor: Actor, report: Report, series: Series, where: Condition, period: Period, line: str, lent: Connection
) -> tuple[list[Moved], int]:
    """The records of a line with their titles, the largest first, and how many there are; of many the first so many."""
    found = movement(reads, actor, report, series, where, period, lent)
    records = sorted(found.records.get(line, ()), key=lambda one: -abs(size(one.change)))[:LISTED]
    if line in (START, END) and len(records) < LISTED:
        records += _still(reads, actor, series.entity, str(report.changes), found, LISTED - len(records), lent)
    titles = _titles(reads, actor, [one.record for one in records], lent)
    named = [replace(one, record=replace(one.record, title=titles.get(one.record.id))) for one in records]
    return named, found.sums[line][1] if line in found.sums else 0


def _titles(reads: Reads, actor: Actor, refs: list[Ref], lent: Connection) -> dict[int, str]:
    """Of those in the bin too, by their ids."""
    found = {id: title for (_, id), title in reads.titles(actor, refs, lent).items()}
    binned = tuple(ref.id for ref in refs if ref.id not in found)
    if binned:
        query = Query(refs[0].entity, ("title",), Test("id", "in", binned), limit=LISTED, deleted=True)
        page = reads.page(actor, query, connection=lent, most=LISTED)
        found |= {row[ID]: value_of(page.columns[0], row) for row in page.rows}
    return found


def _still(
    reads: Reads, actor: Actor, entity: str, field: str, found: Movement, most: int, lent: Connection
) -> Iterator[Moved]:
    query = Query(entity, (field,), found.still_where, sort=((field, True),), limit=most)
    page = reads.page(actor, query, connection=lent, most=most)
    for row in page.rows:
        number = value_of(page.columns[0], row)
        yield Moved(Ref(entity, row[ID]), number, number, number)


def _ends(reads: Reads, actor: Actor, period: Period) -> tuple[datetime, datetime, bool]:
    """The first moment and the last, no later than now, and whether that is now."""
    at = reads.reading(actor)
    span = period if isinstance(period, Span) else span_of(period, at)
    whole = moments(span, at)
    start, end = min(_moment(whole.start), at.now), _moment(whole.end)
    return start, min(end, at.now), end >= at.now


def _moment(point: Any) -> datetime:
    assert isinstance(point, datetime)
    return point


class _Asking:
    """The records that were written since the start, each with its states since."""

    def __init__(
        self, reads: Reads, actor: Actor, entity: Entity, where: Condition, field: str, lent: Connection
    ) -> None:
        self.reads, self.actor, self.entity, self.where, self.field, self.lent = reads, actor, entity, where, field, lent
        self.stage = stage_of(entity, where)
        self.names = tuple(dict.fromkeys((field, *sorted(fields_in(where)), *([self.stage] if self.stage else []))))
        self.at = reads.reading(actor)
        self.shape = reads.kept(("row", entity.name), lambda: RowShape(entity))
        self.now_named = {f.was: f.name for f in entity.fields.values() if f.was and f.was not in entity.fields}
        self.words = {name: _renamed_words(entity.fields[name]) for name in self.names}
        choices = entity.fields[self.stage].options.get("stages", ()) if self.stage else ()
        self.ends = {choice.value: choice.ends for choice in choices}

    def moved(self, start: datetime, end: datetime) -> Iterator[tuple[Moved, list[tuple[str, Any]]]]:
        """Each record with the lines that it belongs to."""
        first, last = milliseconds(start), milliseconds(end)
        for deleted in (False, True):
            now = dict(self.written_since(start, deleted))
            past = self.past_of(list(now), first)
            for id, values in now.items():
                path = self.path(values, not deleted, past.get(id, []), last)
                lines = list(movements(path))
                if lines:
                    was, is_ = (one.number if one.inside else None for one in (path[0], path[-1]))
                    yield Moved(Ref(self.entity.name, id), was, is_, None, deleted), lines

    def written_since(self, start: datetime, deleted: bool) -> Iterator[tuple[int, dict[str, Any]]]:
        since = Test("updated_at", "at_least", start)
        query = Query(self.entity.name, self.names, since, limit=MOST_CHANGED + 1, deleted=deleted)
        page = self.reads.page(self.actor, query, connection=self.lent, most=MOST_CHANGED + 1)
        if len(page.rows) > MOST_CHANGED:
            raise BadRequest(TOO_MANY)
        for row in page.rows:
            yield row[ID], {shown.name: value_of(shown, row) for shown in page.columns}

    def past_of(self, ids: list[int], first: int) -> Mapping[int, Past]:
        found: dict[int, Past] = {}
        for chunk in in_places(ids):
            marks = ", ".join("?" * len(chunk))
            text = f"select record, at, action, changes from crm_history where record in ({marks}) and at >= ?"
            for record, at, action, changes in rows(
                self.lent, f"{text} and action <> 'refused' order by record, id desc", (*chunk, first)
            ):
                found.setdefault(record, []).append((at, action, orjson.loads(changes or "{}")))
        return found

    def path(self, now: dict[str, Any], there: bool, past: Past, last: int) -> list[State]:
        """Its states from the start to the end: after each row of its history, and before the first."""
        moments = [*(at for at, _, _ in past), 0]  # when each state began; the first of them before the start
        values, states = now, [self.state(now, there, True)]
        for place, (_, action, changes) in enumerate(past):
            made = action != "created"
            there = made and _was_there(action, changes, there, past[place + 1 : place + 2])
            values = {**values, **self.before(changes)}
            states.append(self.state(values, there, made))
        return [state for state, began in zip(states, moments, strict=True) if began < last][::-1]

    def before(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """The values that a row of history changed, as they were."""
        found = {}
        for said_then, pair in changes.items():
            name = self.now_named.get(said_then, said_then)
            if name in self.words:
                try:
                    found[name] = self.value(self.entity.fields[name], pair[0])
                except (ValueError, TypeError, KeyError, AttributeError, IndexError):
                    continue
        return found

    def value(self, field: Field, raw: Any) -> Any:
        words = self.words[field.name]
        return self.shape.from_raw(field, words.get(raw, raw) if words and isinstance(raw, str) else raw)

    def state(self, values: Mapping[str, Any], there: bool, made: bool) -> State:
        nothing: Any = None  # what would ask the database was refused before
        inside = there and holds(self.where, self.entity.fields, values, self.at, nothing)
        ends = self.ends.get(values.get(self.stage or "") or "")
        return State(inside, values[self.field], ends, there, made)


def _was_there(action: str, changes: Mapping[str, Any], there: bool, earlier: Past) -> bool:
    """Whether the record was out of the bin before a row of its history. What is taken back without a change of values was
    a way into the bin or out of it; of a merge, that way leaves no values behind."""
    if action == "undone" and not changes:
        return not there
    if action in INTO_BIN:
        return True
    if action == "unmerged" and there:
        return not (not earlier or (earlier[0][1] == "merged" and not earlier[0][2]))
    return False if action == "restored" else there


def stage_of(entity: Entity, where: Condition) -> str | None:
    """The stage field that tells how records went: the one that is asked about, else the first."""
    stages = [field.name for field in entity.fields_of("stage")]
    asked = fields_in(where)
    return next((name for name in stages if name in asked), next(iter(stages), None))


def _renamed_words(field: Field) -> Mapping[str, str]:
    known: Iterable[Choice] = field.options.get("stages") or field.options.get("choices") or ()
    return {choice.was: choice.value for choice in known if choice.was}


__all__ = ["LISTED", "Moved", "Movement", "movement", "records_of", "stage_of", "table"]
