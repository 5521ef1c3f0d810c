"""Who administers sees whether the work is done, what failed and why, and settles it."""

from __future__ import annotations

import orjson

from engine.records.keys import milliseconds, new_id
from engine.records.rows import change, rows
from tests.firm import Firm

OUTBOX = (
    "insert into crm_outbox (id, kind, payload, created_at, due_at, state, attempts, error) "
    "values (?, 'rule', ?, ?, ?, ?, 8, ?)"
)
DELIVERY = (
    "insert into crm_delivery (id, dedupe, notification, channel, created_at, due_at, state, attempts, reason) "
    "values (?, ?, 'new_deal', 'email', ?, ?, ?, 1, ?)"
)


def work(firm: Firm, state: str, reason: str | None = None, ago: int = 0) -> int:
    now = firm.runtime.clock()
    id, at = new_id(now), milliseconds(now) - ago * 1000
    with firm.runtime.database.writing() as connection:
        change(connection, OUTBOX, (id, orjson.dumps({"rule": "hot"}).decode(), at, at, state, reason))
    return id


def message(firm: Firm, state: str, reason: str | None = None) -> int:
    now = firm.runtime.clock()
    id, at = new_id(now), milliseconds(now)
    with firm.runtime.database.writing() as connection:
        change(connection, DELIVERY, (id, f"d{id}", at, at, state, reason))
    return id


def state(firm: Firm, table: str, id: int) -> tuple[object, ...]:
    with firm.runtime.database.reading() as connection:
        return tuple(rows(connection, f"select state, attempts from {table} where id = ?", (id,))[0])


def test_dev_sees_what_failed_and_tries_it_again(firm: Firm) -> None:
    id = work(firm, "dead", "Deal D-1 has no owner.")
    dev = firm.browser("dev")
    assert "Deal D-1 has no owner." in dev.get("/admin/queue").text
    assert dev.post(f"/admin/queue/{id}", data={"deed": "again"}).status_code == 303
    assert state(firm, "crm_outbox", id) == ("waiting", 0)


def test_what_is_given_up_says_who_gave_it_up(firm: Firm) -> None:
    id = message(firm, "dead", "550 No such user")
    firm.browser("dev").post(f"/admin/queue/{id}", data={"deed": "give up"})
    with firm.runtime.database.reading() as connection:
        found = rows(connection, "select state, reason from crm_delivery where id = ?", (id,))
    assert found == [("not_sent", f"Given up by {firm.actor('dev').name}.")]


def test_all_again_leaves_out_what_may_have_arrived(firm: Firm) -> None:
    dead, uncertain = message(firm, "dead", "421 Later"), message(firm, "uncertain", "The sender died.")
    firm.browser("dev").post("/admin/queue")
    assert state(firm, "crm_delivery", dead)[0] == "waiting"
    assert state(firm, "crm_delivery", uncertain)[0] == "uncertain"


def test_a_worker_that_is_not_there_is_told(firm: Firm) -> None:
    dev = firm.browser("dev")
    assert "The work is being done." in dev.get("/admin/queue").text
    work(firm, "waiting", ago=3600)
    page = dev.get("/admin/queue").text
    assert "The work is not being done." in page
    assert "60 minutes" in page


def test_a_caller_knows_nothing_of_the_page_and_settles_nothing(quick_firm: Firm) -> None:
    id = work(quick_firm, "dead", "secret")
    asha = quick_firm.browser("asha")
    assert asha.get("/admin/queue").status_code == 404
    assert asha.post(f"/admin/queue/{id}", data={"deed": "again"}).status_code == 404
    assert state(quick_firm, "crm_outbox", id) == ("dead", 8)


def test_the_metrics_and_the_readiness_tell_the_same(quick_firm: Firm) -> None:
    work(quick_firm, "waiting", ago=3600)
    message(quick_firm, "dead", "550 No such user")
    client = quick_firm.stranger()
    client._transport.client = ("127.0.0.1", 50000)  # from this machine itself
    text = client.get("/metrics").text
    assert 'crm_work_behind_seconds{line="rule"} 3600.0' in text
    assert 'crm_work_failed{line="email"} 1.0' in text
    told = client.get("/readyz").json()
    assert (told["ready"], told["oldest_waiting_seconds"], told["failed"]) == (True, 3600, 1)


def test_dev_lets_messages_to_clients_go_or_not(quick_firm: Firm) -> None:
    asha, ravi = quick_firm.actor("asha").user, quick_firm.actor("ravi").user
    hers, his = [held(quick_firm, asha) for _ in range(2)], held(quick_firm, ravi)
    dev = quick_firm.browser("dev")
    page = dev.get("/admin/queue").text
    assert "Waits for your word" in page
    assert "2 messages to clients" in page
    assert "1 message to a client" in page
    assert dev.post(f"/admin/queue/{asha}", data={"deed": "send"}).status_code == 303
    assert dev.post(f"/admin/queue/{ravi}", data={"deed": "do not send"}).status_code == 303
    assert {state(quick_firm, "crm_delivery", id)[0] for id in hers} == {"waiting"}
    assert state(quick_firm, "crm_delivery", his)[0] == "not_sent"
    assert "Waits for your word" not in dev.get("/admin/queue").text
    assert dev.post(f"/admin/queue/{ravi}", data={"deed": "send"}).status_code == 404
    assert quick_firm.browser("asha").post(f"/admin/queue/{asha}", data={"deed": "send"}).status_code == 404


def held(firm: Firm, doer: int) -> int:
    id = message(firm, "held", "An administrator decides.")
    with firm.runtime.database.writing() as connection:
        change(connection, "update crm_delivery set doer = ? where id = ?", (doer, id))
    return id
