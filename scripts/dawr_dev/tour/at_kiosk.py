"""A tour's customers at the kiosk: one who has booked, one who walks in, one who takes the number by message."""

from __future__ import annotations

from dataclasses import dataclass

from queueing.wire import Event
from scripts.dawr_dev.tour.hub_log import HubLog
from scripts.dawr_dev.tour.story import Evidence, MissedError, TourTicket
from scripts.dawr_dev.tour.wire import Wire
from scripts.dawr_dev.visitor import Visitor
from scripts.dawr_dev.xscreen import XScreen

_BACK_WITHIN_S = 15.0
"""How long the farewell may stay, and more."""


@dataclass(frozen=True, slots=True)
class AtKiosk:
    """The kiosk's glass and the customers' hand before it, and where what they get is seen again.

    `is_emulated`: the printer is our own, of which every ticket has to be known as printed. What does not come raises
    TimeoutError, what is not right MissedError.
    """

    glass: XScreen
    hand: Visitor
    language: str
    hub: HubLog
    wire: Wire
    evidence: Evidence
    is_emulated: bool

    def picture(self, name: str) -> None:
        """Take a picture of the glass, once nothing moves on it."""
        self.hand.at_rest()
        self.evidence.shot(name, lambda path: self.glass.picture().save(path))

    def booked_visit(self, cpr: str) -> TourTicket:
        """Check in by the CPR, and take the ticket on paper."""
        before = self.hub.tickets()
        self._begin()
        self.picture("cpr")
        self.hand.tap_digits(cpr)
        self.picture("cpr-entered")
        self.hand.tap("submit")
        self.hand.page("found")
        self.picture("appointment")
        self.hand.tap_first("confirm-")
        self._by_paper()
        return self._ticket("booked", before)

    def walk_in_visit(self, cpr: str) -> TourTicket:
        """Type the CPR on keys, choose a service, and take the ticket on paper."""
        before = self.hub.tickets()
        self._begin()
        self.hand.type_digits(cpr)
        self.hand.page("services")
        self.picture("services")
        self.hand.tap_first("service-")
        if self.hand.at_rest().screen == "services":  # it was a group of services
            self.picture("services-of-a-group")
            self.hand.tap_first("service-")
        self.hand.page("details")
        self.picture("service-needs")
        self.hand.tap("take")
        self._by_paper()
        return self._ticket("walk-in", before)

    def message_visit(self, phone: str) -> tuple[str, Event]:
        """Take the number by a message to a phone; return it and the ticket. The kiosk still shows it: `leave`."""
        before = self.hub.tickets()
        self.hand.ask_for_ticket(self.language)
        self.hand.page("delivery")
        self.picture("delivery")
        self.hand.tap("by-sms")
        self.hand.page("phone")
        self.hand.tap_digits(phone)
        self.picture("phone")
        self.hand.tap("send")
        number = self._number()
        self.picture("ticket-by-message")
        return number, self.hub.next_ticket(before)

    def leave(self, farewell: str = "") -> None:
        """Go away from the ticket, and wait until the kiosk has done so, too; `farewell` names a picture."""
        self.hand.tap("done")
        self.hand.page("thanks")
        if farewell:
            self.picture(farewell)
        self.hand.page("start", _BACK_WITHIN_S)

    def _begin(self) -> None:
        self.hand.tap(f"begin-{self.language}")
        self.hand.page("cpr")

    def _by_paper(self) -> None:
        """Choose paper; a message could be had too."""
        self.hand.page("delivery")
        self.hand.tap("by-paper")

    def _number(self) -> str:
        return self.hand.page("ticket").texts.get("ticket-number", "")

    def _ticket(self, kind: str, before: set[str]) -> TourTicket:
        number = self._number()
        event = self.hub.next_ticket(before)
        settled = self.hub.printed(event.id)
        paper = str(settled.body["outcome"])
        if paper == "not printed" or (self.is_emulated and paper != "printed"):
            raise MissedError(f"ticket {number} was {paper}: {settled.body.get('why')}")
        self.picture("ticket")
        qr, length = self.wire.keep(len(self.evidence.story.tickets) + 1, event)
        if event.body["number"] != number:
            raise MissedError(f"the kiosk shows {number!r}, its log says {event.body['number']!r}")
        self.leave("thanks")
        ticket = TourTicket(number, str(event.body["service"]), kind, event.id, qr, paper, length)
        self.evidence.story.tickets.append(ticket)
        return ticket
