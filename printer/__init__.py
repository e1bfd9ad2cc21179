"""A ticket to paper: what stands on it, how it looks, the wire to the printer, and an honest outcome.

    spool = Spool(Path("spool.db"), "usb:///dev/usb/lp0", on_settled)      # opens the file, prints nothing yet
    spool.start()                                                          # after the first frame: it loads fonts
    spool.submit(ticket_id, TicketPaper(number="A047", ...))               # durable when it returns, printed once
    spool.submit(ticket_id, paper, copy=True)                              # a reprint, marked as a copy
    spool.health()                                                         # Health(trouble=Why.PAPER_OUT, paper="out")
    spool.close()

`on_settled(ticket_id, outcome)` comes in the spool's thread, at least once for each submit: `outcome.state` is
"printed", "not printed" or "unknown", `outcome.why` the reason in two words, `outcome.paper` what is left on the roll.
A ticket that was being printed when the power went is unknown and never begun again by itself.

For installers: `python -m printer --printer URL --test-ticket`. Without a printer: `python -m printer.emulator`.
This package knows no kiosk, no hub and no customer.
"""

from printer.outcome import Health, Outcome, PaperLeft, State, Why
from printer.spool import Spool
from printer.ticket import TicketPaper, Wait

__all__ = ["Health", "Outcome", "PaperLeft", "Spool", "State", "TicketPaper", "Wait", "Why"]
