"""The child process that sets a page: `python -I press.py TEMPLATE FORM RESOLUTION MOMENT FONTS` reads the data as JSON.

It limits its own memory and time first and imports nothing of the program, so it begins in a fiftieth of a second. What
is printed is data only: no text of a record ever becomes source.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

MOST_MEMORY = 1024 * 1024 * 1024  # bytes
MOST_SECONDS = 20
HERE = Path(__file__).parent


def main(template: str, form: str, resolution: str, moment: str, fonts: str) -> None:
    _limit()
    given = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(_with_or_without_logo(template, form, float(resolution), int(moment), fonts, given))


def _limit() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits; the parent's deadline stands
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _with_or_without_logo(template: str, form: str, resolution: float, moment: int, fonts: str, given: str) -> bytes:
    """A logo that cannot be drawn must not cost its firm every paper."""
    try:
        return _set(template, form, resolution, moment, fonts, given)
    except RuntimeError:
        data = json.loads(given)
        if data.get("logo") is None:
            raise
        return _set(template, form, resolution, moment, fonts, json.dumps({**data, "logo": None}))


def _set(template: str, form: Any, resolution: float, moment: int, fonts: str, given: str) -> bytes:
    import typst

    # A folder with nothing else in it is all that a template can read: data comes in by sys.inputs.
    made = typst.compile(
        str(HERE / template), root=str(HERE), font_paths=[fonts], ignore_system_fonts=True, format=form, ppi=resolution,
        sys_inputs={"data": given}, timestamp=moment,
    )  # fmt: skip
    return made[0] if isinstance(made, list) else bytes(made)


if __name__ == "__main__":
    main(*sys.argv[1:])
