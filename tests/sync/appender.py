"""Child processes that append to a log until they are killed; each says a seq only after it was told that it is safe.

python appender.py LOG                 appends for ever, says each seq on stdout
python appender.py --everywhere FILE   FILE is an empty log. Two jobs on a copy of it (FILE.1), killed by -9 right
before the first SQLite statement; on FILE.2, before the second; and so on
until one lives to say "end". What copy N said is in FILE.N.said.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from itertools import count
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).parents[2]))

from sync.log import DeviceLog, Transaction
from sync.writer import LogWriter
from tests.sync.fakes import KIOSK, chain, open_log, ticket


def append(path: Path, jobs: int, kill_at: int, out: TextIO) -> None:
    """Append `jobs` times; die before statement `kill_at`, 0 for never."""
    ran = 0

    def tick(statement: str) -> None:
        nonlocal ran
        ran += 1
        if ran == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def open_and_count() -> DeviceLog:
        log = open_log(path)
        if kill_at:
            log._connection.set_trace_callback(tick)
        return log

    def job(tx: Transaction) -> int:
        (event,) = tx.append([ticket()])
        tx.connection.execute("INSERT INTO side VALUES (?)", (event.seq,))
        tx.set_acked("hub", KIOSK, event.seq - 1)
        tx.store(chain(KIOSK._replace(device="kiosk-2"), event.seq)[-1:])
        return event.seq

    writer = LogWriter(open_and_count)
    writer.start()
    for _ in range(jobs):
        print(writer.submit(job).result(), file=out, flush=True)
    print("end", file=out, flush=True)
    writer.close()


def everywhere(empty: Path) -> None:
    """Let a fork of this process die at each statement in turn."""
    for kill_at in count(1):
        copy = Path(f"{empty}.{kill_at}")
        shutil.copy(empty, copy)
        said = Path(f"{copy}.said")
        child = os.fork()
        if child == 0:
            with said.open("w") as out:
                append(copy, 2, kill_at, out)
            os._exit(0)
        os.waitpid(child, 0)
        if "end" in said.read_text():
            return


if sys.argv[1] == "--everywhere":
    everywhere(Path(sys.argv[2]))
else:
    append(Path(sys.argv[1]), 1_000_000, 0, sys.stdout)
