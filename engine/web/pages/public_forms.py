"""/forms/NAME: a form that everybody may fill in. It works in a frame of another site, without script and without cookies.

- The page carries a signed moment and a number of its own: what is sent faster than a person types is asked for once
  more, and what is sent twice is taken once.
- A field that people do not see must stay empty. What filled it is kept as refused, for somebody to look at.
- Where somebody came from is read from the address, or from the address of the page around the frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from engine.blueprint.capture import Capture, Form
from engine.blueprint.entities import Field
from engine.errors import Complaint, Invalid, NotFound
from engine.parts import field_type
from engine.parts.fields.contract import Control, Unreadable
from engine.records import capturing, received
from engine.records.capturing import Incoming
from engine.records.keys import milliseconds, new_id
from engine.records.received import Received
from engine.serving import Ask
from engine.web.frame import Screen, words_for
from engine.web.page_token import PageToken, given_out, read_token
from engine.web.pages.signs import text_of
from engine.web.public import as_robot, gate, page
from engine.web.public_words import Words, words_of
from engine.web.render_forms import FILES, Sheet, offered, posted, typed
from engine.web.uploads import discard, keep_uploads
from engine.words import said as sentence

TRAP = "website_"  # no field can be called so
QUICKEST = 2_000  # ms between the page and its form
OLDEST = 24 * 3_600_000  # ms
MOST_SENT, WITHIN = 30, 600  # forms from one address in so many seconds
MOST_OPENED = 600  # pages from one address in the same time
MOST_OFFERED = 200  # records in a menu
LONGEST_WORD = 200  # characters of what the address says


@dataclass(frozen=True, slots=True)
class Opened:
    """A form's page as one request sees it."""

    ask: Ask
    capture: Capture
    form: Form
    seen: Screen
    said: Words

    @property
    def language(self) -> str | None:
        return self.form.language

    def fields(self) -> tuple[Field, ...]:
        """As the entity has them, with what the form says otherwise."""
        described = self.seen.crm.blueprint.entities[self.capture.entity].fields
        return tuple(
            replace(f, label=a.label or f.label, help=a.help or f.help, required=f.required or a.required)
            for a in self.form.fields
            for f in (described[a.field],)
        )


class PublicSheet(Sheet):
    """Its menus hold all there is to choose, since nobody may search from outside."""

    def _control(self, field: Field, is_needed: bool, is_wrong: bool) -> Control:
        control = replace(super()._control(field, is_needed, is_wrong), personal=True)
        if control.pick_url is None:
            return control
        every = tuple(offered(self.screen, self.entity, field, None, MOST_OFFERED))
        return replace(control, pick_url=None, offered=every)


# ---- what is answered


def show(ask: Ask) -> Response:
    gate(ask, "forms opened", MOST_OPENED, WITHIN)
    at = _opened(ask)
    if "sent" in ask.request.query_params:
        return _thanks(at)
    return _page(at, {}, _came_from(ask, at.capture), given_out(ask))


def send(ask: Ask) -> Response:
    gate(ask, "forms sent", MOST_SENT, WITHIN)
    at = _opened(ask)
    texts = posted(at.seen, at.fields())
    texts.update({f.name: None for f in at.fields() if f.type in FILES})  # what another uploaded is not theirs to name
    came, token = _came_back(ask, at.capture), read_token(ask, text_of(ask, "_page"))
    if text_of(ask, TRAP).strip():
        _keep_trapped(at, texts, came, token)
        return _on(at)
    if token is None or milliseconds(ask.now) - token.at > OLDEST:
        return _page(at, texts, came, given_out(ask), (Complaint(None, at.said.old),))
    if milliseconds(ask.now) - token.at < QUICKEST:
        return _page(at, texts, came, token.text, (Complaint(None, at.said.quick),))
    wrong = _wrong(at, texts)
    if wrong:
        return _page(at, texts, came, token.text, wrong)
    return _taken(at, texts, came, token)


def _taken(at: Opened, texts: dict[str, Any], came: dict[str, str], token: PageToken) -> Response:
    kept: dict[str, str] = {}
    try:
        kept = keep_uploads(at.seen, at.fields())
        values = {name: text for name, text in {**texts, **kept}.items() if text not in (None, "", [])}
        capturing.take(at.seen.crm.writes, at.capture, _incoming(at, values, came, token.number, strict=True))
    except Invalid as error:
        discard(at.seen, kept.values())
        return _page(at, texts, came, token.text, error.complaints)
    return _on(at)


def _incoming(at: Opened, values: dict[str, Any], came: dict[str, str], key: str, *, strict: bool) -> Incoming:
    names = {name: [text] for name, text in came.items()}
    content = orjson.dumps({"values": values, "names": names}, default=str).decode()
    return Incoming(f"page {key}", lambda name: names.get(name, []), values, text=_told(at, values),
                    consent=at.form.consent, content=content, strict=strict)  # fmt: skip


def _keep_trapped(at: Opened, texts: dict[str, Any], came: dict[str, str], token: PageToken | None) -> None:
    """For somebody to look at: a browser that fills in everything would fall into the trap too."""
    values = {name: text for name, text in texts.items() if text not in (None, "", [])}
    incoming = _incoming(at, values, came, token.number if token else at.ask.id, strict=False)
    why = "The field that people do not see was filled in."
    row = Received(new_id(at.ask.now), at.capture.name, incoming.key, milliseconds(at.ask.now), received.REFUSED,
                   text=incoming.text, reason=why, consent=incoming.consent)  # fmt: skip
    with at.seen.crm.database.writing() as connection:
        received.keep(connection, row, incoming.content)


def _on(at: Opened) -> Response:
    return RedirectResponse(at.form.thanks_at or f"/forms/{at.capture.name}?sent=1", 303)


# ---- what is wrong


def _wrong(at: Opened, texts: Mapping[str, Any]) -> tuple[Complaint, ...]:
    """What the form asks for beside the entity."""
    found = [] if text_of(at.ask, "_consent") or at.form.consent is None else [Complaint("_consent", at.said.consent)]
    uploads: Mapping[str, Any] = at.ask.form or {}
    for asked, field in zip(at.form.fields, at.fields(), strict=True):
        upload = uploads.get(f"{field.name}__upload")
        is_there = texts.get(field.name) not in (None, "", []) or (isinstance(upload, UploadFile) and upload.filename)
        if asked.required and not is_there:
            found.append(Complaint(field.name, at.said.empty.format(label=field.label)))
    # What cannot be read is told in the same breath; the rest is the write door's to say.
    return (*found, *_unreadable(at, texts)) if found else ()


def _unreadable(at: Opened, texts: Mapping[str, Any]) -> Iterator[Complaint]:
    reading = at.seen.crm.reads.reading(at.seen.actor)
    for field in at.fields():
        try:
            field_type(field.type).read(field, texts.get(field.name), reading)
        except Unreadable as wrong:
            yield Complaint(field.name, wrong.message)


def _opened(ask: Ask) -> Opened:
    capture = ask.crm.blueprint.captures.get(ask.path["name"])
    if capture is None or capture.form is None:
        raise NotFound(sentence("There is no such form."))
    language = capture.form.language or words_for(ask).language
    seen = as_robot(ask, capture.called, language)
    spoken = seen.crm.blueprint.captures[capture.name]
    assert spoken.form is not None
    return Opened(ask, spoken, spoken.form, seen, words_of(language))


# ---- where somebody came from


def _came_from(ask: Ask, capture: Capture) -> dict[str, str]:
    """The parameters that the capture speaks of, of this address and of the page around it or before it."""
    before = urlsplit(ask.request.headers.get("referer", "")[:4000])
    here = ask.request.headers.get("host", "").lower()
    site = before.hostname if before.netloc.lower() != here else None
    given = {**dict(_pairs(before.query)), **dict(ask.request.query_params), **({"referrer": site} if site else {})}
    return _spoken_of(capture, given)


def _came_back(ask: Ask, capture: Capture) -> dict[str, str]:
    try:
        given = orjson.loads(text_of(ask, "_came")[:10_000] or "{}")
    except ValueError:
        return {}
    return _spoken_of(capture, given) if isinstance(given, dict) else {}


def _spoken_of(capture: Capture, given: Mapping[str, Any]) -> dict[str, str]:
    names = {name for column in capture.columns for name in column.headers}
    plain = {name: given[name] for name in names if isinstance(given.get(name), str)}
    return {name: "".join(filter(str.isprintable, text))[:LONGEST_WORD] for name, text in plain.items() if text}


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, max_num_fields=100)
    except ValueError:
        return []


# ---- the pages


def _page(
    at: Opened, texts: dict[str, Any], came: dict[str, str], token: str, complaints: tuple[Complaint, ...] = ()
) -> Response:
    entity = at.seen.crm.blueprint.entities[at.capture.entity]
    fields = at.fields()
    shown = texts or _defaults(at, fields)
    sheet = PublicSheet(at.seen, entity, fields, shown, complaints=tuple(complaints), required=_asked_for(at))
    body = at.seen.render(
        "public_form.html", form=at.form, capture=at.capture, sheet=sheet, said=at.said, token=token, trap=TRAP,
        came=orjson.dumps(came).decode(), agreed=bool(text_of(at.ask, "_consent")), complaints=_sentences(sheet, complaints),
        general=[c.message for c in complaints if c.field is None or c.field not in {f.name for f in fields} | {"_consent"}],
        no_consent=next((c.message for c in complaints if c.field == "_consent"), None), is_again=bool(complaints),
    )  # fmt: skip
    return _answer(at, at.capture.label, body, 422 if complaints else 200)


def _sentences(sheet: Sheet, complaints: tuple[Complaint, ...]) -> list[tuple[str, str]]:
    """(id of the control, sentence), in the order of the page."""
    found = [(f"f-{name}", sentence) for name, sentence in sheet.summary()]
    return found + [("f-consent", c.message) for c in complaints if c.field == "_consent"]


def _asked_for(at: Opened) -> frozenset[str]:
    return frozenset(a.field for a in at.form.fields if a.required)


def _defaults(at: Opened, fields: tuple[Field, ...]) -> dict[str, Any]:
    defaults = at.seen.crm.writes.defaults(at.seen.actor, at.capture.entity)
    return typed(at.seen, fields, {f.name: defaults.get(f.name) for f in fields})


def _thanks(at: Opened) -> Response:
    body = at.seen.render("public_said.html", heading=at.said.thanks, sentence=at.form.thanks or at.said.thanks_why,
                  icon_name="circle-check", again=f"/forms/{at.capture.name}", again_label=at.said.again)  # fmt: skip
    return _answer(at, at.said.thanks, body)


def _answer(at: Opened, title: str, body: Any, status: int = 200) -> Response:
    ends_at = urlsplit(at.form.thanks_at or "")
    site = f"{ends_at.scheme}://{ends_at.netloc}" if ends_at.netloc else None
    return page(at.ask, title, body, status, language=at.language, framed_by=at.form.embed, ends_at=site)


def _told(at: Opened, values: Mapping[str, Any]) -> str:
    """What was filled in, line by line, as it is kept with the message."""
    labels = {f.name: f.label for f in at.fields()}
    return "\n".join(f"{labels[name]}: {_line(value)}" for name, value in values.items() if name in labels)


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(one) for one in value.values() if one)
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


__all__ = ["send", "show"]
