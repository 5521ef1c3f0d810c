"""Messages reach the people whom they are for, in words that each of them may read, or say why they did not."""

from __future__ import annotations

from engine.records.commands import Update
from engine.records.deliveries import answered
from engine.records.ledger import lines_of
from engine.records.wishes import keep, read
from tests.delivery.conftest import Post
from tests.desk import Desk


def test_asha_and_her_manager_are_told_inside_and_by_mail(post: Post) -> None:
    post.lead("dev", owner=str(post.asha.user), budget="90000")
    post.settle()
    assert sorted(post.ledger("new_lead")) == [
        ("asha", "app sent", None), ("asha", "email sent", None), ("meera", "app sent", None), ("meera", "email sent", None),
    ]  # fmt: skip
    (to_asha,) = [mail for mail in post.mail.to("asha@firm.example") if mail["Subject"] == "New lead Kiran Rao"]
    (to_meera,) = post.mail.to("meera@firm.example")
    assert "₹90,000.00 to spend" in to_meera.get_body(("plain",)).get_content()
    assert "spend" not in to_asha.get_body(("plain",)).get_content()  # a caller may not read the budget
    assert "90,000" not in to_asha.get_body(("html",)).get_content()
    assert post.mail.connections == 1  # one for the batch


def test_who_did_it_is_not_told_of_it(post: Post) -> None:
    post.lead("asha")
    post.settle()
    assert {who for who, _, _ in post.ledger("new_lead")} == {"meera"}


def test_asha_lost_the_right_before_the_mail_went_out(post: Post) -> None:
    made = post.lead("dev", owner=str(post.asha.user))
    relay, sender = post.round.steps[0], post.sender
    while relay(post.clock()):
        pass
    post.update(post.dev, "lead", made, owner=str(post.ravi.user))
    sender.send(post.clock())
    mine = [line for line in post.ledger("new_lead") if line[0] == "asha"]
    assert mine == [
        ("asha", "app not_sent", "The receiver may not read the record."),
        ("asha", "email not_sent", "The receiver may not read the record."),
    ]
    assert post.mail.to("asha@firm.example") == []


def test_who_was_dismissed_gets_no_mail(post: Post) -> None:
    version = post.rows(f'select version from "user" where id = {post.meera.user}')[0][0]
    post.crm.writes.do(post.dev, Update("user", post.meera.user, version, {"active": "no"}))
    post.lead("asha")
    post.settle()
    assert set(post.ledger("new_lead")) == {
        ("meera", "app not_sent", "The receiver may not sign in any more."),
        ("meera", "email not_sent", "The receiver may not sign in any more."),
    }


def test_a_change_counts_only_when_it_was_so_before(post: Post) -> None:
    made = post.lead("dev", owner=str(post.asha.user), budget="500")
    dearer = post.update(post.dev, "lead", made, budget="2000")
    post.update(post.dev, "lead", dearer, budget="3000")  # was 2,000 before
    post.settle()
    assert post.ledger("dearer") == [("meera", "app sent", None)]


def test_the_client_is_welcomed_with_the_brochure(post: Post) -> None:
    post.lead("asha", email="kiran@client.example")
    post.settle()
    (welcome,) = post.mail.to("kiran@client.example")
    assert welcome["Subject"] == "Welcome, Kiran Rao"
    assert str(welcome["From"]) == "Meera & Sons <crm@firm.example>"
    assert [part.get_filename() for part in welcome.iter_attachments()] == ["brochure.pdf"]
    assert "lead/" not in welcome.get_body(("plain",)).get_content()  # no way into the program
    assert post.ledger("welcome") == [("client", "email sent", None)]
    assert post.rows("select address, subject from crm_delivery where notification = 'welcome'") == [
        ("kiran@client.example", "Welcome, Kiran Rao")
    ]


def test_a_client_who_wants_no_mail_gets_none(post: Post) -> None:
    post.lead("asha", email="kiran@client.example", no_mail="yes")
    post.settle()
    assert post.ledger("welcome") == [("client", "email not_sent", "The client wants no e-mail.")]


def visit(post: Post, **values: str):
    lead = post.lead("asha", email="kiran@client.example", phone="98765 43210")
    given = {"subject": "Demo", "lead": str(lead.id), "starts_at": "2026-12-01 15:00", "place": "MG Road, Kochi"}
    return post.create(post.asha, "visit", **{**given, **values})


def test_a_visit_is_told_to_the_client_by_mail_and_sms_with_an_invitation_and_a_link(post: Post) -> None:
    made = visit(post)
    post.settle()
    (mail,) = [m for m in post.mail.to("kiran@client.example") if m["Subject"] == "Your visit"]
    text = mail.get_body(("plain",)).get_content()
    assert "1 Dec 2026" in text or "Dec 1, 2026" in text
    assert "Confirm: https://crm.firm.example/go/" in text
    invitation = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert invitation.get_param("method") == "REQUEST"
    calendar = invitation.get_content()
    assert f"UID:visit-{made.id}@firm.example" in calendar
    assert "DTSTART:20261201T093000Z" in calendar
    (asked,) = post.sms.asked
    assert asked.headers["Authorization"] == "Bearer s3cret"
    assert b'"to":"919876543210"' in asked.body
    assert b"/go/" in asked.body
    assert post.rows("select provider from crm_delivery where channel = 'sms' and state = 'sent'") == [("g-17",)]
    kept = "".join(text for (text,) in post.rows("select text from crm_delivery where text is not null"))
    assert "/go/…?move=confirm" in kept
    assert text.partition("/go/")[2].partition("?")[0] not in kept  # the key is the client's alone


def test_a_visit_that_is_called_off_takes_its_invitation_back(post: Post) -> None:
    made = visit(post)
    post.move(post.asha, "visit", made, "cancel")
    post.settle()
    (mail,) = [m for m in post.mail.to("kiran@client.example") if m["Subject"] == "Your visit is called off"]
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar").get_content()
    assert "METHOD:CANCEL" in calendar and "STATUS:CANCELLED" in calendar
    assert f"UID:visit-{made.id}@firm.example" in calendar
    assert "SEQUENCE:2" in calendar


def test_nobody_in_a_field_is_told_in_words(post: Post) -> None:
    visit(post)
    post.settle()
    assert ("-", "email not_sent", "Lead names nobody.") in post.ledger("planned")


def test_the_other_program_is_told_once_and_signed(post: Post) -> None:
    import base64
    import hashlib
    import hmac

    made = visit(post)
    post.move(post.asha, "visit", made, "cancel")
    post.settle()
    (asked,) = [a for a in post.sms.asked if "webhook-id" in a.headers]
    signed = f"{asked.headers['webhook-id']}.{asked.headers['webhook-timestamp']}.".encode() + asked.body
    wanted = base64.b64encode(hmac.new(b"secret", signed, hashlib.sha256).digest()).decode()
    assert asked.headers["webhook-signature"] == f"v1,{wanted}"
    assert b'"subject":"Demo"' in asked.body


def test_an_answer_finds_its_record(post: Post) -> None:
    made = post.lead("asha", email="kiran@client.example")
    post.settle()
    (welcome,) = post.mail.to("kiran@client.example")
    with post.runtime.database.reading() as connection:
        assert answered(connection, ["<else@where>", str(welcome["Message-ID"])]) == ("lead", made.id)
        assert answered(connection, [str(welcome["Message-ID"]).replace(".", ".0")]) is None


def test_a_field_cannot_begin_a_header(post: Post) -> None:
    post.lead("asha", name="Kiran\r\nBcc: all@evil.example", email="kiran@client.example")
    post.settle()
    (welcome,) = post.mail.to("kiran@client.example")
    assert welcome["Bcc"] is None
    assert "Bcc: all@evil.example" in welcome["Subject"]


def test_every_morning_the_callers_are_greeted(post: Post) -> None:
    post.settle()
    post.clock.pass_time(hours=24)  # 15:00 in Kochi, six hours late
    post.settle()
    assert {who for who, state, _ in post.ledger("good_morning")} == {"asha", "ravi"}
    assert [notice.text for notice in post.crm.notices.latest(post.asha)] == ["A new day."]


def test_an_hour_before_the_visit_both_are_told_each_in_their_zone(post: Post) -> None:
    version = post.rows(f'select version from "user" where id = {post.asha.user}')[0][0]
    post.crm.writes.do(post.dev, Update("user", post.asha.user, version, {"zone": "Europe/Berlin"}))
    visit(post, starts_at="2026-11-21 17:00")
    post.settle()
    assert post.ledger("soon") == []
    post.clock.pass_time(hours=1, minutes=1)
    post.settle()
    assert [line[:2] for line in sorted(post.ledger("soon"))] == [
        ("asha", "app sent"), ("asha", "email sent"), ("client", "email sent"),
    ]  # fmt: skip
    texts = dict(post.rows("select \"user\", text from crm_delivery where notification = 'soon'"))
    assert texts[None].replace("\u202f", " ") == "Demo at 5:00 PM."
    assert texts[post.asha.user].replace("\u202f", " ") == "Demo at 12:30 PM."


def test_a_moment_that_was_missed_says_so_on_the_record(post: Post) -> None:
    made = visit(post, starts_at="2026-11-21 17:00")
    post.settle()
    post.clock.pass_time(hours=5)  # nothing ran meanwhile, and the set says skip
    post.settle()
    with post.runtime.database.reading() as connection:
        record = post.crm.reads.record(post.dev, "visit", made.id, connection=connection)
        lines = lines_of(post.crm.reads, connection, post.dev, record, 50)
    (missed,) = [line for line in lines if line.label == "Soon"]
    assert (missed.state, missed.channel) == ("not_sent", "")
    assert missed.reason


# ---- how somebody wants to be told


def wish(desk: Desk, name: str, **wishes: object) -> None:
    with desk.runtime.database.writing() as connection:
        keep(connection, desk.people[name].user, read(wishes), 0)


def test_meera_has_turned_it_off(post: Post) -> None:
    wish(post, "meera", muted=["new_lead"])
    post.lead("asha")
    post.settle()
    reason = "The receiver has turned this notification off."
    assert set(post.ledger("new_lead")) == {("meera", "app not_sent", reason), ("meera", "email not_sent", reason)}


def test_meera_wants_no_mail_and_is_told_inside_all_the_same(post: Post) -> None:
    wish(post, "meera", off=["email"])
    post.lead("asha")
    post.settle()
    assert set(post.ledger("new_lead")) == {
        ("meera", "app sent", None), ("meera", "email not_sent", "The receiver wants nothing by E-mail."),
    }  # fmt: skip


def test_what_falls_into_quiet_hours_waits_for_their_end(post: Post) -> None:
    wish(post, "meera", quiet=["14:00", "16:00"])  # it is 15:00 in Kochi
    post.lead("asha")
    post.settle()
    assert ("meera", "email waiting", "The receiver's quiet hours.") in post.ledger("new_lead")
    assert ("meera", "app sent", None) in post.ledger("new_lead")
    post.clock.pass_time(minutes=61)
    post.settle()
    assert ("meera", "email sent", None) in post.ledger("new_lead")


def test_the_mails_of_a_day_come_as_one(post: Post) -> None:
    wish(post, "meera", digest="18:00")
    for name in ("Kiran Rao", "Lata Iyer", "Om Das"):
        post.lead("asha", name=name)
    post.settle()
    assert post.mail.to("meera@firm.example") == []
    post.clock.pass_time(hours=3, minutes=1)
    post.settle()
    (digest,) = post.mail.to("meera@firm.example")
    assert str(digest["Subject"]).startswith("3 messages: New lead")
    text = digest.get_body(("plain",)).get_content()
    assert all(name in text for name in ("Kiran Rao", "Lata Iyer", "Om Das"))
    assert [state for who, state, _ in post.ledger("new_lead") if state.startswith("email")] == ["email sent"] * 3
