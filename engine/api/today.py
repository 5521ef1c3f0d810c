"""GET /api/v1/today?who=42&show=overdue: a person's day, as the screens show it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from engine.api.records import answer
from engine.blueprint.values import Ref
from engine.errors import BadRequest, NotFound
from engine.records.faces import Face, faces
from engine.records.sight import NOT_FOUND
from engine.records.today import BUCKETS, MOST, SHOWN, Due, day_of, may_watch
from engine.serving import Ask


def today(ask: Ask) -> Response:
    """`who` is oneself or somebody below; `show` is one part of the day, with more of its lines. Counts stop at 1,001 for
    each entity. Raises NotFound for the day of anybody else."""
    actor, reads, given = ask.who(), ask.crm.reads, ask.request.query_params
    bucket = given.get("show")
    if bucket is not None and bucket not in BUCKETS:
        raise BadRequest(f"`show` is one of {', '.join(BUCKETS)}.")
    with ask.crm.database.reading() as lent:
        whose = _who(ask)
        if not may_watch(reads, lent, actor, whose):
            raise NotFound(NOT_FOUND)
        day = day_of(reads, lent, actor, whose, MOST if bucket else SHOWN, bucket)
        dues = [due for name in BUCKETS for due in day.lines[name]]
        refs = {Ref(due.entity, due.id) for due in dues} | {due.about for due in dues if due.about}
        known = faces(reads, lent, actor, refs)
    items = [_item(due, known) for due in dues if (due.entity, due.id) in known]
    return answer({"items": items, "counts": dict(day.counts), "done": day.done, "left": day.left})


def _who(ask: Ask) -> int:
    text = ask.request.query_params.get("who", "me")
    if text == "me":
        return ask.who().user
    if not (text.isascii() and text.isdigit() and len(text) < 20 and 0 < int(text) < 2**63):
        raise BadRequest("`who` is the id of a user, or `me`.")
    return int(text)


def _item(due: Due, known: dict[tuple[str, int], Face]) -> dict[str, Any]:
    about = known.get((due.about.entity, due.about.id)) if due.about else None
    reached, face = about or known[due.entity, due.id], known[due.entity, due.id]
    return {
        "part": due.bucket,
        "entity": due.entity,
        "id": str(due.id),
        "title": face.title,
        "at": _json(due),
        "about": {"entity": about.entity, "id": str(about.id), "title": about.title} if about else None,
        "phone": reached.phone,
        "email": reached.email,
        "stage": face.stage.value if face.stage else None,
    }


def _json(due: Due) -> str | None:
    if isinstance(due.at, datetime):
        return due.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return None if due.at is None else due.at.isoformat()


__all__ = ["today"]
