"""The OpenAPI document holds for whoever asks: valid, true, and silent about what they may not see."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from engine.records.looks import Looks
from engine.records.rows import change
from tests.firm import Firm

READING = (
    *("list", "show", "pick", "history", "transitions", "duplicates", "me", "search", "calendar", "today"),
    *("views", "view", "drop", "reports", "report", "dashboards", "dashboard"),
)
ORDER = ["get", "post", "patch", "delete"]


@pytest.mark.parametrize("name", ["asha", "meera", "dev"])
def test_the_document_is_valid_for_every_role(quick_firm: Firm, name: str) -> None:
    document = quick_firm.program(name).get("/api/openapi.json").json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert document["info"]["title"] == "Small firm"


def test_a_caller_does_not_learn_of_what_is_hidden_from_her(quick_firm: Firm) -> None:
    text = quick_firm.program("asha").get("/api/openapi.json").text
    assert "budget" not in text and "Expected value" not in text
    document = quick_firm.program("asha").get("/api/openapi.json").json()
    assert "source" in document["components"]["schemas"]["deal"]["properties"]
    assert "source" not in document["components"]["schemas"]["deal.new"]["properties"]  # locked for her
    assert "status" not in document["components"]["schemas"]["deal.change"]["properties"]
    assert "delete" not in document["paths"]["/api/v1/deal/{id}"]
    assert "post" not in document["paths"]["/api/v1/user"]
    assert "budget" in quick_firm.program("dev").get("/api/openapi.json").text


def test_a_reading_token_is_told_of_reading_only(quick_firm: Firm) -> None:
    document = quick_firm.program("meera", only=[("deal", "read")]).get("/api/openapi.json").json()
    of_all = {f"/api/v1/{name}" for name in ("me", "search", "calendar", "today")}
    numbers = ("/api/v1/reports", "/api/v1/dashboards")
    paths = [path for path in document["paths"] if path.startswith("/api/v1/") and path not in of_all]
    named = [path for path in paths if not path.startswith(numbers)]
    assert {path.split("/")[3] for path in named} == {"deal"}
    assert {method for path in named for method in document["paths"][path] if method != "parameters"} == {
        "get"
    }


def test_every_call_of_the_document_answers_as_it_says(quick_firm: Firm) -> None:
    firm, dev = quick_firm, quick_firm.program("dev")
    document = dev.get("/api/openapi.json").json()
    ids = {name: new_record(firm, name) for name in ("deal", "account", "team", "call", "user")}
    met = 0
    for path, method, call in calls(document):
        entity = path.split("/")[3]
        if entity == "bulk":
            continue  # see test_bulk.py
        body = body_of(firm, call, entity, ids)
        id = body["history"] if path.endswith("/undo") else ids.get(entity)
        key = view_key(firm, entity) if "{key}" in path else ""
        place = path.replace("{id}", str(id)).replace("{key}", key).replace("{name}", "deals_by_source")
        answer = dev.request(method, place, json=body)
        wanted = next(iter(call["responses"]))
        assert answer.status_code == int(wanted), (method, path, answer.text)
        schema = call["responses"][wanted]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
        met += 1
    assert met > 40


def calls(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Reading first, then changes; into the bin before out of it."""
    found = [
        (path, method, call)
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    ]
    return sorted(
        (one for one in found if one[1] in ORDER),
        key=lambda one: (one[0].endswith("/restore"), ORDER.index(one[1])),
    )


def new_record(firm: Firm, entity: str) -> int:
    dev = firm.actor("dev")
    values: dict[str, dict[str, Any]] = {
        "deal": {"name": "Chairs"}, "account": {"name": "Acme"}, "team": {"name": "North"},
        "user": {"name": "New", "email": "new@firm.example", "role": "caller"},
    }  # fmt: skip
    if entity == "call":
        values["call"] = {"deal": str(new_record(firm, "deal")), "outcome": "RNR"}
    return firm.office.create(dev, entity, **values[entity]).id


def one_more(firm: Firm, entity: str) -> int:
    if entity == "user":
        values = {"name": "Third", "email": "third@firm.example", "role": "caller"}
        return firm.office.create(firm.actor("dev"), "user", **values).id
    if entity == "team":
        return firm.office.create(firm.actor("dev"), "team", name="East").id
    return new_record(firm, entity)


def body_of(firm: Firm, call: dict[str, Any], entity: str, ids: dict[str, int]) -> Any:
    deed = call["operationId"].split("_")[0]
    if deed in READING:
        return None
    if deed == "create":
        return {
            "deal": {"name": "Chairs"}, "account": {"name": "Acme"}, "team": {"name": "South"},
            "user": {"name": "Other", "email": "other@firm.example", "role": "caller"},
            "call": {"deal": str(ids["deal"]), "outcome": "RNR"},
        }[entity]  # fmt: skip
    if deed in ("keep", "change") and call["operationId"].split("_")[1] == "view":
        return {"label": f"{deed} {entity}", "where": {"name": {"contains": "a"}}} if entity != "call" else {"label": deed}
    if deed == "export":  # a person has three of them at most
        with firm.office.database.writing() as connection:
            change(connection, "update crm_bulk set state = 'stopped'", ())
        return {"format": "csv"}
    if deed == "bulk":
        return {"commands": [{"do": "create", "values": {}}]}
    if deed == "undo":  # of a record that was just made: its first deed has its own id
        return {"version": 1, "history": str(one_more(firm, entity))}
    version = {"version": version_of(firm, entity, ids[entity])}
    if deed == "merge":
        return {**version, "with": str(new_record(firm, entity)), "with_version": 1}
    if deed == "unmerge":
        (row,) = firm.office.rows("select id from crm_merge where kept = ? and undone_at is null", ids[entity])
        return {**version, "merge": str(row[0])}
    return {**version, "transition": "hold"} if deed == "move" else version


def view_key(firm: Firm, entity: str) -> str:
    kept = len(firm.office.rows("select id from crm_saved_view"))
    return firm.runtime.current.views.keep(firm.actor("dev"), entity, f"View {kept}", Looks())


def version_of(firm: Firm, entity: str, id: int) -> int:
    return int(firm.office.rows(f'select version from "{entity}" where id = ?', id)[0][0])
