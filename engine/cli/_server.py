"""uvicorn, set up for this program: bounded waiting, quiet logs, a collector that does not stop the requests, and a worker
beside it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from socket import socket
from typing import Any

import uvicorn

from engine.cli._collector import settle
from engine.cli._keeper import Keeper
from engine.cli._watch import reload_on_hangup
from engine.jobs.bell import NEW_SET, NEWS, VARIABLE, Bell, Ringer
from engine.runtime import Runtime
from engine.settings import Settings, settings_for
from engine.web.app import make_app

_OPTIONS: dict[str, Any] = {
    "loop": "auto",
    "http": "auto",
    "access_log": False,
    "log_level": "warning",
    "timeout_keep_alive": 20,  # seconds
    "timeout_graceful_shutdown": 15,
    "timeout_worker_healthcheck": 60,  # of several processes, to begin; on a full machine 5 s were too short for a HUP
    "backlog": 512,
    "h11_max_incomplete_event_size": 64 * 1024,
    "server_header": False,
    "ws": "none",
}


def serve(runtime: Runtime, host: str, port: int) -> None:
    """Serves in this process until it is told to end."""
    reload_on_hangup(runtime)
    keeper = keeper_for(runtime.folder, runtime.settings)
    start_ringing(runtime)
    settle()
    trusts = runtime.settings.behind_proxy
    config = uvicorn.Config(make_app(runtime), host=host, port=port, proxy_headers=trusts, **_OPTIONS)
    server = _Server(config, keeper)
    try:
        server.run()
    except KeyboardInterrupt:
        pass
    if not server.started:
        raise SystemExit(3)  # uvicorn has said why


def serve_many(folder: Path, host: str, port: int, workers: int) -> None:
    """Serves in `workers` processes, each with connections of its own; one worker is beside them all."""
    os.environ["CRM_SET"] = str(folder.resolve())
    settings = settings_for(folder)
    trusts = settings.behind_proxy  # else whoever asks from this machine could claim any address
    keeper = keeper_for(folder, settings)
    if keeper is not None:
        keeper.start()
    app = f"{__name__}:app_of_environment"
    try:
        uvicorn.run(app, factory=True, host=host, port=port, workers=workers, proxy_headers=trusts, **_OPTIONS)
    finally:
        if keeper is not None:
            keeper.stop()


def app_of_environment() -> Any:
    runtime = Runtime(Path(os.environ["CRM_SET"]))
    reload_on_hangup(runtime)
    start_ringing(runtime)
    if VARIABLE in os.environ:
        Bell(Path(os.environ[VARIABLE])).ring(NEW_SET)  # after a HUP; at the first start nobody listens yet
    settle()
    return make_app(runtime)


def keeper_for(folder: Path, settings: Settings) -> Keeper | None:
    """None when workers are woken through Redis: those are started by whoever runs the firm's machines."""
    return None if settings.redis_url else Keeper(folder)


def start_ringing(runtime: Runtime) -> None:
    """What is written in this process wakes whoever works."""
    if runtime.settings.redis_url:
        from engine.jobs.queue import Bell as RedisBell  # not at the top: Redis is an extra

        redis = RedisBell(runtime)
        Ringer(runtime, lambda new_set: redis.ring()).start()
    elif VARIABLE in os.environ:
        bell = Bell(Path(os.environ[VARIABLE]))
        Ringer(runtime, lambda new_set: bell.ring(NEW_SET if new_set else NEWS)).start()


class _Server(uvicorn.Server):
    """The worker begins when the first request can be answered, and has ended when the server has: uvicorn then dies of the
    signal that it was told to end by."""

    def __init__(self, config: uvicorn.Config, keeper: Keeper | None) -> None:
        super().__init__(config)
        self.keeper = keeper

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.keeper is not None and self.started:
            self.keeper.start()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.keeper is not None:
            await asyncio.to_thread(self.keeper.stop)
