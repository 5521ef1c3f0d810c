"""Vera, whom nobody knows, tries the doors that are open to everybody: what do they tell her, and what do they cost?"""

from __future__ import annotations

from time import process_time

import pytest

from engine.rules.mails import read_mail
from tests.capture.conftest import front
from tests.capture.front import Front
from tests.firm import PASSWORD, Firm, email

__all__ = ["front"]


def test_a_stranger_with_many_addresses_of_one_house_is_one_stranger(front: Front) -> None:
    """Every home has 2^64 addresses of IPv6."""
    statuses = [front.stranger(f"2001:db8:0:7::{n:x}").get("/forms/enquiry_form").status_code for n in range(1, 640)]
    assert statuses[0] == 200 and statuses[-1] == 429
    assert front.stranger("2001:db8:0:8::1").get("/forms/enquiry_form").status_code == 200


def test_who_guesses_a_password_from_many_addresses_of_one_house_must_wait(quick_firm: Firm) -> None:
    for number in range(6):
        stranger = quick_firm.stranger()
        stranger._transport.client = (f"2001:db8:0:7::{number:x}", 50000)  # type: ignore[attr-defined]
        stranger.post("/login", data={"email": email("ravi"), "password": f"wrong {number}"})
    last = quick_firm.stranger()
    last._transport.client = ("2001:db8:0:7::ffff", 50000)  # type: ignore[attr-defined]
    assert last.post("/login", data={"email": email("ravi"), "password": PASSWORD}).status_code == 429


HEAD = b"From: Vera <vera@client.example>\r\nSubject: Help\r\nMessage-ID: <1@client.example>\r\n"
PARTS = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
NESTED = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(150))


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param(HEAD + NESTED + b"\r\n" + b"--xxxxxxx\r\n" * 300_000, id="parts within parts"),
        pytest.param(HEAD + PARTS + b"--b\r\n\r\n" * 500_000, id="many parts"),
        pytest.param(HEAD + b"X: y\r\n" * 800_000 + b"\r\nHello", id="many headers"),
        pytest.param(HEAD + b"\r\n" + b"\n" * 8_000_000, id="empty lines"),
    ],
)
def test_a_mail_that_was_made_to_be_hard_to_read_is_read_soon(mail: bytes) -> None:
    """One of them kept the worker busy for a minute, and nobody was told of anything meanwhile."""
    started = process_time()
    assert read_mail(mail).sender == "vera@client.example"
    assert process_time() - started < 2  # seconds
