"""A worker process of its own, to be killed: `python -m tests.delivery.worker URL SMTP_URL SECONDS_AHEAD`."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

from engine.clock import system_clock
from engine.jobs.round import Round
from engine.runtime import Runtime
from engine.settings import Settings

FIRM = Path(__file__).parent / "firm"


def main(url: str, smtp_url: str, ahead: str) -> None:
    settings = Settings(url, smtp_url=smtp_url, address="https://crm.firm.example")
    late = timedelta(seconds=float(ahead))
    runtime = Runtime(FIRM, settings, lambda: system_clock() + late)
    worker = Round(runtime.current)
    print("ready", flush=True)
    while True:
        if not worker.run(runtime.clock()):
            time.sleep(0.02)


if __name__ == "__main__":
    main(*sys.argv[1:])
