"""For installers: print one test ticket, or ask how the printer is, and say honestly what came of it.

The last line with --json is {"state", "why", "paper", "ms"}. `state` is that of the test ticket; with --status that of
a ticket if it were sent now, found out by everything but the ticket: the printer is asked how it is and has to confirm
that it has executed what it was given. The exit status is 0 only for "printed". It ends within 15 seconds whatever
the printer does.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from datetime import datetime

from assets.texts import Catalogue
from printer.devices import BadUrlError, profile_in
from printer.outcome import Outcome, PaperLeft, State, Why
from printer.printing import Ticket, print_ticket, prove
from printer.profiles import Identity, Profile, named, profile_of
from printer.ticket import TicketPaper, Wait

_HINTS = {
    Why.BAD_URL: "write tcp://HOST:9100, serial:///dev/ttyUSB0?baud=115200, usb:///dev/usb/lp0 or cups://QUEUE",
    Why.CANNOT_CONNECT: "is the address right, and has another program opened it?",
    Why.NOT_A_PRINTER: "a printer's port is usually 9100",
    Why.NO_ANSWER: "the wire may carry one way only: look for a setting named ASB or status back",
    Why.GARBLED: "is the speed of the line that of the printer?",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m printer", description="try a ticket printer")
    parser.add_argument(
        "--printer", required=True, metavar="URL", help="tcp://…, serial:///dev/…, usb:///dev/… or cups://…"
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--test-ticket", action="store_true", help="print one ticket that is no turn")
    what.add_argument("--status", action="store_true", help="what would become of a ticket now? Nothing comes out")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--lang", choices=["ar", "en"], default="ar", help="the ticket's first language (ar)")
    parser.add_argument("--width", type=int, choices=[80, 58], default=80, help="millimetres of the paper (80)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")

    began = time.monotonic()
    try:
        outcome = _outcome(chosen.printer, chosen)
    except BadUrlError as error:
        outcome = Outcome(State.NOT_PRINTED, Why.BAD_URL, PaperLeft.UNKNOWN)
        print(error, file=sys.stderr)
    state, why, paper = str(outcome.state), outcome.why, outcome.paper
    ms = round((time.monotonic() - began) * 1000)
    if chosen.json:
        print(json.dumps({"state": state, "why": str(why), "paper": str(paper), "ms": ms}))
    else:
        print(f"{state}{f': {why}' if why else ''}; paper: {paper}; {ms} ms")
        _advise(why if why else "near_end" if paper is PaperLeft.NEAR_END else Why.NONE)
    return 0 if outcome.printed else 1


def _advise(what: Why | str) -> None:
    if what is Why.NONE:
        return
    texts = Catalogue.load("en")
    word = what.key if isinstance(what, Why) else what
    print(f"{texts.t(f'paper.trouble.{word}')}. {texts.t(f'paper.do.{word}')}")
    if isinstance(what, Why) and what in _HINTS:
        print(f"(For whoever installs it: {_HINTS[what]})")


def _outcome(url: str, chosen: argparse.Namespace) -> Outcome:
    """Ask or print. Raises BadUrlError."""
    number = int(time.time()) % 3333
    name = profile_in(url)
    given = named(name)
    if name and given is None:
        raise BadUrlError(f"{url}: no profile {name}")
    fences = (given or profile_of(Identity())).fences
    if chosen.status:
        return prove(url, number, fences=fences)

    def make(identity: Identity) -> Ticket:
        return _test_ticket(chosen.lang, given or profile_of(identity), chosen.width)

    return print_ticket(url, make, number, who=given is None, fences=fences)


def _test_ticket(language: str, profile: Profile, paper_mm: int) -> Ticket:
    from printer.encode import Encoder  # noqa: PLC0415  # slow, and not needed for a status

    languages = ("ar", "en") if language == "ar" else ("en", "ar")
    texts = {each: Catalogue.load(each) for each in languages}
    now = datetime.now().astimezone()
    paper = TicketPaper(
        number="T001",
        centre={each: texts[each].t("paper.test_centre") for each in languages},
        service={each: texts[each].t("paper.test_service") for each in languages},
        taken_at=now,
        languages=languages,
        ahead=3,
        wait=Wait(5, 10, now),
        qr="TEST0TICKET0NO0TURN",
    )
    return Encoder(texts, profile.width(paper_mm), profile.cut).encode(paper).fenced


if __name__ == "__main__":
    sys.exit(main())
