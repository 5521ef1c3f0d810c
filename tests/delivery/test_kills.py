"""Workers are killed in the middle of their work, again and again: nothing is lost, and what must not be doubled is not."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from engine.records import leases, outbox
from engine.records.keys import milliseconds, new_ids
from tests.delivery.conftest import Post

MESSAGES = 40
KILLS = 2
ROOT = Path(__file__).parents[2]


def remind(post: Post, *notifications: str) -> None:
    """Reminders of each lead come due now."""
    records = [id for (id,) in post.rows("select id from lead order by id")]
    now = datetime.now(UTC)
    at = milliseconds(now)
    with post.runtime.database.writing() as connection:
        connection.change("update crm_outbox set state = 'done'")
        told = [
            {"what": f"notification {name}", "entity": "lead", "record": str(id), "due": at}
            for id in records
            for name in notifications
        ]
        ids = new_ids(now, len(told))
        outbox.put(connection, [(id, "due", one, f"due {id}", at) for id, one in zip(ids, told, strict=True)])


def leads(post: Post) -> None:
    given = [
        {"name": f"Lead {n}", "owner": str(post.asha.user), "email": f"c{n}@client.example", "budget": "500"}
        for n in range(MESSAGES)
    ]
    post.crm.writes.create_many(post.dev, "lead", given)


def started(url: str, post: Post, ahead: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.delivery.worker", url, post.mail.url, str(ahead)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def work_with_kills(url: str, post: Post, progress: Callable[[], int]) -> int:
    """Lets workers work until all is done, and kills KILLS of them; how many were killed. Each begins when the leases of
    the one before have run out."""
    kills, dice = 0, random.Random(7)
    for attempt in range(KILLS + 1):
        process = started(url, post, attempt * (leases.LEASE / 1000 + 30))
        wanted = progress() + dice.randrange(1, MESSAGES // KILLS)
        try:
            until = time.monotonic() + 30
            while time.monotonic() < until and not is_done(post):
                if attempt < KILLS and progress() >= wanted:
                    process.send_signal(signal.SIGKILL)
                    kills += 1
                    break
                time.sleep(0.003)
        finally:
            process.kill()
            process.wait()
        if is_done(post):
            break
    assert is_done(post)
    return kills


def is_done(post: Post) -> bool:
    waiting = "select count(*) from {} where state in ('waiting', 'claimed', 'sending')"
    return all(post.rows(waiting.format(table)) == [(0,)] for table in ("crm_outbox", "crm_delivery"))


def test_killed_workers_lose_nothing_and_double_no_more_than_they_may(post: Post) -> None:
    leads(post)
    remind(post, "welcome", "handed_over", "dearer")  # a mail; a mail that must not be doubled; a notice in the program
    kills = work_with_kills(post.runtime.settings.database_url, post, lambda: len(post.mail.mails))
    assert kills == KILLS

    welcomes = Counter(str(mail["To"]) for mail in post.mail.mails if str(mail["Subject"]).startswith("Welcome"))
    assert len(welcomes) == MESSAGES
    assert sum(welcomes.values()) - MESSAGES <= kills
    sent_as = {str(mail["Message-ID"]) for mail in post.mail.mails if str(mail["Subject"]).startswith("Welcome")}
    assert len(sent_as) == MESSAGES  # a doubled one has the same

    held = Counter(str(mail["Message-ID"]) for mail in post.mail.mails if mail["Subject"] == "Handed over")
    assert max(held.values()) == 1
    states = Counter(state for _, state, _ in post.ledger("handed_over"))
    assert states["email sent"] + states["email uncertain"] == MESSAGES
    assert states["email uncertain"] <= kills
    assert len(held) >= states["email sent"]

    notices = post.rows("select record, count(*) from crm_notice where notification = 'dearer' group by record")
    assert len(notices) == MESSAGES
    assert {count for _, count in notices} == {1}
