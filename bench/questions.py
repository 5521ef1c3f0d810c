"""What the screens ask of the read door, as four people with much and with little to see.

Each question is one read as a screen makes it: a page of a list, its count, what a search finds, a tile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from bench.fill import EPOCH, SPAN
from engine.actor import Actor
from engine.blueprint.conditions import Condition
from engine.records import cursor
from engine.records.history import history, stage_times
from engine.records.query import Query
from engine.records.read import COUNTED, Parent
from engine.runtime import Crm

FOUND = 101  # finds of a search that a list counts
STAGE = "NOT ATTEMPTED"
ACTIONS = ("update", "delete")
NEWCOMER, STARTER = "Newcomer", "Starter"  # a caller with a score of leads among all the others, and their manager

# What is typed, by what it should be like.
TYPED = {
    "nobody": "zzqxv", "one e-mail": ".shah4321@", "first name": "Rahul", "surname": "Kumar",
    "both names": "Rahul Kumar", "all of them": "example", "all, two words": "example lead", "a number": "LEAD-2025-004",
    "3 digits": "987", "5 digits": "98765", "7 digits": "9876543", "2 letters": "ra", "2 digits": "91",
    "long and short": "kumar ra",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """`kind` is the section of the table; `ask` may be repeated."""

    kind: str
    who: str
    name: str
    ask: Callable[[], Any]


class Questions:
    """About the leads of a filled database."""

    def __init__(self, crm: Crm) -> None:
        self.crm, self.reads = crm, crm.reads
        self.people = dict(_people(crm))

    def all(self) -> Iterator[Question]:
        for who, actor in self.people.items():
            for made in (self.lists, self.sorts, self.filters, self.searches, self.records, self.desks, self.others):
                yield from (Question(made.__name__, who, name, ask) for name, ask in made(actor))

    # ---- lists

    def lists(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        yield "first page", self._page(actor)
        yield "first page, one stage", self._page(actor, status=STAGE)
        for part in (0.5, 0.98):
            yield f"page at {part:.0%}", self._page(actor, cursor=_place(part))
            yield f"page at {part:.0%}, one stage", self._page(actor, cursor=_place(part), status=STAGE)
        yield "page before 50%", self._page(actor, cursor=_place(0.5, backwards=True))
        yield "count", self._count(actor)
        yield "count, one stage", self._count(actor, status=STAGE)
        for entity in ("call", "appointment"):
            yield f"{entity}s", self._of(actor, Query(entity, sort=self.crm.blueprint.entities[entity].list.sort))

    def sorts(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        for column in self.crm.blueprint.entities["lead"].list.columns:
            if column in ("title", "created_at"):
                continue
            for word in (column, f"-{column}"):
                yield f"by {word}", self._page(actor, sort=word)
        yield "by -follow_up_at, one stage", self._page(actor, sort="-follow_up_at", status="FOLLOW-UP")

    def filters(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        asked = {
            "source": {"source": "Google"}, "a source of none": {"source": "Poster"}, "kind of none": {"kind": "Junk"},
            "source and stage": {"source": "IVR", "status": STAGE}, "quality": {"quality": "Might be"},
            "city": {"city": "Pune"}, "a city of none": {"city": "Oslo"}, "budget of none": {"budget.above": "99000000"},
            "made today": {"created_at.within": "today"}, "made last month": {"created_at.within": "last month"},
            "follow-up today": {"follow_up_at.within": "today"}, "of a product": {"product": str(self._product())},
            "one caller's": {"owner": str(self.people["caller"].user)}, "hot": {"is_hot": "true"},
            "no e-mail": {"email.empty": "true"}, "company of none": {"company.contains": "zzqxv"},
        }  # fmt: skip
        for name, words in asked.items():
            yield name, self._page(actor, **words)
            yield f"{name}, count", self._count(actor, COUNTED, **words)

    def searches(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        for name, text in TYPED.items():
            yield name, self._page(actor, q=text)
            yield f"{name}, count", self._count(actor, FOUND, q=text)
        yield "surname, in a stage", self._page(actor, q="Kumar", status=STAGE)
        yield "surname, by -follow_up_at", self._page(actor, q="Kumar", sort="-follow_up_at")
        yield "everywhere: first name", lambda: self.reads.search(actor, "Rahul")
        yield "everywhere: 7 digits", lambda: self.reads.search(actor, "9876543")
        yield "picker, nothing typed", lambda: self.reads.pick(actor, "lead")
        yield "picker, first name", lambda: self.reads.pick(actor, "lead", "Rahul")
        yield "picker of people", lambda: self.reads.pick(actor, "user", "caller")

    # ---- one record

    def records(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        page = self.reads.page(actor, Query("lead", limit=20))
        id = page.rows[-1][0]
        reads, readable = self.reads, self.reads.sight.fields(actor.role, "lead")
        children = [f for f in self.crm.blueprint.entities["lead"].fields_of("children") if f.name in readable]
        names = tuple(f.name for f in children)
        yield "record", lambda: reads.record(actor, "lead", id)
        yield "with rights and counts", lambda: self._whole(actor, id, names)
        for field in children:
            yield f"its {field.name}", self._children(actor, field, id)
        yield "history", lambda: history(reads, actor, "lead", id)
        yield "stays in stages", lambda: stage_times(reads, actor, "lead", id)

    def _whole(self, actor: Actor, id: int, names: tuple[str, ...]) -> Any:
        with self.crm.database.glance() as lent:
            return self.reads.whole(actor, "lead", id, ACTIONS, names, FOUND, lent)

    def _children(self, actor: Actor, field: Any, id: int) -> Callable[[], Any]:
        child = field.options["entity"]
        query, parent = Query(child, sort=self.crm.blueprint.entities[child].list.sort, limit=20), Parent("lead", field.name)
        return lambda: self.reads.page(actor, query, parent=parent, of=id)

    # ---- numbers

    def desks(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        for desk in self.crm.blueprint.dashboards.values():
            for name, tile in desk.tiles.items():
                yield f"tile {desk.name} {name}", self._counted(actor, tile.entity, tile.when)
        for name, report in self.crm.blueprint.reports.items():
            if report.roles is None or actor.role in report.roles:
                yield f"report {name}", self._summed(actor, report)

    def _counted(self, actor: Actor, entity: str, when: Condition | None) -> Callable[[], Any]:
        return lambda: self.reads.count(actor, Query(entity, where=when), COUNTED)

    def _summed(self, actor: Actor, report: Any) -> Callable[[], Any]:
        given = (report.entity, report.when, report.group_by, report.measures)
        return lambda: self.reads.aggregate(actor, *given)

    # ---- the rest

    def others(self, actor: Actor) -> Iterator[tuple[str, Callable[[], Any]]]:
        def board() -> None:
            for workflow in self.crm.blueprint.workflows_of("lead"):
                for stage in workflow.stages:
                    self._page(actor, status=stage, limit="20")()

        yield "a board's columns", board
        yield "a board's counts", lambda: self.reads.aggregate(actor, "lead", None, ("status",))
        if actor.role in ("manager", "administrator"):
            yield "bin", self._of(actor, Query("lead", deleted=True))
            yield "bin, count", lambda: self.reads.count(actor, Query("lead", deleted=True), COUNTED)
            yield "export, 10,000 rows", lambda: _first(self.reads.export(actor, Query("lead")), 10_000)
            yield "export, one source", lambda: _first(self.reads.export(actor, self._query(actor, source="IVR")), 500)
        yield "notices unread", lambda: self.crm.notices.unread(actor)
        yield "notices", lambda: self.crm.notices.latest(actor)

    # ---- how it is asked

    def _query(self, actor: Actor, **words: str) -> Query:
        return self.reads.query(actor, "lead", words.items())

    def _page(self, actor: Actor, **words: str) -> Callable[[], Any]:
        return self._of(actor, self._query(actor, **words))

    def _of(self, actor: Actor, query: Query) -> Callable[[], Any]:
        return lambda: self.reads.page(actor, query)

    def _count(self, actor: Actor, cap: int = COUNTED, **words: str) -> Callable[[], Any]:
        query = self._query(actor, **words)
        return lambda: self.reads.count(actor, query, cap)

    def _product(self) -> int:
        return self.reads.pick(self.people["administrator"], "product")[0].id


def _people(crm: Crm) -> Iterator[tuple[str, Actor]]:
    names = {
        "caller": "Caller 07", "newcomer": NEWCOMER, "starter": STARTER, "manager": "Manager 2",
        "administrator": "Dev Menon",
    }  # fmt: skip
    with crm.database.reading() as connection:
        found = {name: row for *row, name in connection.run('select id, role, team, name from "user"')}
    for who, name in names.items():
        id, role, team = found[name]
        yield who, Actor(id, name, role, (team,) if team else (), "en", crm.blueprint.manifest.zone)


def _place(part: float, *, backwards: bool = False) -> str:
    """Where this part of the newest leads is passed."""
    at = datetime.now(UTC).timestamp() * 1000 - SPAN * part
    return cursor.token(backwards, "-created_at", (int(at) - EPOCH << 22,))


def _first(export: Any, most: int) -> int:
    seen = 0
    for batch in chain(export.batches):
        seen += len(batch)
        if seen >= most:
            break
    export.batches.close()
    return seen
