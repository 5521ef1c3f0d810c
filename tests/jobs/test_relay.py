"""Who is told of what: each notice is rendered for its reader, and exists once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from engine.jobs.rendering import Rendering
from engine.jobs.round import Round
from engine.records import outbox
from engine.records.keys import milliseconds
from tests.desk import Desk, open_desk

STORIES = ("new_lead", "not_attempted", "lost_lead")


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    opened = open_desk(database_url)
    deliver(opened)
    yield opened
    opened.close()


def deliver(desk: Desk) -> None:
    Round(desk.crm).until_quiet(desk.clock())


def told(desk: Desk, name: str) -> list[str]:
    """Of the three notifications that these stories are about."""
    found = reversed(desk.crm.notices.latest(desk.people[name]))
    return [notice.text for notice in found if notice.notification in STORIES]


def lead(desk: Desk, by: str, **values: Any):
    given = {"first_name": "Kiran", "last_name": "Rao", "phone": "98765 43210", "source": "Google", "medium": "Online"}
    return desk.create(desk.people[by], "lead", **{**given, **values})


def lose(desk: Desk, by: str, made: Any):
    return desk.move(desk.people[by], "lead", made, "lose", lost_reason="Price")


def test_meera_gives_asha_a_lead_and_asha_is_told(desk: Desk) -> None:
    lead(desk, "meera", owner=str(desk.asha.user))
    deliver(desk)
    assert told(desk, "asha") == [
        "New lead Kiran Rao from Google.", "Kiran Rao has not been called yet. Call 98765 43210.",
    ]  # fmt: skip
    assert told(desk, "dev") == ["New lead Kiran Rao from Google."]  # the set names administrators
    assert told(desk, "ravi") == told(desk, "meera") == []


def test_who_did_it_is_not_told_of_it(desk: Desk) -> None:
    lead(desk, "asha")
    deliver(desk)
    assert told(desk, "asha") == []
    assert told(desk, "dev") == ["New lead Kiran Rao from Google."]


def test_a_lost_lead_is_told_to_the_manager_of_its_owner_only(desk: Desk) -> None:
    made = lead(desk, "asha")
    lose(desk, "asha", made)
    deliver(desk)
    assert told(desk, "meera") == ["Kiran Rao is lost: Price."]
    assert told(desk, "ravi") == []


def test_a_lead_from_a_poster_is_lost_without_a_word(desk: Desk) -> None:
    made = lead(desk, "asha", source="Poster", medium="Offline")
    lose(desk, "asha", made)
    deliver(desk)
    assert told(desk, "meera") == []


def test_who_may_not_read_the_record_any_more_is_not_told(desk: Desk) -> None:
    made = lead(desk, "meera", owner=str(desk.asha.user))
    desk.update(desk.meera, "lead", made, owner=str(desk.ravi.user))  # before the worker came
    deliver(desk)
    assert told(desk, "asha") == []
    assert "Kiran Rao has not been called yet. Call 98765 43210." in told(desk, "ravi")


def test_what_the_reader_may_not_read_stays_empty_in_the_text(desk: Desk) -> None:
    made = lead(desk, "asha")
    assert "order_value" not in desk.crm.reads.record(desk.asha, "lead", made.id).values  # hidden from callers in the set
    with desk.runtime.database.reading() as connection:
        rendering = Rendering(desk.crm, connection, desk.clock())
        names = {"first_name", "order_value"}
        seen = desk.crm.reads.record(desk.asha, "lead", made.id)
        assert rendering._shown(seen, desk.asha, names).get("order_value") is None


def test_who_was_dismissed_is_not_told(desk: Desk) -> None:
    made = lead(desk, "asha")
    version = desk.rows(f'select version from "user" where id = {desk.meera.user}')[0][0]
    from engine.records.commands import Update

    desk.crm.writes.do(desk.dev, Update("user", desk.meera.user, version, {"active": "no"}))
    lose(desk, "asha", made)
    deliver(desk)
    assert told(desk, "meera") == []


def test_a_refused_move_tells_nobody(desk: Desk) -> None:
    made = lead(desk, "asha")
    deliver(desk)
    with pytest.raises(Exception, match=r"cannot|correct"):
        desk.move(desk.asha, "lead", made, "win")
    deliver(desk)
    assert told(desk, "meera") == []


def test_two_workers_at_once_make_each_notice_once(desk: Desk) -> None:
    for number in range(30):
        lead(desk, "meera", first_name=f"Lead{number}", owner=str(desk.asha.user))
    workers = [threading.Thread(target=deliver, args=(desk,)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    of_stories = f"select count(*) from crm_notice where notification in {STORIES}"
    assert desk.rows(of_stories) == [(90,)]  # two for Asha and one for Dev of each
    assert desk.rows("select count(*) from crm_outbox where state <> 'done'") == [(0,)]


def test_a_worker_that_dies_leaves_its_messages_to_another_one(desk: Desk) -> None:
    lead(desk, "meera", owner=str(desk.asha.user))
    with desk.runtime.database.writing() as connection:  # it took them, and was killed
        lost = outbox.claim(connection, milliseconds(desk.clock()))
    deliver(desk)
    assert told(desk, "asha") == []
    desk.clock.pass_time(seconds=61)
    deliver(desk)
    assert len(told(desk, "asha")) == 2
    with desk.runtime.database.writing() as connection:
        assert not outbox.finish(connection, lost[0])  # should it wake up again, it keeps nothing


def test_a_message_that_cannot_be_told_is_tried_again_and_then_given_up_with_its_reason(desk: Desk) -> None:
    event = {"entity": "lead", "record": "no number", "on": ["created"], "fields": [], "actor": "0"}
    with desk.runtime.database.writing() as connection:
        from engine.records.journal import announce

        announce(connection, 77, event, milliseconds(desk.clock()))
    lead(desk, "meera", owner=str(desk.asha.user))
    for _ in range(outbox.TRIES):
        deliver(desk)
        desk.clock.pass_time(hours=1)
    state, attempts, error = desk.rows("select state, attempts, error from crm_outbox where id = 77")[0]
    assert (state, attempts) == ("dead", outbox.TRIES)
    assert "no number" in error
    assert len(told(desk, "asha")) == 2  # the others were not held up
