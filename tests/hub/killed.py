"""A hub that is killed by -9 right before each SQLite statement in turn, for `test_kill.py`.

python killed.py FOLDER: in FOLDER/1 the hub dies before the first statement of its work, in FOLDER/2 before the second,
and so on until one lives through all of it. What was answered to each claim is in FOLDER/N/said.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import count
from pathlib import Path
from typing import TextIO

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.hub.house import House

CLAIMS = [(verb, f"claim-of-{n}") for n, verb in enumerate(("open", "call_next", "start_serving", "finish"))]


def work(folder: Path, kill_at: int, said: TextIO) -> None:
    """Take three tickets and press four keys; die before statement `kill_at` of it."""
    ran = 0

    def tick(statement: str) -> None:
        nonlocal ran
        ran += 1
        if ran == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    house = House(folder)
    with house.running():
        house.hub.arbiter.writer.submit(lambda tx: tx.log._connection.set_trace_callback(tick)).result()
        house.take(3)
        print(json.dumps(["tickets", 3]), file=said, flush=True)
        for verb, claim_id in CLAIMS:
            print(json.dumps([claim_id, house.press(1, verb, claim_id)]), file=said, flush=True)
    print(json.dumps(["end", None]), file=said, flush=True)


def everywhere(folder: Path) -> None:
    """Let a fork of this process die at each statement in turn."""
    for kill_at in count(1):
        mine = folder / str(kill_at)
        mine.mkdir(parents=True)
        child = os.fork()
        if not child:
            with (mine / "said").open("w", encoding="utf-8") as said:
                work(mine, kill_at, said)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            return


if __name__ == "__main__":
    everywhere(Path(sys.argv[1]))
