"""A dashboard's charts: they come with the page while that is quick; what takes long comes after it, each by itself.

Without script everything comes at once, by the address that the page then offers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from engine.blueprint.reports import Dashboard, Report
from engine.records.arranging import Arrangement
from engine.records.database import Connection
from engine.records.query import Query
from engine.records.read import COUNTED
from engine.records.reporting import may_see
from engine.records.tiles import reports_on
from engine.web.frame import Screen
from engine.web.render import address
from engine.web.render_narrowing import Filters, not_narrowed
from engine.web.render_reports import Drawn, drawn

PATIENCE = 0.25  # seconds of charts that a page waits for
UNKNOWN = 1.0  # seconds that something may take that counts many records
LONG = 0.1  # seconds; what took longer the last time is not waited for
WHOLE = "whole"  # `whole=yes`: everything at once
MOST_BESIDE = 6  # columns of a table that has another beside it


def charts_of(
    seen: Screen, found: Dashboard, liked: Arrangement, filters: Filters, lent: Connection
) -> Iterator[Drawn]:
    reports, waited, many = reports_on(seen.crm.blueprint, found), 0.0, _Many(seen, lent)
    patient = seen.ask.request.query_params.get(WHOLE) == "yes"
    for piece in liked.of("charts", reports.values()):
        report = reports[piece.name]
        if piece.hidden:
            continue
        if not patient and (waited > PATIENCE or _takes(seen, report, many) > LONG):
            yield from _later(seen, found, report, filters, piece.wide or is_broad(report))
            continue
        began = time.perf_counter()
        yield from one_of(seen, report, filters, piece.wide or is_broad(report), lent)
        waited += time.perf_counter() - began


def one_of(seen: Screen, report: Report, filters: Filters, wide: bool, lent: Connection | None = None) -> Iterator[Drawn]:
    """The chart, and how long it took is kept in mind; nothing where nothing of it is for this reader."""
    began = time.perf_counter()
    chart = drawn(seen, report, filters, lent, wide, brief=True)
    seen.crm.paces[seen.actor.role, report.name] = time.perf_counter() - began
    if chart is not None:
        missed = not_narrowed(seen, filters, (one.entity for one in report.series.values()))
        yield replace(chart, missed=missed, place=_own_place(report, filters))


def _later(seen: Screen, found: Dashboard, report: Report, filters: Filters, wide: bool) -> Iterator[Drawn]:
    if may_see(seen.crm.reads, seen.actor, report):
        later = address(f"/dashboards/{found.name}/charts/{report.name}", filters.pairs)
        yield Drawn(report, None, None, (), "", None, wide=wide, place=_own_place(report, filters), later=later)


def _takes(seen: Screen, report: Report, many: _Many) -> float:
    """Seconds: as the last time for somebody of this role; where that is not known, by how much there is to count."""
    known = seen.crm.paces.get((seen.actor.role, report.name))
    if known is not None:
        return known
    return UNKNOWN if any(many[one.entity] for one in report.every_series) else 0.0


class _Many(dict[str, bool]):
    """Of which entities the reader has more records than a list would count; each is asked once."""

    def __init__(self, seen: Screen, lent: Connection) -> None:
        self.seen, self.lent = seen, lent

    def __missing__(self, entity: str) -> bool:
        reads, actor = self.seen.crm.reads, self.seen.actor
        there = reads.sight.may_open(actor, entity)
        self[entity] = there and reads.count(actor, Query(entity), COUNTED, connection=self.lent) >= COUNTED
        return self[entity]


def is_broad(report: Report) -> bool:
    """A table that would be cut in one of two columns."""
    measures = sum(len(one.measures) for one in report.series.values()) + len(report.derived)
    return report.chart == "table" and max(len(report.columns), len(report.group_by) + measures) > MOST_BESIDE


def _own_place(report: Report, filters: Filters) -> str:
    """The report's page, narrowed alike; of a view, the view."""
    entity, _, view = report.name.partition(".")
    return address(f"/{entity}", [("view", view)]) if view else address(f"/reports/{report.name}", filters.pairs)


__all__ = ["WHOLE", "charts_of", "is_broad", "one_of"]
