"""A message as a mail: text and HTML, attachments, an invitation, and the headers by which an answer finds its way back."""

from __future__ import annotations

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Mapping
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, parseaddr
from typing import Any

from engine.parts.channels.contract import Attached, Outgoing, Unsendable, Way
from engine.parts.invitations import calendar, method
from engine.parts.letter import Letter, Piece, as_html, as_text

LARGEST = 10 * 1024 * 1024  # bytes of all attachments together
LONGEST_LINE = 76
LONGEST_NAME = 90  # of a file
_SPECIAL = re.compile(r'[][\\()<>@,:;".]')
# The older of Python's two ways: the newer one parses every header that it is given, and again when it writes it, which
# took two thirds of a worker's time.
WIRE = compat32.clone(linesep="\r\n", max_line_length=None)


def mail(outgoing: Outgoing, settings: Mapping[str, Any], way: Way) -> tuple[Message, str, str]:
    """The mail, and its envelope's sender and receiver. Raises Unsendable."""
    name, sender = _sender(settings)
    to = _receiver(outgoing.to)
    domain = sender.rpartition("@")[2]
    made = _enclosed(_content(outgoing, way, sender, to, domain), outgoing)
    made["From"] = _address(name, sender)
    made["To"] = _address(outgoing.name, to)
    made["Subject"] = words(one_line(outgoing.subject)[:300] or way.title)
    made["Date"] = format_datetime(outgoing.at)
    made["Message-ID"] = f"<{outgoing.key}@{domain}>"
    if outgoing.thread:
        made["References"] = f"<{outgoing.thread}@{domain}>"
    if settings.get("reply_to"):
        made["Reply-To"] = _address(*_named(str(settings["reply_to"])))
    made["Auto-Submitted"] = "auto-generated"
    made["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    return made, sender, to


def _content(outgoing: Outgoing, way: Way, sender: str, to: str, domain: str) -> Message:
    """The same in several forms: text, HTML, and for an appointment the entry that mail programs answer to."""
    letter = letter_of(outgoing, way)
    made = MIMEMultipart("alternative", policy=WIRE)
    made.attach(_text(as_text(letter), "plain"))
    made.attach(_text(as_html(letter), "html"))
    if outgoing.invitation is not None:
        text = calendar(outgoing.invitation, sender, to, domain, outgoing.at)
        made.attach(_text(text.decode(), "calendar", method=method(outgoing.invitation)))
    return made


def _enclosed(content: Message, outgoing: Outgoing) -> Message:
    """With what goes along; an invitation also as a file, for programs that do not know it."""
    files = list(outgoing.attached)
    if outgoing.invitation is not None:
        text = next(part for part in content.walk() if part.get_content_subtype() == "calendar").get_payload(decode=True)
        files.insert(0, Attached("invitation.ics", "application/ics", bytes(text)))
    if not files:
        return content
    made = MIMEMultipart("mixed", policy=WIRE)
    made.attach(content)
    for one in files:
        made.attach(_file(one))
    return made


def _text(text: str, subtype: str, **params: str) -> Message:
    made = MIMENonMultipart("text", subtype, policy=WIRE, charset="utf-8", **params)
    made["Content-Transfer-Encoding"] = "quoted-printable"
    lines = "\r\n".join(text.splitlines()) + "\r\n"
    made.set_payload(b2a_qp(lines.encode()).decode("ascii"))
    return made


def _file(one: Attached) -> Message:
    main, _, subtype = one.media_type.partition("/")
    made = MIMENonMultipart(main or "application", subtype or "octet-stream", policy=WIRE)
    made["Content-Transfer-Encoding"] = "base64"
    name = _short(one_line(one.name))
    made.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    made.set_payload(encodebytes(one.content).decode("ascii"))
    return made


def letter_of(outgoing: Outgoing, way: Way) -> Letter:
    pieces = [
        Piece(one.subject, one.text, one.link, one.link_label, one.buttons, one.sheets)
        for one in outgoing.pieces or (outgoing,)
    ]
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


def _short(name: str) -> str:
    """A line of a mail has room for a thousand bytes, and a letter may take nine."""
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= LONGEST_NAME else f"{(stem or ending)[:LONGEST_NAME - 10]}{dot}{ending[:9]}"


def _sender(settings: Mapping[str, Any]) -> tuple[str, str]:
    return _named(str(settings.get("from", "")))


def _named(text: str) -> tuple[str, str]:
    name, address = parseaddr(one_line(text))
    return name, _receiver(address)


def _receiver(text: str) -> str:
    local, at, domain = text.strip().rpartition("@")
    if not at or not local or not domain or any(c.isspace() or not c.isprintable() or c in "<>,;:\"()[]" for c in text):
        raise Unsendable(f'"{one_line(text)[:100]}" is not an e-mail address that a mail can go to.')
    return f"{local}@{_plain_domain(domain)}"


def _address(name: str, address: str) -> str:
    shown = one_line(name)[:100]
    if shown and not shown.isascii():
        shown = words(shown)
    elif _SPECIAL.search(shown):
        shown = '"' + re.sub(r'(["\\\\])', r"\\\1", shown) + '"'
    place = address.encode().decode("ascii", "surrogateescape")  # as it is, not as a word
    return f"{shown} <{place}>" if shown else place


def words(text: str) -> str:
    """As a header holds it: in lines of their own where it is long, encoded where it is more than ASCII."""
    if text.isascii() and len(text) < LONGEST_LINE and "=?" not in text:
        return text
    return Header(text, None if text.isascii() and "=?" not in text else "utf-8", LONGEST_LINE).encode(linesep="\r\n")


def _plain_domain(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise Unsendable(f'"{domain[:100]}" is not the name of a mail server.') from error
