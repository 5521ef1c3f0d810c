"""Servers that say no, say later, say nothing: the reason is kept, and everybody else's messages go on."""

from __future__ import annotations

import time

import pytest

from engine.outbound import Client, Forbidden, Unreachable
from tests.delivery.conftest import Post
from tests.delivery.servers import Gateway


def test_a_mailbox_that_is_not_there_is_told_in_the_servers_words(small_post: Post) -> None:
    post = small_post
    post.mail.refuses["meera@firm.example"] = "550 5.1.1 No such user here"
    post.lead("asha")
    post.lead("dev", owner=str(post.asha.user))
    post.settle()
    dead = ("meera", "email dead", "The mail server answered 550 5.1.1 No such user here.")
    assert [line for line in post.ledger("new_lead") if "email" in line[1] and line[0] == "meera"] == [dead, dead]
    assert len(post.mail.to("asha@firm.example")) == 2  # the others went out, over the same connection
    assert post.mail.connections == 1


def test_a_server_that_says_421_is_asked_again_later(small_post: Post) -> None:
    post = small_post
    post.mail.refuses["meera@firm.example"] = "421 4.7.0 Too busy"
    post.lead("asha")
    post.settle()
    said = "The mail server answered 421 4.7.0 Too busy."
    assert ("meera", "email waiting", said) in post.ledger("new_lead")
    post.mail.refuses.clear()
    post.settle()
    assert post.mail.mails == []  # not before half a minute has passed
    post.clock.pass_time(seconds=31)
    post.settle()
    assert ("meera", "email sent", None) in post.ledger("new_lead")
    assert len(post.mail.mails) == 1


def test_a_greylisted_mail_keeps_its_message_id(small_post: Post) -> None:
    post = small_post
    post.mail.answers.append("451 4.7.1 Greylisted")
    post.lead("asha")
    post.settle()
    post.clock.pass_time(seconds=10)
    post.settle()
    (mail,) = post.mail.mails
    id = post.rows("select id from crm_delivery where channel = 'email'")[0][0]
    assert str(mail["Message-ID"]).startswith(f"<{id}.")
    assert post.rows("select attempts from crm_delivery where channel = 'email'") == [(2,)]


def test_a_server_that_is_away_for_a_day_is_given_up(small_post: Post) -> None:
    post = small_post
    object.__setattr__(post.sender.way, "smtp_url", "smtp://127.0.0.1:9")
    post.lead("asha")
    for _ in range(100):
        post.settle()
        post.clock.pass_time(minutes=20)
    (line,) = [line for line in post.ledger("new_lead") if "email" in line[1]]
    assert line[1] == "email dead"
    assert line[2] == "The mail server cannot be reached: Connection refused. It was tried for a day."


def test_a_way_out_that_is_not_set_up_says_so(small_post: Post) -> None:
    post = small_post
    object.__setattr__(post.sender.way, "smtp_url", None)
    post.lead("asha")
    post.settle()
    assert ("meera", "email not_sent", "E-mail is not set up: CRM_SMTP_URL is not set.") in post.ledger("new_lead")


def sms(post: Post) -> None:
    lead = post.lead("asha", phone="98765 43210")
    post.create(post.asha, "visit", subject="Demo", lead=str(lead.id), starts_at="2026-12-01 15:00")


def line_of(post: Post) -> tuple[str, str | None]:
    (found,) = [line[1:] for line in post.ledger("planned") if line[1].startswith("sms") and line[0] == "client"]
    return found


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        (500, "sms waiting", "The gateway answered 500: out of order."),
        (429, "sms waiting", "The gateway answered 429: out of order."),
        (404, "sms dead", "The gateway answered 404: out of order."),
        (302, "sms dead", "The gateway answered 302, a redirect, which is not followed."),
    ],
)
def test_what_the_gateway_says_is_kept(small_post: Post, status: int, state: str, said: str) -> None:
    post = small_post
    post.sms.status, post.sms.body = status, b"out of order"
    post.sms.headers = {"Location": post.sms.url, "Retry-After": "120"}
    sms(post)
    post.settle()
    assert line_of(post) == (state, said)
    assert len(post.sms.asked) == 1
    if status in (500, 429):
        post.sms.status = 200
        post.clock.pass_time(seconds=119)
        post.settle()
        assert len(post.sms.asked) == 1  # it asked for two minutes
        post.clock.pass_time(seconds=2)
        post.settle()
        assert line_of(post) == ("sms sent", None)


def test_a_gateway_that_hangs_holds_nobody_else_up(small_post: Post) -> None:
    post = small_post
    post.sms.hangs = 30.0
    sms(post)
    post.round.run(post.clock())
    began = time.monotonic()
    post.lead("dev", owner=str(post.asha.user))
    while not post.mail.to("asha@firm.example") and time.monotonic() < began + 10:
        post.round.run(post.clock())
    took = time.monotonic() - began
    assert len(post.mail.to("asha@firm.example")) >= 1
    assert ("asha", "app sent", None) in post.ledger("new_lead")
    assert took < 5


@pytest.mark.parametrize("drips", [False, True])
def test_a_gateway_that_hangs_or_drips_is_cut_off(sms: Gateway, drips: bool) -> None:
    sms.hangs, sms.drips = (0.0, True) if drips else (30.0, False)
    began = time.monotonic()
    with pytest.raises(Unreachable) as cut:
        Client(private=True, deadline=1.0).ask("POST", sms.url, body=b"x")
    assert time.monotonic() - began < 3
    assert cut.value.sent
    assert cut.value.message == "127.0.0.1 did not answer: it took too long."


def test_a_big_answer_is_read_up_to_its_cap(sms: Gateway) -> None:
    sms.body = b"x" * 5_000_000
    assert len(Client(private=True).ask("GET", sms.url).body) == 256 * 1024


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:80/", "http://localhost/", "http://169.254.169.254/latest/meta-data", "http://[::1]/",
        "http://[::ffff:10.0.0.1]/", "http://2130706433/", "http://0x7f.1/", "http://[64:ff9b::7f00:1]/",
    ],
)  # fmt: skip
def test_a_private_machine_is_not_called(url: str) -> None:
    with pytest.raises(Forbidden, match="private network"):
        Client().ask("GET", url)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/", "//a.example", "http://u:p@a.example/", "http://a:0/"])
def test_what_is_no_web_address_is_not_called(url: str) -> None:
    with pytest.raises(Forbidden):
        Client(private=True).ask("GET", url)


def test_a_header_cannot_grow_a_second_line(sms: Gateway) -> None:
    with pytest.raises(Unreachable):
        Client(private=True).ask("GET", sms.url, {"X-To": "a\r\nX-Evil: b"})
    assert sms.asked == []
