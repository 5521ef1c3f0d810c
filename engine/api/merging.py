"""Who a record may be the same as, two made one, and one made two again."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from engine.api.body import json_object, object_in, only, take_version, text_in
from engine.api.door import id_in_path, key_of
from engine.api.records import answer, answer_to_write, done
from engine.errors import Complaint, Invalid, NotFound
from engine.records.commands import Merge, Unmerge
from engine.records.pairs import Pair, about
from engine.serving import Ask

LARGEST = 2**63


def duplicates(ask: Ask) -> Response:
    """Records that are thought to be the same, as far as this actor may read them; `hidden`: there are more."""
    reads, actor, entity, id = ask.crm.reads, ask.who(), ask.path["entity"], id_in_path(ask)
    if not reads.allowed(actor, "read", entity, id):
        raise NotFound("There is nothing here, or nothing that you may see.")
    with reads.lent(None) as connection:
        changes = reads.allowed(actor, "update", entity, id, connection)
        found = about(reads, connection, actor, entity, id, changes)
    merges = [{"merge": str(one.id), "title": one.called, "at": one.at.isoformat()} for one in found.joined]
    items = [_told(pair, id) for pair in found.pairs]
    return answer({"items": items, "hidden": found.hidden, "who": found.helpers, "merges": merges})


def merge(ask: Ask) -> Response:
    """`with` becomes part of this record and goes into the bin; `choose` says value by value: this, other or both."""
    given = json_object(ask)
    version = take_version(ask, given)
    only(given, "with", "with_version", "choose")
    other, other_version, choose = _id(given, "with"), given.get("with_version"), object_in(given, "choose")
    if type(other_version) is not int or not 0 < other_version < 2**31:
        raise Invalid([Complaint("with_version", "Say at which version the other record was read.")])
    words = {name: str(word) for name, word in choose.items()}
    command = Merge(ask.path["entity"], id_in_path(ask), version, other, other_version, words)
    return answer_to_write(*done(ask, command))


def unmerge(ask: Ask) -> Response:
    """Takes a merge back; the answer lists what was taken back, what was kept because somebody changed it, what failed."""
    given = json_object(ask)
    version = take_version(ask, given)
    only(given, "merge")
    command = Unmerge(ask.path["entity"], id_in_path(ask), version, _id(given, "merge"))
    outcome = ask.crm.writes.do(ask.who(), command, key_of(ask))
    told = {"id": str(outcome.id), "version": outcome.version, **(outcome.lists or {})}
    return answer(told, headers={"Idempotency-Replayed": "true"} if outcome.replayed else None)


def _told(pair: Pair, id: int) -> dict[str, Any]:
    other = pair.other if pair.record.id == id else pair.record
    return {
        "id": str(pair.id), "outcome": pair.outcome, "entity": other.entity, "record": str(other.id), "title": other.title,
        "may_merge": pair.merges, "at": pair.at.isoformat(),
    }  # fmt: skip


def _id(given: dict[str, Any], name: str) -> int:
    text = text_in(given, name)
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < LARGEST):
        raise Invalid([Complaint(name, f'"{name}" must be an id, as text.')])
    return int(text)


__all__ = ["duplicates", "merge", "unmerge"]
