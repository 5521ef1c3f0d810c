"""The services that other tests stand on are real."""

from __future__ import annotations

import sqlalchemy

from tests.real.databases import Databases


def test_a_database_starts_empty_and_keeps_what_is_written(database_url: str) -> None:
    assert told(database_url, "create table note (id integer primary key, words text)") is None
    told(database_url, "insert into note values (1, 'Ravi called')")
    assert told(database_url, "select words from note") == "Ravi called"


def test_copies_of_a_filled_database_do_not_meet(databases: Databases) -> None:
    def fill(url: str) -> None:
        told(url, "create table note (words text)")
        told(url, "insert into note values ('as filled')")

    asha, ravi = databases.copy_of("notes", fill), databases.copy_of("notes", fill)
    told(asha, "update note set words = 'changed by Asha'")
    assert told(asha, "select words from note") == "changed by Asha"
    assert told(ravi, "select words from note") == "as filled"


def test_postgres_knows_trigrams(postgres_url: str) -> None:
    told(postgres_url, "create extension pg_trgm")
    assert told(postgres_url, "select similarity('Meera', 'Mira') > 0")


def test_a_redis_starts_empty_and_answers(redis_url: str) -> None:
    from redis import Redis

    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("who", "Meera")
        assert client.get("who") == b"Meera"


def test_a_browser_opens_a_page(browser) -> None:
    page = browser.new_page()
    page.set_content("<title>Leads</title>")
    assert page.title() == "Leads"


def told(url: str, statement: str) -> object:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.begin() as connection:
            result = connection.execute(sqlalchemy.text(statement))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()
