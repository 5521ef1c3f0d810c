"""uvicorn, set up for this program: bounded waiting, quiet logs, a collector that does not stop the requests."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import uvicorn

from engine.cli._collector import settle
from engine.cli._watch import reload_on_hangup
from engine.jobs.worker import Worker
from engine.runtime import Runtime
from engine.settings import settings_for
from engine.web.app import make_app

TURN = 0.0005  # seconds for which a busy worker keeps the interpreter from a request; Python's own is ten times that

_OPTIONS: dict[str, Any] = {
    "loop": "auto",
    "http": "auto",
    "access_log": False,
    "log_level": "warning",
    "timeout_keep_alive": 20,  # seconds
    "timeout_graceful_shutdown": 15,
    "backlog": 512,
    "h11_max_incomplete_event_size": 64 * 1024,
    "server_header": False,
    "ws": "none",
}


def serve(runtime: Runtime, host: str, port: int) -> None:
    """Serves in this process until it is told to end."""
    reload_on_hangup(runtime)
    start_work(runtime)
    settle()
    uvicorn.run(make_app(runtime), host=host, port=port, proxy_headers=runtime.settings.behind_proxy, **_OPTIONS)


def serve_many(folder: Path, host: str, port: int, workers: int) -> None:
    """Serves in `workers` processes, each with connections of its own."""
    os.environ["CRM_SET"] = str(folder.resolve())
    trusts = settings_for(folder).behind_proxy  # else whoever asks from this machine could claim any address
    app = f"{__name__}:app_of_environment"
    uvicorn.run(app, factory=True, host=host, port=port, workers=workers, proxy_headers=trusts, **_OPTIONS)


def app_of_environment() -> Any:
    runtime = Runtime(Path(os.environ["CRM_SET"]))
    reload_on_hangup(runtime)
    start_work(runtime)
    settle()
    return make_app(runtime)


def start_work(runtime: Runtime) -> None:
    """Without Redis this process works off what waits; with it, it wakes those that do."""
    if runtime.settings.redis_url:
        from engine.jobs.queue import Ringer  # not at the top: Redis is an extra

        Ringer(runtime).start()
    else:
        sys.setswitchinterval(TURN)
        Worker(runtime).start()
