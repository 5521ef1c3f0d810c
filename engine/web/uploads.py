"""Files that came with a form: stored before the record is written, so that the record can name them."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.datastructures import UploadFile

from engine.blueprint.entities import Field
from engine.errors import BadRequest, Complaint, Invalid, TooLarge
from engine.records.files import most_megabytes
from engine.records.media import PICTURES
from engine.web.frame import Screen
from engine.words import said


def keep_uploads(screen: Screen, fields: Iterable[Field]) -> dict[str, str]:
    """The id of each stored file by field, in place of what was posted as `name__upload`.

    Raises Invalid with a complaint for each file that cannot be kept."""
    kept: dict[str, str] = {}
    complaints: list[Complaint] = []
    for field in fields:
        given = screen.ask.form.get(f"{field.name}__upload") if screen.ask.form else None
        if field.type not in ("file", "picture") or not isinstance(given, UploadFile) or not given.filename:
            continue
        try:
            kept[field.name] = _kept(screen, field, given)
        except (TooLarge, BadRequest) as error:
            complaints.append(Complaint(field.name, error.message))
    if complaints:
        raise Invalid(complaints)
    return kept


def discard(screen: Screen, ids: Iterable[str]) -> None:
    """Takes away what was kept for a record that could not be written."""
    for id in ids:
        screen.crm.files.discard(screen.actor, int(id))


def _kept(screen: Screen, field: Field, given: UploadFile) -> str:
    files, now = screen.crm.files, screen.ask.now
    file = files.keep(screen.actor, given.file, given.filename or "", now, most_megabytes(field))
    if field.type == "picture" and file.media_type not in PICTURES:
        raise BadRequest(said("{name} is not a picture. Choose a JPEG, PNG, GIF or WebP file.", name=file.name))
    return str(file.id)
