"""A message as a mail: text and HTML, attachments, an invitation, and the headers by which an answer finds its way back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Any

from engine.parts.channels.contract import Outgoing, Unsendable, Way
from engine.parts.invitations import calendar, method
from engine.parts.letter import Letter, Piece, as_html, as_text

LARGEST = 10 * 1024 * 1024  # bytes of all attachments together


def mail(outgoing: Outgoing, settings: Mapping[str, Any], way: Way) -> tuple[EmailMessage, str, str]:
    """The mail, and its envelope's sender and receiver. Raises Unsendable."""
    name, sender = _sender(settings)
    to = _receiver(outgoing.to)
    domain = sender.rpartition("@")[2]
    made = EmailMessage(policy=SMTP)
    made["From"] = _address(name, sender)
    made["To"] = _address(outgoing.name, to)
    made["Subject"] = one_line(outgoing.subject)[:300] or way.title
    made["Date"] = format_datetime(outgoing.at)
    made["Message-ID"] = f"<{outgoing.key}@{domain}>"
    if outgoing.thread:
        made["References"] = f"<{outgoing.thread}@{domain}>"
    if settings.get("reply_to"):
        made["Reply-To"] = _address(*_named(str(settings["reply_to"])))
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    letter = letter_of(outgoing, way)
    made.set_content(as_text(letter), cte="quoted-printable")
    made.add_alternative(as_html(letter), subtype="html", cte="quoted-printable")
    _invite(made, outgoing, sender, to, domain)
    for one in outgoing.attached:
        main, _, kind = one.media_type.partition("/")
        made.add_attachment(one.content, maintype=main or "application", subtype=kind or "octet-stream", filename=one.name)
    return made, sender, to


def letter_of(outgoing: Outgoing, way: Way) -> Letter:
    pieces = [Piece(one.subject, one.text, one.link, one.link_label, one.buttons) for one in outgoing.pieces or (outgoing,)]
    return Letter(way.title, way.color, outgoing.language, pieces)


def message_key(dedupe: str, id: int) -> str:
    """The left half of the Message-ID: the same each time that it is tried; `id_in` finds the delivery by it."""
    return f"{id}.{hashlib.sha256(dedupe.encode()).hexdigest()[:24]}"


def id_in(reference: str) -> tuple[int, str] | None:
    """The delivery's id and the key, from a Message-ID of ours; None for what is no such thing."""
    key = reference.strip().strip("<>").partition("@")[0]
    id, _, rest = key.partition(".")
    if not (id.isascii() and id.isdigit() and len(id) < 20 and len(rest) == 24):
        return None
    return int(id), key


def one_line(text: str) -> str:
    """What a header may hold: no control characters, so no further header can begin in it."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _invite(made: EmailMessage, outgoing: Outgoing, sender: str, to: str, domain: str) -> None:
    """As a part of its own kind, which mail programs answer to, and as a file for those that do not know it."""
    if outgoing.invitation is None:
        return
    text = calendar(outgoing.invitation, sender, to, domain, outgoing.at)
    made.add_alternative(text.decode(), subtype="calendar", params={"method": method(outgoing.invitation)})
    made.add_attachment(text, maintype="application", subtype="ics", filename="invitation.ics")


def _sender(settings: Mapping[str, Any]) -> tuple[str, str]:
    return _named(str(settings.get("from", "")))


def _named(text: str) -> tuple[str, str]:
    name, address = parseaddr(one_line(text))
    return name, _receiver(address)


def _receiver(text: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain or any(c.isspace() or not c.isprintable() or c in "<>,;:\"()[]" for c in text):
        raise Unsendable(f'"{one_line(text)[:100]}" is not an e-mail address that a mail can go to.')
    return text.strip()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    try:
        return Address(one_line(name)[:100], username=local, domain=_plain_domain(domain))
    except ValueError as error:
        raise Unsendable(f'"{address[:100]}" is not an e-mail address that a mail can go to.') from error


def _plain_domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise Unsendable(f'"{domain[:100]}" is not the name of a mail server.') from error
