"""Vera types another's address into everything that sends a mail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.delivery.conftest import Post, mail, open_post, sms

__all__ = ["mail", "sms"]
MOST = 20  # messages to one address within an hour


@pytest.fixture
def post(sqlite_url, mail, sms, tmp_path: Path):
    opened = open_post(sqlite_url, mail, sms, tmp_path)
    yield opened
    opened.close()


def test_a_strangers_mailbox_is_not_flooded_and_nothing_is_lost(post: Post) -> None:
    for number in range(MOST + 5):
        post.lead("asha", name=f"Vera {number}", email="victim@client.example")
    post.lead("asha", name="Kiran", email="kiran@client.example")
    post.settle()
    assert len(post.mail.to("victim@client.example")) == MOST
    assert len(post.mail.to("kiran@client.example")) == 1
    why = "20 messages went to this address within an hour."
    assert set(post.ledger("welcome")[-6:-1]) == {("client", "email waiting", why)}
    post.clock.pass_time(hours=2)
    post.settle()
    assert len(post.mail.to("victim@client.example")) == MOST + 5
