"""Lists and single records over the API, as people of the small firm use it."""

from __future__ import annotations

from tests.firm import Firm


def test_asha_lists_her_own_deals_and_nobody_elses(firm: Firm) -> None:
    hers, his = firm.deal("asha", "Chairs"), firm.deal("ravi", "Tables")
    asha = firm.program("asha")
    answer = asha.get("/api/v1/deal?count=true").json()
    assert [item["id"] for item in answer["items"]] == [str(hers.id)]
    assert (answer["count"], answer["more"], answer["next"]) == (1, False, None)
    assert asha.get(f"/api/v1/deal/{his.id}").status_code == 404


def test_a_list_is_walked_page_by_page(firm: Firm) -> None:
    made = [str(firm.deal("asha", f"Deal {n}").id) for n in range(5)]
    asha = firm.program("asha")
    first = asha.get("/api/v1/deal", params={"limit": 2}).json()
    second = asha.get("/api/v1/deal", params={"limit": 2, "cursor": first["next"]}).json()
    third = asha.get("/api/v1/deal", params={"limit": 2, "cursor": second["next"]}).json()
    assert [i["id"] for page in (first, second, third) for i in page["items"]] == made[::-1]
    assert third["next"] is None


def test_a_list_is_filtered_sorted_and_searched(firm: Firm) -> None:
    for name, source in (("Chairs", "Google"), ("Tables", "Website"), ("Armchairs", "Google")):
        firm.deal("meera", name, source=source)
    meera = firm.program("meera")

    def names(**asked: str) -> list[str]:
        return [i["name"] for i in meera.get("/api/v1/deal", params=asked).json()["items"]]

    assert names(source="Google", sort="name") == ["Armchairs", "Chairs"]
    assert names(q="chair", sort="-name") == ["Chairs", "Armchairs"]
    assert names(**{"source.in": "Website,Walk-in"}) == ["Tables"]


def test_a_record_is_made_read_changed_binned_and_brought_back(firm: Firm) -> None:
    meera = firm.program("meera")
    made = meera.post("/api/v1/deal", json={"name": "Chairs", "budget": 12.5})
    assert made.status_code == 201
    place, record = made.headers["location"], made.json()
    assert (made.headers["etag"], record["budget"]) == ('"1"', {"amount": "12.50", "currency": "INR"})
    assert meera.get(place).json() == record

    changed = meera.patch(place, json={"version": 1, "name": "Many chairs"})
    assert (changed.status_code, changed.json()["name"], changed.headers["etag"]) == (
        200,
        "Many chairs",
        '"2"',
    )

    binned = meera.delete(place, headers={"if-match": '"2"'})
    assert binned.json() == {"id": record["id"], "version": 3}
    assert meera.get(place).status_code == 404
    assert meera.get(place, params={"deleted": "true"}).json()["name"] == "Many chairs"
    assert [i["id"] for i in meera.get("/api/v1/deal?deleted=true").json()["items"]] == [record["id"]]

    back = meera.post(f"{place}/restore", json={"version": 3})
    assert (back.status_code, back.json()["version"]) == (200, 4)
    assert meera.get(place).status_code == 200


def test_who_asks_for_little_gets_the_id_and_the_version(quick_firm: Firm) -> None:
    made = quick_firm.program("asha").post(
        "/api/v1/deal", json={"name": "Chairs"}, headers={"prefer": "return=minimal"}
    )
    assert (made.status_code, sorted(made.json()), made.json()["version"]) == (201, ["id", "version"], 1)


def test_moves_are_offered_with_reasons_and_made(firm: Firm) -> None:
    deal = firm.deal("asha")
    asha, at = firm.program("asha"), f"/api/v1/deal/{deal.id}/transitions"
    offered = {move["transition"]: move for move in asha.get(at).json()["items"]}
    assert (offered["attend"]["allowed"], offered["attend"]["reasons"]) == (
        False,
        ["Log an answered call first."],
    )
    assert (offered["lose"]["allowed"], offered["lose"]["asks"], offered["lose"]["to"]) == (
        True,
        ["lost_reason"],
        "LOST",
    )

    refused = asha.post(at, json={"transition": "attend", "version": 1})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/problem+json")
    assert "Log an answered call first." in refused.json()["reasons"]

    lost = asha.post(at, json={"transition": "lose", "values": {"lost_reason": "Price"}, "version": 1})
    assert (lost.status_code, lost.json()["status"]) == (200, "LOST")


def test_a_move_of_another_role_is_refused_with_who_may(firm: Firm) -> None:
    deal = firm.deal("asha")
    answer = firm.program("asha").post(
        f"/api/v1/deal/{deal.id}/transitions", json={"transition": "win", "version": deal.version}
    )
    assert (answer.status_code, answer.json()["who"]) == (403, ["Sales manager"])


def test_history_tells_who_did_what_without_what_is_hidden(firm: Firm) -> None:
    deal = firm.deal("meera", budget=5, owner=str(firm.actor("asha").user))
    firm.program("meera").patch(f"/api/v1/deal/{deal.id}", json={"version": 1, "budget": 7})
    newest, oldest = firm.program("meera").get(f"/api/v1/deal/{deal.id}/history").json()["items"]
    assert (newest["action"], newest["by"]["title"], oldest["action"]) == ("changed", "Meera", "created")
    assert newest["changes"] == [
        {"field": "budget", "label": "Budget", "was": {"amount": "5.00", "currency": "INR"},
         "now": {"amount": "7.00", "currency": "INR"}}
    ]  # fmt: skip
    asha_sees = firm.program("asha").get(f"/api/v1/deal/{deal.id}/history").json()["items"][0]
    assert (asha_sees["changes"], asha_sees["hidden"]) == ([], True)


def test_a_long_history_is_told_in_pages(quick_firm: Firm) -> None:
    deal = quick_firm.deal("asha")
    for version in range(1, 5):
        quick_firm.office.update(quick_firm.actor("asha"), "deal", deal.id, version, name=f"Name {version}")
    asha, at = quick_firm.program("asha"), f"/api/v1/deal/{deal.id}/history"
    first = asha.get(at, params={"limit": 3}).json()
    rest = asha.get(at, params={"limit": 3, "cursor": first["next"]}).json()
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]
    assert rest["items"][-1]["action"] == "created"


def test_search_and_pickers_find_what_the_person_may_see(firm: Firm) -> None:
    firm.deal("asha", "Oak chairs")
    firm.deal("ravi", "Oak tables")
    asha = firm.program("asha")
    assert [i["title"] for i in asha.get("/api/v1/search?q=oak").json()["items"]] == ["Oak chairs"]
    assert [i["title"] for i in asha.get("/api/v1/deal/pick?q=oak").json()["items"]] == ["Oak chairs"]


def test_me_tells_who_i_am_and_what_i_may_do(quick_firm: Firm) -> None:
    me = quick_firm.program("asha").get("/api/v1/me").json()
    may = {entity["name"]: entity["may"] for entity in me["entities"]}
    assert (me["name"], me["role"]) == ("Asha", {"name": "caller", "label": "Tele-caller"})
    assert (may["deal"], may["user"]) == (["create", "update", "assign"], [])


def test_many_commands_are_told_one_by_one(firm: Firm) -> None:
    first, second = firm.deal("meera", "One"), firm.deal("meera", "Two")
    answer = firm.program("meera").post("/api/v1/deal/bulk", json={"commands": [
        {"do": "update", "id": str(first.id), "version": 1, "values": {"name": "Uno"}},
        {"do": "update", "id": str(second.id), "version": 9, "values": {"name": "Due"}},
        {"do": "create", "values": {"name": ""}},
    ]}).json()  # fmt: skip
    assert [r["status"] for r in answer["results"]] == [200, 409, 422]
    assert answer["done"] == 1
    refused = firm.program("asha").post(
        "/api/v1/deal/bulk", json={"commands": [{"do": "create", "values": {}}]}
    )
    assert refused.status_code == 403
