"""Who may come in: passwords, sessions and the links by which a new person sets a password.

- People are records of the entity `user`; here is only what proves who they are.
- A session's key is random and only its hash is kept; each request looks it up together with the person, so that whoever
  is dismissed is out at once.
- A wrong password and an unknown address read the same and take the same time.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from engine.actor import Actor
from engine.blueprint import Blueprint
from engine.clock import Clock, system_clock
from engine.errors import BadRequest, Complaint, Invalid, NotFound, NotSignedIn, Refused, TooMany
from engine.folding import fold
from engine.records.database import Connection, Database
from engine.records.keys import milliseconds
from engine.records.passwords import Passwords, weakness
from engine.records.people import People, Person, is_below
from engine.records.rows import change, rows
from engine.records.throttle import Throttle
from engine.words import said

WRONG = said("The e-mail address or the password is not right.")
IDLE = 12 * 3_600_000  # ms without a request
LONGEST = 14 * 24 * 3_600_000  # ms, however busy
SEEN_EVERY = 60_000  # ms between two notes that a session is in use
LINK_LASTS = 3 * 24 * 3_600_000  # ms


@dataclass(frozen=True, slots=True)
class Session:
    """A person who is signed in. `csrf` goes into every form; `must_change`: nothing else before a new password."""

    actor: Actor
    csrf: str
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """`key` is the cookie's value and is kept nowhere."""

    key: str
    session: Session


class Accounts:
    """Safe to use from many threads. Checking a password takes 0.2 s: call `sign_in` from a thread."""

    def __init__(
        self, blueprint: Blueprint, database: Database, clock: Clock = system_clock, passwords: Passwords | None = None
    ) -> None:
        self.blueprint = blueprint
        self.database = database
        self.clock = clock
        self.passwords = passwords or Passwords()
        self.people = People(blueprint, database.dialect)

    # ---- sessions

    def sign_in(self, email: str, password: str, address: str = "", agent: str = "") -> SignedIn:
        """Raises NotSignedIn with the same sentence for a wrong password and an unknown person, TooMany after too many
        tries."""
        account = fold(email)[:300]
        self._check_throttle(account, address)
        person, kept = self._known(email)
        right, better = self.passwords.check(password, kept or self.passwords.dummy)
        if not (right and kept and person is not None and person.may_enter):
            raise NotSignedIn(WRONG)
        with self.database.writing() as connection:
            Throttle(connection, account, address).succeeded()
            if better:
                change(connection, 'update crm_password set hash = ? where "user" = ?', (better, person.id))
            return self._open(connection, person, address, agent)

    def session(self, key: str) -> Session | None:
        """Who this cookie is, in one query; None when the session has ended or the person may no longer come in."""
        now = self._now()
        with self.database.glance() as connection:
            found = rows(connection, self.people.by_session, (hashed(key),))
        if not found:
            return None
        csrf, seen_at, expires_at, must_change, *row = found[0]
        person = self.people.person(row)
        if not person.may_enter or expires_at <= now or seen_at + IDLE <= now:
            return None
        if seen_at + SEEN_EVERY < now:
            self._note(key, now)
        return Session(person.actor(self.blueprint), csrf, bool(must_change))

    def sign_out(self, key: str) -> None:
        with self.database.writing() as connection:
            change(connection, "delete from crm_session where key_hash = ?", (hashed(key),))

    def sign_out_everywhere(self, actor: Actor, user: int | None = None) -> int:
        """Ends all sessions of the actor, or of somebody they may sign out; how many. Raises Refused."""
        whose = self._whose(actor, user)
        with self.database.writing() as connection:
            return _end_sessions(connection, whose)

    # ---- passwords

    def change_password(self, actor: Actor, old: str, new: str, *, keep: str | None = None) -> None:
        """Raises Invalid for a wrong old or a weak new one. All sessions end but the one whose key is `keep`."""
        with self.database.reading() as connection:
            person = self.people.by_id(connection, actor.user)
        if person is None:
            raise NotSignedIn(WRONG)
        self._check_throttle(f"change {actor.user}", "")
        with self.database.reading() as connection:
            kept = _hash_of(connection, actor.user)
        if not self.passwords.check(old, kept or self.passwords.dummy)[0] or kept is None:
            raise Invalid([Complaint("old", said("This is not your password."))])
        self._check_new(person, new, "new")
        if old == new:
            raise Invalid([Complaint("new", said("The new password is the old one."))])
        made = self.passwords.hash(new)
        with self.database.writing() as connection:
            Throttle(connection, f"change {actor.user}", "").succeeded()
            self._keep(connection, actor.user, made, must_change=False)
            _end_sessions(connection, actor.user, hashed(keep) if keep else "")

    def set_password(self, user: int, password: str, *, must_change: bool = False) -> None:
        """For the command line and demo data. Raises Invalid for a weak one, NotFound for nobody."""
        with self.database.reading() as connection:
            person = self.people.by_id(connection, user)
        if person is None:
            raise NotFound(said("There is no such user."))
        self._check_new(person, password, "password")
        made = self.passwords.hash(password)
        with self.database.writing() as connection:
            self._keep(connection, user, made, must_change=must_change)
            _end_sessions(connection, user)

    def has_password(self, user: int) -> bool:
        with self.database.reading() as connection:
            return _hash_of(connection, user) is not None

    def find(self, email: str) -> int | None:
        """The user with this e-mail address; for the command line."""
        person, _ = self._known(email)
        return person.id if person else None

    def actor(self, email: str) -> Actor | None:
        """Who acts when the command line acts for somebody; None for one who may not sign in."""
        person, _ = self._known(email)
        return person.actor(self.blueprint) if person and person.may_enter else None

    # ---- links by which a password is set

    def make_link(self, actor: Actor, user: int) -> str:
        """The last part of a link by which this person sets a password, once, within three days. Earlier links of
        theirs end. Raises Refused unless the actor administers and the person is not above them."""
        key, now = secrets.token_urlsafe(32), self._now()
        whose = self._whose(actor, user)
        with self.database.writing() as connection:
            change(connection, 'delete from crm_link where "user" = ?', (whose,))
            text = 'insert into crm_link (key_hash, "user", created_at, created_by, expires_at) values (?, ?, ?, ?, ?)'
            change(connection, text, (hashed(key), whose, now, actor.user, now + LINK_LASTS))
        return key

    def link_owner(self, key: str) -> str | None:
        """The name of the person whose password this link sets; None when it is used up or too old."""
        with self.database.reading() as connection:
            person = self._behind(connection, key)
        return person.name if person else None

    def use_link(self, key: str, password: str) -> int:
        """Sets the password; the user's id. Raises BadRequest for a link that is no more, Invalid for a weak password."""
        with self.database.reading() as connection:
            person = self._behind(connection, key)
        if person is None:
            raise BadRequest(said("This link has been used or is too old. Ask for a new one."))
        self._check_new(person, password, "password")
        made = self.passwords.hash(password)
        with self.database.writing() as connection:
            if not change(connection, "delete from crm_link where key_hash = ?", (hashed(key),)):
                raise BadRequest(said("This link has been used or is too old. Ask for a new one."))
            self._keep(connection, person.id, made, must_change=False)
            _end_sessions(connection, person.id)
        return person.id

    def sweep(self) -> None:
        """Takes out sessions and links that ended; for a daily job."""
        now = self._now()
        with self.database.writing() as connection:
            change(connection, "delete from crm_session where expires_at <= ? or seen_at <= ?", (now, now - IDLE))
            change(connection, "delete from crm_link where expires_at <= ?", (now,))

    # ---- inside

    def _now(self) -> int:
        return milliseconds(self.clock())

    def _check_throttle(self, account: str, address: str) -> None:
        with self.database.writing() as connection:
            wait = Throttle(connection, account, address).wait(self._now())
        if wait:
            raise TooMany(said("Too many tries. Please wait a little and try again."), retry_after=wait)

    def _known(self, email: str) -> tuple[Person | None, str | None]:
        with self.database.reading() as connection:
            person = self.people.by_email(connection, email)
            return person, _hash_of(connection, person.id) if person else None

    def _open(self, connection: Connection, person: Person, address: str, agent: str) -> SignedIn:
        key, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(24), self._now()
        text = (
            'insert into crm_session (key_hash, "user", created_at, seen_at, expires_at, address, agent, csrf) '
            "values (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        change(connection, text, (hashed(key), person.id, now, now, now + LONGEST, address[:100], agent[:300], csrf))
        asked = rows(connection, 'select must_change from crm_password where "user" = ?', (person.id,))
        return SignedIn(key, Session(person.actor(self.blueprint), csrf, bool(asked[0][0])))

    def _note(self, key: str, now: int) -> None:
        with self.database.writing() as connection:
            change(connection, "update crm_session set seen_at = ? where key_hash = ?", (now, hashed(key)))

    def _keep(self, connection: Connection, user: int, made: str, *, must_change: bool) -> None:
        text = (
            'insert into crm_password ("user", hash, changed_at, must_change) values (?, ?, ?, ?) '
            'on conflict ("user") do update set hash = excluded.hash, changed_at = excluded.changed_at, '
            "must_change = excluded.must_change"
        )
        change(connection, text, (user, made, self._now(), int(must_change)))

    def _check_new(self, person: Person, password: str, name: str) -> None:
        if sentence := weakness(password, person.email, person.name):
            raise Invalid([Complaint(name, sentence)])

    def _behind(self, connection: Connection, key: str) -> Person | None:
        text = 'select "user" from crm_link where key_hash = ? and expires_at > ?'
        found = rows(connection, text, (hashed(key), self._now()))
        return self.people.by_id(connection, found[0][0]) if found else None

    def _whose(self, actor: Actor, user: int | None) -> int:
        """The person whose account this actor may touch: their own, or of somebody not above them, for who administers."""
        if user is None or user == actor.user:
            return actor.user
        role = self.blueprint.roles[actor.role]
        if not role.administers or actor.only is not None:
            who = [r.label for r in self.blueprint.roles.values() if r.administers]
            raise Refused(said("Your role does not look after other people's accounts."), who)
        with self.database.reading() as connection:
            person = self.people.by_id(connection, user)
        if person is None:
            raise NotFound(said("There is no such user."))
        if is_below(self.blueprint, actor.role, person.role):
            raise Refused(said("This person stands above you."))
        return person.id


def hashed(key: str) -> str:
    """Keys are 256 random bits, so that a plain hash is enough."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()


def _hash_of(connection: Connection, user: int) -> str | None:
    found = rows(connection, 'select hash from crm_password where "user" = ?', (user,))
    return found[0][0] if found else None


def _end_sessions(connection: Connection, user: int, but: str = "") -> int:
    return change(connection, 'delete from crm_session where "user" = ? and key_hash <> ?', (user, but))


__all__ = ["Accounts", "Session", "SignedIn", "hashed"]
