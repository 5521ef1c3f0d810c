"""A mail server: one connection for a batch, the server's own words where it says no."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from engine.parts.channels.contract import LATER, REFUSED, SENT, UNSURE, Outcome, Outgoing, Unsendable, Way
from engine.parts.mail import mail

CONNECT = 5.0  # seconds
REPLY = 10.0  # seconds for one answer of the server
PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(slots=True)
class Server:
    """Connects with the first mail; a connection that the server closed is opened again once for each mail."""

    way: Way
    settings: Mapping[str, Any]
    connection: smtplib.SMTP | None = None

    def send(self, outgoing: Outgoing) -> Outcome:
        try:
            message, sender, to = mail(outgoing, self.settings, self.way)
        except Unsendable as error:
            return Outcome(REFUSED, str(error))
        kept = self.connection is not None
        outcome = self._tried(message, sender, to)
        if kept and outcome.down and outcome.state == LATER and outcome.wait is None:
            return self._tried(message, sender, to)  # the server had only tired of the old connection
        return outcome

    def close(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            try:
                connection.quit()
            except (smtplib.SMTPException, OSError):
                connection.close()

    def _tried(self, message: Message, sender: str, to: str) -> Outcome:
        try:
            if self.connection is None:
                self.connection = connected(self.way.smtp_url or "")
        except (smtplib.SMTPException, OSError, ValueError) as error:
            self._drop()
            return Outcome(LATER, f"The mail server cannot be reached: {_said(error)}.", wait=_pause(error), down=True)
        return self._handed_over(message, sender, to)

    def _handed_over(self, message: Message, sender: str, to: str) -> Outcome:
        """Step by step, so that it is known how far a mail came: only what followed its text can be unsure."""
        assert self.connection is not None
        told = "MAIL FROM"
        if not self._knows(sender, to):
            return Outcome(REFUSED, "The mail server takes no addresses with other letters than English ones.")
        try:
            options = [] if (sender + to).isascii() else ["SMTPUTF8"]
            code, words = self.connection.mail(sender, options)
            if code == 250:
                told = "RCPT TO"
                code, words = self.connection.rcpt(to)
            if code not in (250, 251):
                return self._refused(code, words)
            told = "DATA"
            code, words = self.connection.data(message.as_bytes())
        except smtplib.SMTPDataError as error:
            return self._refused(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            state = UNSURE if told == "DATA" else LATER
            return Outcome(state, f"The mail server went away after {told}: {_said(error)}.", down=True)
        return Outcome(SENT, provider=_text(words)[:200] or None) if code == 250 else self._refused(code, words)

    def _knows(self, sender: str, to: str) -> bool:
        assert self.connection is not None
        return (sender + to).isascii() or self.connection.has_extn("smtputf8")

    def _refused(self, code: int, words: bytes | str) -> Outcome:
        said = f"The mail server answered {code} {_text(words)[:300]}".rstrip(" .") + "."
        if code == 421:
            self._drop()
            return Outcome(LATER, said, wait=30.0, down=True)
        try:
            assert self.connection is not None
            self.connection.rset()
        except (smtplib.SMTPException, OSError):
            self._drop()
        return Outcome(REFUSED if code >= 500 else LATER, said)

    def _drop(self) -> None:
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def connected(url: str) -> smtplib.SMTP:
    """A connection that is greeted and signed in. Raises SMTPException, OSError, ValueError for an address that is none."""
    place = urlsplit(url)
    if place.scheme not in PORTS or not place.hostname:
        raise ValueError("CRM_SMTP_URL begins with smtp://, smtp+starttls:// or smtps://")
    port = place.port or PORTS[place.scheme]
    if place.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(place.hostname, port, timeout=CONNECT, context=_context())
    else:
        connection = smtplib.SMTP(place.hostname, port, timeout=CONNECT)
    try:
        connection.ehlo_or_helo_if_needed()
        if place.scheme == "smtp+starttls":
            connection.starttls(context=_context())
            connection.ehlo()
        if place.username:
            connection.login(unquote(place.username), unquote(place.password or ""))
    except BaseException:
        connection.close()
        raise
    if connection.sock is not None:
        connection.sock.settimeout(REPLY)
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


@lru_cache(maxsize=1)
def _context() -> ssl.SSLContext:
    return ssl.create_default_context()


def _said(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long"
    if isinstance(error, ssl.SSLCertVerificationError):
        found = error.verify_message.rstrip(".") or "it cannot be verified"
        return f"its certificate is not trusted ({found}); SSL_CERT_FILE can name the authorities that are"
    if isinstance(error, ssl.SSLError):
        return "it speaks no TLS here; smtps:// begins with it, smtp+starttls:// turns to it, smtp:// does without"
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return "it offers no STARTTLS"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)[:300]}".rstrip(" .")
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(" .")


def _pause(error: BaseException) -> float:
    """Seconds until the server is asked again."""
    return 30.0 if isinstance(error, smtplib.SMTPResponseException) else 10.0


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
