"""A shipped set over HTTP: its cast signed in, on a database of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

from starlette.applications import Starlette
from starlette.testclient import TestClient

from engine.web.app import make_app
from engine.web.security import form_token
from tests.desk import Desk, open_desk
from tests.firm import HERE, PASSWORD


@dataclass
class Front:
    desk: Desk
    app: Starlette
    clients: list[TestClient] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    mails: dict[str, str] = field(default_factory=dict)

    def hire(self, name: str, mark: str) -> None:
        """Somebody new of that name and role, below Meera, in the place of who had it."""
        person, desk = self.desk.people[name], self.desk
        values = {"name": person.name, "email": f"{name}{mark}@firm.example", "role": person.role}
        made = desk.create(desk.engine, "user", **values, manager=desk.meera.user)
        desk.people[name] = replace(person, user=made.id)
        self.mails[name] = values["email"]
        self.known.discard(name)

    def browser(self, name: str) -> TestClient:
        """A browser in which this person is signed in, and whose pages bring their token along."""
        person = self.desk.people[name]
        if name not in self.known:  # a new password ends every session
            self.desk.crm.accounts.set_password(person.user, PASSWORD)
            self.known.add(name)
        key = self.desk.crm.accounts.sign_in(self.mails.get(name, f"{name}@firm.example"), PASSWORD).key
        headers = {"x-csrf-token": form_token(key), "sec-fetch-site": "same-origin"}
        client = TestClient(self.app, HERE, follow_redirects=False, headers=headers, client=("203.0.113.9", 50000))
        client.cookies.set("crm", key)
        self.clients.append(client)
        return client


@contextmanager
def open_front(url: str, set_: str = "config/rsoft") -> Iterator[Front]:
    desk = open_desk(url, set_)
    front = Front(desk, make_app(desk.runtime))
    yield front
    for client in front.clients:
        client.close()
    front.app.state.serving.close()
    desk.close()


def hidden(page: str) -> dict[str, str]:
    """What the forms of a page carry unseen."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def text_of(page: str) -> str:
    """What a page says, without its markup."""
    plain = re.sub(r"<(script|svg|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def record(front: Front, who: str, entity: str, id: int) -> Any:
    return front.desk.crm.reads.record(front.desk.people[who], entity, id)
