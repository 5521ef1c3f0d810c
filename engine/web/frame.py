"""What stands around every page: the places one may go to, the search box, one's own menu.

All of it that does not change from request to request is drawn once for a role, a language and a place, and kept with
the blueprint; a request fills the slots.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.responses import RedirectResponse, Response

from engine.actor import Actor
from engine.blueprint.conditions import NEVER
from engine.blueprint.entities import Entity
from engine.errors import NotFound
from engine.formats import Formats
from engine.markup import Html, escape, tag, trusted
from engine.parts.links import initials
from engine.records.fairness import assignments_of
from engine.records.notices import CAP
from engine.records.sight import NOT_FOUND
from engine.records.statement import Kept
from engine.records.today import has_day
from engine.runtime import Crm
from engine.serving import Ask
from engine.web.keys import KEYS
from engine.web.render import ASSETS, HUES, icon, render
from engine.web.security import FIELD
from engine.web.static import brand_of
from engine.words import ENGLISH, Speech, said as sentence, speech

SAID = "crm_said"  # the cookie that carries one sentence over a redirect
PART = "x-part"  # a script asks for what stands inside the frame, to put it in its place
TELLS = "tells"  # and shows the sentence that a redirect brought along
SLOT = f"\x01{secrets.token_hex(8)}"  # nobody can type it, so nobody can make a slot of their own
SHELLS = {"list": 100, "record": 400, "related": 200}  # so many pages of each kind are kept
THEMES = frozenset({"light", "dark"})
MOST_FACES = 40  # languages that are drawn for at once
MENU_FIRST = 4  # places in the bar at a telephone's foot


class Face:
    """What is drawn once for a blueprint."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        self.kept: dict[Any, Any] = {}

        self.shells = {kind: Kept[Slotted](most) for kind, most in SHELLS.items()}

    def shell(self, kind: str, key: Any, make: Callable[[], str]) -> Slotted:
        """A page, or a part of one, drawn but for its slots; the last so many of a kind are kept."""
        return self.shells[kind].get(key, lambda: Slotted(make()))

    def once(self, key: Any, make: Any) -> Any:
        """What `make` gives for this key; a few thousand are kept."""
        found = self.kept.get(key)
        if found is None:
            if len(self.kept) > 5000:
                self.kept.clear()
            found = self.kept[key] = make()
        return found


@dataclass(slots=True)
class Screen:
    """One request of a signed-in person, as a page's maker sees it."""

    ask: Ask
    crm: Crm
    actor: Actor
    face: Face
    formats: Formats
    words: Speech = ENGLISH
    kept: dict[Any, Any] = field(default_factory=dict)  # what is worked out once for this request

    def say(self, text: str, /, **values: Any) -> str:
        """A sentence of the program in the reader's language: `seen.say("{count} done", count=n)`."""
        return self.words.say(text, **values)

    def say_n(self, one: str, many: str, n: int, /, **values: Any) -> str:
        """A sentence about a number: `seen.say_n("{n} record", "{n} records", count)`."""
        return self.words.say_n(one, many, n, **values)

    def render(self, template: str, **values: Any) -> Html:
        """A template in the reader's language."""
        return render(template, self.words, **values)

    @property
    def sight(self) -> Any:
        return self.crm.reads.sight

    def entity(self, name: str | None = None) -> Entity:
        """The entity of the address. Raises NotFound for one that this role may not read."""
        return self.crm.reads.sight.entity(self.actor, name or self.ask.path["entity"])

    def role_label(self) -> str:
        role = self.crm.blueprint.roles.get(self.actor.role)
        return role.label if role else self.actor.role

    def administers(self) -> bool:
        role = self.crm.blueprint.roles.get(self.actor.role)
        return bool(role and role.administers)

    def piece(self, body: str, tells: bool = False) -> Response:
        """A piece of a page, which a script puts in its place; with the sentence that a redirect brought along, where the
        script shows it."""
        told = said(self) if tells or self.ask.request.headers.get(PART) == TELLS else ""
        response = Response(f"{body}{told}", media_type="text/html; charset=utf-8")
        if told:
            response.delete_cookie(SAID)
        return response

    def page(self, title: str, body: str, here: str = "", status: int = 200) -> Response:
        """A whole page; `here` is the place in the menu."""
        slots = {
            "title": str(escape(self.words.tell(title))),
            "csrf": csrf(self.ask),
            "me": str(self.actor.user),
            "avatar": _avatar(self.face, self.actor),
            "name": str(escape(self.actor.name)),
            "bell": _bell(self),
            "said": _said(self),
            "body": str(body),
        }
        response = Response(_frame(self, here).fill(slots), status, media_type="text/html; charset=utf-8")
        if slots["said"]:
            response.delete_cookie(SAID)
        return response


def screen(ask: Ask) -> Screen:
    actor = ask.who()
    formats = ask.crm.reads.formats(actor)
    return Screen(ask, ask.crm, actor, face_of(ask), formats, speech(actor.language))


def administration(ask: Ask) -> Screen:
    """A page of those who administer. Raises NotFound for everybody else: it is not theirs to know of."""
    seen = screen(ask)
    if not seen.administers():
        raise NotFound(NOT_FOUND)
    return seen


def face_of(ask: Ask, language: str | None = None) -> Face:
    """One for each language, so that what is drawn once is drawn in it."""
    state, spoken = ask.request.app.state, language or words_for(ask).language
    if not hasattr(state, "faces"):
        state.faces = {}
    face = state.faces.get(spoken)
    if face is None or face.crm is not ask.crm:
        if len(state.faces) >= MOST_FACES:
            state.faces = {}
        face = state.faces[spoken] = Face(ask.crm)
    return face


def csrf(ask: Ask) -> str:
    return ask.session.csrf if ask.session is not None else ""


def proof(ask: Ask, *, once: bool = True) -> Html:
    """What every form of ours carries: this session's token, and a key so that it is done once."""
    token = tag("input", type="hidden", name=FIELD, value=csrf(ask))
    if not once:
        return token
    return trusted(f"{token}{tag('input', type='hidden', name='_key', value=secrets.token_urlsafe(16))}")


def go(ask: Ask, place: str, said: str | None = None, undo: tuple[str, int] | None = None) -> Response:
    """On to another page, with a sentence that it shows; `undo` is the address and version that take it back."""
    response = RedirectResponse(place, 303)
    if said:
        text = base64.urlsafe_b64encode(orjson.dumps([words_for(ask).tell(said), *(undo or ())])).decode()
        response.set_cookie(
            SAID, text, max_age=60, httponly=True, samesite="lax", secure=ask.crm.settings.secure
        )
    return response


# ---- a page without a frame


def alone(ask: Ask, title: str, body: str, status: int = 200, wide: bool = False) -> Response:
    page = render(
        "alone.html", words_for(ask), title=title, body=trusted(str(body)), wide=wide, theme=theme(ask), brand=brand(ask),
        language=words_for(ask).language, direction=words_for(ask).direction,
        firm=ask.crm.blueprint.manifest.title, letter=letter(ask.crm),
    )  # fmt: skip
    return Response(str(page), status, media_type="text/html; charset=utf-8")


def words_for(ask: Ask) -> Speech:
    """How a page is spoken whose reader may not be known: as who is signed in reads, else as the browser wants it."""
    if ask.actor is not None:
        return speech(ask.actor.language)
    return speech(ask.notes.get("language") or ask.crm.blueprint.manifest.language)


def theme(ask: Ask) -> str | None:
    chosen = ask.request.cookies.get("theme")
    return chosen if chosen in THEMES else None


def is_narrow(ask: Ask) -> bool:
    """Whether the rail is folded to its icons."""
    return ask.request.cookies.get("rail") == "narrow"


def brand(ask: Ask) -> dict[str, str | None]:
    made = brand_of(ask.request)
    logo = made.address("brand/logo") if made.logo else None
    return {"css": made.address("brand.css"), "icon": made.address("brand/icon.svg"), "logo": logo}


def letter(crm: Crm) -> str:
    return next((c for c in crm.blueprint.manifest.title if c.isalnum()), "C").upper()


# ---- the frame


class Slotted:
    """A drawn page with slots: `SLOT name SLOT` in its text."""

    def __init__(self, text: str) -> None:
        self.pieces = text.split(SLOT)
        self.names = self.pieces[1::2]

    def fill(self, slots: dict[str, str]) -> str:
        filled = self.pieces[:]
        filled[1::2] = [slots[name] for name in self.names]
        return "".join(filled)


def slot(name: str) -> Html:
    return trusted(f"{SLOT}{name}{SLOT}")


def _frame(screen: Screen, here: str) -> Slotted:
    actor = screen.actor
    key = ("frame", actor.role, actor.language, here, theme(screen.ask), is_narrow(screen.ask))
    return screen.face.once(key, lambda: _drawn(screen, here))


def _drawn(screen: Screen, here: str) -> Slotted:
    crm, actor = screen.crm, screen.actor
    places = _places(screen)
    text = screen.render(
        "frame.html", slot=slot, language=actor.language, direction=screen.words.direction, theme=theme(screen.ask),
        brand=brand(screen.ask), firm=crm.blueprint.manifest.title, letter=letter(crm), places=places,
        desks=_desks(screen)[1:],
        foot=_foot(screen), here=here, makes=_makes(screen, here), role=screen.role_label(), narrow=is_narrow(screen.ask),
        keys=KEYS,
        version=crm.blueprint.hash[:8] if screen.administers() else None, set_name=crm.blueprint.manifest.name,
    )  # fmt: skip
    return Slotted(str(text))


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    label: str
    address: str
    icon: str
    key: str | None = None  # `g` and this letter


def all_places(screen: Screen) -> list[Place]:
    """All that the rail leads to, for this person."""
    return [*_places(screen), *_desks(screen)[1:], *_foot(screen)]


def _places(screen: Screen) -> list[Place]:
    """The day, the role's first dashboard, the calendar, then what it may read."""
    lists = [Place(e.name, e.plural, f"/{e.name}", e.icon) for e in in_menu(screen)]
    day, desk, calendar = _day(screen), _desks(screen)[:1], _calendar(screen)
    free = set("abcdefghijklmnopqrstuvwxyz")
    keyed = {place.name: _keyed(place, free) for place in (*day, *lists, *calendar, *desk)}  # lists choose first
    return [keyed[place.name] for place in (*day, *desk, *calendar, *lists)]


def _day(screen: Screen) -> list[Place]:
    """Today, for whoever has records to attend to."""
    if not has_day(screen.crm.reads, screen.actor):
        return []
    return [Place("today", screen.say("Today"), "/today", "circle-check")]


def _calendar(screen: Screen) -> list[Place]:
    if not any(entity.activity for entity in in_menu(screen)):
        return []
    return [Place("calendar", screen.say("Calendar"), "/calendar", "calendar-days")]


def _desks(screen: Screen) -> list[Place]:
    return [
        Place(
            f"dashboards/{d.name}",
            d.label,
            f"/dashboards/{d.name}",
            "layout-dashboard" if not n else "chart-column",
        )
        for n, d in enumerate(
            d for d in screen.crm.blueprint.dashboards.values() if screen.actor.role in d.roles
        )
    ]


def in_menu(screen: Screen) -> list[Entity]:
    entities = screen.crm.blueprint.entities.values()
    return [e for e in entities if e.in_menu and screen.sight.may_open(screen.actor, e.name)]


def _keyed(place: Place, free: set[str]) -> Place:
    """With the first letter of its label, or of its name in the set, that no place before it has."""
    key = next((c for c in f"{place.label.lower()} {place.name.rpartition('/')[2]}" if c in free), None)
    free.discard(key or "")
    return Place(place.name, place.label, place.address, place.icon, key)


def _foot(screen: Screen) -> list[Place]:
    places = []
    if assignments_of(screen.crm.reads, screen.actor):
        places.append(Place("assignments", sentence("Who gets what"), "/assignments", "users-round"))
    if screen.administers():
        for name in ("user", "team"):
            entity = screen.crm.blueprint.entities[name]
            places.append(Place(name, entity.plural, f"/{name}", entity.icon))
        places.append(Place("admin", sentence("Administration"), "/admin", "settings"))
    if any(e.duplicates and screen.sight.scope(screen.actor, e.name, "update") != NEVER for e in in_menu(screen)):
        places.append(Place("duplicates", sentence("Duplicates"), "/duplicates", "users"))
    if any(screen.sight.scope(screen.actor, e.name, "delete") != NEVER for e in in_menu(screen)):
        places.append(Place("bin", sentence("Bin"), "/bin", "trash-2"))
    return places


def _makes(screen: Screen, here: str) -> Entity | None:
    """What the button on top makes: a record of the list that is open, else of the first that the role may add to."""
    able = [e for e in in_menu(screen) if screen.crm.writes.can_create(screen.actor, e.name)]
    return next((e for e in able if e.name == here), able[0] if able else None)


# ---- what fills the slots


def _avatar(face: Face, actor: Actor) -> str:
    return face.once(("avatar", actor.user, actor.name), lambda: _drawn_avatar(actor))


def _drawn_avatar(actor: Actor) -> str:
    hue = HUES[actor.user % len(HUES)]
    return str(tag("span", initials(actor.name), class_="avatar is-large", data_hue=hue))


def _bell(screen: Screen) -> str:
    count = screen.crm.notices.unread(screen.actor)
    key = ("bell", min(count, CAP))
    return screen.face.once(
        key, lambda: str(screen.render("bell.html", count=f"{CAP - 1}+" if count >= CAP else count))
    )


def _said(screen: Screen) -> str:
    """The sentence that a redirect brought along. A page that a script fetches leaves it to the page that is shown."""
    if screen.ask.request.headers.get("sec-fetch-dest", "document") != "document":
        return ""
    return said(screen)


def said(screen: Screen) -> str:
    """The same for whoever asked."""
    ask = screen.ask
    kept = ask.request.cookies.get(SAID)
    if not kept:
        return ""
    try:
        text, *undo = orjson.loads(base64.urlsafe_b64decode(kept.encode()))
    except (ValueError, TypeError):
        return ""
    stay = screen.crm.blueprint.manifest.undo
    return str(screen.render("toast.html", text=str(text), undo=undo, proof=proof(ask) if undo else "", stay=stay))


__all__ = [
    "ASSETS",
    "PART",
    "Face",
    "Screen",
    "Slotted",
    "all_places",
    "alone",
    "csrf",
    "face_of",
    "go",
    "icon",
    "proof",
    "screen",
    "slot",
]
