"""Moves from stage to stage, what was done to a record, and many commands at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from starlette.responses import Response

from engine.api.body import json_object, object_in, only, take_version, text_in
from engine.api.door import id_in_path
from engine.api.problems import in_words, kind_of
from engine.api.records import answer, answer_to_write, done
from engine.errors import BadRequest, Complaint, CrmError, Invalid
from engine.records.commands import Create, Delete, Move, One, Outcome, Restore, Update
from engine.rules.stages import Move as Offered
from engine.serving import Ask
from engine.words import Speech, speech

MOST_COMMANDS = 500


def moves(ask: Ask) -> Response:
    """Every transition from the record's stage, each with `allowed` and, where not, the reasons and who may."""
    offered = ask.crm.writes.moves(ask.who(), ask.path["entity"], id_in_path(ask))
    return answer({"items": [_told(move, speech(ask.notes.get("language", "en"))) for move in offered]})


def move(ask: Ask) -> Response:
    given = json_object(ask)
    version = take_version(ask, given)
    only(given, "transition", "values")
    name, values = text_in(given, "transition"), object_in(given, "values")
    command = Move(ask.path["entity"], id_in_path(ask), version, name, values)
    return answer_to_write(*done(ask, command))


def _told(move: Offered, words: Speech) -> dict[str, Any]:
    return {
        "transition": move.transition,
        "label": move.label,
        "field": move.field,
        "from": move.source,
        "to": move.target,
        "allowed": move.allowed,
        "reasons": in_words([reason.message for reason in move.reasons], words),
        "who": move.who,
        "asks": move.asks,
    }


# ---- many at once


def bulk(ask: Ask) -> Response:
    """Each command in a transaction of its own: the answer tells of each, in order, how it went."""
    given = json_object(ask)
    only(given, "commands")
    commands = _commands(ask, given.get("commands"))
    results = ask.crm.writes.bulk(ask.who(), commands).results
    told = [_result(result) for result in results]
    return answer({"done": sum(isinstance(r, Outcome) for r in results), "results": told})


def _commands(ask: Ask, given: Any) -> tuple[One, ...]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_COMMANDS:
        raise Invalid([Complaint("commands", f'"commands" must be a list of 1 to {MOST_COMMANDS} commands.')])
    commands, complaints = [], []
    for number, one in enumerate(given):
        try:
            commands.append(_command(ask.path["entity"], one))
        except BadRequest as wrong:
            complaints.append(Complaint(f"commands.{number}", wrong.message))
    if complaints:
        raise Invalid(complaints)
    return tuple(commands)


def _command(entity: str, given: Any) -> One:
    if not isinstance(given, Mapping) or given.get("do") not in _MADE:
        raise BadRequest(f'A command is an object with "do": {", ".join(_MADE)}.')
    make, names = _MADE[given["do"]]
    if strange := set(given) - {"do", *names}:
        raise BadRequest(f'"{sorted(strange)[0][:100]}" is not part of this command.')
    return make(entity, *(_PIECES[name](given.get(name)) for name in names))


def _id(given: Any) -> int:
    text = str(given) if isinstance(given, (str, int)) and not isinstance(given, bool) else ""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) < 2**63):
        raise BadRequest('"id" must be the id of a record, as text.')
    return int(text)


def _version(given: Any) -> int:
    if type(given) is not int or not 0 < given < 2**31:
        raise BadRequest('"version" must be the version that the record was read with.')
    return given


def _values(given: Any) -> dict[str, Any]:
    if given is not None and not isinstance(given, dict):
        raise BadRequest('"values" must be an object of fields and values.')
    return given or {}


def _transition(given: Any) -> str:
    if not isinstance(given, str):
        raise BadRequest('"transition" must be the name of a move.')
    return given


_PIECES: Mapping[str, Callable[[Any], Any]] = {
    "id": _id, "version": _version, "values": _values, "transition": _transition,
}  # fmt: skip
_MADE: Mapping[str, tuple[Callable[..., One], tuple[str, ...]]] = {
    "create": (Create, ("values",)),
    "update": (Update, ("id", "version", "values")),
    "move": (Move, ("id", "version", "transition", "values")),
    "delete": (Delete, ("id", "version")),
    "restore": (Restore, ("id", "version")),
}


def _result(result: Outcome | CrmError) -> dict[str, Any]:
    if isinstance(result, Outcome):
        return {"status": 200, "id": str(result.id), "version": result.version}
    return {
        "status": result.status,
        "type": f"/problems/{kind_of(result)}",
        "detail": result.message,
        "errors": [{"field": c.field, "message": c.message} for c in result.complaints],
    }
