from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.capture.front import Front, open_front
from tests.real.databases import Databases

SECRETS = {
    "RSOFT_FACEBOOK_SECRET": "the secret", "RSOFT_FACEBOOK_VERIFY": "who asks", "RSOFT_WHATSAPP_SECRET": "the secret",
    "RSOFT_WHATSAPP_VERIFY": "who asks", "RSOFT_IVR_TOKEN": "the token", "RSOFT_CHATBOT_SECRET": "the secret",
}  # fmt: skip


@pytest.fixture
def front(sqlite_databases: Databases) -> Iterator[Front]:
    """RSoft, as the world sees it."""
    opened = open_front(sqlite_databases, **SECRETS)
    yield opened
    opened.close()


@pytest.fixture
def either_front(databases: Databases) -> Iterator[Front]:
    """The test runs twice: on SQLite and on PostgreSQL."""
    opened = open_front(databases, **SECRETS)
    yield opened
    opened.close()
