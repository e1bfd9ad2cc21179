"""The floor carries what the hub carried: weighed from a real log and from real answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub import tables
from scripts.dawr_dev.bench.load import Answers
from scripts.dawr_dev.bench.weight import Weight
from tests.sync.fakes import open_log, ticket


def test_the_newest_events_the_granted_claims_and_the_answers_are_weighed(tmp_path: Path) -> None:
    path = tmp_path / "hub.db"
    log = open_log(path)
    with log.transaction() as tx:
        tables.create(tx.connection)
        events = tx.append([ticket(number) for number in range(1, 6)])
        for number, (status, body) in enumerate([(200, "x" * 90), (200, "x" * 110), (409, "x" * 500)]):
            row = (f"claim-{number}", "0" * 64, status, body)
            tx.connection.execute("INSERT INTO claim (claim_id, asked, status, body) VALUES (?, ?, ?, ?)", row)
    log.close()
    weight = Weight.of(path, [Answers(lengths=[100, 120]), Answers(lengths=[140])])
    assert len(weight.wire) in {len(event.text) for event in events[2:]}
    assert (len(weight.claim), len(weight.answer)) == (100, 120)
    assert Weight.read(weight.told()) == weight


def test_what_is_no_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Weight.read("1,2")
