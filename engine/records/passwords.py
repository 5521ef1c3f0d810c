"""What a password must be, and how it is kept: argon2, a few at a time, as one costs 0.2 seconds and 64 MB."""

from __future__ import annotations

import re
from threading import BoundedSemaphore
from typing import Protocol

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from engine.words import said

SHORTEST = 10
LONGEST = 200  # characters; more only costs time

# Ten characters and more, as people choose them; shorter ones are refused by length.
_COMMON = frozenset(
    re.split(
        r"\s+",
        """1234567890 0123456789 12345678910 123456789a 1234567890a 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx3edc q1w2e3r4t5
    qwertyuiop qwerty1234 qwerty12345 qwertyuiop123 asdfghjkl1 asdfghjkl; zxcvbnm123 password10 password11 password12
    password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123 mypassword mypassword1 changeme123 changeme1234
    letmein123 letmein1234 welcome123 welcome1234 welcome2024 welcome2025 welcome2026 admin12345 admin123456
    administrator administrator1 iloveyou12 iloveyou123 iloveyou1234 sunshine123 princess123 football123 baseball123
    superman123 computer123 internet123 abcdefghij abcd123456 abc1234567 abc123456789 india12345 india@1234
    company123 secret1234 secret12345 testtest123 test123456 temp123456 default123 qazwsxedcr monkey1234 dragon1234
    trustno1234 whatever123 michael123 jennifer123 manager123 welcome@123 password@123 admin@1234 admin@12345""",
    )
)


class Hasher(Protocol):
    def hash(self, password: str) -> str: ...

    def verify_and_update(self, password: str, hash: str) -> tuple[bool, str | None]: ...


class Passwords:
    """Hashes and checks. `dummy` is what an unknown account's password is checked against, so that it takes as long."""

    def __init__(self, hasher: Hasher | None = None, at_once: int = 4) -> None:
        self._hasher: Hasher = hasher or PasswordHash((Argon2Hasher(),))
        self._room = BoundedSemaphore(at_once)
        self.dummy = self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        with self._room:
            return self._hasher.hash(password)

    def check(self, password: str, kept: str) -> tuple[bool, str | None]:
        """Whether it is this password, and a better hash to keep when the settings have changed since."""
        if len(password) > LONGEST:
            password = ""  # takes its time like any other
        with self._room:
            return self._hasher.verify_and_update(password, kept)


def weakness(password: str, email: str, name: str = "") -> str | None:
    """The sentence that says why this password is not taken; None when it is."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return said(
            "The password has {count} characters; {shortest} or more are needed.",
            count=len(password), shortest=SHORTEST
        )
    if len(password) > LONGEST:
        return said(
            "The password has {count} characters; at most {longest} are kept.", count=len(password), longest=LONGEST
        )
    if len(set(plain)) < 4:
        return said("The password repeats the same few characters; use a few unrelated words.")
    if plain in _COMMON or plain.strip("0123456789!@#$. ") == "":
        return said("This password is one that many people use; use a few unrelated words.")
    if plain in _personal(email, name):
        return said("The password is your name or e-mail address; use a few unrelated words.")
    return None


def _personal(email: str, name: str) -> set[str]:
    mail, local, bare = email.casefold(), email.casefold().partition("@")[0], name.casefold()
    return {mail, local, bare, bare.replace(" ", ""), bare.replace(" ", "."), local[::-1]} - {""}
