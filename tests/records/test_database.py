"""The database lends connections: readers that cannot write, transactions that are whole, second tries."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.blueprint import Blueprint
from engine.errors import Unusable
from engine.records.backup import backup, check, restore
from engine.records.database import Database, original
from engine.records.keys import new_id, new_ids
from engine.records.plan import plan
from engine.records.tables import Tables
from tests.records.changing import NOW, ask, brought_to, put, renamed_entity, renamed_field, without_field
from tests.small import small


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url)
    brought_to(made, small())
    yield made
    made.close()


def test_what_is_lent_for_reading_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"read-?\s?only"):
        with database.reading() as connection:
            connection.change("delete from team")


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        with database.writing() as connection:
            connection.change(
                "insert into team (id, version, created_at, updated_at, name) values (1, 1, 1, 1, 'North')"
            )
            raise ZeroDivisionError
    assert ask(database, "select count(*) from team") == [(0,)]


def test_twenty_threads_may_write_and_read_at_once(database: Database) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                database.retry(lambda at=turn: put(database, "team", name=f"Team {number} {at}"))
                ask(database, "select count(*) from team")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert ask(database, "select count(*) from team") == [(100,)]


def test_a_use_case_is_tried_again_when_another_was_in_its_way(postgres_url: str) -> None:
    database = Database(postgres_url)
    brought_to(database, small())
    first, second = put(database, "team", name="A"), put(database, "team", name="B")
    meet = threading.Barrier(2, timeout=10)
    tries: list[int] = []

    def swap(one: int, other: int) -> None:
        tries.append(one)
        with database.writing() as connection:
            connection.change("update team set version = version + 1 where id = %s", (one,))
            if len(tries) <= 2:
                meet.wait()
            connection.change("update team set version = version + 1 where id = %s", (other,))

    ways = [(first, second), (second, first)]
    threads = [threading.Thread(target=lambda w=way: database.retry(lambda: swap(*w))) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ask(database, "select version from team") == [(3,), (3,)]
    assert len(tries) == 3
    database.close()


def test_a_reader_of_a_snapshot_sees_one_moment(database: Database) -> None:
    put(database, "team", name="North")
    with database.reading(snapshot=True) as connection:
        before = connection.run("select count(*) from team")
        put(database, "team", name="South")
        assert connection.run("select count(*) from team") == before


def test_a_compiled_statement_is_bound_by_name(database: Database) -> None:
    north = put(database, "team", name="North")
    team = Tables(small()).of("team")
    statement = database.compile(sa.select(team.c.name).where(team.c.id == sa.bindparam("id")).limit(5))
    with database.reading() as connection:
        assert connection.rows(statement, {"id": north}) == [("North",)]
        assert connection.rows(statement, {"id": 1}) == []


def test_a_statement_whose_text_depends_on_its_values_is_refused(database: Database) -> None:
    team = Tables(small()).of("team")
    with pytest.raises(ValueError, match="in_"):
        database.compile(sa.select(team.c.id).where(team.c.name.in_(["a", "b"])))


def test_many_rows_are_inserted_whole_or_not_at_all(database: Database) -> None:
    columns = ("id", "version", "created_at", "updated_at", "name")
    rows = [(n, 1, 1, 1, f'Team {n}\t\\ "x" é') for n in range(1, 101)]
    with database.writing() as connection:
        connection.insert_many("team", columns, rows)
    assert ask(database, "select name from team where id = 7") == [('Team 7\t\\ "x" é',)]
    with pytest.raises(Exception), database.writing() as connection:
        connection.insert_many("team", columns, [(500, 1, 1, 1, "South"), (1, 1, 1, 1, "Twice")])
    assert ask(database, "select count(*) from team") == [(100,)]


def test_rows_may_be_streamed(database: Database) -> None:
    for number in range(25):
        put(database, "team", name=f"Team {number:02}")
    with database.reading(snapshot=True) as connection:
        batches = list(connection.stream("select name from team order by id", size=10))
    assert [len(b) for b in batches] == [10, 10, 5]


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_an_address_that_is_none_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(Unusable, match="CRM_DATABASE_URL"):
        Database(url)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(Unusable) as refusal:
        with Database("postgresql://asha:s3cret@127.0.0.1:1/crm").reading():
            pass
    assert "s3cret" not in refusal.value.message
    assert "127.0.0.1" in refusal.value.message


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "crm.db").write_text("This is a letter." * 100)
    with pytest.raises(Unusable, match=r"crm\.db cannot be opened"):
        with Database(f"sqlite:///{tmp_path}/crm.db").reading():
            pass


def test_a_foreign_key_holds(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        put(database, "call", deal=123456, outcome="RNR")


def test_ids_rise_with_time_and_within_a_moment() -> None:
    earlier, later = NOW, NOW + timedelta(milliseconds=1)
    ids = [new_id(earlier), *new_ids(earlier, 3), new_id(earlier), new_id(later)]
    assert ids == sorted(set(ids))
    assert min(ids) > 0 and max(ids) < 2**63


def test_many_ids_of_one_moment_stay_apart() -> None:
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    some = [*new_ids(moment, 2_000_000), *new_ids(moment, 2_000_000), *new_ids(moment, 2_000_000)]
    assert len(set(some)) == 6_000_000


def test_ids_of_a_moment_that_comes_again_go_on_where_they_were() -> None:
    """Clocks that stand still, asked in turn: to begin anywhere each time would meet an earlier id sooner or later."""
    one, other = datetime(2027, 3, 1, tzinfo=UTC), datetime(2027, 3, 2, tzinfo=UTC)
    first, second = new_id(one), new_id(other)
    assert (new_id(one), new_id(other), new_id(one)) == (first + 1, second + 1, first + 2)


def test_a_backup_of_a_live_database_can_be_used(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    brought_to(database, small())
    put(database, "team", name="North")
    assert backup(database, tmp_path / "copy.db") > 0
    put(database, "team", name="South")
    restore(database, tmp_path / "copy.db")
    assert ask(database, "select name from team") == [("North",)]
    with pytest.raises(Unusable, match="already there"):
        backup(database, tmp_path / "copy.db")
    database.close()


def test_a_damaged_backup_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    brought_to(database, small())
    backup(database, tmp_path / "copy.db")
    content = bytearray((tmp_path / "copy.db").read_bytes())
    content[8192:12288] = b"\x55" * 4096
    (tmp_path / "copy.db").write_bytes(content)
    with pytest.raises(Unusable):
        check(tmp_path / "copy.db")
    database.close()


def test_on_postgresql_the_backup_names_the_program_for_it(postgres_url: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="pg_dump"):
        backup(Database(postgres_url), tmp_path / "copy.db")


KILLED = """
import os, signal, sys
from engine.records import apply as module
from engine.records.database import Connection, Database
from engine.records.plan import plan
from tests.records.test_database import _changed

target = int(sys.argv[2])
count = 0

def counted(change):
    def one(self, text, values=()):
        global count
        if not text.startswith("select"):
            count += 1
            if count == target:
                os.kill(os.getpid(), signal.SIGKILL)
        return change(self, text, values)
    return one

Connection.change = counted(Connection.change)
database = Database(sys.argv[1])
module.apply(plan(_changed(), database), database, True)
"""


def test_an_apply_killed_at_any_step_leaves_all_or_nothing(database: Database, database_url: str) -> None:
    put(database, "deal", name="Ravi", source="Google")
    before = ask(database, "select id, name, source from deal")
    for target in (9, 25):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, database_url, str(target)], capture_output=True, text=True
        )
        assert done.returncode == -9, done.stderr
        _settled(database)
        assert ask(database, "select id, name, source from deal") == before
        assert plan(small(), database).is_empty
    brought_to(database, _changed(), allow_loss=True)
    assert ask(database, "select name from enquiry") == [("Ravi",)]


def _changed() -> Blueprint:
    without = renamed_entity(without_field(small(), "deal", "source"), "deal", "enquiry")
    return renamed_field(without, "account", "name", "firm")


def _settled(database: Database) -> None:
    """PostgreSQL notices a dead client when it next writes to it."""
    for _ in range(50):
        if database.dialect == "sqlite":
            return
        others = (
            "select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle'"
        )
        if ask(database, others) == [(1,)]:
            return
        time.sleep(0.1)


def test_a_passing_error_is_told_from_a_lasting_one(database: Database) -> None:
    with pytest.raises(Exception) as refusal:
        put(database, "call", deal=1, outcome="RNR")
    assert not database.driver.passing(original(refusal.value))
