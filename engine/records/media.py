"""What a file is, told from its first bytes: the name and what a browser claims are not believed."""

from __future__ import annotations

PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
UNKNOWN = "application/octet-stream"

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)
# Archives that a program knows by their ending; none of them is ever opened by the browser itself.
_OFFICE = "application/vnd.openxmlformats-officedocument."
_ARCHIVES = {
    "docx": f"{_OFFICE}wordprocessingml.document",
    "xlsx": f"{_OFFICE}spreadsheetml.sheet",
    "pptx": f"{_OFFICE}presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def media_type_of(start: bytes, name: str) -> str:
    """By the file's first bytes; a text of whatever kind, HTML and SVG too, is plain text."""
    found = next((kind for mark, kind in _STARTS if start.startswith(mark)), None) or _riff(start) or _boxed(start)
    if found == "application/zip":
        return _ARCHIVES.get(name.rpartition(".")[2].lower(), found)
    return found or ("text/plain" if _is_text(start) else UNKNOWN)


def _riff(start: bytes) -> str | None:
    return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(start[8:12]) if start[:4] == b"RIFF" else None


def _boxed(start: bytes) -> str | None:
    if start[4:8] != b"ftyp":
        return None
    return "audio/mp4" if start[8:11] == b"M4A" else "video/mp4"


def _is_text(start: bytes) -> bool:
    if b"\0" in start:
        return False
    try:
        start[:-4].decode()  # the last character may be cut
    except UnicodeDecodeError:
        return False
    return True
