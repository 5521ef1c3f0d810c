"""The built style sheet, scripts, fonts and icons, and the set's own colour and logo. Open to all: they tell nothing.

Built files carry a hash of their content in their name, so a browser may keep them for good. They are held in memory,
text also squeezed.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from engine.blueprint import Blueprint
from engine.parts.brand import colour_of, logo_of
from engine.words.catalogues import file_for, for_scripts, spoken

BUILT = Path(__file__).parent / "static" / "built"
AT = "/static/built"
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"
# A picture may style itself; opened as a page of its own it may do nothing else.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".txt": "text/plain; charset=utf-8",
}
SQUEEZED = (".css", ".js", ".svg")


@dataclass(frozen=True, slots=True)
class Asset:
    body: bytes
    squeezed: bytes | None
    type: str

    def answer(self, request: Request) -> Response:
        headers = {"Cache-Control": FOR_GOOD, "Vary": "Accept-Encoding"}
        if self.squeezed and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(self.squeezed, headers={**headers, "Content-Encoding": "gzip"}, media_type=self.type)
        return Response(self.body, headers=headers, media_type=self.type)


class Assets:
    """`address("main.css")` is where the built file is found now. A build while the server runs is noticed."""

    def __init__(self, folder: Path = BUILT) -> None:
        self.folder = folder
        self._stamp = 0.0
        self._names: Mapping[str, str] = {}
        self._files: dict[str, Asset] = {}
        self._look()

    def address(self, name: str) -> str:
        return f"{AT}/{self._names.get(name, name)}"

    async def serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        asset = self._files.get(name) or self._found(name)
        return asset.answer(request) if asset else Response("Not found.", 404, media_type="text/plain")

    def _found(self, name: str) -> Asset | None:
        self._look()
        if name not in self._known or Path(name).suffix not in TYPES:
            return None
        self._files[name] = _read(self.folder / name)
        return self._files[name]

    def _look(self) -> None:
        """Reads the list of built files again when it has changed."""
        manifest = self.folder / "manifest.json"
        stamp = manifest.stat().st_mtime if manifest.is_file() else 0.0
        if stamp == self._stamp:
            return
        self._stamp, self._files = stamp, {}
        self._names = json.loads(manifest.read_text()) if stamp else {}
        self._known = frozenset(p.name for p in self.folder.iterdir() if p.is_file()) if stamp else frozenset()

    _known: frozenset[str] = frozenset()


def _read(path: Path) -> Asset:
    body = path.read_bytes()
    squeezed = gzip.compress(body, 9, mtime=0) if path.suffix in SQUEEZED and len(body) > 1000 else None
    return Asset(body, squeezed, TYPES[path.suffix])


# ---- what the scripts of a page say, in languages other than English


@lru_cache(maxsize=20)
def words_address(language: str) -> str | None:
    """Of the script that brings them along; None where the scripts' own English is read."""
    name = file_for(language)
    return f"/words/{name}.js?v={hashlib.sha256(_words(name)).hexdigest()[:8]}" if name else None


async def words_js(request: Request) -> Response:
    name = str(request.path_params["language"])
    if name not in spoken() or name == "en":
        return Response("Not found.", 404, media_type="text/plain")
    kept = FOR_GOOD if "v" in request.query_params else FOR_A_WHILE
    return Response(_words(name), headers={"Cache-Control": kept}, media_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=20)
def _words(name: str) -> bytes:
    return f"globalThis.crmWords = {json.dumps(for_scripts(name), ensure_ascii=False, sort_keys=True)};\n".encode()


# ---- the set's own colour and logo


class Brand:
    """What the manifest's `brand` looks like; made once per blueprint."""

    def __init__(self, blueprint: Blueprint) -> None:
        brand = blueprint.manifest.brand
        color = colour_of(brand)
        self.css = f":root {{ --brand: {color}; }}\n".encode()
        self.icon = _icon(color, blueprint.manifest.title)
        logo = logo_of(brand, blueprint.folders)
        self.logo = (logo[0], TYPES[logo[1]]) if logo else None
        self.version = hashlib.sha256(self.css + self.icon + (self.logo[0] if self.logo else b"")).hexdigest()[:8]

    def address(self, name: str) -> str:
        """Of `brand.css`, `brand/icon.svg`, `brand/logo`; it changes when the set's brand does."""
        return f"/{name}?v={self.version}"

    def answer(self, request: Request, body: bytes, type: str, policy: str | None = PICTURE_POLICY) -> Response:
        kept = FOR_GOOD if request.query_params.get("v") == self.version else FOR_A_WHILE
        headers = {"Cache-Control": kept, **({"Content-Security-Policy": policy} if policy else {})}
        return Response(body, headers=headers, media_type=type)


def brand_of(request: Request) -> Brand:
    """The brand of the blueprint in force."""
    state, blueprint = request.app.state, request.app.state.runtime.current.blueprint
    if getattr(state, "branded", None) is not blueprint:
        state.branded, state.brand = blueprint, Brand(blueprint)
    brand: Brand = state.brand
    return brand


async def brand_css(request: Request) -> Response:
    brand = brand_of(request)
    return brand.answer(request, brand.css, "text/css; charset=utf-8", None)


async def brand_icon(request: Request) -> Response:
    brand = brand_of(request)
    return brand.answer(request, brand.icon, "image/svg+xml")


async def brand_logo(request: Request) -> Response:
    brand = brand_of(request)
    if brand.logo is None:
        return Response("Not found.", 404, media_type="text/plain")
    return brand.answer(request, *brand.logo)


async def favicon(request: Request) -> Response:
    return RedirectResponse("/brand/icon.svg", 301, {"Cache-Control": FOR_A_WHILE})


async def robots(request: Request) -> Response:
    return Response("User-agent: *\nDisallow: /\n", headers={"Cache-Control": FOR_A_WHILE}, media_type="text/plain")


def _icon(color: str, title: str) -> bytes:
    letter = escape(next((c for c in title if c.isalnum()), "C").upper())
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{color}"/>'
        '<text x="16" y="22.5" text-anchor="middle" font-family="system-ui, sans-serif" font-weight="700" '
        f'font-size="18" fill="#fff">{letter}</text></svg>\n'
    ).encode()
