"""What capture/NAME.yaml means: a way in, and how what comes becomes a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.blueprint.conditions import ALWAYS, Condition
from engine.blueprint.imports import Column
from engine.blueprint.source import Source

KINDS = {"form": "Form", "webhook": "Webhook", "mailbox": "Mailbox"}


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a public form; what is None is said by the entity."""

    field: str
    label: str | None = None
    help: str | None = None
    required: bool = False  # also where the entity does not ask for it


@dataclass(frozen=True, slots=True)
class Form:
    """A page that everybody may fill in, at /forms/NAME."""

    fields: tuple[Asked, ...]
    intro: str | None = None
    consent: str | None = None  # what is agreed to; kept with what came in
    thanks: str | None = None
    thanks_at: str | None = None  # an address to go on to, in place of the thanks
    button: str | None = None
    embed: tuple[str, ...] = ()  # sites that may show it in a frame
    language: str | None = None  # of the page; without it the set's


@dataclass(frozen=True, slots=True)
class Part:
    """A header, or one part of a header such as `t=1,v1=abc`: `Stripe-Signature.v1`."""

    header: str
    part: str | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """How a sender proves that it is the one: `by` hmac, header, bearer or address.

    With hmac, `signs` is what was signed: `{body}`, `{address}`, `{fields}` (of a form, sorted) or a header's name in
    braces. `time` is where the moment stands; what is further away than `within` seconds is refused."""

    by: str
    secret_from: str
    place: Part | None = None  # the header that holds it
    name: str | None = None  # of the parameter in the address that holds it
    digest: str = "sha256"
    written: str = "hex"  # or base64
    prefix: str = ""
    signs: str = "{body}"
    time: Part | None = None
    within: int = 300


@dataclass(frozen=True, slots=True)
class Handshake:
    """A question that the provider asks once, by GET: when `token` is our secret, it gets `answer` back."""

    token: str
    answer: str
    secret_from: str


@dataclass(frozen=True, slots=True)
class Hook:
    """What another program sends to /hooks/NAME. What a path means: rules/picking.py."""

    signed: Signed
    handshake: Handshake | None = None
    each: str | None = None  # one record for each of these; None: the whole is one
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)  # what else comes is passed over
    id: str | None = None  # the provider's own id of a message; without it the content tells replays
    in_address: bool = False  # the values come in the address, by GET


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Mails that a worker reads. `every` in seconds; `attachments` is the file field that gets the first one."""

    url_from: str
    folder: str = "INBOX"
    every: int = 60
    attachments: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One of `form`, `hook` and `mailbox` is there. `key`: a record with that value is changed rather than doubled, as
    long as `still` holds for it."""

    name: str
    label: str
    kind: str  # form, webhook, mailbox
    entity: str
    columns: tuple[Column, ...] = ()  # `headers` are names of the address, paths, or parts of a mail
    key: str | None = None
    still: Condition = ALWAYS
    form: Form | None = None
    hook: Hook | None = None
    mailbox: Mailbox | None = None
    source: Source | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that it fills, and no others."""
        asked = tuple(a.field for a in self.form.fields) if self.form else ()
        held = (self.mailbox.attachments,) if self.mailbox and self.mailbox.attachments else ()
        return tuple(dict.fromkeys((*asked, *held, *(c.field for c in self.columns))))

    @property
    def called(self) -> str:
        """Whose name history tells."""
        return f"{KINDS[self.kind]}: {self.label}"
