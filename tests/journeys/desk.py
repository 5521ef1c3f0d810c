"""A set at work behind a real server, with the fixed cast: what the journeys in a browser walk through.

Pictures of the screens go to the folder that CRM_SHOTS names.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time as time_of_day, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import uvicorn

from engine.actor import Actor
from engine.compiler import compile_set
from engine.records.apply import apply
from engine.records.commands import Create, Outcome
from engine.records.database import Database
from engine.records.passwords import Passwords
from engine.records.plan import plan
from engine.runtime import Runtime
from engine.settings import Settings
from engine.web.app import make_app
from tests.firm import PASSWORD, QuickHasher
from tests.real.redis import free_port

SETS = Path(__file__).parents[2] / "config"
ENGINE = Actor(0, "CRM", "administrator")
# As a function: pages forbid texts that are to be evaluated.
WHOLE = "() => document.readyState === 'complete' && !document.querySelector('html[data-script]:not([data-whole])')"
DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@dataclass
class Desk:
    """`people` are the cast's actors by first name; `faults` what the browser complained of."""

    runtime: Runtime
    address: str
    browser: Any
    shots: Path | None
    people: dict[str, Actor] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    cookies: dict[str, list[Any]] = field(default_factory=dict)

    def hire(self, name: str, role: str, **more: Any) -> Actor:
        first = name.split()[0].lower()
        zone = self.runtime.current.blueprint.manifest.zone
        made = self.make("user", name=name, email=f"{first}@firm.example", role=role, **more)
        self.runtime.current.accounts.set_password(made.id, PASSWORD)
        self.people[first] = Actor(made.id, name, role, zone=zone, language=more.get("language") or "en")
        return self.people[first]

    def hire_callers(self) -> None:
        """A calling firm: an administrator, a manager and her three callers, one of whom reads Arabic."""
        dev = self.hire("Dev Menon", "administrator")
        meera = str(self.hire("Meera Kulkarni", "manager", manager=str(dev.user)).user)
        for name, language in (("Asha Nair", "en"), ("Ravi Kumar", "en"), ("Omar Haddad", "ar")):
            self.hire(name, "caller", manager=meera, language=language)

    def make(self, entity: str, by: str | None = None, **values: Any) -> Outcome:
        return self.runtime.current.writes.do(self.people[by] if by else ENGINE, Create(entity, values))

    def page(self, who: str | None = None, viewport: dict[str, int] = DESK, scheme: str = "light") -> Any:
        """A browser's page; signed in when `who` is given."""
        phone = {"has_touch": True, "is_mobile": True} if viewport is PHONE else {}
        context = self.browser.new_context(
            viewport=viewport, color_scheme=scheme, base_url=self.address, **phone
        )
        page = context.new_page()
        page.set_default_timeout(8000)
        patient(page)
        page.on("console", lambda said: self.note(said.type, said.text))
        page.on("pageerror", lambda error: self.note("error", str(error)))
        if who:
            self.come_in(page, who)
        return page

    def come_in(self, page: Any, who: str) -> None:
        """By the session that they have already, where it is still one; the page stays blank until it goes somewhere."""
        page.context.add_cookies(self.cookies.get(who, []))
        if page.context.request.get("/me", max_redirects=0).status != 200:
            self.sign_in(page, who)
            self.cookies[who] = page.context.cookies()

    def sign_in(self, page: Any, who: str) -> None:
        page.goto("/login")
        page.get_by_label("E-mail").fill(f"{who}@firm.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)

    def note(self, kind: str, text: str) -> None:
        """An answer that refuses something is told by the browser too; that is no fault of the page."""
        if kind in ("error", "warning") and "Failed to load resource" not in text:
            self.faults.append(text)

    def shoot(self, page: Any, name: str) -> None:
        if self.shots:
            page.screenshot(path=str(self.shots / f"{name}.png"))


def patient(page: Any) -> None:
    """Whatever address is gone to, the scripts that act on its page are there before the next thing is done."""

    def then(go: Any) -> Any:
        def patiently(*args: Any, **more: Any) -> Any:
            answer = go(*args, **more)
            page.wait_for_function(WHOLE)
            return answer

        return patiently

    for way in ("goto", "reload", "wait_for_url"):
        setattr(page, way, then(getattr(page, way)))


def held(page: Any, address: re.Pattern[str], which: Callable[[Any], bool] = lambda route: True) -> list[Any]:
    """The requests for this address that the network keeps back from now on; `wait_for_hold` waits for the first."""
    kept: list[Any] = []
    page.route(address, lambda route: kept.append(route) if which(route) else route.continue_())
    return kept


def wait_for_hold(page: Any, kept: list[Any]) -> None:
    while not kept:
        page.wait_for_timeout(20)


def is_drafted(page: Any, text: str) -> None:
    """Waits until what was typed is kept in this browser."""
    page.wait_for_function("text => Object.values(localStorage).some(kept => kept.includes(text))", arg=text)


def listens(page: Any) -> None:
    """Waits until this tab hears what happens elsewhere."""
    page.wait_for_function("() => sessionStorage.getItem('crm:last-notice') !== null")


@contextmanager
def open_desk(name: str, folder: Path, browser: Any) -> Iterator[Desk]:
    """The set of that name on an empty database, served on a free port of this machine."""
    url = f"sqlite:///{folder / name}.db"
    database = Database(url)
    apply(plan(compile_set(SETS / name), database), database)
    database.close()
    runtime = Runtime(SETS / name, Settings(url), passwords=Passwords(QuickHasher()))
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(make_app(runtime), "127.0.0.1", port, log_level="error", ws="none")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_until(lambda: server.started)
        shots = Path(os.environ["CRM_SHOTS"]) if os.environ.get("CRM_SHOTS") else None
        if shots:
            shots.mkdir(parents=True, exist_ok=True)
        yield Desk(runtime, f"http://127.0.0.1:{port}", browser, shots)
    finally:
        server.should_exit = True
        thread.join(10)
        runtime.close()


def wait_until(true: Any, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def in_hours(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="minutes")


def on_day(days: int, clock: time_of_day = time_of_day(12), zone: str = "Asia/Kolkata") -> str:
    """A moment so many days after the firm's today, whatever the hour is: in thirty hours it is not always tomorrow."""
    day = datetime.now(ZoneInfo(zone)).date() + timedelta(days=days)
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC).isoformat(timespec="minutes")
