"""An appointment as the calendars of others take it: one entry for each record, renewed or taken back by its number."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.parts.channels.contract import Invitation

GUEST = {"ROLE": "REQ-PARTICIPANT", "RSVP": "TRUE", "PARTSTAT": "NEEDS-ACTION"}


def calendar(invitation: Invitation, organizer: str, attendee: str, domain: str, now: datetime) -> bytes:
    """The .ics text. A later version of the record has a higher SEQUENCE, so that calendars replace what they have."""
    from icalendar import Calendar, Event, vCalAddress, vText

    event = Event()
    event.add("uid", f"{invitation.entity}-{invitation.record}@{domain}")
    event.add("sequence", invitation.version)
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", invitation.starts.astimezone(UTC))
    event.add("dtend", (invitation.starts + invitation.length).astimezone(UTC))
    event.add("summary", invitation.title)
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    if invitation.place:
        event.add("location", vText(invitation.place))
    event.add("organizer", vCalAddress(f"mailto:{organizer}"))
    guest = vCalAddress(f"mailto:{attendee}")
    for name, value in GUEST.items():
        guest.params[name] = vText(value)
    event.add("attendee", guest)
    made = Calendar()
    made.add("prodid", "-//crm//EN")
    made.add("version", "2.0")
    made.add("method", method(invitation))
    made.add_component(event)
    return bytes(made.to_ical())


def method(invitation: Invitation) -> str:
    return "CANCEL" if invitation.cancelled else "REQUEST"
