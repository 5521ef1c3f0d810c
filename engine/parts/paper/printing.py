"""Papers and pictures, set by typst in a child process with bounded memory and time."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from engine.errors import Unusable
from engine.words import said

HERE = Path(__file__).parent
FONTS = HERE.parents[1] / "web" / "static" / "built"  # the build lays them there, as typst reads them
DEADLINE = 30  # seconds
FACES = ("Inter", "Vazirmatn", "Noto Sans Devanagari")
UNPRINTABLE = said("This could not be put on paper just now. Try again, or take the spreadsheet.")


def printed(template: str, data: Mapping[str, Any], at: datetime, form: str = "pdf", resolution: int = 144) -> bytes:
    """The file of that form, pdf or png, `resolution` in points per inch. The same data at the same moment make the same
    file. Raises Unusable."""
    child = [sys.executable, "-I", str(HERE / "press.py")]
    how = [template, form, str(resolution), str(int(at.timestamp())), str(FONTS)]
    given = orjson.dumps({"faces": FACES, **data})
    try:
        done = subprocess.run([*child, *how], input=given, capture_output=True, timeout=DEADLINE, check=False)
    except subprocess.TimeoutExpired:
        raise Unusable(UNPRINTABLE) from None
    if done.returncode:
        raise Unusable(UNPRINTABLE) from RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    return done.stdout


__all__ = ["FACES", "FONTS", "printed"]
