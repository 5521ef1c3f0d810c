"""What makes the screens installable on a telephone: who the program is, and a worker that tells when there is no network.

The worker keeps the style sheet, the scripts and one page that says so; of records it keeps nothing.
"""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response

from engine.web.render import ASSETS
from engine.web.static import brand_of

WORKER = "worker.js"  # of assets/js/pages
OFFLINE = "/offline"
PAPER = "#fdfcfa"  # --surface in light
FONT = "inter-latin-wght"
ALONE = ("worker.", "design.")  # scripts that no page of the shell asks for


async def app_manifest(request: Request) -> Response:
    brand, said = brand_of(request), request.app.state.runtime.current.blueprint.manifest
    icon = brand.address("brand/icon.svg")
    body = {
        "name": said.title, "short_name": said.title[:12].strip(), "id": "/", "start_url": "/", "scope": "/",
        "display": "standalone", "background_color": PAPER, "theme_color": PAPER,
        "icons": [{"src": icon, "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }  # fmt: skip
    return Response(json.dumps(body, ensure_ascii=False), media_type="application/manifest+json")


async def worker_js(request: Request) -> Response:
    """A new text, and so a new worker, whenever a file of the shell changes."""
    shell = [OFFLINE, brand_of(request).address("brand.css"), *_shell()]
    built = ASSETS.folder / ASSETS.address(WORKER).rpartition("/")[2]
    if not built.is_file():
        return Response("Not found.", 404, media_type="text/plain")
    text = f"const shell = {json.dumps(shell)};\n{built.read_text()}"
    return Response(text, headers={"Cache-Control": "no-cache"}, media_type="text/javascript; charset=utf-8")


def _shell() -> list[str]:
    """The built files that the page without a network needs."""
    built = sorted(path.name for path in ASSETS.folder.iterdir()) if ASSETS.folder.is_dir() else []
    needed = [name for name in built if name.endswith((".js", ".css")) or name.startswith(("icons.", FONT))]
    needed = [name for name in needed if not name.startswith(ALONE)]
    return [ASSETS.address(name) for name in needed]


__all__ = ["OFFLINE", "app_manifest", "worker_js"]
