"""A real Chromium or Chrome of this machine, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.real.run import Unavailable

ON_PATH = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
ON_A_MAC = [
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]


@contextmanager
def started() -> Iterator[Any]:
    """A Playwright browser. Raises Unavailable."""
    program = found_program()
    try:
        from playwright.sync_api import expect, sync_playwright
    except ImportError:
        raise Unavailable("no playwright: ./test installs it") from None
    expect.set_options(timeout=8000)  # as long as a page waits for what is clicked
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"]
        )
        yield browser
        browser.close()


def found_program() -> str:
    on_path = [found for name in ON_PATH if (found := shutil.which(name))]
    places = on_path + [place for place in ON_A_MAC if Path(place).exists()]
    if not places:
        raise Unavailable("no Chromium: install chromium or Google Chrome, and the browser tests run")
    return places[0]
