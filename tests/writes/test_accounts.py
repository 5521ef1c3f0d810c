"""Who comes in, for how long, and how often they may try."""

from __future__ import annotations

import time

import pytest

from engine.errors import BadRequest, Invalid, NotSignedIn, Refused, TooMany
from engine.records.accounts import Accounts
from engine.records.passwords import Passwords, weakness
from engine.records.tokens import Tokens
from tests.office import Office

SECRET = "four unrelated words"


class Quick:
    """A hash for tests; argon2 takes a fifth of a second and is tried once below."""

    checked: list[str]

    def __init__(self) -> None:
        self.checked = []

    def hash(self, password: str) -> str:
        return f"quick:{password}"

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]:
        self.checked.append(hash)
        return hash == f"quick:{password}", None


@pytest.fixture
def accounts(office: Office) -> Accounts:
    made = Accounts(office.blueprint, office.database, office.clock, Passwords(Quick()))
    made.set_password(office.asha.user, SECRET)
    return made


@pytest.fixture
def tokens(office: Office) -> Tokens:
    return Tokens(office.blueprint, office.database, office.clock)


def come_in(accounts: Accounts, password: str = SECRET, email: str = "asha@firm.example", address: str = "10.0.0.1"):
    return accounts.sign_in(email, password, address)


def test_asha_signs_in_and_each_request_knows_her(office: Office, accounts: Accounts) -> None:
    key = come_in(accounts, email=" ASHA@firm.example ").key
    session = accounts.session(key)
    assert session and (session.actor.user, session.actor.role) == (office.asha.user, "caller")
    assert session.actor.zone == "Asia/Kolkata" and session.csrf


def test_neither_the_key_nor_the_password_is_kept(office: Office, accounts: Accounts) -> None:
    signed = come_in(accounts)
    kept = repr(office.rows("select * from crm_session"))
    assert signed.key not in kept and SECRET not in kept


def test_teams_come_with_the_session(office: Office, accounts: Accounts) -> None:
    north, south = (office.create(office.dev, "team", name=n).id for n in ("North", "South"))
    office.update(office.dev, "user", office.asha.user, 1, team=str(north), teams=[str(south), str(north)])
    session = accounts.session(come_in(accounts).key)
    assert session and set(session.actor.teams) == {north, south}


def test_a_wrong_password_and_an_unknown_person_read_the_same(office: Office, accounts: Accounts) -> None:
    said = []
    for email in ("asha@firm.example", "nobody@firm.example", "meera@firm.example", "", "x" * 5000):
        with pytest.raises(NotSignedIn) as error:
            come_in(accounts, "not the password", email)
        said.append(error.value.message)
    assert len(set(said)) == 1


def test_a_password_is_checked_for_an_unknown_person_too(office: Office) -> None:
    quick = Quick()
    accounts = Accounts(office.blueprint, office.database, office.clock, Passwords(quick))
    with pytest.raises(NotSignedIn):
        come_in(accounts, email="nobody@firm.example")
    assert quick.checked == [accounts.passwords.dummy]


def test_whoever_is_dismissed_is_out_at_once(office: Office, accounts: Accounts) -> None:
    key = come_in(accounts).key
    office.update(office.dev, "user", office.asha.user, 1, active="no")
    assert accounts.session(key) is None
    with pytest.raises(NotSignedIn):
        come_in(accounts)


def test_whoever_is_deleted_is_out_at_once(office: Office, accounts: Accounts) -> None:
    key = come_in(accounts).key
    office.delete(office.dev, "user", office.asha.user, 1)
    assert accounts.session(key) is None


def test_a_changed_role_counts_from_the_next_request(office: Office, accounts: Accounts) -> None:
    key = come_in(accounts).key
    office.update(office.dev, "user", office.asha.user, 1, role="manager")
    session = accounts.session(key)
    assert session and session.actor.role == "manager"


def test_a_session_ends_when_idle_and_after_two_weeks_however_busy(office: Office, accounts: Accounts) -> None:
    idle = come_in(accounts).key
    office.clock.pass_time(hours=13)
    assert accounts.session(idle) is None
    busy = come_in(accounts).key
    for _ in range(33):
        office.clock.pass_time(hours=10)
        assert accounts.session(busy) is not None
    office.clock.pass_time(hours=7)
    assert accounts.session(busy) is None


def test_signing_out_ends_this_session_and_everywhere_ends_all(office: Office, accounts: Accounts) -> None:
    one, two, three = (come_in(accounts).key for _ in range(3))
    accounts.sign_out(one)
    assert accounts.session(one) is None and accounts.session(two)
    assert accounts.sign_out_everywhere(office.asha) == 2
    assert accounts.session(two) is None and accounts.session(three) is None


def test_after_five_wrong_tries_one_waits_also_with_the_right_password(office: Office, accounts: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            come_in(accounts, "wrong")
    with pytest.raises(TooMany) as error:
        come_in(accounts)
    assert 0 < error.value.retry_after <= 31
    assert come_in(accounts, address="10.0.0.2")  # somebody else's wrong tries do not lock Asha out at her own desk
    office.clock.pass_time(seconds=31)
    assert come_in(accounts)


def test_an_unknown_account_is_made_to_wait_the_same(accounts: Accounts) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            come_in(accounts, "wrong", "nobody@firm.example")
    with pytest.raises(TooMany):
        come_in(accounts, "wrong", "nobody@firm.example")


def test_one_address_cannot_try_every_account(accounts: Accounts) -> None:
    with pytest.raises(TooMany):
        for n in range(60):
            with pytest.raises(NotSignedIn):
                come_in(accounts, "wrong", f"person{n}@firm.example")


def test_an_office_behind_one_address_signs_in_all_day(accounts: Accounts) -> None:
    for _ in range(60):
        come_in(accounts)


def test_changing_a_password_ends_the_other_sessions(office: Office, accounts: Accounts) -> None:
    here, there = come_in(accounts).key, come_in(accounts).key
    with pytest.raises(Invalid):
        accounts.change_password(office.asha, "not it", "five quite unrelated words")
    accounts.change_password(office.asha, SECRET, "five quite unrelated words", keep=here)
    assert accounts.session(here) and accounts.session(there) is None
    assert come_in(accounts, "five quite unrelated words")


@pytest.mark.parametrize(
    "password", ["short", "password123", "asha@firm.example", "aaaaaaaaaaaa", "1234567890", "x" * 201, "9182736455!"]
)
def test_weak_passwords_are_refused_with_a_reason(password: str) -> None:
    sentence = weakness(password, "asha@firm.example", "Asha")
    assert sentence and sentence.endswith(".") and password not in sentence


def test_a_new_person_sets_a_password_by_a_link_that_works_once(office: Office, accounts: Accounts) -> None:
    key = accounts.make_link(office.dev, office.ravi.user)
    assert accounts.link_owner(key) == "Ravi"
    with pytest.raises(Invalid):
        accounts.use_link(key, "short")
    assert accounts.use_link(key, SECRET) == office.ravi.user
    assert come_in(accounts, email="ravi@firm.example")
    with pytest.raises(BadRequest):
        accounts.use_link(key, "another long secret")


def test_a_link_ends_after_three_days_and_when_a_newer_is_made(office: Office, accounts: Accounts) -> None:
    old, new = accounts.make_link(office.dev, office.ravi.user), accounts.make_link(office.dev, office.ravi.user)
    assert accounts.link_owner(old) is None and accounts.link_owner(new)
    office.clock.pass_time(days=4)
    assert accounts.link_owner(new) is None


def test_only_who_administers_makes_links_and_signs_others_out(office: Office, accounts: Accounts) -> None:
    with pytest.raises(Refused):
        accounts.make_link(office.meera, office.asha.user)
    with pytest.raises(Refused):
        accounts.sign_out_everywhere(office.meera, office.asha.user)
    come_in(accounts)
    assert accounts.sign_out_everywhere(office.dev, office.asha.user) == 1


def test_a_token_is_its_person_narrowed_to_what_it_is_for(office: Office, tokens: Tokens) -> None:
    id, text = tokens.make(office.asha, "Reports", only=[("deal", "read")])
    assert text.startswith("crm_") and text not in repr(office.rows("select * from crm_token"))
    actor = tokens.actor(text)
    assert actor and (actor.user, actor.only) == (office.asha.user, frozenset({("deal", "read")}))
    deal = office.deal(office.asha)
    assert office.reads.record(actor, "deal", deal.id).id == deal.id
    with pytest.raises(Refused):
        office.update(actor, "deal", deal.id, 1, name="x")
    tokens.revoke(office.asha, id)
    assert tokens.actor(text) is None


def test_a_token_ends_with_its_time_and_with_its_person(office: Office, tokens: Tokens) -> None:
    from datetime import timedelta

    _, short = tokens.make(office.asha, "Short", expires=office.clock() + timedelta(days=1))
    _, long = tokens.make(office.asha, "Long")
    office.clock.pass_time(days=2)
    assert tokens.actor(short) is None and tokens.actor(long)
    office.update(office.dev, "user", office.asha.user, 1, active="no")
    assert tokens.actor(long) is None


@pytest.mark.parametrize("text", ["", "crm_", "crm_nothing", "Bearer x", "crm_" + "x" * 10_000, "crm_\ud800"])
def test_what_is_no_token_is_nobody(tokens: Tokens, text: str) -> None:
    assert tokens.actor(text) is None


def test_last_use_is_noted_at_most_once_a_minute(office: Office, tokens: Tokens) -> None:
    _, text = tokens.make(office.asha, "Reports")
    noted = []
    for _ in range(3):
        tokens.actor(text)
        noted.append(tokens.of(office.asha)[0].used_at)
        office.clock.pass_time(seconds=40)
    assert noted[0] == noted[1] != noted[2]


def test_nobody_revokes_or_makes_somebody_elses_token(office: Office, tokens: Tokens) -> None:
    from engine.errors import NotFound

    id, text = tokens.make(office.asha, "Reports", only=[("deal", "read"), ("deal", "update")])
    with pytest.raises(NotFound):
        tokens.revoke(office.ravi, id)
    with pytest.raises(Refused):
        tokens.make(office.meera, "Spy", user=office.asha.user)
    with pytest.raises(Invalid):
        tokens.make(office.asha, "Odd", only=[("deal", "fly")])
    bearer = tokens.actor(text)
    assert bearer
    with pytest.raises(Refused):
        tokens.make(bearer, "Child of a token")


def test_real_argon2_takes_about_as_long_for_nobody(office: Office) -> None:
    accounts = Accounts(office.blueprint, office.database, office.clock)
    accounts.set_password(office.asha.user, SECRET)

    def spent(email: str) -> float:
        begun = time.process_time()
        with pytest.raises(NotSignedIn):
            accounts.sign_in(email, "wrong")
        return time.process_time() - begun

    known, unknown = spent("asha@firm.example"), spent("nobody@firm.example")
    assert 0.4 < known / unknown < 2.5
    assert accounts.sign_in("asha@firm.example", SECRET).session.actor.user == office.asha.user
