"""A mail server in a process of its own, so that its work is not the sender's: `python -m tests.delivery.sink PORT FILE`.

It takes everything, and writes a line with the Message-ID of each mail into FILE.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from tests.real.redis import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Sink:
    port: int
    file: Path

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def count(self) -> int:
        return self.file.read_bytes().count(b"\n")

    def ids(self) -> list[str]:
        return self.file.read_text().split("\n")[:-1]


@contextmanager
def sink(folder: Path) -> Iterator[Sink]:
    opened = Sink(free_port(), folder / "mails")
    opened.file.touch()
    command = [sys.executable, "-m", "tests.delivery.sink", str(opened.port), str(opened.file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    try:
        yield opened
    finally:
        process.kill()
        process.wait()


class _Taking:
    def __init__(self, file: int) -> None:
        self.file = file

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        head = bytes(envelope.content).partition(b"\r\n\r\n")[0]
        found = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:"))
        os.write(self.file, found.partition(b":")[2].strip() + b"\n")  # before the answer: what is written was taken
        return "250 taken"


def main(port: str, file: str) -> None:
    taken = os.open(file, os.O_WRONLY | os.O_APPEND)
    Controller(_Taking(taken), hostname="127.0.0.1", port=int(port)).start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
