"""Two firms that differ only in what Asha may not know: what she is sent and sees of others' messages is equal."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.records.ledger import lines_of
from tests.delivery.conftest import Post, open_post
from tests.delivery.servers import gateway, mail_server
from tests.real.databases import SQLiteDatabases

IDS = re.compile(r"\d{15,}|/go/[\w-]+|[0-9a-f]{24}")


def world(url: str, folder: Path, budget: str, dearer: str, secret: str) -> dict[str, Any]:
    with mail_server() as mail, gateway() as sms:
        post = open_post(url, mail, sms, folder)
        made = post.lead("dev", owner=str(post.asha.user), budget=budget, email="kiran@client.example", phone="98765 43210")
        post.lead("ravi", name=secret, email=f"{secret.lower()}@client.example")
        given = {"subject": "Demo", "lead": str(made.id), "starts_at": "2026-12-01 15:00"}
        visit = post.create(post.asha, "visit", **given)
        post.settle()
        post.update(post.dev, "lead", made, budget=dearer)
        post.settle()
        post.move(post.asha, "visit", visit, "cancel")
        post.settle()
        found = {
            "mails": sorted(IDS.sub("#", told(one)) for name in ("asha@", "kiran@") for one in mail.to(name)),
            "notices": [IDS.sub("#", one.text) for one in post.crm.notices.latest(post.asha)],
            "lead": seen(post, "asha", "lead", made.id),
            "visit": seen(post, "asha", "visit", visit.id),
            "manager": seen(post, "meera", "lead", made.id),
        }
        post.close()
        return found


def told(mail: Any) -> str:
    parts = [str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(mail["Subject"]), *parts])


def seen(post: Post, name: str, entity: str, id: int) -> list[tuple[Any, ...]]:
    with post.runtime.database.reading() as connection:
        record = post.crm.reads.record(post.people[name], entity, id, connection=connection)
        lines = lines_of(post.crm.reads, connection, post.people[name], record, 100)
    return [
        (one.label, one.channel, one.who, one.state, one.reason, one.subject, IDS.sub("#", one.text or ""), one.address)
        for one in lines
    ]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("worlds")
    here, there = (SQLiteDatabases(tmp_path_factory.mktemp(name), folder).empty() for name in ("here", "there"))
    return (
        world(here, folder, "500", "90000", "Lakshmi"),
        world(there, folder, "70000", "80000", "Padma"),  # not below 1,000 before, so nobody is told that it is dearer
    )


@pytest.mark.parametrize("what", ["mails", "notices", "lead", "visit"])
def test_asha_sees_the_same_in_both(worlds: tuple[dict[str, Any], dict[str, Any]], what: str) -> None:
    here, there = worlds
    assert here[what], "she sees something"
    assert here[what] == there[what]


def test_meera_who_may_know_sees_the_difference(worlds: tuple[dict[str, Any], dict[str, Any]]) -> None:
    here, there = worlds
    assert "Dearer" in {line[0] for line in here["manager"]}
    assert "Dearer" not in {line[0] for line in there["manager"]}


def test_asha_does_not_read_what_meera_was_told_in_words(worlds: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """It speaks of the budget."""
    (to_meera,) = [line for line in worlds[0]["lead"] if line[:3] == ("New lead", "E-mail", "Meera")]
    assert to_meera[3] == "sent"
    assert to_meera[6] == ""
