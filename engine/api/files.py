"""A file for a field of type file or picture: sent first, then named by its id in the record's values."""

from __future__ import annotations

from starlette.datastructures import UploadFile
from starlette.responses import Response

from engine.api.records import answer
from engine.errors import BadRequest, Refused
from engine.parts.fields.file import address
from engine.serving import Ask


def upload(ask: Ask) -> Response:
    """POST /api/v1/files, multipart/form-data with one part named `file`."""
    only = ask.who().only
    if only is not None and not any(action in ("create", "update") for _, action in only):
        raise Refused("This token only reads.")
    given = ask.form.get("file") if ask.form is not None else None
    if not isinstance(given, UploadFile) or not given.filename:
        raise BadRequest('Send the file as multipart/form-data, in a part named "file" that has a file name.')
    file = ask.crm.files.keep(ask.who(), given.file, given.filename, ask.now)
    told = {"id": str(file.id), "key": file.key, "name": file.name, "size": file.size, "type": file.media_type}
    return answer({**told, "url": address(file)}, 201)
