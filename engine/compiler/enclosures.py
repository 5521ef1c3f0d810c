"""`attach` and `invite` of a notification: what goes with a mail."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from engine.blueprint.notifications import Attachment, Invite
from engine.compiler.conditions import read_condition
from engine.compiler.draft import Draft
from engine.compiler.spot import Spot

FOLDER = "files"
LARGEST = 10 * 1024 * 1024  # bytes
FILES = ("file", "picture")
PARTS = {
    "starts": ("datetime",), "length": ("duration",), "title": ("text", "long_text", "reference", "choice"),
    "place": ("place", "text", "long_text", "url", "reference"),
}  # fmt: skip


def read_attachments(draft: Draft, entity: str | None, spot: Spot | None) -> tuple[Attachment, ...]:
    found = [_attachment(draft, entity, at) for at in spot.each()] if spot else []
    return tuple(one for one in found if one is not None)


def _attachment(draft: Draft, entity: str | None, spot: Spot) -> Attachment | None:
    if spot.node.is_map:
        at = spot.get("field")
        name = _field(draft, entity, at, FILES) if at is not None and entity else None
        return Attachment(field=name) if name else None
    return _file(draft, spot) if spot.word else None


def _file(draft: Draft, spot: Spot) -> Attachment | None:
    known = {name: path for layer in draft.merged.layers for name, path in _files_in(layer.folder / FOLDER)}
    name = str(spot.word)
    if name not in known:
        draft.unknown(spot, name, "a file in this set's folder files/", sorted(known))
        return None
    size = known[name].stat().st_size
    if size > LARGEST:
        message = f"{name} has {size / 1_000_000:,.0f} MB; a mail carries at most {LARGEST // 1024 // 1024} MB."
        draft.tell(spot, "too-large", message, "Attach a smaller one, or give its address in the text.")
        return None
    return Attachment(file=name)


def _files_in(folder: Path) -> Iterable[tuple[str, Path]]:
    if not folder.is_dir():
        return []
    return [(path.relative_to(folder).as_posix(), path) for path in sorted(folder.rglob("*")) if path.is_file()]


def read_invitation(draft: Draft, entity: str | None, spot: Spot | None) -> Invite | None:
    if spot is None or entity is None or not spot.node.is_map:
        return None
    named = {key: _field(draft, entity, at, types) for key, types in PARTS.items() if (at := spot.get(key)) is not None}
    cancelled = spot.get("cancelled_when")
    starts = named.pop("starts", None)
    if not starts:
        return None
    return Invite(starts, **named, cancelled_when=read_condition(draft, entity, cancelled) if cancelled else None)


def _field(draft: Draft, entity: str, spot: Spot, types: tuple[str, ...]) -> str | None:
    field = draft.field_named(entity, spot)
    if field is None:
        return None
    if field.type not in types:
        known = [f.name for f in draft.fields[entity].values() if f.type in types]
        draft.unknown(spot, field.name, f"a field of {entity} of type {' or '.join(types)}", known)
        return None
    return field.name
