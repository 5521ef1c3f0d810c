"""/admin/received: the ways in, what came in by each, what became of it, and why something was refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from engine.blueprint.capture import Capture
from engine.blueprint.entities import Field
from engine.blueprint.values import Ref
from engine.errors import NotFound
from engine.markup import Html
from engine.parts import field_type
from engine.records import capturing, mailing, received
from engine.records.received import Received
from engine.records.sight import NOT_FOUND
from engine.serving import Ask
from engine.web.frame import Screen, administration, go, proof
from engine.web.pages.ids import asked_id, record_id
from engine.web.render import address, shown
from engine.words import said as sentence

MOST = 50
MOMENT = Field("at", "datetime", "When")
STATES = {"taken": (sentence("Taken"), "green"), "threaded": (sentence("Added to its record"), "blue"),
          "refused": (sentence("Refused"), "red"),
          "ignored": (sentence("Passed over"), "grey")}  # fmt: skip
ICONS = {"form": "clipboard-list", "webhook": "zap", "mailbox": "mail"}


@dataclass(frozen=True, slots=True)
class Told:
    """One message as it is listed; `place` is its record's, for who may open it."""

    row: Received
    label: str
    icon: str
    state: tuple[str, str]
    moment: Html
    place: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Way:
    capture: Capture
    icon: str
    place: str
    counts: dict[str, int]
    snippet: str | None
    entity: str
    wants: str | None  # what has to be set before it works


def show(ask: Ask) -> Response:
    seen = administration(ask)
    asked = ask.request.query_params
    capture = asked.get("capture") or None
    state = asked.get("state") if asked.get("state") in STATES else None
    from_id = asked_id(ask)
    with seen.crm.database.reading() as connection:
        found = received.latest(connection, MOST + 1, from_id, capture, state)
        counts = received.counts(connection)
        read = mailing.state_of(connection)
    query = {"capture": capture or "", "state": state or ""}
    older = address("/admin/received", {**query, "before": str(found[MOST - 1].id)}) if len(found) > MOST else None
    body = seen.render(
        "arrivals.html",
        ways=[_way(seen, one, counts.get(one.name, {}), read) for one in seen.crm.blueprint.captures.values()],
        told=_told(seen, found[:MOST]), older=older, states=STATES, state=state, capture=capture, proof=proof(ask),
        link=lambda **more: address("/admin/received", {n: v for n, v in {**query, **more}.items() if v}),
    )  # fmt: skip
    return seen.page(sentence("What came in"), body, "admin")


def again(ask: Ask) -> Response:
    """Reads a refused message once more."""
    seen = administration(ask)
    with seen.crm.database.reading() as connection:
        found = received.one(connection, record_id(ask))
    if found is None:
        raise NotFound(NOT_FOUND)
    result = capturing.take_again(seen.crm.writes, *found)
    said = sentence("It is taken now.") if result.record else f"It is refused still: {result.reason}"
    return go(ask, "/admin/received", said)


def _way(
    seen: Screen, capture: Capture, counts: dict[str, int], read: dict[str, tuple[int | None, str | None]]
) -> Way:
    base = seen.crm.settings.address or str(seen.ask.request.base_url).rstrip("/")
    folder = {"form": "forms", "webhook": "hooks"}.get(capture.kind)
    place = f"{base}/{folder}/{capture.name}" if folder else ""
    return Way(capture, ICONS[capture.kind], place, counts, _snippet(capture, place),
               seen.crm.blueprint.entities[capture.entity].plural, _wants(seen, capture, read))  # fmt: skip


def _wants(seen: Screen, capture: Capture, read: dict[str, tuple[int | None, str | None]]) -> str | None:
    needed = [capture.hook.signed.secret_from] if capture.hook else []
    needed += [capture.hook.handshake.secret_from] if capture.hook and capture.hook.handshake else []
    needed += [capture.mailbox.url_from] if capture.mailbox else []
    missing = [name for name in needed if not seen.crm.settings.secret(name)]
    if missing:
        return sentence("Not open yet: {names} must be set where the program runs.", names=' and '.join(missing))
    error = read.get(capture.name, (None, None))[1]
    return f"The mailbox cannot be read: {error}" if error else None


def _snippet(capture: Capture, place: str) -> str | None:
    """What a site puts into its page: no script, and the whole address of the page comes along, for the source."""
    if capture.form is None or not capture.form.embed:
        return None
    return (
        f'<iframe src="{place}" title="{capture.label}" width="100%" height="720" loading="lazy" '
        'referrerpolicy="no-referrer-when-downgrade"></iframe>'
    )


def _told(seen: Screen, found: list[Received]) -> list[Told]:
    refs = [Ref(row.entity, row.record) for row in found if row.entity and row.record and _is_there(seen, row)]
    titles = seen.crm.reads.titles(seen.actor, refs) if refs else {}
    return [_one(seen, row, titles) for row in found]


def _is_there(seen: Screen, row: Received) -> bool:
    return row.entity is not None and seen.sight.may_open(seen.actor, row.entity)


def _one(seen: Screen, row: Received, titles: dict[Any, str]) -> Told:
    capture = seen.crm.blueprint.captures.get(row.capture)
    title = titles.get((row.entity, row.record))
    return Told(
        row, capture.label if capture else row.capture, ICONS[capture.kind] if capture else "inbox", STATES[row.state],
        shown(MOMENT, field_type("datetime").load(MOMENT, (row.at,)), seen.formats),
        f"/{row.entity}/{row.record}" if title is not None else None, title,
    )  # fmt: skip


__all__ = ["again", "show"]
