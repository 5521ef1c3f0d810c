"""Mails that come in: read from a real IMAP server, onto the record that they answer, or a new one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest

from engine.jobs.mailbox import PATIENCE, Mailboxes
from engine.jobs.round import Round
from engine.parts.mail import message_key
from engine.records.commands import Create, Delete
from engine.records.rows import change
from engine.rules.mails import read_mail
from tests.capture.front import Front, open_front
from tests.real import imap
from tests.real.databases import Databases
from tests.real.run import Unavailable
from tests.web.forms import form_on


@pytest.fixture(scope="module")
def server() -> Iterator[imap.Server]:
    try:
        with imap.started() as started:
            yield started
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def desk(server: imap.Server, databases: Databases) -> Iterator[Post]:
    imap._empty(server)
    opened = open_front(databases, RSOFT_SUPPORT_MAILBOX=server.url)
    yield Post(opened, server)
    opened.close()


@pytest.fixture
def quick(server: imap.Server, sqlite_databases: Databases) -> Iterator[Post]:
    imap._empty(server)
    opened = open_front(sqlite_databases, RSOFT_SUPPORT_MAILBOX=server.url)
    yield Post(opened, server)
    opened.close()


class Post:
    """The desk and its mailbox."""

    def __init__(self, front: Front, server: imap.Server) -> None:
        self.front, self.server = front, server
        self.mailboxes = Mailboxes(front.crm)

    def send(self, subject: str = "The printer does not print", text: str = "Please help.\n", **headers: str) -> None:
        self.server.put(mail(subject, text, **headers).as_bytes())

    def look(self) -> int:
        """Time passes, and the mailbox is read."""
        self.front.clock.pass_time(seconds=61)
        taken = self.mailboxes.read(self.front.clock.now)
        for _ in range(200):
            if not self.mailboxes._looks:
                return taken
            time.sleep(0.05)
            taken += self.mailboxes.read(self.front.clock.now)
        raise AssertionError("the look did not end")

    def tickets(self) -> list[Any]:
        return self.front.records("ticket")


def mail(subject: str, text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    number = abs(hash((subject, text)))
    given = {"From": "Priya Deshmukh <priya@example.com>", "To": "support@rsoft.example", "Message-ID": f"<{number}@x>"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()} | {"Subject": subject}
    for name, value in given.items():
        if value:
            made[name] = value
    made.set_content(text)
    return made


def test_a_mail_becomes_a_ticket_of_the_lead_who_wrote_it(desk: Post) -> None:
    person = {"first_name": "Priya", "email": "priya@example.com", "phone": "98765 43210"}
    priya = desk.front.crm.writes.do(desk.front.desk.dev, Create("lead", person, "DEMO CONFIRMED"))
    desk.send()
    assert desk.look() == 1
    (ticket,) = desk.tickets()
    values = ticket.values
    assert (values["subject"], values["description"]) == ("The printer does not print", "Please help.")
    assert (values["lead"].id, values["channel"]) == (priya.id, "E-mail")
    assert desk.server.unread() == 0
    assert desk.look() == 0
    assert len(desk.tickets()) == 1


def test_an_answer_goes_onto_the_ticket_that_its_subject_names(desk: Post) -> None:
    desk.send()
    desk.look()
    (ticket,) = desk.tickets()
    number = ticket.values["reference"]
    desk.send(f"Re: [{number}] The printer", "It works now.\n\nOn Sat, Nov 21, RSoft wrote:\n> Please wait.\n")
    desk.look()
    assert len(desk.tickets()) == 1
    row = desk.front.arrivals()[0]
    assert (row.state, row.record, row.sender) == ("threaded", ticket.id, "priya@example.com")
    assert row.text == "It works now."


def test_an_answer_goes_onto_the_record_that_our_message_was_about(quick: Post) -> None:
    lead = quick.front.desk.create(quick.front.desk.asha, "lead", first_name="Om", phone="98765 43211")
    with quick.front.desk.runtime.database.writing() as connection:
        row = (77, "welcome 1", "welcome", "lead", lead.id, "email", 1, 1, "sent", 1)
        columns = "id, dedupe, notification, entity, record, channel, created_at, due_at, state, attempts"
        change(connection, f"insert into crm_delivery ({columns}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    quick.send("Thank you", In_Reply_To=f"<{message_key('welcome 1', 77)}@rsoft.example>")
    quick.send("Forged", "x", References="<77.000000000000000000000000@rsoft.example>")
    quick.look()
    assert [(r.state, r.entity) for r in reversed(quick.front.arrivals())] == [("threaded", "lead"), ("taken", "ticket")]


def test_an_answer_to_what_they_wrote_themselves_finds_its_ticket(quick: Post) -> None:
    quick.send(Message_ID="<first@example.com>")
    quick.look()
    quick.send("Something else", "And another thing.", References="<other@x> <first@example.com>")
    quick.look()
    assert len(quick.tickets()) == 1


def test_an_answer_onto_a_ticket_that_is_in_the_bin_makes_a_new_one(quick: Post) -> None:
    quick.send()
    quick.look()
    (ticket,) = quick.tickets()
    quick.front.crm.writes.do(quick.front.desk.dev, Delete("ticket", ticket.id, ticket.version))
    quick.send(f"Re: {ticket.values['reference']}", "Are you there?")
    quick.look()
    (new,) = quick.tickets()
    assert new.id != ticket.id


MACHINES = [
    {"Auto_Submitted": "auto-replied"},
    {"Precedence": "bulk"},
    {"From": "MAILER-DAEMON@example.com"},
    {"Return_Path": "<>"},
    {"X_Autoreply": "yes"},
    {"From": ""},
]


def test_what_a_machine_sent_by_itself_makes_no_ticket_until_dev_says_so(quick: Post) -> None:
    for n, headers in enumerate(MACHINES):
        quick.send(f"I am away {n}", **headers)
    quick.look()
    assert quick.tickets() == []
    rows = quick.front.arrivals()
    assert [row.state for row in rows] == ["ignored"] * len(MACHINES)
    assert all(row.reason for row in rows)
    dev = quick.front.browser("dev")
    page, at = dev.get("/admin/received"), f"/admin/received/{rows[-1].id}"
    dev.post(at, data=form_on(page, at))
    assert [t.values["subject"] for t in quick.tickets()] == ["I am away 0"]


def test_a_mail_that_comes_twice_is_taken_once(quick: Post) -> None:
    quick.send()
    quick.send()
    assert quick.look() == 2
    assert len(quick.tickets()) == 1


def test_a_header_cannot_smuggle_in_another(quick: Post) -> None:
    raw = (b"From: =?utf-8?q?Eve=0D=0ABcc=3A_all=40x=2Eexample?= <eve@example.com>\r\nMessage-ID: <inj@x>\r\n"
           b"Subject: =?utf-8?q?Hello=0D=0ABcc=3A_all=40x=2Eexample?=\r\n\r\nHi\r\n")  # fmt: skip
    quick.server.put(raw)
    quick.look()
    (ticket,) = quick.tickets()
    assert ticket.values["subject"] == "Hello Bcc: all@x.example"
    assert "\n" not in str(quick.front.arrivals()[0].subject)


def deep(levels: int) -> bytes:
    start = b"From: eve@example.com\r\nSubject: Deep\r\nMessage-ID: <deep@x>\r\n"
    for n in range(levels):
        start += b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n)
    return start + b"Content-Type: text/plain\r\n\r\nbottom\r\n"


BROKEN = [
    b"From: eve@example.com\r\nMessage-ID: <w@x>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    + b"--x\r\n\r\na\r\n" * 5000,
    b"From: eve@example.com\r\nMessage-ID: <c@x>\r\nContent-Type: text/plain; charset=nonsense\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n!!!!\r\n",
    b"From: eve@example.com\r\nMessage-ID: <m@x>\r\nSubject: =?utf-8?b?////?= =?x?q?=\r\nDate: no date\r\n\r\n\xff\x00\r\n",
    b"From: \xff\xfe <eve@example.com>\r\nMessage-ID: <n@x>\r\nSubject: \x00\x01\r\n\r\nx\r\n",
]


@pytest.mark.parametrize("raw", BROKEN, ids=["wide", "charset", "headers", "bytes"])
def test_a_broken_mail_stops_nothing(quick: Post, raw: bytes) -> None:
    quick.server.put(raw)
    quick.send("A good one")
    started = time.monotonic()
    quick.look()
    assert time.monotonic() - started < 5
    assert "A good one" in [t.values["subject"] for t in quick.tickets()]
    assert len(quick.front.arrivals()) == 2


def test_a_mail_that_is_nested_without_end_is_read_as_far_as_it_goes() -> None:
    started = time.monotonic()
    found = read_mail(deep(1500))
    assert (found.sender, found.message_id) == ("eve@example.com", "<deep@x>")
    assert time.monotonic() - started < 5


def test_of_a_mail_of_fifty_megabytes_only_the_beginning_is_read(quick: Post) -> None:
    big = mail("Large", "See the attachment.", Message_ID="<big@x>").as_bytes() + b"x" * 76 * 100 + b"\r\n"
    quick.server.put(big + (b"y" * 998 + b"\r\n") * 50_000)
    quick.send("A good one")
    started = time.monotonic()
    quick.look()
    assert time.monotonic() - started < 20
    (large,) = [t for t in quick.tickets() if t.values["subject"] == "Large"]
    assert large.values["description"].startswith("See the attachment.")
    assert "50 MB" in str(next(r.text for r in quick.front.arrivals() if r.subject == "Large"))


def test_a_mailbox_that_does_not_answer_holds_nothing_up(sqlite_databases: Databases) -> None:
    with imap.silent() as port:
        front = open_front(sqlite_databases, RSOFT_SUPPORT_MAILBOX=f"imap://a:b@127.0.0.1:{port}")
        works = Round(front.crm)
        started = time.monotonic()
        works.run(front.clock.now)
        works.run(front.clock.now)
        assert time.monotonic() - started < PATIENCE + 2
    front.close()


def test_a_mailbox_that_cannot_be_read_says_why_and_is_tried_again_later(sqlite_databases: Databases) -> None:
    front = open_front(sqlite_databases, RSOFT_SUPPORT_MAILBOX="imap://a:b@127.0.0.1:1")
    mailboxes = Mailboxes(front.crm)
    mailboxes.read(front.clock.now)
    (row,) = front.desk.rows("select failures, error, next_at from crm_mailbox")
    assert row[0] == 1
    assert "refused" in row[1].lower()
    front.close()


def test_two_workers_read_a_mailbox_in_turn(quick: Post) -> None:
    other = Mailboxes(quick.front.crm)
    quick.send()
    now = quick.front.clock.now
    assert [quick.mailboxes.read(now), other.read(now)].count(0) >= 1
    assert len(quick.front.arrivals()) == 1


def test_a_page_becomes_text_without_what_it_does(quick: Post) -> None:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "eve@example.com", "Page", "<page@x>"
    page = "<html><style>p{}</style><script>steal()</script><p>Hello <b>there</b></p><p>Bye</p></html>"
    made.set_content(page, subtype="html")
    quick.server.put(made.as_bytes())
    quick.look()
    assert quick.tickets()[0].values["description"] == "Hello there\nBye"
