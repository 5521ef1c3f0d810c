"""Who the client of a record is: somebody from outside, who is told things without an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Client:
    """Fields of the record, or `lead.email` one step away. Of several the first that is filled counts.

    `refuses` names, by kind of address (`email`, `phone`), the yes/no field that says that they want none."""

    name: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    refuses: Mapping[str, str] = field(default_factory=dict)

    def at(self, kind: str) -> tuple[str, ...]:
        return {"email": self.email, "phone": self.phone}.get(kind, ())

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.name, *self.email, *self.phone, *self.refuses.values())))
