"""Random changes of a small set, with data in it: what stays keeps its values, and both databases tell the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine.blueprint import Blueprint
from engine.blueprint.entities import Choice, Entity, Field
from engine.blueprint.manifest import Manifest
from engine.records.apply import apply
from engine.records.database import Database
from engine.records.keys import new_ids
from engine.records.plan import plan
from engine.records.tables import Tables, column_names
from tests.records.changing import NOW, put
from tests.small import entity, field

WORDS = ("Red", "Green", "Blue")
NAMES = ("alpha", "beta", "gamma", "delta")
MADE = {
    "text": lambda dice: dice.choice(["Ravi", "Zoë", "12", "", "o'Hara", '"x"', None]),
    "long_text": lambda dice: dice.choice(["some\nlines", "12", None]),
    "integer": lambda dice: dice.choice([0, -5, 77, None]),
    "yes_no": lambda dice: dice.choice([0, 1, None]),
    "date": lambda dice: dice.choice(["2026-11-02", None]),
    "choice": lambda dice: dice.choice([*WORDS, None]),
}


@st.composite
def sets(draw: Any) -> Blueprint:
    names = draw(st.lists(st.sampled_from(("lot", "plot", "pot")), min_size=1, unique=True))
    entities = {name: _entity(draw, name, names) for name in names}
    return Blueprint(Manifest("random", "Random"), entities, {}, {}, hash=str(draw(st.integers(0, 10**9))))


def _entity(draw: Any, name: str, names: list[str]) -> Entity:
    own = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    fields = [_field(draw, each) for each in own]
    if draw(st.booleans()):
        fields.append(field("points", "reference", entity=draw(st.sampled_from(names))))
    if draw(st.booleans()):
        fields.append(field("several", "references", entity=draw(st.sampled_from(names))))
    return entity(name, tuple(fields), owned=False)


def _field(draw: Any, name: str) -> Field:
    kind = draw(st.sampled_from(sorted(MADE)))
    more = {"choices": tuple(Choice(w, w) for w in WORDS)} if kind == "choice" else {}
    search = kind in ("text", "long_text") and draw(st.booleans())
    return field(name, kind, search=search, index=draw(st.booleans()), **more)


@pytest.fixture
def pair(sqlite_databases: Any, postgres_databases: Any) -> Iterator[Any]:
    made: list[Database] = []

    def both() -> tuple[Database, Database]:
        made.extend((Database(sqlite_databases.empty()), Database(postgres_databases.empty())))
        return made[-2], made[-1]

    yield both
    for database in made:
        database.close()


@settings(max_examples=settings.default.max_examples // 4)  # each makes two databases
@given(sets(), sets(), st.integers())
def test_what_stays_keeps_its_values_on_both_databases(
    pair: Any, first: Blueprint, then: Blueprint, seed: int
) -> None:
    told = []
    for database in pair():
        apply(plan(first, database), database)
        filled(database, first, random.Random(seed))
        before = content(database, first)
        intended = plan(then, database)
        told.append(intended.lines())
        if intended.refused:
            assert content(database, first) == before
        else:
            apply(intended, database, True)
            assert plan(then, database).is_empty
            kept(before, content(database, then), first, then)
        database.close()
    assert told[0] == told[1]


def filled(database: Database, blueprint: Blueprint, dice: random.Random) -> None:
    ids = {name: list(range(100 * n + 1, 100 * n + 8)) for n, name in enumerate(blueprint.entities)}
    for name, known in blueprint.entities.items():
        for id in ids[name]:
            put(
                database,
                name,
                id=id,
                **{f.name: MADE[f.type](dice) for f in known.fields.values() if f.name in NAMES},
            )
    with database.writing() as connection:
        mark = connection.mark
        for name, known in blueprint.entities.items():
            for each in known.fields_of("reference", "references"):
                for id in ids[name]:
                    target = dice.choice(ids[each.options["entity"]])
                    if each.type == "references":
                        connection.change(
                            f"insert into {name}__several values ({mark}, {mark}, 0)", (id, target)
                        )
                    else:
                        connection.change(
                            f"update {name} set points = {mark} where id = {mark}", (target, id)
                        )


def content(database: Database, blueprint: Blueprint) -> dict[tuple[str, str], list[Any]]:
    found: dict[tuple[str, str], list[Any]] = {}
    with database.reading() as connection:
        for name, known in blueprint.entities.items():
            for each in known.fields.values():
                text = f"select record_id, target_id from {name}__{each.name} order by 1, 2"
                if columns := column_names(each):
                    text = f"select id, {', '.join(columns)} from {name} order by id"
                if columns or each.type == "references":
                    found[name, each.name] = connection.run(text)
    return found


def kept(before: Any, after: Any, first: Blueprint, then: Blueprint) -> None:
    for (name, own), rows in before.items():
        if name in then.entities and own in then.entities[name].fields:
            old, new = first.entities[name].fields[own], then.entities[name].fields[own]
            if old.type == new.type and old.options == new.options:
                assert after[name, own] == rows


def test_an_added_field_in_the_middle_of_the_list_changes_nothing_else(pair: Any) -> None:
    base = Blueprint(
        Manifest("x", "X"), {"lot": entity("lot", (field("alpha", "text"),), owned=False)}, {}, {}, hash="1"
    )
    wider = entity("lot", (field("new", "integer"), field("alpha", "text")), owned=False)
    for database in pair():
        apply(plan(base, database), database)
        put(database, "lot", id=5, alpha="kept")
        apply(plan(replace(base, entities={"lot": wider}, hash="2"), database), database)
        with database.reading() as connection:
            assert connection.run("select alpha, new from lot") == [("kept", None)]


def test_ten_thousand_converted_values_are_all_there(pair: Any) -> None:
    before = Blueprint(
        Manifest("x", "X"),
        {"lot": entity("lot", (field("alpha", "integer"),), owned=False)},
        {},
        {},
        hash="1",
    )
    text = entity("lot", (field("alpha", "text", search=True),), owned=False)
    after = replace(before, entities={"lot": text}, hash="2")
    for database in pair():
        apply(plan(before, database), database)
        rows = [(id, 1, 1, 1, n) for n, id in enumerate(new_ids(NOW, 10_000))]
        with database.writing() as connection:
            marks = ", ".join([connection.mark] * 5)
            connection.change_many(
                f"insert into lot (id, version, created_at, updated_at, alpha) values ({marks})", rows
            )
        apply(plan(after, database), database)
        assert Tables(after).search_table("lot") == "lot__search"
        with database.reading() as connection:
            assert connection.run(
                "select alpha, alpha__find from lot where alpha like '999_' order by id limit 1"
            ) == [("9990", "9990")]
            assert connection.run("select count(alpha) from lot") == [(10_000,)]
