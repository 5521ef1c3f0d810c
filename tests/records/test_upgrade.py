"""An implementer brings a client's data from one version of a set to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.actor import Actor, robot
from engine.compiler import BrokenSet, compile_set
from engine.errors import Unusable
from engine.records import ddl
from engine.records.apply import apply
from engine.records.commands import Create, Move
from engine.records.database import Database
from engine.records.ddl import tables_there
from engine.records.history import history, stage_times, verify
from engine.records.naming import listed
from engine.records.plan import plan
from engine.records.restore import restore_field
from engine.records.system import ENGINE_SCHEMA
from engine.runtime import Crm, Runtime
from engine.settings import Settings
from tests.compiler.sets import ENTITIES, ROLES, WORKFLOWS, written
from tests.records.changing import ask

NOTICES = """notifications:
  chase:
    entity: lead
    on: moved
    into: [FOLLOW-UP]
    to: [owner]
    text: "{{ name }} waits for {{ owner }}; {{ source }}."
"""
REPORTS = """reports:
  waiting:
    entity: lead
    when: {status: {is: FOLLOW-UP}}
    group_by: [source]
    measures: {leads: count}
dashboards:
  desk:
    roles: [caller]
    tiles:
      waiting: {label: Waiting, entity: lead, when: {status: {is: FOLLOW-UP}}, measure: count}
    reports: [waiting]
"""
VERSION_1 = {"entities": ENTITIES, "workflows": WORKFLOWS, "roles": ROLES, "notifications": NOTICES, "reports": REPORTS}


def edited(version: dict[str, str], *changes: tuple[str, str]) -> dict[str, str]:
    """Every file with each text replaced by the other, as an officer does with an editor."""
    files = dict(version)
    for old, new in changes:
        assert any(old in text for text in files.values()), old
        files = {stem: text.replace(old, new) for stem, text in files.items()}
    return files


VERSION_2 = edited(
    VERSION_1,
    ("FOLLOW-UP", "WAITING"),
    ("WAITING: {color: blue", "WAITING: {was: FOLLOW-UP, color: blue"),
    ("  caller:\n", "  telecaller:\n    was: caller\n"),
    ("caller, manager]", "telecaller, manager]"),
    ("[caller]", "[telecaller]"),
    ("source: {type: choice", "origin: {was: source, type: choice"),
    ("{{ source }}", "{{ origin }}"),
    ("group_by: [source]", "group_by: [origin]"),
    ("  lead:\n    title", "  prospect:\n    was: lead\n    title"),
    ("to: lead}", "to: prospect}"),
    ("entity: lead", "entity: prospect"),
    ("lead: {read: own", "prospect: {read: own"),
)
WITHOUT_BUDGET = edited(VERSION_2, ("      budget: {type: money}\n", ""))


@dataclass
class Client:
    """A client's folder and database."""

    folder: Path
    settings: Settings
    runtime: Runtime | None = None

    def brought_to(self, version: dict[str, str], *, allow_loss: bool = False) -> Crm:
        written(self.folder, **version)
        blueprint, runtime = compile_set(self.folder), self.open_()
        apply(plan(blueprint, runtime.database), runtime.database, allow_loss)
        return runtime.reload()

    def planned(self, version: dict[str, str]) -> list[str]:
        written(self.folder, **version)
        return plan(compile_set(self.folder), self.open_().database).lines()

    def open_(self) -> Runtime:
        if self.runtime is None:
            database = Database(self.settings.database_url)
            apply(plan(compile_set(self.folder), database), database)
            database.close()
            self.runtime = Runtime(self.folder, self.settings)
        return self.runtime


@pytest.fixture
def client(database_url: str, tmp_path: Path) -> Iterator[Client]:
    made = Client(written(tmp_path / "set", **VERSION_1), Settings(database_url, files=tmp_path / "files"))
    yield made
    if made.runtime:
        made.runtime.close()


@pytest.fixture
def asha(client: Client) -> Actor:
    """A tele-caller with one lead, which waits, and one that is new."""
    crm = client.open_().current
    dev = robot(crm.blueprint)
    made = crm.writes.do(dev, Create("user", {"name": "Asha", "email": "asha@firm.example", "role": "caller"}))
    asha = Actor(made.id, "Asha", "caller")
    lead = crm.writes.do(asha, Create("lead", {"name": "Ravi", "source": "Google", "budget": "500"}))
    crm.writes.do(asha, Create("lead", {"name": "Omar", "source": "Website"}))
    crm.writes.do(asha, Move("lead", lead.id, 1, "attend", {"follow_up_at": "2026-12-01 10:00"}))
    return asha


def test_the_plan_tells_each_rename_with_what_it_carries(client: Client, asha: Actor) -> None:
    assert client.planned(VERSION_2) == [
        "Role caller is now named telecaller: 1 person keeps it.",
        "Entity lead is now named prospect: all 2 records are kept.",
        "Field Prospect / source is now named origin: all 2 values are kept.",
        "Stage FOLLOW-UP of Prospect / Status is now named WAITING: its record is kept.",
    ]


def test_after_renames_everything_says_the_new_names(client: Client, asha: Actor) -> None:
    crm = client.brought_to(VERSION_2)
    asha = Actor(asha.user, "Asha", "telecaller")
    page = crm.reads.page(asha, crm.reads.query(asha, "prospect", [("status", "WAITING")]))
    items = crm.reads.items(page.columns, page.rows)
    assert [(item["name"], item["origin"]) for item in items] == [("Ravi", "Google")]
    id = int(page.rows[0][0])
    assert [stay.stage for stay in stage_times(crm.reads, asha, "prospect", id)] == ["NEW", "WAITING"]
    moved, created = history(crm.reads, asha, "prospect", id)
    assert moved.stage_to == "WAITING" and not moved.hidden
    assert {change.field.name for change in created.changes} >= {"name", "origin", "budget"} and not created.hidden
    assert ask(crm.database, 'select role from "user"') == [("telecaller",)]


def test_a_field_that_holds_values_goes_only_when_loss_is_allowed_and_comes_back(client: Client, asha: Actor) -> None:
    client.brought_to(VERSION_2)
    assert client.planned(WITHOUT_BUDGET) == [
        "Field Prospect / Budget goes: 1 value would be archived; it is used by the list and the form and the board.",
        "    Only with --allow-loss; the values are archived and can be brought back.",
    ]
    with pytest.raises(Unusable, match="Say --allow-loss to archive them"):
        client.brought_to(WITHOUT_BUDGET)
    client.brought_to(WITHOUT_BUDGET, allow_loss=True)
    crm = client.brought_to(VERSION_2)
    done = restore_field(crm.database, crm.blueprint, "prospect", "budget")
    assert (done.restored, done.left) == (1, 0)
    assert ask(crm.database, "select name, budget from prospect where budget is not null") == [("Ravi", 50000)]


def test_a_stage_that_goes_tells_what_used_it_and_asks_where_its_records_go(client: Client, asha: Actor) -> None:
    without = edited(
        VERSION_1,
        ("      FOLLOW-UP: {color: blue, requires: [follow_up_at]}\n", ""),
        ("attend: {from: [NEW], to: FOLLOW-UP, asks: [follow_up_at]}", "win: {from: [NEW], to: CLOSE TO WON}"),
        ("      win: {from: [FOLLOW-UP], to: CLOSE TO WON}\n", ""),
        ("into: [FOLLOW-UP]", "into: [CLOSE TO WON]"),
        ("{status: {is: FOLLOW-UP}}", "{status: {is: NEW}}"),
    )
    told = client.planned(without)
    assert told == [
        "Stage FOLLOW-UP of Lead / Status goes: 1 record stands there; "
        "it was used by notification Chase, report Waiting, tile Waiting.",
        '    Not possible: Say where they go, in workflows.yaml: gone: {"FOLLOW-UP": "..."}, '
        "or rename the stage with `was`.",
    ]
    with pytest.raises(Unusable, match="nothing was changed"):
        client.brought_to(without)
    crm = client.brought_to(edited(without, ("starts_at: NEW\n", "starts_at: NEW\n    gone: {FOLLOW-UP: NEW}\n")))
    assert ask(crm.database, "select name, status from lead order by name") == [("Omar", "NEW"), ("Ravi", "NEW")]


def test_a_role_that_people_have_does_not_go(client: Client, asha: Actor) -> None:
    changes = (("  caller:\n", "  seller:\n"), ("caller, manager]", "seller, manager]"), ("[caller]", "[seller]"))
    without = edited(VERSION_1, *changes)
    with pytest.raises(Unusable, match=r"Role Tele-caller goes: 1 person has it\. Give them another role first, or rename"):
        client.brought_to(without)


def test_a_database_of_a_newer_program_is_refused_with_what_to_do(client: Client, asha: Actor) -> None:
    database = client.open_().database
    with database.writing() as connection:
        connection.change(f"update crm_applied set engine_schema = {ENGINE_SCHEMA + 1}")
    with pytest.raises(Unusable, match="Update the program, or restore a backup made before"):
        Runtime(client.folder, client.settings)


# The engine's own tables and columns of version 1, the first that clients had.
TABLES_1 = """
applied: id at engine_schema blueprint shape words
archive: id at entity record field value
attempt: key failures since blocked_until
file: id key name size media_type sha256 created_at created_by entity record field
history: id entity record at actor action transition stage_from stage_to changes blueprint previous hash
idempotency: actor key request at status answer
link: key_hash user created_at created_by expires_at
notice: id user at notification entity record text read_at
outbox: id kind payload dedupe created_at due_at state lease leased_until attempts error
password: user hash changed_at must_change
reach: superior user
saved_view: id user entity name query position
search_paused: id
series: name period last
session: key_hash user created_at seen_at expires_at address agent csrf
stage_time: id entity record field stage entered_at left_at
token: id user name hash only created_at created_by expires_at used_at revoked_at
"""


def engine_1() -> dict[str, list[str]]:
    lines = (line.partition(": ") for line in TABLES_1.strip().splitlines())
    return {f"crm_{name}": columns.split() for name, _, columns in lines}


def taken_back_to_1(database: Database) -> None:
    """The engine's own tables as version 1 of them was."""
    with database.writing() as connection:
        for later in ("crm_stage_time_here", "crm_notice_snoozed"):
            connection.change(f"drop index {later}")
        for table, columns in tables_there(connection).items():
            if table.startswith("crm_") and table not in engine_1():
                connection.change(f"drop table {table}")
            elif table.startswith("crm_"):
                ddl.drop_columns(connection, table, sorted(columns - set(engine_1()[table])))
        connection.change("update crm_applied set engine_schema = 1")


def engine_tables(database: Database) -> dict[str, frozenset[str]]:
    with database.reading() as connection:
        return {table: columns for table, columns in tables_there(connection).items() if table.startswith("crm_")}


def rows_of_1(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """All that version 1 knew, but for the list of what was applied, which grows."""
    known = {table: columns for table, columns in engine_1().items() if table != "crm_applied"}
    return {t: sorted(ask(database, f"select {listed(columns)} from {t}"), key=repr) for t, columns in known.items()}


def test_a_database_of_the_first_version_is_brought_up_without_loss(client: Client, asha: Actor) -> None:
    database = client.open_().database
    fresh = engine_tables(database)
    taken_back_to_1(database)
    before = rows_of_1(database)
    assert before["crm_history"] and before["crm_stage_time"] and engine_tables(database) != fresh
    assert client.planned(VERSION_1) == ["The engine's own tables are brought up to date."]
    crm = client.brought_to(VERSION_1)
    assert client.planned(VERSION_1) == ["Nothing to do."]
    assert rows_of_1(database) == before and engine_tables(database) == fresh
    assert ask(database, "select engine_schema from crm_applied order by id desc limit 1") == [(ENGINE_SCHEMA,)]
    lead = ask(database, "select id from lead where name = 'Omar'")[0][0]
    crm.writes.do(asha, Move("lead", lead, 1, "attend", {"follow_up_at": "2026-12-02 10:00"}))
    assert list(verify(crm.reads)) == []


def test_records_of_the_first_version_are_known_again_once_the_set_asks(client: Client, asha: Actor) -> None:
    duplicates = "    duplicates: {again: {match: [name], outcome: duplicate}}\n"
    watched = edited(VERSION_1, ("  lead:\n    title", f"  lead:\n{duplicates}    title"))
    database = client.open_().database
    taken_back_to_1(database)
    assert client.planned(watched) == [
        "The engine's own tables are brought up to date.",
        "What a duplicate of Lead is known by changes: 2 records are read again.",
    ]
    crm = client.brought_to(watched)
    crm.writes.do(asha, Create("lead", {"name": "Ravi"}))
    assert ask(database, "select count(*) from crm_duplicate") == [(1,)]


def test_a_column_that_the_engine_s_tables_lack_is_added(client: Client, asha: Actor) -> None:
    database = client.open_().database
    with database.writing() as connection:
        connection.change("insert into crm_watermark (rule, since, until) values ('rule cold', 1, 7)")
        ddl.drop_columns(connection, "crm_watermark", ["since"])
        ddl.drop_columns(connection, "crm_received", ["content"])
    assert client.planned(VERSION_1) == ["The engine's own tables are brought up to date."]
    client.brought_to(VERSION_1)
    assert ask(database, "select rule, since, until from crm_watermark") == [("rule cold", 0, 7)]
    assert ask(database, "select content from crm_received") == []
    assert client.planned(VERSION_1) == ["Nothing to do."]


def test_a_stranger_s_table_in_the_way_is_named(client: Client, asha: Actor) -> None:
    database = client.open_().database
    with database.writing() as connection:
        connection.change("create table visit (id integer)")
    more = edited(VERSION_1, ("  call:\n", "  visit:\n    fields:\n      name: {type: text}\n  call:\n"))
    with pytest.raises(Unusable, match="The database has a table visit that this program did not make"):
        client.planned(more)


def test_a_broken_or_unapplied_set_keeps_the_running_one(client: Client, asha: Actor) -> None:
    runtime = client.open_()
    before = runtime.current
    written(client.folder, **edited(VERSION_1, ("starts_at: NEW", "starts_at: NWE")))
    with pytest.raises(BrokenSet, match=r'"NWE" is not a stage of lead_sales\. Did you mean "NEW"'):
        runtime.reload()
    written(client.folder, **VERSION_2)
    with pytest.raises(Unusable, match="Look at them with `crm plan"):
        runtime.reload()
    assert runtime.current is before
