"""A process that prints without end and is killed at any moment: `python -m tests.printer.mortal SPOOL URL NOTES`.

It loads what printing needs, then says "ready" and forks a spool for each line on its stdin, the number of the first
ticket to take; it says the spool's pid, and "dead" when it has ended. NOTES gets a line for each ticket whose submit
has returned. A negative number takes no tickets and ends when all that were taken are settled.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from printer import Spool
from printer.encode import Encoder  # noqa: F401  # loaded before the fork
from sync.bugs import end_process_on_bug
from tests.printer.conftest import ticket

COPY_EACH = 5


def mortal_ticket(number: int):
    """Return the ticket of a number: its QR is its own."""
    return ticket(number=f"A{number:03}", qr=f"MORTAL{number:05}", needs={})


def live(spool_path: Path, url: str, notes: int, first: int) -> None:
    """Take tickets and print them until the process is killed; a bug in the spool's thread ends it too."""
    end_process_on_bug()
    settled, pace = threading.Semaphore(0), threading.Event()
    spool = Spool(spool_path, url, lambda *_: settled.release(), poll_s=0.05)
    spool.start()
    number = first
    while number >= 0:
        if spool.submit(f"t{number}", mortal_ticket(number)):
            os.write(notes, f"{number}\n".encode())
        if number % COPY_EACH == 0:
            spool.submit(f"t{number}", mortal_ticket(number), copy=True)
        while spool.open_jobs > 1:
            settled.acquire(timeout=0.05)
        pace.wait(0.03)  # a printer in trouble settles them at once
        number += 1
    while spool.open_jobs:
        settled.acquire(timeout=0.05)
    spool.close()


def main() -> None:
    """Fork a spool for each line."""
    spool_path, url, notes_path = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    notes = os.open(notes_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            live(spool_path, url, notes, int(line))
            os._exit(0)
        print(pid, flush=True)
        os.waitpid(pid, 0)
        print("dead", flush=True)


if __name__ == "__main__":
    main()
