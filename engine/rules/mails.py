"""What a mail says, out of its bytes: bounded, and without belief in anything that stands in it.

- At most LARGEST bytes are looked at, MOST_PARTS parts, LONGEST characters of text; what is broken is read as far as it
  goes. Of a mail that was made to be hard to read, the beginning.
- A line break in a header ends there: nothing that came is ever put into a header of ours unread.
- What a machine sent by itself is told, so that two machines do not answer one another for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

LARGEST = 25_000_000  # bytes
MOST_LINES = 500_000  # an attachment of LARGEST bytes has 340,000
MOST_MARKS = 2_000  # lines that begin as the line between two parts does
MOST_WITHIN = 20  # parts within parts: each costs a look at each line
BEGINNING = 100_000  # bytes
MOST_PARTS = 200
MOST_ATTACHMENTS = 10
MOST_REFERENCES = 50
LONGEST = 20_000  # characters of text
LONGEST_LINE = 500
_ID = re.compile(r"<[^<>\s]{1,900}>")
_QUOTED = re.compile(r"^(>|-{2,}\s*original message|_{5,}|on .{5,200} wrote:\s*$|am .{5,200} schrieb.*:\s*$)", re.I)
MACHINES = frozenset({"mailer-daemon", "postmaster"})  # not noreply: so portals send what their visitors ask
PARTS = ("sender", "sender_name", "to", "subject", "text", "date", "message_id")
ADDRESS = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,250}")


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """`answers` are the messages that it refers to, the nearest first; `automatic` says why a machine wrote it."""

    message_id: str | None
    answers: tuple[str, ...]
    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    date: datetime | None
    automatic: str | None = None
    attached: tuple[Attached, ...] = ()

    def part(self, name: str) -> list[str]:
        """The texts of a part that a capture names."""
        value = self.date.isoformat(timespec="seconds") if name == "date" and self.date else getattr(self, name, None)
        return [value] if isinstance(value, str) and value else []


def read_mail(content: bytes) -> Mail:
    """Never raises for what is in the mail; what cannot be read is empty."""
    message = _parsed(content[: BEGINNING if _is_hard(content) else LARGEST])
    name, sender = _address(message, "From")
    parts = list(_parts(message))
    return Mail(
        message_id=next(iter(_ids(message, "Message-ID")), None),
        answers=_answers(message),
        sender=sender,
        sender_name=name,
        to=_address(message, "To")[1],
        subject=_line(message, "Subject"),
        text=_text(parts),
        date=_date(message),
        automatic=_automatic(message, sender),
        attached=tuple(_attached(parts)),
    )


def _is_hard(content: bytes) -> bool:
    """Whether reading it would take far longer than its size says."""
    head = content[:LARGEST]
    header, _, _ = head[: BEGINNING * 2].replace(b"\r\n", b"\n").partition(b"\n\n")
    return (
        head.count(b"\n") > MOST_LINES
        or head.count(b"\n--") > MOST_MARKS
        or head.lower().count(b"multipart/") > MOST_WITHIN
        or len(header) > BEGINNING
    )


def _parsed(content: bytes) -> Message:
    try:
        return BytesParser(policy=policy.compat32).parsebytes(content)
    except RecursionError:  # nested without end: its headers tell whose it is
        bare = BytesHeaderParser(policy=policy.compat32).parsebytes(content[:100_000])
        del bare["Content-Type"]
        bare.set_payload("")
        return bare


def without_quotes(text: str) -> str:
    """What is new in an answer: without the message below that it answers."""
    lines = text.splitlines()
    end = next((n for n, line in enumerate(lines) if n and _QUOTED.match(line.strip())), len(lines))
    return "\n".join(lines[:end]).strip() or text.strip()


# ---- headers


def _line(message: Message, name: str) -> str:
    """A header as one decoded line."""
    raw = str(message.get(name, ""))[:4000]
    try:
        text = str(make_header(decode_header(raw)))
    except (ValueError, LookupError, UnicodeError):
        text = raw
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:LONGEST_LINE]


def _address(message: Message, name: str) -> tuple[str, str]:
    """(name, address); the address is empty when it is none."""
    raw = " ".join(str(message.get(name, ""))[:4000].split())
    called, address = parseaddr(raw)
    try:
        called = str(make_header(decode_header(called)))
    except (ValueError, LookupError, UnicodeError):
        pass
    plain = "".join(c for c in called if c.isprintable()).strip()[:200]
    return plain, address.lower() if ADDRESS.fullmatch(address) else ""


def _ids(message: Message, name: str) -> list[str]:
    found = (_ID.findall(str(value)[:40_000]) for value in message.get_all(name, [])[:3])
    return [one for some in found for one in some][-MOST_REFERENCES:]


def _answers(message: Message) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*_ids(message, "In-Reply-To"), *reversed(_ids(message, "References")))))[:MOST_REFERENCES]


def _date(message: Message) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message.get("Date", ""))[:100])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _automatic(message: Message, sender: str) -> str | None:
    submitted = _line(message, "Auto-Submitted").lower()
    if submitted and not submitted.startswith("no"):
        return "A machine sent it by itself."
    if _line(message, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply"):
        return "It was sent to many."
    if message.get("X-Autoreply") or message.get("X-Autorespond") or message.get("List-Id"):
        return "A machine sent it by itself."
    if str(message.get("Return-Path", "-")).strip() == "<>" or message.get_content_type() == "multipart/report":
        return "It tells what became of a mail."
    return "A machine sent it by itself." if sender.partition("@")[0] in MACHINES else None


# ---- what it holds


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, at most MOST_PARTS; the depth of what holds them is bounded by that too."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part = waiting.pop(0)
        seen += 1
        inner = part.get_payload()
        if part.get_content_type() != "message/rfc822" and isinstance(inner, list):
            waiting[:0] = [one for one in inner if isinstance(one, Message)][:MOST_PARTS]
        elif not isinstance(inner, list):
            yield part


def _text(parts: list[Message]) -> str:
    for kind in ("text/plain", "text/html"):
        for part in parts:
            if part.get_content_type() == kind and not _is_file(part):
                text = _decoded(part)
                plain = text if kind == "text/plain" else _from_html(text)
                if plain.strip():
                    return plain.replace("\0", "").replace("\r\n", "\n").strip()[:LONGEST]
    return ""


def _is_file(part: Message) -> bool:
    return bool(part.get_filename()) or "attachment" in str(part.get("Content-Disposition", "")).lower()


def _decoded(part: Message) -> str:
    raw = _bytes(part)[: 4 * LONGEST]
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return raw.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", errors="replace")


def _bytes(part: Message) -> bytes:
    try:
        raw = part.get_payload(decode=True)
    except (ValueError, AssertionError, LookupError):  # an encoding that is not what it says
        raw = None
    return raw if isinstance(raw, bytes) else str(part.get_payload()).encode(errors="replace")


def _attached(parts: list[Message]) -> Iterator[Attached]:
    found = 0
    for part in parts:
        if _is_file(part) and found < MOST_ATTACHMENTS:
            content = _bytes(part)
            if content:
                found += 1
                yield Attached(_file_name(part), content)


def _file_name(part: Message) -> str:
    raw = part.get_filename() or "file"
    try:
        return str(make_header(decode_header(raw)))[:200]
    except (ValueError, LookupError, UnicodeError):
        return str(raw)[:200]


class _Reader(HTMLParser):
    """The text of a page: no script, no style, a line for each block."""

    BLOCKS: frozenset[str] = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "table", "blockquote"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "head", "title"):
            self.silent += 1
        elif tag in self.BLOCKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "head", "title"):
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def _from_html(text: str) -> str:
    reader = _Reader()
    try:
        reader.feed(text[: 4 * LONGEST])
    except (AssertionError, ValueError):
        pass
    lines = (" ".join(line.split()) for line in "".join(reader.pieces).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# ---- reference numbers


def numbers_in(subject: str, patterns: Mapping[str, str]) -> list[tuple[str, str]]:
    """(name, number) of each reference number in a subject, such as `Re: [TKT-2026-00042] Printer`. `patterns` are those
    of the set, by whatever name."""
    found = []
    for name, pattern in patterns.items():
        for match in re.finditer(rf"(?<![\w-]){as_search(pattern)}(?![\w-])", subject[:LONGEST_LINE], re.I):
            found.append((name, match[0].upper()))
    return found[:5]


def as_search(pattern: str) -> str:
    """`TKT-{year}-{number:05}` as a regular expression."""
    two, four = r"\d\d", r"\d{4}"
    shapes = {"year": four, "month": two, "day": two, "financial_year": rf"{four}(?:-{two})?", "number": r"\d{1,12}"}
    pieces = re.split(r"\{(\w+)(?::[^{}]*)?\}", pattern)
    return "".join(shapes.get(piece, r"\d+") if n % 2 else re.escape(piece) for n, piece in enumerate(pieces))


__all__ = ["Attached", "Mail", "numbers_in", "read_mail", "without_quotes"]
