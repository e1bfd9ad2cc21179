"""A process that stores what a hub would send, until it is killed: it says each seq only after the commit.

python storing.py URL DEVICE [hold]     `hold`: stands still in its first commit with the log in its hands
"""

from __future__ import annotations

import sys
import time
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from queueing.wire import Stream
from server.logs.commit import CentresCommit
from server.logs.writer import CentresWriter
from server.news import News
from tests.sync.fakes import BOOT, FakeClock, chain

MANY = 3000


def main(url: str, device: str, hold: bool) -> None:
    """Store the chain of a stream from where the log has it, three events at a time."""
    writer = CentresWriter(url, lambda name: "centre", News(), FakeClock(), BOOT)
    writer.start()
    stream = Stream(device, 1)
    events = chain(stream, MANY)
    begin = writer.submit(lambda tx: tx.log.head(stream).seq).result()

    def store(tx: CentresCommit, first: int) -> int:
        tx.store(events[first : first + 3])
        if hold:
            tx.flush()
            print("holds", flush=True)
            time.sleep(60)  # it is killed meanwhile
        return tx.heads[stream].seq

    for n in count():
        first = begin + 3 * n
        print(writer.submit(lambda tx, first=first: store(tx, first)).result(), flush=True)  # type: ignore[misc]


main(sys.argv[1], sys.argv[2], "hold" in sys.argv)
