"""What reports.yaml means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.blueprint.conditions import ALWAYS, Condition, Word
from engine.blueprint.source import Source

DERIVED = ("ratio", "product", "share_of", "change_of", "running")


@dataclass(frozen=True, slots=True)
class Stretch:
    """How long it was from a date of a record, or from its coming into its present stage, to another or, without `end`, to
    now; with `stage`, how long the record was in that stage in all."""

    start: str
    end: str | None = None
    stage: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.start, self.end) if self.end is not None else (self.start,)


@dataclass(frozen=True, slots=True)
class Measure:
    """`take`: count, distinct, sum, average, median, smallest, largest, weighted (of a field or a stretch of time, of the
    records for which `when` holds); or ratio, product, share_of, change_of, running: worked out from the measures that `of`
    names."""

    name: str
    label: str
    take: str
    field: str | None = None
    when: Condition = ALWAYS
    of: tuple[str, ...] = ()
    stretch: Stretch | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Those that it is taken of."""
        return self.stretch.fields if self.stretch is not None else (self.field,) if self.field is not None else ()

    @property
    def is_derived(self) -> bool:
        return self.take in DERIVED


@dataclass(frozen=True, slots=True)
class Series:
    """One question to one entity. `over` is its time, which a period narrows; empty where none does."""

    name: str
    label: str
    entity: str
    group_by: tuple[str, ...]
    measures: Mapping[str, Measure]
    when: Condition = ALWAYS
    over: str = "created_at"
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Where sales come from: the report's own records, open while `open` holds, known since `entered`. `expected`: what of
    them is told beside the forecast, by the month in which each is expected to close."""

    open: Condition
    entered: str = "created_at"
    expected: Series | None = None


@dataclass(frozen=True, slots=True)
class Override:
    """The records in which people say what they expect of a month themselves; each is its owner's."""

    entity: str
    month: str
    value: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """Of the running month and so many after it, of what the report measures by month."""

    months: int
    pipeline: Pipeline | None = None
    comes_from: Series | None = None
    target: Series | None = None
    override: Override | None = None

    @property
    def series(self) -> tuple[Series, ...]:
        """What it asks beside the report's own."""
        expected = self.pipeline.expected if self.pipeline is not None else None
        return tuple(one for one in (expected, self.comes_from, self.target) if one is not None)


@dataclass(frozen=True, slots=True)
class Report:
    """`columns`: a list of records in place of measures. `stages`: the field of the workflow whose stages it is about.
    `changes`: the number of which it tells how it came from what it was at the start of the period to what it is."""

    name: str
    label: str
    series: Mapping[str, Series]
    derived: Mapping[str, Measure] = field(default_factory=dict)
    period: Word | None = None
    order: tuple[tuple[str, bool], ...] = ()  # (measure or group, largest first)
    top: int | None = None
    columns: tuple[str, ...] = ()
    stages: str | None = None
    changes: str | None = None
    forecast: Forecast | None = None
    chart: str = "table"
    roles: tuple[str, ...] | None = None
    help: str | None = None
    was: str | None = None  # renamed from
    source: Source | None = None

    @property
    def is_by_its_time(self) -> bool:
        """Whether a period leaves out records by the time that the report is over. Of stages it asks when they were reached,
        of changes when they happened; a forecast is told from all that is past."""
        return not (self.stages or self.changes or self.forecast)

    @property
    def every_series(self) -> tuple[Series, ...]:
        """Its own, and what its forecast asks beside them."""
        return (*self.series.values(), *(self.forecast.series if self.forecast is not None else ()))

    @property
    def first(self) -> Series:
        return next(iter(self.series.values()))

    @property
    def entity(self) -> str:
        return self.first.entity

    @property
    def group_by(self) -> tuple[str, ...]:
        return self.first.group_by

    @property
    def when(self) -> Condition:
        return self.first.when

    @property
    def measures(self) -> Mapping[str, Measure]:
        """All of them, in order: those of the series, then what is derived."""
        return {**{n: m for one in self.series.values() for n, m in one.measures.items()}, **self.derived}


@dataclass(frozen=True, slots=True)
class Tile:
    name: str
    label: str
    entity: str
    measure: Measure
    when: Condition = ALWAYS
    hue: str | None = None
    over: str = "created_at"
    was: str | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    label: str
    roles: tuple[str, ...]
    tiles: Mapping[str, Tile]
    reports: tuple[str, ...] = ()
    views: tuple[tuple[str, str], ...] = ()  # (entity, view): shown as lists beneath the reports
    filters: tuple[str, ...] = ()  # fields that the whole page can be narrowed by, and `period`
    period: Word | None = None  # what it begins with
    was: str | None = None
    source: Source | None = None
