"""A process that sends messages through Kannel and is killed by its parent, for `test_kill.py`.

python killed.py OUTBOX COUNT, with Kannel's address as JSON on its standard input. It says `begun` when it begins, and
ends when nothing waits any more.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from sms.gateways.kannel import KannelAddress, KannelGateway
from sms.message import Kind, Message
from sms.outbox import Limits, Outbox
from sms.sender import Sender
from tests.waiting import until


def main(path: Path, count: int) -> None:
    """Hand all messages over, as a hub would after any restart, and send what waits."""
    address = KannelAddress(**json.load(sys.stdin))
    outbox = Outbox(path, wall=time.time, chance=lambda: 0.5, limits=Limits(all_day=1_000_000))
    print("begun", flush=True)
    messages = [Message(f"m{n}", f"+9733600{n:04}", "en", Kind.ETICKET, f"m{n}") for n in range(count)]
    outbox.submit(messages)
    sender = Sender(outbox, KannelGateway(address))
    sender.start()
    ids = [message.id for message in messages]
    until(lambda: all(told.state != "accepted" for told in outbox.states(ids).values()), "an empty outbox", 120)
    sender.close()
    outbox.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
