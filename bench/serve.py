"""One of the two servers, under the same uvicorn with the same settings: python -m bench.serve ours|theirs PORT."""

from __future__ import annotations

import os
import sys
from typing import Any

import uvicorn

from bench.fill import SET
from engine.cli._server import _OPTIONS, settle


def ours() -> Any:
    """Without its worker thread: the hand-written application has none."""
    from engine.runtime import Runtime
    from engine.web.app import make_app

    return make_app(Runtime(SET))


def theirs() -> Any:
    from bench.handwritten import app

    return app


def main(which: str, port: str) -> None:
    app = {"ours": ours, "theirs": theirs}[which]()
    settle()
    profile = os.environ.get("BENCH_PROFILE")
    if profile:
        print(f"profiled into {profile}", flush=True)
    uvicorn.run(app, host="127.0.0.1", port=int(port), **_OPTIONS)


if __name__ == "__main__":
    main(*sys.argv[1:3])
