"""What every channel answers. One channel is one file in this folder; the file's name is the word in `kind:`.

A channel is handed a message that was rendered for its reader, and the way out; it opens no database and knows no record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from engine.outbound import Client

SENT, LATER, REFUSED, UNSURE = "sent", "later", "refused", "unsure"


class Unsendable(ValueError):
    """It can never go this way; the text is a whole sentence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message. `reason` is a whole sentence, with the server's own words.

    sent: it was taken. later: it certainly was not; try again, after `wait` seconds when the server says so; with `down`
    nothing else can go this way now either. refused: it never will be. unsure: it may have been taken."""

    state: str
    reason: str = ""
    provider: str | None = None  # the id that the gateway gave it
    wait: float | None = None
    down: bool = False


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Invitation:
    """An appointment that goes with the message: one calendar entry for each record, whatever is sent about it."""

    entity: str
    record: int
    version: int
    starts: datetime
    length: timedelta
    title: str
    place: str = ""
    cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A report's table in words. `words` columns come first, the others are numbers; `sizes`: of the first number of each
    row, from 0 to 1, to draw a bar; None where none is drawn."""

    heading: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int
    sizes: tuple[float | None, ...] = ()
    total: tuple[str, ...] = ()
    note: str = ""
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message, rendered for the one who gets it. `key` is the same each time that it is tried."""

    key: str
    to: str
    subject: str
    text: str
    at: datetime
    name: str = ""
    language: str = "en"
    link: str | None = None  # the whole address of what it is about
    link_label: str = ""
    buttons: tuple[tuple[str, str], ...] = ()  # what the reader may answer: (label, address)
    thread: str | None = None  # the same for all messages about one record
    attached: tuple[Attached, ...] = ()
    invitation: Invitation | None = None
    kind: str = ""  # the notification's name
    record: Mapping[str, Any] | None = None  # for machines: the record as the robot may read it
    sheets: tuple[Sheet, ...] = ()  # the numbers of reports
    pieces: tuple[Outgoing, ...] = ()  # of a digest: the messages that it gathers


@dataclass(frozen=True, slots=True)
class Way:
    """The way out: what the environment says, and the client that asks other machines."""

    secret: Callable[[str], str | None]
    client: Client
    smtp_url: str | None = None
    title: str = ""  # of the firm
    color: str = "#2f6f4f"
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Request:
    """What a channel asks over HTTP."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class Session(Protocol):
    """Open while a batch goes out."""

    def send(self, outgoing: Outgoing) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Example:
    """An honest example: settings as in YAML, and for channels that ask over HTTP the request that they make of it."""

    settings: Mapping[str, Any]
    environment: Mapping[str, str] = field(default_factory=dict)
    makes: Mapping[str, Any] | None = None


class Channel:
    """Base of the channels; a subclass named `Part` in each file. Stateless."""

    word: ClassVar[str] = ""  # set from the file's name
    label: ClassVar[str] = ""
    doc: ClassVar[str] = ""
    schema: ClassVar[Mapping[str, Any]] = {}  # JSON Schema `properties` of its keys
    needs: ClassVar[tuple[str, ...]] = ()
    built_in: ClassVar[bool] = False  # there is always one, under the kind's own name
    inside: ClassVar[bool] = False  # never leaves the house: the notice is written with the mark that it was sent
    carries: ClassVar[bool] = False  # takes attachments and invitations
    examples: ClassVar[tuple[Example, ...]] = ()

    def reaches(self, settings: Mapping[str, Any]) -> str:
        """By which address it finds somebody: `email`, `phone`, `person` (who signs in), or `nobody` (a machine)."""
        return str(settings.get("to", "email"))

    def templates(self, settings: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Where its settings hold texts with holes, and the texts."""
        return iter(())

    def words(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """What those texts may name."""
        return ()

    def missing(self, settings: Mapping[str, Any], way: Way) -> tuple[str, ...]:
        """The environment variables without which nothing goes out this way."""
        return tuple(name for name in named_variables(settings) if not way.secret(name))

    @contextmanager
    def open(self, settings: Mapping[str, Any], way: Way) -> Iterator[Session]:
        raise NotImplementedError
        yield


def named_variables(settings: Mapping[str, Any]) -> Iterator[str]:
    """The environment variables that keys ending in `_from` name."""
    for key, value in settings.items():
        if key.endswith("_from"):
            yield from value.values() if isinstance(value, Mapping) else (value,)
