"""kill -9 of the sending process at any moment: nothing goes out twice, nothing is lost that was not begun."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from scripts.dawr_dev.sms_centre import Fate
from sms.outbox import Outbox
from tests.sms import killed
from tests.sms.kannel import kannel
from tests.waiting import until


@pytest.mark.timeout(900)
@pytest.mark.parametrize("kills", [6, pytest.param(100, marks=pytest.mark.long)])
def test_killed_anywhere_each_message_goes_out_once_or_is_honestly_unknown(tmp_path: Path, kills: int) -> None:
    chance, count, path = random.Random(kills), 12 * kills, tmp_path / "outbox.db"
    with kannel(tmp_path) as real:
        real.operator.centre.fate = lambda _number: Fate.DELIVERED
        address = json.dumps(asdict(real.address))
        for kill in range(kills + 1):
            child = subprocess.Popen(
                [sys.executable, killed.__file__, str(path), str(count)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            with child:
                assert child.stdin is not None and child.stdout is not None
                child.stdin.write(address)
                child.stdin.close()
                assert child.stdout.readline() == "begun\n"
                if kill < kills:
                    # Some milliseconds into its work: at whatever it does then.
                    threading.Timer(chance.uniform(0.0, 0.12), child.kill).start()
                child.wait(120)
        outbox = Outbox(path, wall=time.time, chance=random.random)
        ids = [f"m{n}" for n in range(count)]
        states = {identity: told.state for identity, told in outbox.states(ids).items()}
        outbox.close()
        sent = [identity for identity, state in states.items() if state == "sent"]
        until(lambda: set(sent) <= set(real.operator.texts), "what was sent at the centre")
        texts = list(real.operator.texts)
    assert set(states) == set(ids)
    assert set(states.values()) <= {"sent", "unknown"}
    assert len(texts) == len(set(texts))
    assert set(texts) <= set(sent) | {identity for identity, state in states.items() if state == "unknown"}
