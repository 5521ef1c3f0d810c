"""No slip of one person writes to all clients: what is too much waits for an administrator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from engine.actor import Actor
from engine.records import budget, sweeping
from engine.records.keys import milliseconds
from engine.records.rows import rows
from tests.delivery.conftest import Post, open_post
from tests.delivery.servers import Gateway, MailServer

MOST = 5


@pytest.fixture
def post(database_url: str, mail: MailServer, sms: Gateway, tmp_path: Path, few: None) -> Iterator[Post]:
    opened = open_post(database_url, mail, sms, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def few(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The firm's set, that lets few messages go unasked."""
    folder = tmp_path / "few"
    folder.mkdir()
    from tests.delivery import conftest

    text = f"name: few\ntitle: Few\nextends: {conftest.FIRM}\nmessages_to_clients: {MOST} an hour\n"
    (folder / "crm.yaml").write_text(text)
    monkeypatch.setattr(conftest, "FIRM", folder)


def many(post: Post, actor: Actor, count: int) -> None:
    given = [{"name": f"Lead {n}", "email": f"c{n}@client.example", "owner": str(post.asha.user)} for n in range(count)]
    post.crm.writes.create_many(actor, "lead", given)
    post.settle()


def welcomes(post: Post) -> Counter[str]:
    return Counter(state for _, state, _ in post.ledger("welcome"))


def test_what_goes_beyond_waits_for_an_administrator_who_is_told_once(post: Post) -> None:
    many(post, post.dev, MOST + 7)
    assert welcomes(post) == {"email sent": MOST, "email held": 7}
    assert len([mail for mail in post.mail.mails if str(mail["Subject"]).startswith("Welcome")]) == MOST
    many(post, post.dev, 2)
    assert welcomes(post) == {"email sent": MOST, "email held": 9}
    told = [one.text for one in post.crm.notices.latest(post.dev) if one.notification.startswith("held")]
    assert len(told) == 1
    assert told[0].startswith("What Dev did would tell more clients than is done unasked.")


def test_colleagues_and_other_peoples_deeds_are_not_held(post: Post) -> None:
    many(post, post.dev, MOST + 1)
    assert {state for _, state, _ in post.ledger("new_lead")} == {"app sent", "email sent"}
    for n in range(2):
        post.lead(by="asha", email=f"own{n}@client.example")
    post.settle()
    assert welcomes(post) == {"email sent": MOST + 2, "email held": 1}


def test_an_hour_later_there_is_room_again(post: Post) -> None:
    many(post, post.dev, MOST + 1)
    post.clock.now += timedelta(minutes=61)
    many(post, post.dev, 1)
    assert welcomes(post) == {"email sent": MOST + 1, "email held": 1}


def test_what_is_let_go_is_sent(post: Post) -> None:
    many(post, post.dev, MOST + 3)
    with post.runtime.database.reading() as connection:
        (held,) = budget.held(connection)
    assert (held.doer, held.notification, held.channel, held.count) == (post.dev.user, "welcome", "email", 3)
    with post.runtime.database.writing() as connection:
        assert budget.let_go(connection, held.doer, post.clock()) == 3
    post.settle()
    assert welcomes(post) == {"email sent": MOST + 3}


def test_what_nobody_lets_go_within_a_week_is_not_sent(post: Post) -> None:
    many(post, post.dev, MOST + 3)
    post.clock.now += timedelta(days=8)
    sweeping.sweep(post.runtime.database, post.clock())
    post.settle()
    assert welcomes(post) == {"email sent": MOST, "email not_sent": 3}
    reasons = {why for _, state, why in post.ledger("welcome") if state == "email not_sent"}
    assert reasons == {"Nobody let it go within a week."}


def test_what_was_told_a_year_ago_is_taken_away_and_what_waits_stays(post: Post) -> None:
    many(post, post.dev, MOST + 3)
    with post.runtime.database.writing() as connection:
        connection.change("update crm_delivery set state = 'dead' where state = 'held'")
    post.clock.now += timedelta(days=390)
    sweeping.sweep(post.runtime.database, post.clock())
    assert welcomes(post) == {"email sent": MOST, "email dead": 3}
    post.clock.now += timedelta(days=20)
    assert sweeping.sweep(post.runtime.database, post.clock()) is False
    assert welcomes(post) == {"email dead": 3}
    with post.runtime.database.reading() as connection:
        assert rows(connection, "select count(*) from crm_notice") == [(0,)]
        assert rows(connection, "select count(*) from crm_outbox") == [(0,)]


def test_a_sweep_takes_little_at_a_time_and_says_that_more_is_left(post: Post) -> None:
    at = milliseconds(post.clock())
    with post.runtime.database.writing() as connection:
        base = connection.run("select max(id) from crm_outbox")[0][0] or 1
        text = "insert into crm_outbox (id, kind, payload, created_at, due_at, state, attempts) values "
        for start in range(0, 1200, 100):
            values = ", ".join(f"({base + 1 + start + n}, 'event', '{{}}', {at}, {at}, 'done', 0)" for n in range(100))
            connection.change(text + values)
    post.clock.now += timedelta(days=8)
    assert sweeping.sweep(post.runtime.database, post.clock(), lasts=0.0) is True
    assert sweeping.sweep(post.runtime.database, post.clock(), lasts=30.0) is False
    assert post.rows("select count(*) from crm_outbox where state = 'done'") == [(0,)]
