"""Every list, search, tile, report and guard of the shipped sets is a question that both databases understand."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.compiler import compile_set
from engine.errors import NotFound
from engine.records import apply as applying, plan as planning
from engine.records.database import Database
from engine.records.query import Query
from engine.records.read import Reads
from engine.records.reporting import may_see, table_of
from engine.records.tables import Tables
from tests.real.databases import Databases

ROOT = Path(__file__).parents[2]
SETS = {"base": ROOT, "rsoft": ROOT / "config/rsoft", "raalink": ROOT / "config/raalink"}


def fill(url: str, blueprint: Blueprint) -> None:
    database = Database(url)
    applying.apply(planning.plan(blueprint, database), database)
    database.close()


@pytest.fixture(scope="module", params=SETS)
def reads(request: pytest.FixtureRequest, kept_databases: Databases) -> Iterator[Reads]:
    blueprint = compile_set(SETS[request.param])
    database = Database(kept_databases.copy_of(f"reads-{request.param}", partial(fill, blueprint=blueprint)))
    yield Reads(blueprint, database, Tables(blueprint))
    database.close()


def everybody(reads: Reads) -> Iterator[tuple[Actor, list[str]]]:
    """Somebody of each role, with the entities they may open."""
    for role in reads.blueprint.roles:
        actor = Actor(5, "Somebody", role, (1, 2, 3), zone="Asia/Kolkata")
        yield actor, [e for e in reads.blueprint.entities if reads.sight.may_open(actor, e)]


def test_every_role_can_ask_for_every_list_record_and_search(reads: Reads) -> None:
    for actor, entities in everybody(reads):
        for name in entities:
            entity = reads.blueprint.entities[name]
            columns = tuple(f for f in reads.sight.fields(actor.role, name) if entity.fields[f].type != "children")
            reads.page(actor, Query(name, columns, search="kumar 98765"))
            reads.page(actor, Query(name))
            reads.count(actor, Query(name, deleted=True))
            with pytest.raises(NotFound):
                reads.record(actor, name, 5)


def test_every_tile_and_report_can_be_asked_by_its_roles(reads: Reads) -> None:
    for actor, entities in everybody(reads):
        for dashboard in reads.blueprint.dashboards.values():
            for tile in dashboard.tiles.values() if actor.role in dashboard.roles else ():
                reads.aggregate(actor, tile.entity, tile.when, (), {"tile": tile.measure})
        for report in reads.blueprint.reports.values():
            if report.entity in entities and may_see(reads, actor, report):
                table_of(reads, actor, report)


def test_every_guard_can_be_asked_of_the_database(reads: Reads) -> None:
    (actor, _), *_ = everybody(reads)
    with reads.database.reading() as lent:
        for workflow in reads.blueprint.workflows.values():
            for condition in (workflow.applies, *(t.when for t in workflow.transitions.values())):
                assert not reads.holds(lent, actor, workflow.entity, 5, condition)
