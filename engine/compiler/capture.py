"""capture/NAME.yaml: public forms, webhooks and mailboxes, and how what comes becomes a record."""

from __future__ import annotations

import re

from engine.blueprint.capture import Capture, Mailbox
from engine.blueprint.imports import Column
from engine.compiler.capture_forms import read_form
from engine.compiler.capture_hooks import check_path, read_hook, read_seconds
from engine.compiler.conditions import operators_of, read_condition
from engine.compiler.draft import Draft, label_from, rule_of_names, tidy_name
from engine.compiler.fields import UNWRITTEN
from engine.compiler.imports import check_complete, read_column
from engine.compiler.spot import Spot

NOT_CAPTURED = frozenset((*UNWRITTEN, "role", "file", "picture"))
PARTS_OF_A_MAIL = ("sender", "sender_name", "to", "subject", "text", "date", "message_id")
OF_THE_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")


def build_captures(draft: Draft) -> None:
    for name, spot in draft.section("capture").items():
        entity = draft.entity_named(spot.get("entity"))
        _check_name(draft, name, spot)
        if entity is not None and spot.node.is_map:
            draft.captures[name] = _capture(draft, name, entity, spot)


def _check_name(draft: Draft, name: str, spot: Spot) -> None:
    wrong = rule_of_names(name)
    if wrong:
        message = f'"{name}" cannot be part of an address: {wrong}.'
        draft.tell(spot, "bad-name", message, f'Rename the file to "{tidy_name(name)}.yaml".')


def _capture(draft: Draft, name: str, entity: str, spot: Spot) -> Capture:
    kind = spot.text("from") or ""
    capture = Capture(
        name=name,
        label=spot.text("label") or label_from(name),
        kind=kind,
        entity=entity,
        columns=_columns(draft, entity, kind, spot),
        key=_key(draft, entity, spot),
        still=read_condition(draft, entity, spot.get("while")),
        form=read_form(draft, entity, spot) if kind == "form" else None,
        hook=read_hook(draft, spot) if kind == "webhook" else None,
        mailbox=_mailbox(draft, entity, spot) if kind == "mailbox" else None,
        source=spot.source,
    )
    _check_once(draft, capture, spot)
    _check_complete(draft, capture, spot)
    _check_robot(draft, capture, spot)
    return capture


# ---- columns


def _columns(draft: Draft, entity: str, kind: str, spot: Spot) -> tuple[Column, ...]:
    columns = spot.get("columns")
    built = []
    for name, at in columns.items() if columns else ():
        built.append(read_column(draft, entity, name, at, closed=NOT_CAPTURED, deed="filled from outside"))
        _check_from(draft, kind, at)
    return tuple(column for column in built if column is not None)


def _check_from(draft: Draft, kind: str, column: Spot) -> None:
    at = column.get("from")
    for one in () if at is None else at.each() if at.node.is_list else (at,):
        if one.word is None:
            continue
        if kind == "mailbox" and one.word not in PARTS_OF_A_MAIL:
            draft.unknown(one, one.word, "a part of a mail", PARTS_OF_A_MAIL)
        elif kind == "form" and not OF_THE_ADDRESS.fullmatch(one.word):
            draft.wrong(one, "the name of a parameter", "Write it as in utm_source, or referrer.")
        elif kind == "webhook":
            check_path(draft, one)


def _key(draft: Draft, entity: str, spot: Spot) -> str | None:
    at = spot.get("key")
    field = draft.field_named(entity, at) if at is not None else None
    still = spot.get("while")
    if still is not None and at is None:
        draft.tell(still, "no-effect", '"while" goes with key.', "Add key: FIELD, or remove this key.", at_key=True)
    if at is None or field is None:
        return None
    columns = spot.get("columns")
    if columns is not None and columns.node.is_map and field.name not in columns.node.value:
        draft.tell(at, "missing-field", f"Records are found again by {field.name}, but no column fills it.",
                   f"Add {field.name} to the columns.")  # fmt: skip
    if "is" not in operators_of(field):
        draft.tell(at, "wrong-value", f"A record cannot be found by {field.name}, a field of type {field.type}.")
        return None
    return field.name


# ---- the whole


def _check_once(draft: Draft, capture: Capture, spot: Spot) -> None:
    """A field that a stranger fills in is not filled by a column too."""
    asked = {one.field for one in capture.form.fields} if capture.form else set()
    columns = spot.get("columns")
    for column in capture.columns:
        if column.field in asked and columns is not None:
            message = f"{column.field} is asked for in the form, and a column fills it too."
            draft.tell(columns.get(column.field) or columns, "contradiction", message, "Keep one of the two.", at_key=True)


def _check_complete(draft: Draft, capture: Capture, spot: Spot) -> None:
    by = "fields" if capture.kind == "form" else "columns"
    at = spot.get(by)
    if at is not None:  # what is missing altogether has been told
        check_complete(draft, capture.entity, set(capture.fields) | _named(spot), at, by)


def _named(spot: Spot) -> set[str]:
    """Also those whose own line is wrong: of these no more need be said."""
    columns = spot.get("columns")
    return set(columns.node.value) if columns is not None and columns.node.is_map else set()


def _check_robot(draft: Draft, capture: Capture, spot: Spot) -> None:
    """What comes in is written as the first role that administers; what that role may not write would never be kept."""
    robot = next((role for role in draft.roles.values() if role.administers), None)
    rights = robot.rights.get(capture.entity) if robot else None
    if robot is None or rights is None:
        return
    for name in capture.fields:
        if name in rights.hidden or name in rights.locked:
            message = f"{name} cannot be filled from outside: that is done as {robot.name}, for whom it is hidden or locked."
            draft.tell(spot, "contradiction", message, "Change the rights, or take the field out.")


# ---- mailboxes


def _mailbox(draft: Draft, entity: str, spot: Spot) -> Mailbox:
    return Mailbox(
        url_from=spot.text("url_from") or "",
        folder=spot.text("folder") or "INBOX",
        every=read_seconds(draft, spot.get("every")) or 60,
        attachments=_file_field(draft, entity, spot.get("attachments")),
    )


def _file_field(draft: Draft, entity: str, spot: Spot | None) -> str | None:
    field = draft.field_named(entity, spot) if spot is not None else None
    if spot is None or field is None or field.type == "file":
        return field.name if field else None
    known = [f.name for f in draft.fields[entity].values() if f.type == "file"]
    draft.unknown(spot, field.name, f"a file field of {entity}", known)
    return None


__all__ = ["build_captures"]
