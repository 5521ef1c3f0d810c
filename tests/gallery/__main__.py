"""`python -m tests.gallery --accept`: the gallery's expectations become what is told now. Read the diff aloud."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.gallery.cases import HERE, accept

if sys.argv[1:] != ["--accept"]:
    sys.exit("Usage: python -m tests.gallery --accept")
with tempfile.TemporaryDirectory() as folder:
    for file in sorted((HERE / "cases").glob("*.txt")):
        print(f"{file.stem}: {accept(file, Path(folder))} changed")
