"""For installers: print one test ticket, or ask how the printer is, and say honestly what came of it.

The exit status is 0 only for a ticket that the printer has confirmed, or for a printer that could print now. It ends
within 15 seconds whatever the printer does.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from datetime import datetime

from printer.devices import BadUrlError
from printer.layout import Width
from printer.outcome import Health, Outcome, PaperLeft, State, Why
from printer.printing import ask_health, print_ticket
from printer.ticket import TicketPaper, Wait

_ADVICE = {
    Why.BAD_URL: "write tcp://HOST:9100, serial:///dev/ttyUSB0?baud=115200 or usb:///dev/usb/lp0",
    Why.CANNOT_CONNECT: "is it switched on, is the cable in, is the address right, has another program opened it?",
    Why.NOT_A_PRINTER: "something else answers there: look at the address and the port, usually 9100",
    Why.CONNECTION_LOST: "it went away in the midst of it: look at the cable and the power",
    Why.PAPER_OUT: "put a new roll in",
    Why.COVER_OPEN: "close the cover",
    Why.OFFLINE: "it is offline and does not say why: press its FEED button, or switch it off and on",
    Why.ERROR: "its knife is jammed or its head too hot: open the cover, look for paper, switch it off and on",
    Why.NO_ANSWER: "it said nothing: look whether a ticket came out; the wire may carry one way only",
    Why.TIMEOUT: "it stopped taking data: paper, cover, baud rate and flow control",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m printer", description="try a ticket printer")
    parser.add_argument("--printer", required=True, metavar="URL", help="tcp://…, serial:///dev/… or usb:///dev/…")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--test-ticket", action="store_true", help="print one ticket that is no turn")
    what.add_argument("--status", action="store_true", help="only ask how the printer is")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    parser.add_argument("--lang", choices=["ar", "en"], default="ar", help="the ticket's first language (ar)")
    parser.add_argument("--width", type=int, choices=[80, 58], default=80, help="millimetres of the paper (80)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s")

    began = time.monotonic()
    if chosen.status:
        try:
            health = ask_health(chosen.printer)
        except BadUrlError:
            health = Health(Why.BAD_URL)
        state, why, paper = _state_of(health), health.trouble, health.paper
    else:
        outcome = _test(chosen.printer, chosen.lang, Width.MM80 if chosen.width == 80 else Width.MM58)
        state, why, paper = str(outcome.state), outcome.why, outcome.paper
    ms = round((time.monotonic() - began) * 1000)
    if chosen.json:
        print(json.dumps({"state": state, "why": str(why), "paper": str(paper), "ms": ms}))
    else:
        print(f"{state}{f': {why}' if why else ''}; paper: {paper}; {ms} ms")
        if why in _ADVICE:
            print(_ADVICE[why])
    return 0 if state in (State.PRINTED, "ready") else 1


def _state_of(health: Health) -> str:
    if health.ready:
        return "ready"
    return "unknown" if health.trouble is Why.NO_ANSWER else "not ready"


def _test(url: str, language: str, width: Width) -> Outcome:
    from assets.texts import Catalogue  # noqa: PLC0415
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
    data = Encoder(texts, width).encode(paper).data
    try:
        return print_ticket(url, lambda: data, int(time.time()) % 10_000)
    except BadUrlError:
        return Outcome(State.NOT_PRINTED, Why.BAD_URL, PaperLeft.UNKNOWN)


if __name__ == "__main__":
    sys.exit(main())
