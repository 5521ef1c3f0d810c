"""A mail server that wants a name and a password, and a service that only the apprise library knows."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from engine.outbound import Client
from engine.parts.channels.contract import Outcome, Outgoing, Way
from engine.parts.registry import channel
from tests.delivery.servers import Gateway, MailServer
from tests.real.redis import free_port

HELLO = Outgoing("1.abc", "kiran@client.example", "Hello", "How are you?", datetime(2026, 11, 23, tzinfo=UTC))


def sent(word: str, settings: dict[str, str], way: Way) -> Outcome:
    with channel(word).open(settings, way) as session:
        return session.send(HELLO)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize(("password", "state"), [("right", "sent"), ("wrong", "later")])
def test_the_mail_server_wants_a_password(password: str, state: str) -> None:
    def known(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (b"me@firm", b"right"), handled=False)

    handler, port = MailServer(), free_port()
    controller = Controller(
        handler, hostname="127.0.0.1", port=port, authenticator=known, auth_require_tls=False, auth_required=True
    )
    controller.start()
    try:
        way = Way({}.get, Client(), smtp_url=f"smtp://me%40firm:{password}@127.0.0.1:{port}")
        outcome = sent("email", {"from": "crm@firm.example"}, way)
    finally:
        controller.stop(no_assert=True)
    assert outcome.state == state
    assert len(handler.mails) == (1 if state == "sent" else 0)
    assert "right" not in outcome.reason and "wrong" not in outcome.reason


def test_a_service_that_apprise_knows(sms: Gateway) -> None:
    pytest.importorskip("apprise")
    way = Way({"CHAT_URL": f"json://127.0.0.1:{sms.port}/?to={{to}}"}.get, Client())
    assert sent("apprise", {"url_from": "CHAT_URL", "to": "email"}, way).state == "sent"
    assert json.loads(sms.asked[0].body)["message"] == "How are you?"
    sms.status = 500
    assert sent("apprise", {"url_from": "CHAT_URL"}, way).state == "unsure"


def test_an_address_that_apprise_does_not_know() -> None:
    pytest.importorskip("apprise")
    way = Way({"CHAT_URL": "nothing-of-this-kind"}.get, Client())
    assert sent("apprise", {"url_from": "CHAT_URL"}, way).state == "refused"
