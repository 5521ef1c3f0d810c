"""A blueprint and its database together; a reload swaps one reference, and what runs keeps what it began with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.blueprint import Blueprint
from engine.blueprint.translated import translated
from engine.clock import Clock, system_clock
from engine.compiler import compile_set
from engine.errors import Unusable
from engine.records.accounts import Accounts
from engine.records.database import Database
from engine.records.files import Files
from engine.records.notices import Notices
from engine.records.passwords import Passwords
from engine.records.plan import plan
from engine.records.read import Reads
from engine.records.tables import Tables
from engine.records.tokens import Tokens
from engine.records.views import Views
from engine.records.write import Writes
from engine.settings import Settings, settings_for
from engine.words import speech


@dataclass(frozen=True, slots=True)
class Crm:
    """All that a request needs; made once per blueprint."""

    blueprint: Blueprint
    database: Database
    tables: Tables
    reads: Reads
    writes: Writes
    accounts: Accounts
    tokens: Tokens
    notices: Notices
    files: Files
    views: Views
    settings: Settings
    spoken: Callable[[str], Crm] | None = None
    paces: dict[tuple[str, str], float] = field(default_factory=dict)  # seconds a report took, by (role, report)

    def in_language(self, language: str) -> Crm:
        """The same to one who reads another language: every label, choice and text of the set is told in it, and what the
        doors say of them. Itself where the set has no words in that language."""
        return self.spoken(language) if self.spoken is not None else self


class Spoken:
    """One blueprint in the languages of its set: made when somebody reads in one, and kept."""

    def __init__(self, blueprint: Blueprint, make: Callable[[Blueprint], Crm]) -> None:
        self._blueprint, self._make = blueprint, make
        self._made: dict[str | None, Crm] = {}
        self._lock = threading.Lock()

    def __call__(self, language: str) -> Crm:
        name = self._known(language)
        found = self._made.get(name)
        if found is None:
            with self._lock:
                found = self._made.get(name) or self._in(name)
                self._made[name] = found
        return found

    def _known(self, language: str) -> str | None:
        """`ar` for `ar-EG`, where the set speaks it; None for the set's own words."""
        words, short = self._blueprint.words, language.partition("-")[0]
        return next((name for name in (language, short) if name in words), None)

    def _in(self, name: str | None) -> Crm:
        said = speech(name or self._blueprint.manifest.language).say
        words = self._blueprint.words[name] if name else {}
        return replace(self._make(translated(self._blueprint, words, said)), spoken=self)


class Runtime:
    """`current` is replaced as a whole by `reload`; take it once per request or job.

    Raises compiler.BrokenSet when the set has errors, errors.Unusable when the database does not fit it.
    """

    def __init__(
        self, folder: Path, settings: Settings | None = None, clock: Clock = system_clock, *,
        read_set: Callable[[Path], Blueprint] = compile_set, passwords: Passwords | None = None,
    ) -> None:  # fmt: skip
        self.folder = folder
        self.settings = settings or settings_for(folder)
        self.clock = clock
        self.read_set = read_set
        self.passwords = passwords or Passwords()
        blueprint = read_set(folder)  # first: what is wrong with the set is told before what is wrong with its database
        self.database = Database(self.settings.database_url)
        self.news = threading.Event()  # something was written: whoever waits for work may look
        self.current = self._made(blueprint)

    @property
    def threads(self) -> int:
        """About as many as there are connections to work with. SQLite reads in C with few waits: more than two threads
        only wrestle for the interpreter."""
        return 2 if self.database.dialect == "sqlite" else 10

    def reload(self) -> Crm:
        """The set as it now is on disk. When it is broken, or needs `crm apply` first, the running one is kept."""
        self.current = self._made(self.read_set(self.folder))
        self.news.set()  # who works beside this process is to take it over too
        return self.current

    def _made(self, blueprint: Blueprint) -> Crm:
        changes = plan(blueprint, self.database)
        if changes.steps:
            raise Unusable(
                f"The database does not fit {blueprint.manifest.title} yet: {len(changes.steps)} changes are waiting. "
                f"Look at them with `crm plan {self.folder}` and make them with `crm apply {self.folder}`."
            )
        tables = changes.tables  # of this blueprint; to make them takes a third of a large set's start
        accounts = Accounts(blueprint, self.database, self.clock, self.passwords)
        tokens = Tokens(blueprint, self.database, self.clock)
        notices = Notices(self.database)

        def made(spoken: Blueprint) -> Crm:
            """In other words, on the same tables and accounts."""
            reads = Reads(spoken, self.database, tables, self.clock)
            writes = Writes(spoken, self.database, tables, reads, self.clock, self.news.set)
            files = Files(self.database, reads, self.settings.files)
            views = Views(reads, self.database, self.clock)
            return Crm(
                spoken, self.database, tables, reads, writes, accounts, tokens, notices, files, views, self.settings
            )  # fmt: skip

        return Spoken(blueprint, made)(blueprint.manifest.language)

    def close(self) -> None:
        self.database.close()
