"""A mail server that is spoken to in secret: its certificate is looked at, and one that is not right is told in words."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from engine.outbound import Client
from engine.parts import smtp
from engine.parts.channels.contract import LATER, SENT, Outcome, Outgoing, Way
from tests.delivery.servers import MailServer
from tests.real.redis import free_port

AT = datetime(2026, 11, 22, tzinfo=UTC)
HELLO = Outgoing("1.abcdefabcdefabcdefabcdef", "kiran@client.example", "Hello", "How are you?", AT)
FROM = {"from": "crm@firm.example"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("own"), "localhost")


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("strange"), "mail.elsewhere.example")


@pytest.fixture
def trusted(own: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator trusts the firm's own certificate."""
    monkeypatch.setenv("SSL_CERT_FILE", str(own))
    smtp._context.cache_clear()
    yield
    smtp._context.cache_clear()


def certificate(folder: Path, name: str) -> Path:
    """Made by the server itself; the key is in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not on this machine, to make a certificate")
    file = folder / "both.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", folder / "key",
         "-out", folder / "cert"],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return file


@contextmanager
def server(file: Path, scheme: str) -> Iterator[MailServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    handler, port = MailServer(), free_port()
    handler.port = port
    secret: dict[str, Any] = {
        "smtps": {"ssl_context": context}, "smtp+starttls": {"tls_context": context, "require_starttls": True}, "smtp": {},
    }[scheme]  # fmt: skip
    controller = Controller(handler, hostname="localhost", port=port, authenticator=_knows, auth_require_tls=False, **secret)
    controller.start()
    try:
        yield handler
    finally:
        controller.stop(no_assert=True)


def _knows(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"crm", b"s3 cret")
    return AuthResult(success=known, handled=False)


def sent(url: str) -> Outcome:
    way = Way({}.get, Client(), smtp_url=url, title="Meera & Sons")
    post = smtp.Server(way, FROM)
    try:
        return post.send(HELLO)
    finally:
        post.close()


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_mail_goes_out_in_secret_and_signed_in(scheme: str, own: Path, trusted: None) -> None:
    with server(own, scheme) as mail:
        assert sent(f"{scheme}://crm:s3%20cret@localhost:{mail.port}").state == SENT
        assert [str(one["Subject"]) for one in mail.mails] == ["Hello"]


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(scheme: str, own: Path) -> None:
    with server(own, scheme) as mail:
        found = sent(f"{scheme}://localhost:{mail.port}")
        assert mail.mails == []
    assert (found.state, found.down) == (LATER, True)
    assert found.reason == (
        "The mail server cannot be reached: its certificate is not trusted (self-signed certificate); SSL_CERT_FILE can "
        "name the authorities that are."
    )


@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_a_certificate_of_another_machine_is_refused(scheme: str, strange: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(strange))
    smtp._context.cache_clear()
    with server(strange, scheme) as mail:
        found = sent(f"{scheme}://localhost:{mail.port}")
        assert mail.mails == []
    smtp._context.cache_clear()
    assert "certificate is not valid for 'localhost'" in found.reason


def test_nothing_goes_out_openly_where_secrecy_was_asked_for(own: Path) -> None:
    with server(own, "smtp") as mail:
        assert sent(f"smtp+starttls://localhost:{mail.port}").reason == (
            "The mail server cannot be reached: it offers no STARTTLS."
        )
        assert sent(f"smtps://localhost:{mail.port}").reason == (
            "The mail server cannot be reached: it speaks no TLS here; smtps:// begins with it, smtp+starttls:// turns to "
            "it, smtp:// does without."
        )
        assert mail.mails == []


def test_a_wrong_password_is_told_and_is_not_in_what_is_told(own: Path, trusted: None) -> None:
    with server(own, "smtps") as mail:
        found = sent(f"smtps://crm:wr0ng@localhost:{mail.port}")
    assert found.reason.startswith("The mail server cannot be reached: 535 ")
    assert "wr0ng" not in found.reason
