"""The pictures of the README, taken from the running demo: `python -m tests.shots [FOLDER]` (docs/screenshots).

They are written with a palette of 256 colours: a page has few, and the files stay small.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.png import with_palette
from tests.real import chromium
from tests.real.redis import free_port

ROOT = Path(__file__).parents[1]
SET = ROOT / "config" / "rsoft"
CRM = [sys.executable, "-m", "engine"]
PASSWORD = "show me around"
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
RECORD = re.compile(r"/lead/\d+")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with demo() as address, chromium.started() as browser:
        studio = Studio(address, browser, folder)
        studio.light()
        studio.others()
        speak_arabic(address, "ravi@rsoft.example")
        studio.right_to_left()


@contextmanager
def demo() -> Iterator[str]:
    """RSoft's demo on a database of its own; its address."""
    with tempfile.TemporaryDirectory() as data:
        os.environ["CRM_DATABASE_URL"] = f"sqlite:///{data}/demo.db"
        os.environ["CRM_FILES"] = f"{data}/files"
        port = free_port()
        server = subprocess.Popen([*CRM, "demo", str(SET), "--port", str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            wait_for(f"http://127.0.0.1:{port}")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(20)


def wait_for(address: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urlopen(f"{address}/healthz", timeout=2).close()
            return
        except (URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{address} did not answer in {seconds:g} s")


def speak_arabic(address: str, email: str) -> None:
    made = subprocess.run([*CRM, "token", "create", "dev@rsoft.example", str(SET)], cwd=ROOT, capture_output=True, text=True)
    headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
    found = ask(Request(f"{address}/api/v1/user?email={email}", headers=headers))["items"][0]
    change = json.dumps({"language": "ar", "version": found["version"]}).encode()
    ask(Request(f"{address}/api/v1/user/{found['id']}", change, headers, method="PATCH"))


def ask(request: Request) -> Any:
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


class Studio:
    def __init__(self, address: str, browser: Any, folder: Path) -> None:
        self.address, self.browser, self.folder = address, browser, folder

    def light(self) -> None:
        """A tele-caller's morning, in the order in which it goes."""
        page = self.page("asha")
        for place, name in (("/today", "today"), ("/lead", "list"), ("/lead/board", "board"), ("/calendar", "calendar")):
            page.goto(place)
            self.keep(page, name)
        self.record(page)
        self.keep(page, "record")
        page.locator("a.step").last.click()  # the stage of what is lost
        page.locator("dialog[open]").get_by_role("button", name="Lost").wait_for()
        self.keep(page, "move")
        self.refused_form(self.page("asha"))
        self.somebody_asks()

    def somebody_asks(self) -> None:
        page = self.browser.new_page(viewport=DESK, base_url=self.address)
        page.goto("/forms/enquiry_form")
        self.keep(page, "public-form")

    def others(self) -> None:
        page = self.page("meera")
        page.goto("/dashboards/lead_desk")
        self.keep(page, "dashboard")
        dark = self.page("asha", scheme="dark")
        self.record(dark)
        self.keep(dark, "dark")
        phone = self.page("asha", PHONE)
        phone.goto("/lead")
        self.keep(phone, "phone-list")
        self.record(phone)
        self.keep(phone, "phone-record")

    def right_to_left(self) -> None:
        page = self.page("ravi")
        page.goto("/lead")
        self.keep(page, "arabic")

    def refused_form(self, page: Any) -> None:
        page.goto("/lead/new")
        page.get_by_label("Last name").fill("Deshmukh")
        page.get_by_label("Mobile").fill("12")
        page.get_by_label("E-mail").fill("priya at example")
        page.get_by_role("button", name="Save").first.click()
        page.locator(".error-summary").wait_for()
        self.keep(page, "form")

    def record(self, page: Any) -> None:
        page.goto("/lead?status=DEMO%20CONFIRMED&sort=-created_at")
        page.locator("tbody .cell-title a").first.click()
        page.wait_for_url(RECORD)

    def page(self, who: str, viewport: dict[str, int] = DESK, scheme: str = "light") -> Any:
        context = self.browser.new_context(viewport=viewport, color_scheme=scheme, base_url=self.address)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/login")
        page.get_by_label("E-mail").fill(f"{who}@rsoft.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "/login" not in url)
        return page

    def keep(self, page: Any, name: str) -> None:
        page.wait_for_load_state("load")  # a page listens for news, so the network is never idle
        page.evaluate("document.fonts.ready")
        path = self.folder / f"{name}.png"
        path.write_bytes(with_palette(page.screenshot(animations="disabled", caret="hide")))
        print(f"{path} {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "screenshots")
