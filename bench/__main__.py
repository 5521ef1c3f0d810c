"""python -m bench [--leads 100000] [--data /tmp/crm-bench] [--only "list HTML"] [--rounds 7] [--json FILE]"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from bench.measure import HEAD, ROUNDS, compare


def main() -> None:
    given = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    given.add_argument("--leads", type=int, default=100_000)
    given.add_argument("--data", type=Path, default=Path("/tmp/crm-bench"), help="where filled databases are kept")
    given.add_argument("--only", action="append", default=[], help="the name of a work; may be repeated")
    given.add_argument("--rounds", type=int, default=ROUNDS)
    given.add_argument("--scale", type=float, default=1.0, help="of the number of requests in a round")
    given.add_argument("--json", type=Path)
    told = given.parse_args()
    told.data.mkdir(parents=True, exist_ok=True)
    print(HEAD)
    found = compare(told.data, told.leads, told.only, told.rounds, told.scale)
    if told.json:
        whole = {name: {which: asdict(f) for which, f in both.items()} for name, both in found.items()}
        told.json.write_text(json.dumps({"leads": told.leads, "works": whole}, indent=2))


if __name__ == "__main__":
    main()
