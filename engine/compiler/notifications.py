"""notifications.yaml: who is told what, when, and over which channels."""

from __future__ import annotations

from engine.blueprint.conditions import ALWAYS
from engine.blueprint.notifications import Notification
from engine.blueprint.templates import Template
from engine.compiler.capture_forms import NOT_ASKED
from engine.compiler.channels import kind_of_channel, names_of
from engine.compiler.clients import check_open
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft, label_from, rule_of_names, tidy_name
from engine.compiler.enclosures import read_attachments, read_invitation
from engine.compiler.periods import read_period
from engine.compiler.recipients import CLIENT, read_recipients
from engine.compiler.spot import Spot
from engine.compiler.templates import read_template
from engine.compiler.triggers import read_trigger

WORDS = ("title", "actor", "link")  # beside the fields: the record's title, who did it, the record's address
MAIL_ONLY = ("attach", "invite", "reports", "report_files")


def build_notifications(draft: Draft) -> None:
    for name, spot in draft.section("notifications").items():
        entity = draft.entity_named(spot.get("entity"))
        if entity is not None or spot.get("entity") is None:
            draft.notifications[name] = _notification(draft, name, entity, spot)


def _notification(draft: Draft, name: str, entity: str | None, spot: Spot) -> Notification:
    _check_name(draft, name, spot)
    trigger, working_hours_only, missed = read_trigger(draft, entity, spot)
    when, subject = spot.get("when"), spot.get("subject")
    found = Notification(
        name=name,
        label=spot.text("label") or label_from(name),
        entity=entity,
        trigger=trigger,
        text=_text(draft, entity, spot.get("text") or spot, _offers(spot)),
        to=read_recipients(draft, entity, spot.get("to")),
        through=_channels(draft, spot),
        subject=_text(draft, entity, subject, _offers(spot)) if subject is not None else None,
        when=read_condition(draft, entity, when) if entity and when else ALWAYS,
        working_hours_only=working_hours_only,
        missed=missed,
        attach=read_attachments(draft, entity, spot.get("attach")),
        reports=_reports(draft, spot),
        period=read_period(draft, spot.get("period")),
        report_files=tuple(word for word, _ in spot.words("report_files")),
        invite=read_invitation(draft, entity, spot.get("invite")),
        offers=_moves(draft, entity, spot),
        holds=spot.text("if_uncertain") == "hold",
        source=spot.source,
    )
    _check_no_record(draft, found, spot)
    _check_channels_fit(draft, found, spot)
    _check_client(draft, found, spot)
    return found


def _check_name(draft: Draft, name: str, spot: Spot) -> None:
    wrong = rule_of_names(name)
    if wrong:
        message = f'"{name}" cannot name a notification: {wrong}.'
        draft.tell(spot, "bad-name", message, f'Write "{tidy_name(name)}".', at_key=True)


def _offers(spot: Spot) -> tuple[str, ...]:
    return tuple(f"link_{move}" for move, _ in spot.words("offers"))


def _text(draft: Draft, entity: str | None, spot: Spot, links: tuple[str, ...]) -> Template:
    return read_template(draft, entity, spot, (*WORDS, *links) if entity is not None else ("link",))


def _channels(draft: Draft, spot: Spot) -> tuple[str, ...]:
    if spot.get("through") is None:
        return ("app",)
    known = names_of(draft)
    for word, at in spot.words("through"):
        if word not in known and draft.can_judge("channels"):
            draft.unknown(at, word, "a channel", known)
    return tuple(word for word, _ in spot.words("through") if word in known)


def _reports(draft: Draft, spot: Spot) -> tuple[str, ...]:
    known = draft.section("reports").node.value
    for word, at in spot.words("reports"):
        if word not in known and draft.can_judge("reports"):
            draft.unknown(at, word, "a report", known)
    to = spot.get("reports")
    for key in ("report_files", "period"):
        alone = spot.get(key)
        if alone is not None and to is None:
            draft.tell(alone, "no-effect", "No report goes with this.", "Name one under reports, or remove it.", at_key=True)
    if to is not None and any(word == CLIENT for word, _ in spot.words("to")):
        message = "A client would be told the firm's numbers."
        draft.tell(to, "contradiction", message, "Take the reports out, or tell only people of the firm.", at_key=True)
    return tuple(word for word, _ in spot.words("reports") if word in known)


def _moves(draft: Draft, entity: str | None, spot: Spot) -> tuple[str, ...]:
    known = {name for flow in draft.workflows.values() if flow.entity == entity for name in flow.transitions}
    for word, at in spot.words("offers"):
        if word not in known and draft.can_judge("workflows"):
            draft.unknown(at, word, f"a transition of {entity}", sorted(known))
        _check_asked(draft, entity, word, at)
    return tuple(word for word, _ in spot.words("offers") if word in known)


def _check_asked(draft: Draft, entity: str | None, move: str, spot: Spot) -> None:
    """A client who answers sees what there is to choose: nobody of the firm, and no records that somebody owns."""
    flows = [flow for flow in draft.workflows.values() if flow.entity == entity and move in flow.transitions]
    for name in (name for flow in flows for name in flow.transitions[move].asks):
        field = draft.fields.get(entity or "", {}).get(name)
        if field is None:
            continue
        target = field.options.get("entity") if field.type in ("reference", "references") else None
        if field.name == "owner" or field.type in (*NOT_ASKED, "file", "picture") or draft.owned.get(target or "", False):
            message = f"{move} asks for {name}, which a client cannot fill in, nor see what there is to choose."
            draft.tell(spot, "wrong-value", message, "Offer another move, or one that does not ask for it.")


# ---- do its parts fit together


def _check_no_record(draft: Draft, found: Notification, spot: Spot) -> None:
    if found.entity is not None or spot.get("entity") is not None:
        return
    for key in ("when", "offers", "invite"):
        at = spot.get(key)
        if at is not None:
            message = f'"{key}" speaks of a record, and this is about none.'
            draft.tell(at, "no-effect", message, "Say whose records with entity.", at_key=True)


def _check_channels_fit(draft: Draft, found: Notification, spot: Spot) -> None:
    parts = [part for name in found.through if (part := kind_of_channel(draft, name)) is not None]
    if not parts or len(parts) < len(found.through):
        return
    subject = spot.get("subject")
    if subject is not None and all(part.inside for part in parts):
        message = "Notices in the program have no subject."
        draft.tell(subject, "no-effect", message, "Remove it, or add email to through.", at_key=True)
    for key in MAIL_ONLY:
        at = spot.get(key)
        if at is not None and not any(part.carries for part in parts):
            message = f'"{key}" goes with a mail, and this notification sends none.'
            draft.tell(at, "no-effect", message, "Remove it, or add email to through.", at_key=True)
    hold = spot.get("if_uncertain")
    if hold is not None and all(part.inside for part in parts):
        message = "A notice in the program is written exactly once, so it is never uncertain."
        draft.tell(hold, "no-effect", message, "Remove it.", at_key=True)


def _check_client(draft: Draft, found: Notification, spot: Spot) -> None:
    offers = spot.get("offers")
    if CLIENT not in found.to:
        if offers is not None and spot.get("to") is not None:
            message = "Only a client answers by a link."
            draft.tell(offers, "no-effect", message, "Add client to `to`, or remove it.", at_key=True)
        return
    if found.entity not in draft.entities:
        return
    _check_reached(draft, found, spot)
    check_open(draft, found.entity, sorted(found.text.fields), spot.get("text") or spot)
    if found.subject is not None:
        check_open(draft, found.entity, sorted(found.subject.fields), spot.get("subject") or spot)
    fields = [one.field for one in found.attach if one.field]
    check_open(draft, found.entity, fields, spot.get("attach") or spot)
    if found.invite is not None:
        shown = (found.invite.starts, found.invite.length, found.invite.title or "title", found.invite.place)
        check_open(draft, found.entity, filter(None, shown), spot.get("invite") or spot)


def _check_reached(draft: Draft, found: Notification, spot: Spot) -> None:
    """At least one of the channels leads to a client."""
    assert found.entity is not None
    client = draft.entities[found.entity].client
    if client is None:
        return  # told where `client` stands among those who are told
    reaching = []
    for name in found.through:
        part = kind_of_channel(draft, name)
        if part is None:
            return
        settings = draft.channels[name].settings if name in draft.channels else {}
        reaching.append(part.reaches(settings))
    if not any(client.at(by) for by in reaching):
        at = spot.get("through") or spot.get("to") or spot
        message = f"No client of {found.entity} can be reached through {' or '.join(found.through) or 'this'}."
        draft.tell(at, "nobody", message, "Add a channel that the client has an address for.", at_key=True)
