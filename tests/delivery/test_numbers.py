"""Reports that come by mail: each receiver gets the numbers of their own rights, in the mail and as files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

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
    report_files: [csv, xlsx]
  for_some:
    at: {every: day, time: 09:00}
    to: [{role: caller}, {role: administrator}]
    through: [email]
    text: Only for Dev.
    reports: [for_dev]
"""


@pytest.fixture
def post(
    database_url: str, mail: MailServer, sms: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Post]:
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "crm.yaml").write_text(f"name: numbers\ntitle: Meera & Sons\nextends: {conftest.FIRM}\n")
    (folder / "reports.yaml").write_text(SET)
    (folder / "notifications.yaml").write_text(NOTIFICATIONS)
    monkeypatch.setattr(conftest, "FIRM", folder)
    opened = open_post(database_url, mail, sms, tmp_path)
    yield opened
    opened.close()
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
    assert attached(meera)["by_owner.xlsx"].startswith(b"PK") and set(attached(asha)) == {"by_owner.csv", "by_owner.xlsx"}
    assert "https://crm.firm.example/reports/by_owner" in told(meera, "plain")


def test_who_may_see_nothing_of_a_report_gets_no_mail_and_the_ledger_says_why(post: Post) -> None:
    post.lead()
    post.settle()
    post.clock.pass_time(days=1)
    post.settle()
    found = set(post.ledger("for_some"))
    assert ("dev", "email sent", None) in found
    assert ("asha", "email not_sent", "Nothing of the reports is for the receiver's role.") in found
