"""The other world: the same database, but for what one person may not see."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from engine.actor import Actor
from engine.blueprint.conditions import fields_in
from engine.blueprint.entities import Entity, Field
from engine.errors import CrmError
from engine.records.tables import column_names, described_columns
from engine.rules.permissions import rights_of
from engine.runtime import Crm

MARK = "zqcanary"  # stands in every text that is changed, so that a leak is also seen by eye
POINTING = ("reference", "references", "reference_any", "user", "team", "file", "picture", "role")


def seen_ids(crm: Crm, actor: Actor, entity: str) -> set[int]:
    """The records that the person may read, those in their bin too."""
    found: set[int] = set()
    for more in ([], [("deleted", "true")]):
        try:
            query = crm.reads.query(actor, entity, [("limit", "200"), *more])
        except CrmError:
            continue
        page = crm.reads.page(actor, query)
        found |= {row[0] for row in page.rows}
        while page.next:
            query = crm.reads.query(actor, entity, [("limit", "200"), ("cursor", page.next), *more])
            page = crm.reads.page(actor, query)
            found |= {row[0] for row in page.rows}
    return found


class Twin:
    """Changes `path`, a copy of the person's world, where they may not look."""

    def __init__(self, crm: Crm, actor: Actor, path: Path) -> None:
        self.crm, self.actor, self.path = crm, actor, path
        self.random = random.Random(actor.role)
        self.changed = 0
        self.seen: dict[str, set[int]] = {}

    def make(self) -> int:
        """How many values were changed."""
        self.seen = {name: seen_ids(self.crm, self.actor, name) for name in self.crm.blueprint.entities}
        database = sqlite3.connect(self.path)
        database.create_function("crm_formula", -1, lambda *_: None, deterministic=True)
        database.execute("pragma foreign_keys = off")
        for entity in self.crm.blueprint.entities.values():
            if entity.name not in ("user", "team"):
                self._change(database, entity, self.seen[entity.name])
        database.commit()
        database.close()
        return self.changed

    def _change(self, database: sqlite3.Connection, entity: Entity, seen: set[int]) -> None:
        rights = rights_of(self.crm.blueprint, self.actor.role, entity.name)
        hidden = rights.hidden
        # What decides who sees a record stays: a changed stage could bring it into sight.
        unseen = [f for f in entity.fields.values() if f.name not in fields_in(rights.read)]
        for (id,) in database.execute(f'select id from "{entity.name}"').fetchall():
            fields = unseen if id not in seen else [entity.fields[name] for name in hidden]
            for described in fields:
                self._otherwise(database, entity, described, id)
            if id not in seen:
                self._double(database, entity, id)

    def _otherwise(self, database: sqlite3.Connection, entity: Entity, described: Field, id: int) -> None:
        if described.system or described.type in POINTING or not column_names(described):
            return
        kinds = {c.kind for c in described_columns(described)}
        value = self._value(described, id, "text" in kinds)
        columns = column_names(described)[:1] + ((f"{described.name}__find",) if described.search else ())
        sets = ", ".join(f'"{c}" = ?' for c in columns)
        database.execute(f'update "{entity.name}" set {sets} where id = ?', (*[value] * len(columns), id))
        self.changed += 1

    def _value(self, described: Field, id: int, is_text: bool) -> object:
        if described.type in ("choice", "stage"):
            choices = described.options.get("choices") or described.options.get("stages")
            return self.random.choice(choices).value
        if described.type in ("choices", "tags"):
            return f'["{MARK}"]'
        if described.type == "date":
            return "2026-11-11"
        if is_text:
            return f"{MARK} {id}"
        return self.random.randint(0, 1) if described.type == "yes_no" else self.random.randint(1, 10**6)

    def _double(self, database: sqlite3.Connection, entity: Entity, id: int) -> None:
        """One more record like the unseen one, with what must be unique left out."""
        if any(f.unique and f.required for f in entity.fields.values()) or self.random.random() < 0.5:
            return
        names = [row[1] for row in database.execute(f'pragma table_info("{entity.name}")') if row[1] != "id"]
        unique = {c for f in entity.fields.values() if f.unique or f.type == "reference_number" for c in column_names(f)}
        listed = ", ".join(f'"{n}"' for n in names)
        picked = ", ".join("null" if n in unique else f'"{n}"' for n in names)
        new = id + 1 + self.random.randint(1, 10**9)
        copied = f'select ?, {picked} from "{entity.name}" where id = ?'
        database.execute(f'insert or ignore into "{entity.name}" (id, {listed}) {copied}', (new, id))


def asked_about(made: dict[str, list[int]], seen: dict[str, set[int]], all_of_them: bool) -> dict[str, list[int]]:
    """By entity the records that are asked for one by one: several, or one that is seen and one that is not; and one that
    never was."""
    if all_of_them:
        return {entity: [*ids[:4], *ids[-2:], NOBODYS] for entity, ids in made.items()}
    return {
        entity: [
            *[id for id in ids if id in seen[entity]][-1:], *[id for id in ids if id not in seen[entity]][:1], NOBODYS
        ]
        for entity, ids in made.items()
    }  # fmt: skip


NOBODYS = 4711
KINDS = ("history", "told", "received", "files", "call", "task", "note")  # of entries in a timeline


def questions(crm: Crm, ids: dict[str, list[int]], all_of_them: bool) -> Iterator[str]:
    """Addresses that ask about every entity and field, whether the person may know of them or not; each field in every
    way, or in two ways that vary from field to field."""
    yield from ("/", "/me", "/notices", "/notices/news?after=0", "/duplicates", "/assignments")
    yield from ("/api/openapi.json", "/api/v1/me", "/nothing", "/api/v1/nothing")
    yield from ("/today", "/today?show=none", "/today/calling", "/palette")
    for span in ("month", "week", "agenda"):
        yield f"/calendar?span={span}&whose=all"
    yield from ("/calendar?span=day&whose=all&by=people", "/calendar/free", "/calendar/new")
    yield "/api/v1/calendar?people=all&from=2026-11-01&to=2027-02-28"
    yield "/api/v1/today"
    yield from (f"/today?who={id}" for id in ids.get("user", []))
    yield from (f"/api/v1/today?who={id}" for id in ids.get("user", []))
    for word in (MARK, "team", "a", "98", "north 1", "zqcanray", "noth"):  # two with a slip in them
        yield f"/palette?q={word}"
        yield f"/search?q={word}"
        yield f"/api/v1/search?q={word}"
    for name in crm.blueprint.dashboards:
        yield f"/dashboards/{name}"
        yield f"/dashboards/{name}/arrange"
        yield f"/api/v1/dashboards/{name}"
    for name in crm.blueprint.reports:
        yield from (f"/reports/{name}?period=", f"/reports/{name}/export?format=csv", f"/api/v1/reports/{name}")
    for entity in crm.blueprint.entities.values():
        yield from _of_entity(entity, ids.get(entity.name, []), all_of_them)


def _of_entity(entity: Entity, ids: list[int], all_of_them: bool) -> Iterator[str]:
    api, screen = f"/api/v1/{entity.name}", f"/{entity.name}"
    yield from (f"{api}?limit=200&count=true", f"{api}?q={MARK}&count=true", f"{api}?q=a", f"{api}/pick?q=a")
    yield from (screen, f"{screen}?q={MARK}", f"{screen}/new", f"{screen}/pick?q={MARK}", f"/bin/{entity.name}")
    yield from (f"{screen}/export", f"{screen}/views", f"{screen}/filter", f"{screen}/columns", f"{api}/views")
    yield from (f"{screen}/calendar?span=month", f"{screen}/calendar?q=a")
    yield from (f"/calendar/{entity.name}/{id}" for id in ids[:2])
    yield from (f"{screen}?view={view}" for view in entity.views)
    yield from (f"{screen}/board", f"{screen}/board?q=a", f"{screen}/board/part?_column=0") if entity.board else ()
    for described in entity.fields.values():
        yield from _of_field(described.name, api, screen, all_of_them)
    for id in ids:
        yield from (f"{api}/{id}", f"{api}/{id}/history", f"{api}/{id}/transitions", f"{screen}/{id}", f"{screen}/{id}/edit")
        yield from (f"{screen}/{id}/move", f"{screen}/board/part?_card={id}") if entity.board else ()
        yield from (f"{screen}/{id}/call", f"/today/calling{screen}/{id}")
        yield f"/palette?at={screen}/{id}&recent={entity.name}/{id}"
        yield from (f"{api}/{id}/timeline?limit=200", f"{screen}/{id}/peek", f"{screen}/{id}/why")
        yield f"{screen}/{id}?in=q%3D{MARK}"
        yield from (f"{screen}/{id}?show={kind}" for kind in KINDS)
        yield from (f"{screen}/{id}?tab=told", f"{api}/{id}/duplicates")
    for one, other in pairwise(ids):
        yield f"{screen}/{one}/merge/{other}"


def _of_field(name: str, api: str, screen: str, all_of_them: bool) -> list[str]:
    ways = [
        f"{api}?sort={name}&limit=7&count=true",
        f"{api}?{name}.empty=false&count=true",
        f"{api}?sort=-{name}",
        f"{api}?{name}={MARK}",
        f"{screen}?sort={name}&{name}.empty=true",
        f"{screen}?group={name}",
        f"{screen}/counts/{name}",
        f"{screen}/board?by={name}&sum={name}&card={name}",
        f"{screen}/board?sum={name}&card={name}",
        f"{api}?where=%7B%22not%22:%7B%22{name}%22:%7B%22empty%22:true%7D%7D%7D&count=true",
    ]
    at = sum(map(ord, api + name))
    return ways if all_of_them else [ways[at % 5], ways[5 + at % 5]]
