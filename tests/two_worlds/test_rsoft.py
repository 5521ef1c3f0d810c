"""What a person of each role may not see makes no difference to any answer: rsoft."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.two_worlds.worlds import Founded, learn_nothing, roles_of, roles_where

SET = "rsoft"


@pytest.mark.parametrize("role", roles_where(SET, quick=("manager",)))
def test_a_person_learns_nothing_of_what_they_may_not_see(role: str, firm: Founded, tmp_path: Path) -> None:
    learn_nothing(SET, role, firm, tmp_path, all_of_them=False)


@pytest.mark.soak
@pytest.mark.parametrize("role", roles_of(SET))
def test_a_person_learns_nothing_in_any_way_of_asking(role: str, firm: Founded, tmp_path: Path) -> None:
    learn_nothing(SET, role, firm, tmp_path, all_of_them=True)
