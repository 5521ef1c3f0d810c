"""A stored file, on its own address: never shown as a page of this site, but for pictures."""

from __future__ import annotations

from starlette.responses import FileResponse, Response

from engine.records.files import Opened
from engine.serving import Ask
from engine.web.frame import screen

ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # what a file may do when it is opened by itself: nothing


def show(ask: Ask) -> Response:
    seen = screen(ask)
    return answer_with(seen.crm.files.open(seen.actor, ask.path["key"]))


def answer_with(opened: Opened) -> Response:
    shown = "inline" if opened.is_picture else "attachment"
    headers = {
        "Content-Security-Policy": ALONE,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return FileResponse(
        opened.path, headers=headers, media_type=opened.file.media_type, filename=opened.file.name,
        content_disposition_type=shown,
    )  # fmt: skip
