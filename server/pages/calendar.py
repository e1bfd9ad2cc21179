"""An appointment as a calendar file (RFC 5545), with what to bring and its own reminder. Nothing personal in it."""

from __future__ import annotations

from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event

from queueing.centre import Centre, Service
from server.booking.answers import Appointment
from server.pages.phrases import Phrases

_REMIND = timedelta(hours=2)


def calendar_of(
    appointment: Appointment, centre: Centre, service: Service, phrases: Phrases, *, address: str, now: datetime
) -> bytes:
    """Return the file's bytes; `address` is the appointment's page."""
    calendar = Calendar()
    calendar.add("prodid", "-//Dawr//booking//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    event = Event()
    # A moved appointment keeps its link: taken over again, the file changes the entry that the first one made.
    event.add("uid", f"{appointment.link}@dawr")
    event.add("sequence", int(now.timestamp()) // 60)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.slot_at)
    event.add("dtend", appointment.slot_at + timedelta(seconds=service.slot_s))
    event.add("summary", f"{phrases.of(service.name)} – {phrases.of(centre.name)}")
    is_by_video = appointment.channel == "virtual"
    event.add("location", address if is_by_video else phrases.of(centre.address) or phrases.of(centre.name))
    event.add("url", address)
    event.add("description", "\n".join([*phrases.needs(service), address]))
    event.add("status", "CONFIRMED" if appointment.status == "booked" else "CANCELLED")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", phrases.of(service.name))
    alarm.add("trigger", -_REMIND)
    event.add_component(alarm)
    calendar.add_component(event)
    return bytes(calendar.to_ical())
