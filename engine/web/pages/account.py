"""One's own account: who I am, my language and time zone, my password, where I am signed in, my API tokens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.responses import RedirectResponse, Response

from engine.blueprint.entities import Entity, Field
from engine.errors import Complaint, Conflict, Invalid
from engine.markup import Html
from engine.parts import field_type
from engine.records.commands import Update
from engine.records.tokens import Token
from engine.serving import Ask
from engine.web.frame import Screen, alone, go, proof, screen, words_for
from engine.web.pages import calendar_feeds
from engine.web.pages.ids import record_id, version_of
from engine.web.pages.signs import text_of
from engine.web.pages.undo import done, way_back
from engine.web.pages.wishes import section
from engine.web.render import render, shown
from engine.web.render_forms import Sheet, posted, typed
from engine.web.session import sign_out
from engine.words import said

MINE = ("name", "phone", "language", "zone")  # what a person may see to themselves, where the role lets them
MOMENT = Field("at", "datetime", "When")
LONGEST_TOKEN = 365  # days


def show(ask: Ask) -> Response:
    return page(screen(ask))


def change(ask: Ask) -> Response:
    seen = screen(ask)
    entity = seen.crm.blueprint.entities["user"]
    texts = posted(seen, _fields(seen, entity))
    try:
        outcome = done(seen, Update("user", seen.actor.user, version_of(ask), texts))
    except (Invalid, Conflict) as error:
        complaints = error.complaints if isinstance(error, Invalid) else (Complaint(None, error.message),)
        return page(seen, texts, complaints, status=error.status)
    return go(ask, "/me", said("Saved."), way_back(seen, outcome))


def _fields(seen: Screen, entity: Entity) -> tuple[Field, ...]:
    writable = seen.crm.writes.writable(seen.actor, "user")
    return tuple(entity.fields[name] for name in MINE if name in writable)


def page(
    seen: Screen,
    texts: dict | None = None,
    complaints: tuple[Complaint, ...] = (),
    token: str | None = None,
    status: int = 200,
    wishes: Html | None = None,
    feeds: Html | None = None,
) -> Response:
    entity = seen.crm.blueprint.entities["user"]
    body = seen.render(
        "account.html", actor=seen.actor, role=seen.role_label(), sheet=_own(seen, entity, texts, complaints),
        version=_version(seen), tokens=[_told(seen, t) for t in seen.crm.tokens.of(seen.actor)], token=token,
        proof=proof(seen.ask), once=proof(seen.ask), wishes=wishes or section(seen),
        feeds=feeds or calendar_feeds.section(seen),
    )  # fmt: skip
    return seen.page(said("Your account"), body, "account", status)


def _own(seen: Screen, entity: Entity, texts: dict | None, complaints: tuple[Complaint, ...]) -> Sheet | None:
    """The form of one's own record; None where the role may not change it."""
    if not seen.crm.writes.may(seen.actor, "user", seen.actor.user, "update"):
        return None
    record = seen.crm.reads.record(seen.actor, "user", seen.actor.user)
    fields = _fields(seen, entity)
    return Sheet(
        seen,
        entity,
        fields,
        {**typed(seen, fields, record.values), **(texts or {})},
        record.values,
        complaints,
    )


def _version(seen: Screen) -> int:
    return (
        seen.crm.reads.record(seen.actor, "user", seen.actor.user).version
        if seen.sight.may_open(seen.actor, "user")
        else 0
    )


# ---- password and sessions


def password(ask: Ask) -> Response:
    return _password_page(ask)


def change_password(ask: Ask) -> Response:
    old, new = text_of(ask, "old"), text_of(ask, "new")
    try:
        if new != text_of(ask, "again"):
            raise Invalid([Complaint("again", said("The two new passwords are not the same."))])
        ask.crm.accounts.change_password(ask.who(), old, new, keep=ask.session.key)
    except Invalid as error:
        return _password_page(ask, error)
    return go(ask, "/me", said("Your password is changed. Other places where you were signed in are signed out."))


def _password_page(ask: Ask, error: Invalid | None = None) -> Response:
    wrong = {c.field: c.message for c in error.complaints} if error else {}
    body = render(
        "password.html",
        words_for(ask),
        wrong=wrong,
        proof=proof(ask, once=False),
        must=ask.session.must_change,
        name=ask.who().name,
    )
    if ask.session.must_change:
        return alone(ask, said("Choose a new password"), body, error.status if error else 200)
    seen = screen(ask)
    page = seen.render("framed.html", body=body, title=said("Change password"))
    return seen.page(said("Change password"), page, "account", error.status if error else 200)


def end_sessions(ask: Ask) -> Response:
    ask.crm.accounts.sign_out_everywhere(ask.who())
    return sign_out(ask, RedirectResponse("/login", 303))


# ---- tokens


def make_token(ask: Ask) -> Response:
    seen = screen(ask)
    try:
        expires = _expires(ask)
        only = _only(seen) if text_of(ask, "reads") == "only" else None
        _, text = seen.crm.tokens.make(seen.actor, text_of(ask, "name"), only=only, expires=expires)
    except Invalid as error:
        return page(seen, None, error.complaints, status=error.status)
    return page(seen, token=text)


def revoke_token(ask: Ask) -> Response:
    ask.crm.tokens.revoke(ask.who(), record_id(ask))
    return go(ask, "/me#tokens", said("The token is taken back."))


def _expires(ask: Ask) -> datetime | None:
    days = text_of(ask, "days")
    if not days:
        return None
    if not (days.isascii() and days.isdigit() and len(days) < 6 and 1 <= int(days) <= LONGEST_TOKEN):
        raise Invalid(
            [Complaint("days", said(
                '"{days}" is not a number of days from 1 to {longest_token}.', days=days[:20], longest_token=LONGEST_TOKEN
            ))]
        )
    return ask.now.astimezone(UTC) + timedelta(days=int(days))


def _only(seen: Screen) -> list[tuple[str, str]]:
    return [(name, "read") for name in seen.crm.blueprint.entities if seen.sight.may_open(seen.actor, name)]


def _told(seen: Screen, token: Token) -> dict:
    def at(ms: int | None):
        return shown(MOMENT, field_type("datetime").load(MOMENT, (ms,)), seen.formats)

    return {
        "id": token.id, "name": token.name, "made": at(token.created_at), "used": at(token.used_at),
        "ends": at(token.expires_at), "revoked": token.revoked_at is not None,
        "reach": said("All that your role may") if token.only is None else said("Reading only"),
    }  # fmt: skip


__all__ = ["change", "change_password", "end_sessions", "make_token", "page", "password", "revoke_token", "show"]
