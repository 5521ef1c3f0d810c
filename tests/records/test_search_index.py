"""Trigrams beside the tables: kept by triggers, and a batch at a time where many rows come together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.records import search_index
from engine.records.database import Database
from engine.records.tables import searched
from tests.records.changing import ask, brought_to, put, renamed_field
from tests.small import small

COLUMNS = searched(small().entities["deal"])


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    made = Database(sqlite_url)
    brought_to(made, small())
    yield made
    made.close()


def found(database: Database, match: str) -> list[int]:
    return [
        id for (id,) in ask(database, f"select rowid from deal__search where deal__search match '{match}'")
    ]


def test_a_new_a_changed_and_a_purged_record_are_found_as_they_are(database: Database) -> None:
    deal = put(database, "deal", name="Ravi", name__find="ravi")
    assert found(database, "rav") == [deal]
    with database.writing() as connection:
        connection.change("update deal set name__find = 'asha' where id = ?", (deal,))
    assert (found(database, "rav"), found(database, "ash")) == ([], [deal])
    with database.writing() as connection:
        connection.change("delete from deal where id = ?", (deal,))
    assert found(database, "ash") == []


def test_a_search_can_be_held_to_the_fields_that_one_may_read(database: Database) -> None:
    deal = put(database, "deal", name__find="ravi", email__find="asha@example.com")
    assert found(database, "{name__find phone__find} : ash") == []
    assert found(database, "{name__find email__find} : ash") == [deal]


def test_rows_that_came_together_are_found_like_others(database: Database) -> None:
    with database.writing() as connection:
        with search_index.indexed_together(connection, "deal", COLUMNS):
            text = "insert into deal (id, version, created_at, updated_at, name__find) values (?, 1, 1, 1, ?)"
            connection.change_many(text, [(n, f"school {n}") for n in range(1, 501)])
            search_index.index_rows(connection, "deal", COLUMNS, range(1, 501))
    assert len(found(database, '"school 4"')) == 111
    later = put(database, "deal", name__find="school later")
    assert found(database, "later") == [later]
    assert ask(database, "select count(*) from crm_search_paused") == [(0,)]


def test_a_batch_that_fails_leaves_the_triggers_at_work(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        with database.writing() as connection, search_index.indexed_together(connection, "deal", COLUMNS):
            raise ZeroDivisionError
    deal = put(database, "deal", name__find="ravi")
    assert found(database, "rav") == [deal]


def test_a_renamed_searched_field_is_searched_under_its_new_name(database: Database) -> None:
    deal = put(database, "deal", name="Ravi", name__find="ravi")
    brought_to(database, renamed_field(small(), "deal", "name", "subject"))
    assert found(database, "subject__find : rav") == [deal]


def test_postgresql_has_one_trigram_index_for_all_searched_fields(postgres_url: str) -> None:
    database = Database(postgres_url)
    brought_to(database, small())
    with database.reading() as connection:
        indexes = connection.run("select indexdef from pg_indexes where indexname = 'deal__search'")
        has_extension = connection.run("select 1 from pg_available_extensions where name = 'pg_trgm'")
    database.close()
    if not has_extension:
        pytest.skip("this PostgreSQL has no pg_trgm")
    assert all(f"{column} gin_trgm_ops" in indexes[0][0] for column in COLUMNS)
