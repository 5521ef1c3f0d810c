"""Two records become one without losing anything, and two again."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadRequest, Conflict, Invalid, NotFound, Refused
from engine.records.commands import Merge, Outcome, Unmerge
from engine.records.history import verify
from tests.office import Actor, Office

NUMBER = "+91 98765 43210"
ENGINE_OWN = ("version", "updated_at", "updated_by", "chain")


def pair(office: Office, who: Actor | None = None) -> tuple[int, int]:
    who = who or office.asha
    this = office.create(who, "lead", first_name="Kavya", phone=NUMBER, city="Kochi", tags=["a", "b"])
    other = office.create(who, "lead", first_name="Kavya R", phone=NUMBER, email="k@example.com", tags=["b", "c"])
    return this.id, other.id


def version(office: Office, entity: str, id: int) -> int:
    return int(office.rows(f'select version from "{entity}" where id = ?', id)[0][0])


def merge(office: Office, who: Actor, this: int, other: int, **choose: str) -> Outcome:
    command = Merge("lead", this, version(office, "lead", this), other, version(office, "lead", other), choose)
    return office.writes.do(who, command)


def undo(office: Office, who: Actor, this: int) -> Outcome:
    (row,) = office.rows("select id from crm_merge where kept = ? and undone_at is null", this)
    return office.writes.do(who, Unmerge("lead", this, version(office, "lead", this), row[0]))


def content(office: Office) -> dict[str, Any]:
    """All that people put in: every table but history and what counts changes."""
    found = {}
    for table in office.tables.metadata.sorted_tables:
        if table.name in ("crm_history", "crm_merge", "crm_outbox", "crm_stage_time"):
            continue
        names = [c.name for c in table.columns if c.name not in ENGINE_OWN]
        listed = ", ".join(f'"{n}"' for n in names)
        found[table.name] = sorted(map(repr, office.rows(f'select {listed} from "{table.name}"')))
    return found


def test_the_merged_record_has_what_was_filled_and_what_was_entered_last(office: Office) -> None:
    this, other = pair(office)
    merge(office, office.asha, this, other)
    kept = office.values("lead", this)
    assert (kept["first_name"], kept["city"], kept["email"]) == ("Kavya R", "Kochi", "k@example.com")
    assert kept["tags"] == ("a", "b", "c")
    assert kept["kind"] == "New", "what a rule said of the later one says nothing of the one"
    with pytest.raises(NotFound):
        office.values("lead", other)


def test_one_may_choose_value_by_value(office: Office) -> None:
    this, other = pair(office)
    merge(office, office.asha, this, other, first_name="this", tags="other", email="this")
    kept = office.values("lead", this)
    assert (kept["first_name"], kept["email"], kept["tags"]) == ("Kavya", None, ("b", "c"))


def test_everything_that_belonged_to_the_other_belongs_to_the_one(office: Office) -> None:
    this, other = pair(office)
    call = office.create(office.asha, "call", subject="Hello", about=f"lead/{other}")
    deal = office.create(office.meera, "deal", name="Chairs", lead=str(other), others=[str(this), str(other)])
    gone = office.create(office.dev, "deal", name="In the bin", lead=str(other))
    office.delete(office.dev, "deal", gone.id, 1)
    merge(office, office.asha, this, other)
    assert office.values("call", call.id)["about"].id == this
    assert office.values("deal", deal.id)["lead"].id == this
    assert [ref.id for ref in office.values("deal", deal.id)["others"]] == [this]
    assert office.rows("select lead from deal where id = ?", gone.id)[0][0] == this
    assert list(verify(office.reads)) == []


def test_a_merge_that_is_taken_back_leaves_all_as_it_was(office: Office) -> None:
    this, other = pair(office)
    office.create(office.asha, "call", subject="Hello", about=f"lead/{other}")
    office.create(office.meera, "deal", name="Chairs", lead=str(other), others=[str(other), str(this)])
    before = content(office)
    merge(office, office.asha, this, other)
    assert content(office) != before
    lists = undo(office, office.asha, this).lists
    assert content(office) == before
    assert lists is not None and not lists["kept"] and not lists["failed"]
    assert "Lead LEAD-00002 is there again." in lists["back"]
    assert any("that you do not see" in said for said in lists["back"]), "Meera's deal is not named to Asha"
    assert list(verify(office.reads)) == []


def test_what_somebody_changed_since_stays_and_is_told(office: Office) -> None:
    this, other = pair(office)
    call = office.create(office.asha, "call", subject="Hello", about=f"lead/{other}")
    merge(office, office.asha, this, other)
    office.update(office.asha, "lead", this, version(office, "lead", this), first_name="Kavya Menon")
    office.update(office.asha, "call", call.id, version(office, "call", call.id), about=None)
    lists = undo(office, office.asha, this).lists
    assert lists is not None
    assert lists["kept"] == ["First name was changed since.", "Call Hello: About was changed since."]
    assert office.values("lead", this)["first_name"] == "Kavya Menon"
    assert office.values("lead", this)["email"] is None


def test_a_unique_value_goes_over_and_back(office: Office) -> None:
    this = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER).id
    other = office.create(office.asha, "lead", first_name="Kavya", phone=NUMBER, aadhaar="1234").id
    merge(office, office.asha, this, other)
    assert office.values("lead", this)["aadhaar"] == "1234"
    undo(office, office.asha, this)
    assert office.values("lead", this)["aadhaar"] is None
    assert office.values("lead", other)["aadhaar"] == "1234"


def test_a_hidden_value_is_kept_though_the_actor_may_not_choose_it(office: Office) -> None:
    this, other = pair(office)
    office.update(office.meera, "lead", other, version(office, "lead", other), secret="a cousin of the owner")
    with pytest.raises(Invalid):
        merge(office, office.asha, this, other, secret="this")
    merge(office, office.asha, this, other)
    assert office.values("lead", this)["secret"] == "a cousin of the owner"


def test_the_stage_is_not_merged(office: Office) -> None:
    this, other = pair(office)
    office.move(office.asha, "lead", other, 1, "win")
    merge(office, office.asha, this, other)
    assert office.values("lead", this)["status"] == "NEW"


def test_nobody_merges_what_is_not_theirs_to_change(office: Office) -> None:
    this, other = pair(office)
    theirs = office.create(office.ravi, "lead", first_name="Kavya", phone=NUMBER).id
    before = office.everything()
    for a, b in ((this, theirs), (theirs, this)):
        with pytest.raises(NotFound):
            merge(office, office.asha, a, b)
    with pytest.raises(BadRequest):
        merge(office, office.asha, this, this)
    with pytest.raises(BadRequest):
        office.writes.do(office.dev, Merge("user", office.asha.user, 1, office.ravi.user, 1))
    with pytest.raises(Conflict):
        office.writes.do(office.asha, Merge("lead", this, 9, other, 1))
    assert office.everything() == before


def test_nobody_takes_back_what_is_not_theirs(office: Office) -> None:
    this, other = pair(office, office.meera)
    merge(office, office.meera, this, other)
    with pytest.raises((NotFound, Refused)):
        undo(office, office.asha, this)


def test_who_was_merged_does_not_come_out_of_the_bin_by_itself(office: Office) -> None:
    this, other = pair(office, office.dev)
    merge(office, office.dev, this, other)
    from engine.records.commands import Restore

    with pytest.raises(Invalid) as refusal:
        office.writes.do(office.dev, Restore("lead", other, version(office, "lead", other)))
    assert "was merged into another record" in refusal.value.complaints[0].message


def test_a_merge_is_taken_back_in_its_time_only(office: Office) -> None:
    this, other = pair(office)
    merge(office, office.asha, this, other)
    office.clock.pass_time(days=31)
    with pytest.raises(Invalid) as late:
        undo(office, office.asha, this)
    assert late.value.complaints[0].message == "A merge can be taken back within 30 days; this one is older."
