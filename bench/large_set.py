"""A set of many entities, to see how long the engine takes to start: `python -m bench.large_set FOLDER [ENTITIES]`."""

from __future__ import annotations

import sys
from pathlib import Path

MANIFEST = "name: large\ntitle: Large\nextends: base\n"


def written(folder: Path, count: int = 100) -> Path:
    """The folder, with a set of `count` entities beside those of the base set, each with ten fields and stages."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "crm.yaml").write_text(MANIFEST)
    (folder / "entities.yaml").write_text("entities:\n" + "".join(_entity(n) for n in range(count)))
    (folder / "workflows.yaml").write_text("workflows:\n" + "".join(_workflow(n) for n in range(count)))
    return folder


def _entity(n: int) -> str:
    before = f"      before: {{type: reference, to: thing{n - 1}}}\n" if n else ""
    return f"""  thing{n}:
    label: Thing {n}
    plural: Things {n}
    icon: file-text
    title: "{{{{ name }}}}"
    fields:
      number: {{type: reference_number, pattern: "T{n}-{{number:05}}"}}
      name: {{type: text, required: true}}
      phone: {{type: phone}}
      email: {{type: email}}
      amount: {{type: money, least: 0}}
      day: {{type: date}}
      open: {{type: yes_no, default: true}}
      source: {{type: choice, choices: [Google, Website, Referral]}}
      remarks: {{type: long_text}}
{before}    list: {{columns: [number, name, phone, status, amount, owner], filters: [status, owner]}}
"""


def _workflow(n: int) -> str:
    return f"""  way{n}:
    label: Way {n}
    entity: thing{n}
    field: status
    starts_at: NEW
    stages:
      NEW: {{color: blue}}
      WON: {{color: green, ends: won}}
      LOST: {{color: red, ends: lost}}
    transitions:
      win: {{label: Win, from: [NEW], to: WON}}
      lose: {{label: Lose, from: [NEW], to: LOST}}
"""


if __name__ == "__main__":
    written(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 100)
