"""Random people make random moves: stages change along the transitions only, and a refusal changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.errors import CrmError
from engine.records.commands import Create, Delete, Move, Update
from engine.records.history import verify
from tests.office import Actor, office_on, open_office
from tests.real.databases import copy_sqlite

PEOPLE = st.sampled_from(["asha", "ravi", "meera", "nils", "dev"])
TRANSITIONS = ["attend", "propose", "hold", "resume", "win", "lose", "teleport"]
VALUES = st.dictionaries(
    st.sampled_from(["lost_reason", "follow_up_at", "name", "budget", "status", "version", "owner"]),
    st.sampled_from(["Price", "2026-12-01 15:00", "", "x", "12", "WON"]),
    max_size=2,
)
ORIGINAL = Path(tempfile.mkdtemp(prefix="crm-stages-")) / "office.db"


def original() -> Path:
    if not ORIGINAL.exists():
        open_office(f"sqlite:///{ORIGINAL}").database.close()
    return ORIGINAL


class Desk(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crm-stages-"))
        copy_sqlite(original(), self.folder / "office.db")
        self.office = office_on(f"sqlite:///{self.folder}/office.db")
        for id, name, role in self.office.rows('select id, name, role from "user"'):
            self.office.people[name.lower()] = Actor(id, name, role)
        self.office.clock.pass_time(hours=1)
        self.deals = [self.office.deal(self.office.asha).id, self.office.deal(self.office.ravi).id]
        self.stages = {deal: ["NEW"] for deal in self.deals}
        self.steps = 0

    @rule(who=PEOPLE, which=st.integers(0, 1), name=st.sampled_from(TRANSITIONS), given=VALUES, stale=st.booleans())
    def move(self, who: str, which: int, name: str, given: dict[str, str], stale: bool) -> None:
        deal = self.deals[which]
        version = self.version(deal) - (1 if stale and name == "hold" else 0)
        self.tries(who, deal, Move("deal", deal, version, name, given), name)

    @rule(who=PEOPLE, which=st.integers(0, 1))
    def log_a_call(self, who: str, which: int) -> None:
        values = {"deal": str(self.deals[which]), "outcome": "Answered"}
        self.tries(who, self.deals[which], Create("call", values), None)

    @rule(who=PEOPLE, which=st.integers(0, 1), given=VALUES)
    def edit(self, who: str, which: int, given: dict[str, str]) -> None:
        deal = self.deals[which]
        self.tries(who, deal, Update("deal", deal, self.version(deal), given), None)

    @rule(who=st.sampled_from(["asha", "ravi", "nils"]), which=st.integers(0, 1))
    def delete(self, who: str, which: int) -> None:
        deal = self.deals[which]
        self.tries(who, deal, Delete("deal", deal, self.version(deal)), None)

    @invariant()
    def the_chain_holds(self) -> None:
        if hasattr(self, "office"):
            self.steps += 1
            if self.steps % 10 == 0:
                assert list(verify(self.office.reads)) == []

    def tries(self, who: str, deal: int, command: object, transition: str | None) -> None:
        before = self.office.everything()
        was = self.stage(deal)
        try:
            self.office.writes.do(self.office.people[who], command)  # type: ignore[arg-type]
        except CrmError:
            assert self.office.everything() == before, "a refused deed changed something"
            return
        now = self.stage(deal)
        assert (now == was) == (transition is None) or transition == "resume"
        if transition is not None:
            self.follows(deal, was, now, transition, who)

    def follows(self, deal: int, was: str, now: str, name: str, who: str) -> None:
        workflow = self.office.blueprint.workflows["deal_sales"]
        transition = workflow.transitions[name]
        assert was in transition.sources
        assert now == (self.stages[deal][-2] if transition.target == "previous" else transition.target)
        role = self.office.people[who].role
        assert transition.roles is None or role in transition.roles
        assert name in self.office.blueprint.roles[role].rights["deal"].transitions
        self.stages[deal] = [*self.stages[deal], now]

    def stage(self, deal: int) -> str:
        return self.office.rows("select status from deal where id = ?", deal)[0][0]

    def version(self, deal: int) -> int:
        return self.office.rows("select version from deal where id = ?", deal)[0][0]

    def teardown(self) -> None:
        if hasattr(self, "office"):
            assert list(verify(self.office.reads)) == []
            self.office.database.close()
            shutil.rmtree(self.folder)


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
