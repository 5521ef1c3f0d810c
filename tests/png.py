"""A screenshot as a PNG with a palette: a third of the size, and no library is needed for it.

- The browser's PNG has 8 bits a channel, RGB or RGBA, without interlacing: each line is undone by its filter.
- Like colours are one bucket; the commonest of each of the 256 fullest buckets make the palette, so that a small mark of a
  colour of its own keeps it. The others take the nearest.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST = 256


def with_palette(png: bytes) -> bytes:
    width, height, pixels = _pixels(png)
    palette = _palette(Counter(pixels))
    places = {colour: n for n, colour in enumerate(palette)}
    for colour in set(pixels) - places.keys():
        places[colour] = min(range(len(palette)), key=lambda n: _distance(palette[n], colour))
    lines = bytes(places[p] for p in pixels)
    raw = b"".join(b"\0" + lines[y * width : (y + 1) * width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    pieces = ((b"IHDR", head), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return _SIGNATURE + b"".join(_chunk(*piece) for piece in pieces)


def _palette(counts: Counter[bytes]) -> list[bytes]:
    first: dict[tuple[int, ...], bytes] = {}
    full: Counter[tuple[int, ...]] = Counter()
    for colour, count in counts.most_common():
        bucket = tuple(part >> 3 for part in colour)
        first.setdefault(bucket, colour)
        full[bucket] += count
    return [first[bucket] for bucket, _ in full.most_common(MOST)]


def _distance(a: bytes, b: bytes) -> int:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def _pixels(png: bytes) -> tuple[int, int, list[bytes]]:
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or kind not in (2, 6) or interlaced:
        raise ValueError("This is not a browser's screenshot.")
    size = 3 if kind == 2 else 4
    raw = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    found: list[bytes] = []
    for line in _lines(raw, width * size, size):
        found += [bytes(line[x : x + 3]) for x in range(0, len(line), size)]
    return width, height, found


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _lines(raw: bytes, length: int, size: int) -> Iterator[bytearray]:
    above = bytearray(length)
    for at in range(0, len(raw), length + 1):
        line = bytearray(raw[at + 1 : at + 1 + length])
        _undo(raw[at], line, above, size)
        yield line
        above = line


def _undo(filter: int, line: bytearray, above: bytearray, size: int) -> None:
    for x in range(len(line) if filter else 0):
        left = line[x - size] if x >= size else 0
        corner = above[x - size] if x >= size else 0
        guess = (0, left, above[x], (left + above[x]) // 2, _paeth(left, above[x], corner))[filter]
        line[x] = (line[x] + guess) & 255


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda near: abs(guess - near))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
