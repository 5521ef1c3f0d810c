"""The running set follows its files: a good change is taken over while people work, a broken one is told and left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from pathlib import Path

import click

from engine.compiler import BrokenSet
from engine.errors import CrmError
from engine.runtime import Runtime

_READ = ("*.yaml", "imports/*.yaml", "capture/*.yaml", "files/*")


class Watch(threading.Thread):
    """Looks at the files' times every `every` seconds; `apply` is called first, to make the tables fit."""

    def __init__(self, runtime: Runtime, apply: Callable[[], None] = lambda: None, every: float = 1.0) -> None:
        super().__init__(daemon=True, name="crm-watch")
        self.runtime, self.apply, self.every = runtime, apply, every
        self.seen = _times(runtime.current.blueprint.folders)
        self.ended = threading.Event()

    def run(self) -> None:
        while not self.ended.wait(self.every):
            now = _times(self.runtime.current.blueprint.folders)
            if now != self.seen:
                self.seen = now
                reload(self.runtime, self.apply)

    def stop(self) -> None:
        self.ended.set()


def reload(runtime: Runtime, apply: Callable[[], None] = lambda: None) -> bool:
    """Takes the set over as it is on disk; says what happened. False when the old one was kept."""
    try:
        apply()
        crm = runtime.reload()
    except BrokenSet as broken:
        click.echo(f"{broken}\nThe set is broken, so the running one is kept.", err=True)
        return False
    except CrmError as error:
        click.echo(f"{error.message}\nThe running set is kept.", err=True)
        return False
    click.echo(f"{crm.blueprint.manifest.title} was read anew ({crm.blueprint.hash[:8]}).", err=True)
    return True


def reload_on_hangup(runtime: Runtime) -> None:
    """`kill -HUP` reads the set anew."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=reload, args=(runtime,)).start())


def _times(folders: tuple[Path, ...]) -> dict[str, int]:
    return {
        str(path): path.stat().st_mtime_ns for folder in folders for form in _READ for path in folder.glob(form)
    }
