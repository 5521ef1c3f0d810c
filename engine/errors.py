"""What can go wrong for a person, as a handful of exceptions; faces turn them into answers by one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.words import said


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing that is wrong with one field (`field` is None when it concerns the whole record)."""

    field: str | None
    message: str


class CrmError(Exception):
    """`message` is a whole sentence for the person who can act; `complaints` are the single things that are wrong."""

    status = 500
    title: str = said("Something went wrong")

    def __init__(self, message: str, complaints: Sequence[Complaint] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.complaints = tuple(complaints)


class BadRequest(CrmError):
    """The request itself makes no sense: an unknown field in a filter, a broken cursor."""

    status = 400
    title = said("The request cannot be understood")


class NotSignedIn(CrmError):
    status = 401
    title = said("Sign in first")


class Refused(CrmError):
    """The actor's role does not allow this; `who` names the roles that may."""

    status = 403
    title = said("Not allowed")

    def __init__(self, message: str, who: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.who = tuple(who)


class NotFound(CrmError):
    """No such thing, or none that this actor may see: the two read the same."""

    status = 404
    title = said("Not found")


class Conflict(CrmError):
    """Somebody changed the record since: `theirs` maps field names to (what it was, what it is now)."""

    status = 409
    title = said("Changed by somebody else")

    def __init__(self, message: str, version: int, theirs: Mapping[str, tuple[object, object]]) -> None:
        super().__init__(message)
        self.version = version
        self.theirs = dict(theirs)


class MoveRefused(CrmError):
    """The stage machine says no; each complaint is a whole sentence, `who` the roles that may."""

    status = 409
    title = said("This move is not possible now")

    def __init__(self, message: str, complaints: Sequence[Complaint] = (), who: Sequence[str] = ()) -> None:
        super().__init__(message, complaints)
        self.who = tuple(who)


class Invalid(CrmError):
    """Values that cannot be kept, every complaint at once."""

    status = 422
    title = said("Some values cannot be kept")

    def __init__(self, complaints: Sequence[Complaint], message: str = said("Please correct what is marked.")) -> None:
        super().__init__(message, complaints)


class TooLarge(CrmError):
    status = 413
    title = said("Too large")


class TooMany(CrmError):
    """A budget is used up; `retry_after` in seconds."""

    status = 429
    title = said("Too many requests")

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unusable(CrmError):
    """The database or the set cannot be used as it is; the message says what to do."""

    status = 503
    title = said("Not ready")
