"""A real IMAP server on this machine, with one mailbox; and one that answers nothing."""

from __future__ import annotations

import imaplib
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.real.redis import free_port
from tests.real.run import Unavailable

USER, PASSWORD = "desk", "four words"


@dataclass
class Server:
    """`url` as a set's environment names it."""

    port: int

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}"

    def put(self, mail: bytes, folder: str = "INBOX") -> None:
        """Delivers a mail."""
        with self.client() as box:
            box.append(folder, "", imaplib.Time2Internaldate(time.time()), mail)

    def unread(self) -> int:
        with self.client() as box:
            box.select("INBOX", readonly=True)
            return len(box.search(None, "UNSEEN")[1][0].split())

    def client(self) -> imaplib.IMAP4:
        box = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        box.login(USER, PASSWORD)
        return box


@contextmanager
def started() -> Iterator[Server]:
    """Raises Unavailable."""
    program = shutil.which("pymap", path=str(Path(sys.executable).parent)) or shutil.which("pymap")
    if program is None:
        raise Unavailable("no pymap: ./test installs it")
    port = free_port()
    login = ["--demo-data", "--demo-user", USER, "--demo-password", PASSWORD]
    server = subprocess.Popen(
        [program, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", *login],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        found = Server(port)
        _wait(found)
        _empty(found)
        yield found
    finally:
        server.terminate()
        server.wait(10)


def _wait(server: Server) -> None:
    for _ in range(100):
        try:
            server.client().logout()
            return
        except OSError:
            time.sleep(0.1)
    raise Unavailable("the IMAP server did not start")


def _empty(server: Server) -> None:
    """It comes with a few mails of its own."""
    with server.client() as box:
        box.select("INBOX")
        box.store("1:*", "+FLAGS", "\\Deleted")
        box.expunge()


@contextmanager
def silent() -> Iterator[int]:
    """The port of a server that takes calls and says nothing."""
    listening = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []

    def take() -> None:
        try:
            while True:
                held.append(listening.accept()[0])
        except OSError:
            return

    threading.Thread(target=take, daemon=True).start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.close()
        for one in held:
            one.close()
