"""Two worlds that differ in a hidden record answer alike, but for what the decision says may be learned."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.duplicates.desk import desk
from tests.duplicates.test_screens import NUMBER, Firm, form_of, open_desk
from tests.real.databases import Databases

HIDDEN: dict[str, dict[str, Any]] = {
    "one": {"by": "asha", "first_name": "Kavya", "email": "kavya@example.com", "secret": "a cousin", "budget": "5000"},
    "two": {"by": "meera", "first_name": "Zubin", "last_name": "zqcanary", "city": "Kochi", "tags": ["x"], "secret": "b"},
    "none": {},
}
NOISE = re.compile(r'name="(_csrf|_key)" value="[^"]*"|\d{12,}|\d{2}:\d{2}(:\d{2}\.\d+Z?)?|\?v=\w+')
REFERENCE = re.compile(r"LEAD-\d{5}")


@pytest.fixture
def worlds(sqlite_databases: Databases, tmp_path: Path) -> Iterator[dict[str, Firm]]:
    blueprint = desk(tmp_path)
    found = {name: open_desk(sqlite_databases, blueprint) for name in HIDDEN}
    for name, values in HIDDEN.items():
        if values:
            given = {n: v for n, v in values.items() if n != "by"}
            secret = given.pop("secret")
            made = found[name].office.create(found[name].actor(values["by"]), "lead", phone=NUMBER, **given)
            found[name].office.update(found[name].actor("meera"), "lead", made.id, 1, secret=secret)
        else:
            found[name].office.create(found[name].actor("asha"), "lead", phone="98765 00000")
    yield found
    for firm in found.values():
        firm.close()


def said(firm: Firm) -> list[str]:
    """Everything that Ravi is answered as he enters the same person: by typing, without a script, by the API."""
    ravi, program = firm.browser("ravi"), firm.program("ravi")
    given = {"first_name": "K", "phone": NUMBER}
    typed = ravi.post("/lead/known", data=given).text
    stopped = ravi.post("/lead/new", data={**form_of(ravi.get("/lead/new").text), **given})
    known = re.search(r'name="_known" value="([^"]+)"', typed)
    kept = ravi.post("/lead/new", data={**form_of(ravi.get("/lead/new").text), **given, "_known": known[1] if known else ""})
    place = kept.headers.get("location", "")
    record = ravi.get(place).text if place else ""
    made = program.post("/api/v1/lead", json={"first_name": "K2", "phone": NUMBER})
    id = made.json()["id"]
    asked = [program.get(f"/api/v1/lead/{id}{more}").text for more in ("", "/duplicates", "/history")]
    lists = [ravi.get(at).text for at in ("/lead", "/duplicates", f"/lead/{id}", "/notices")]
    return [NOISE.sub("", text) for text in (typed, str(stopped.status_code), record, made.text, *asked, *lists)]


def test_a_hidden_record_tells_nothing_but_that_it_is_there(worlds: dict[str, Firm]) -> None:
    one, two = said(worlds["one"]), said(worlds["two"])
    assert one == two
    for text in (*one, *two):
        for secret in ("Kavya", "kavya", "Zubin", "zqcanary", "cousin", "Asha", "5000"):
            assert secret not in text


def test_what_may_differ_is_the_outcome_and_who_can_help(worlds: dict[str, Firm]) -> None:
    there, nobody = said(worlds["one"]), said(worlds["none"])
    assert "There is a lead of this person that you do not see. Administrator or Sales manager can help." in there[0]
    assert nobody[0].strip() == ""
    assert (there[1], nobody[1]) == ("422", "303")
    words = ('"kind":"Duplicate"', '"kind":"New"')
    assert words[0] in there[3].replace(" ", "")
    # There and here the second of Ravi's own two knows the first; the first alone is new where nobody else is.
    assert '"hidden":true' in there[5] and '"hidden":false' in nobody[5]
