"""Reports that come by mail: each receiver gets the numbers of their own rights, in the mail and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.delivery import conftest
from tests.delivery.conftest import Post, open_post
from tests.delivery.servers import Gateway, MailServer
from tests.desk import compiled

SET = """
reports:
  by_owner: {label: Leads by owner, entity: lead, group_by: [owner], measures: {leads: count, value: {sum: budget}}}
  for_dev: {label: Only for Dev, entity: lead, group_by: [owner], measures: {leads: count}, roles: [administrator]}
"""
NOTIFICATIONS = """
notifications:
  good_morning: removed
  new_lead: removed
  numbers:
    at: {every: day, time: 09:00}
    to: [{role: manager}, {role: caller}]
    through: [email]
    subject: The numbers
    text: As of this morning.
    reports: [by_owner, for_dev]
    report_files: [pdf, csv, xlsx]
  for_some:
    at: {every: day, time: 09:00}
    to: [{role: caller}, {role: administrator}]
    through: [email]
    text: Only for Dev.
    reports: [for_dev]
"""
EVERY = {
    "day": "{every: day, time: 19:00}", "working_day": "{every: working day, time: 19:00}",
    "week": "{every: week, day: Monday, time: 08:00}", "month": "{every: month, day: 1, time: 08:00}",
    "quarter": "{every: quarter, day: 1, time: 08:00}", "year": "{every: year, day: 1, time: 08:00}",
    "financial_year": "{every: financial_year, day: 1, time: 08:00}",
}  # fmt: skip
SCHEDULED = """
  by_the_{name}:
    at: {at}
    to: [{{role: manager}}, {{person: Asha@firm.example}}, {{person: nobody@firm.example}}]
    through: [email]
    subject: By the {name}
    text: The numbers.
    reports: [by_owner]
    report_files: [pdf]
"""


@pytest.fixture
def post(
    database_url: str, mail: MailServer, sms: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Post]:
    yield from opened(database_url, mail, sms, tmp_path, monkeypatch, NOTIFICATIONS)


@pytest.fixture
def scheduled(
    sqlite_url: str, mail: MailServer, sms: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Post]:
    """One notification for each kind of schedule."""
    every = "".join(SCHEDULED.format(name=name, at=at) for name, at in EVERY.items())
    yield from opened(sqlite_url, mail, sms, tmp_path, monkeypatch, f"notifications:{every}")


def opened(
    url: str, mail: MailServer, sms: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notifications: str
) -> Iterator[Post]:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "crm.yaml").write_text(f"name: numbers\ntitle: Meera & Sons\nextends: {conftest.FIRM}\n")
    (folder / "reports.yaml").write_text(SET)
    (folder / "notifications.yaml").write_text(notifications)
    monkeypatch.setattr(conftest, "FIRM", folder)
    found = open_post(url, mail, sms, tmp_path)
    yield found
    found.close()
    compiled.cache_clear()


def mail_to(post: Post, name: str, subject: str = "The numbers") -> EmailMessage:
    (found,) = [one for one in post.mail.to(f"{name}@firm.example") if one["subject"] == subject]
    return found


def told(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def attached(message: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_payload(decode=True) for part in message.iter_attachments()}  # type: ignore[misc]


def test_each_receiver_gets_the_numbers_of_their_own_rights(post: Post) -> None:
    for by in ("asha", "asha", "ravi"):
        post.lead(by)
    post.create(post.meera, "lead", name="Dear", budget="1000", owner=post.asha.user)
    post.settle()
    post.clock.pass_time(days=1)
    post.settle()
    asha, meera = mail_to(post, "asha"), mail_to(post, "meera")
    for kind in ("plain", "html"):
        assert "Asha" in told(asha, kind) and "Ravi" not in told(asha, kind) and "Value" not in told(asha, kind)
        assert "Ravi" in told(meera, kind) and "1,000.00" in told(meera, kind)
        assert "Only for Dev" not in told(meera, kind)
    rows = list(csv.reader(io.StringIO(attached(meera)["by_owner.csv"].decode("utf-8-sig"))))
    assert rows[0] == ["Owner", "Leads", "Value"] and ["Asha", "3", "1000.00"] in rows and ["Ravi", "1", ""] in rows
    assert set(attached(asha)) == {"by_owner.csv", "by_owner.xlsx", "numbers.pdf"}
    assert attached(meera)["by_owner.xlsx"].startswith(b"PK")
    assert "https://crm.firm.example/reports/by_owner" in told(meera, "plain")


def test_who_may_see_nothing_of_a_report_gets_no_mail_and_the_ledger_says_why(post: Post) -> None:
    post.lead()
    post.settle()
    post.clock.pass_time(days=1)
    post.settle()
    found = set(post.ledger("for_some"))
    assert ("dev", "email sent", None) in found
    assert ("asha", "email not_sent", "Nothing of the reports is for the receiver's role.") in found


def paper(message: EmailMessage, name: str) -> str:
    pages = PdfReader(io.BytesIO(attached(message)[name])).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_paper_that_goes_with_a_mail_is_made_for_its_receiver(post: Post) -> None:
    post.create(post.meera, "lead", name="Dear", budget="1000", owner=post.asha.user)
    post.create(post.meera, "lead", name="Cheap", budget="7", owner=post.ravi.user)
    post.settle()
    post.clock.pass_time(days=1)
    post.settle()
    asha, meera = (paper(mail_to(post, name), "numbers.pdf") for name in ("asha", "meera"))
    assert "Made for Asha" in asha and "Leads by owner" in asha
    assert "Ravi" not in asha and "Value" not in asha and "1,000" not in asha
    assert "Made for Meera" in meera and "Ravi" in meera and "1,000.00" in meera and "Any time" in meera


def test_every_kind_of_schedule_brings_its_reports_to_roles_and_to_people(scheduled: Post) -> None:
    scheduled.lead("asha")
    scheduled.settle()
    scheduled.clock.pass_time(days=366)
    scheduled.settle()
    for kind in EVERY:
        for name in ("meera", "asha"):
            message = mail_to(scheduled, name, f"By the {kind}")
            assert "Asha" in paper(message, f"by_the_{kind}.pdf")
        nobody = "Nobody who may sign in has the address nobody@firm.example."
        assert nobody in [why for _, _, why in scheduled.ledger(f"by_the_{kind}")]
