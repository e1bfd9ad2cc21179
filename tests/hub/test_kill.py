"""kill -9 before every single SQLite statement: what was answered holds, and the claims go on where they stopped."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.hub import killed
from tests.hub.house import House


def test_a_hub_killed_anywhere_goes_on_without_a_call_too_many(tmp_path: Path) -> None:
    subprocess.run([sys.executable, killed.__file__, str(tmp_path)], check=True, timeout=90)
    deaths = sorted(tmp_path.iterdir(), key=lambda folder: int(folder.name))
    assert len(deaths) > 20
    ends = set()
    for folder in deaths:
        said = dict(json.loads(line) for line in (folder / "said").read_text(encoding="utf-8").splitlines())
        house = House(folder)
        with house.running():
            events = house.kiosk.tickets(3, house.clock.now())
            arbiter = house.hub.arbiter
            if "tickets" in said:
                assert len(house.state.tickets) == 3, folder
            # The kiosk sends again what was not acknowledged, the counter asks again what was not answered.
            arbiter.writer.submit(lambda tx, events=events, arbiter=arbiter: arbiter.store(tx, events)).result()
            for verb, claim_id in killed.CLAIMS:
                answer = house.press(1, verb, claim_id)
                assert answer[0] == 200, (folder, claim_id)
                if claim_id in said:
                    assert list(answer) == said[claim_id], (folder, claim_id)
            assert [(c.ticket, c.counter, c.kind) for c in house.state.calls] == [("kiosk-1.1.1", "1", "call")]
            arbiter.writer.submit(lambda tx: tx.log.verify()).result()
            ends.add(house.state.hash())
    with house.running():
        ends.add(house.state.hash())
    # Time stands still in the tests, so every life comes to the very same state.
    assert len(ends) == 1
