"""What waits in memory and what SQLite has are one, whatever savepoints, looks and side tables come in between."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from queueing.wire import Stream
from sync.log import DeviceLog, Transaction
from tests.sync.fakes import KIOSK, chain, open_log, ticket

OTHER = Stream("kiosk-2", 1)


class UndoError(Exception):
    """Ends a savepoint of the test."""


class Model:
    """What the transaction should hold, by plain lists that are copied and put back."""

    def __init__(self, log: DeviceLog, chance: random.Random) -> None:
        self.own = [event.body["number"] for event in log.read_stream(KIOSK, 0)]
        self.side = [row[0] for row in log._connection.execute("SELECT n FROM side ORDER BY n")]
        self.other = len(log.read_stream(OTHER, 0))
        self.steps = 0
        self._chance = chance

    def check(self, log: DeviceLog) -> None:
        assert [event.body["number"] for event in log.read_stream(KIOSK, 0)] == self.own
        assert log.head(KIOSK).seq == len(self.own)
        assert log.head(OTHER).seq == len(log.read_stream(OTHER, 0)) == self.other
        assert [row[0] for row in log._connection.execute("SELECT n FROM side ORDER BY n")] == self.side

    def walk(self, tx: Transaction, depth: int) -> None:
        for _ in range(self._chance.randrange(1, 6)):
            self.steps += 1
            match self._chance.randrange(6):
                case 0 | 1:
                    number = f"A{self.steps:03}"
                    tx.append([ticket(self.steps)])
                    self.own.append(number)
                case 2:
                    n = max(self.side, default=0) + 1
                    tx.connection.execute("INSERT INTO side VALUES (?)", (n,))
                    self.side.append(n)
                case 3:
                    tx.store(chain(OTHER, self.other + 2))
                    self.other += 2
                case 4:
                    self.check(tx.log)
                case 5 if depth < 4:
                    self._nested(tx, depth)

    def _nested(self, tx: Transaction, depth: int) -> None:
        kept = (list(self.own), list(self.side), self.other, list(tx.events), tx.undone)
        fails = self._chance.random() < 0.5
        try:
            with tx.savepoint():
                self.walk(tx, depth + 1)
                if fails:
                    wrote = (self.own, self.side, self.other) != kept[:3]
                    raise UndoError
        except UndoError:
            self.own, self.side, self.other = kept[0], kept[1], kept[2]
            assert tx.events == kept[3]
            assert (tx.undone > kept[4]) or not wrote


@pytest.mark.parametrize("seed", range(60))
def test_any_nesting_equals_the_model(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.connection.execute("CREATE TABLE side (n INTEGER PRIMARY KEY)")
    for _ in range(6):
        model = Model(log, chance)
        if chance.random() < 0.3:
            before = (model.own[:], model.side[:], model.other)
            with pytest.raises(UndoError), log.transaction() as tx:
                model.walk(tx, 0)
                raise UndoError
            model.own, model.side, model.other = before
        else:
            with log.transaction() as tx:
                model.walk(tx, 0)
                own = [event for event in tx.events if event.stream == KIOSK]
            assert [event.body["number"] for event in own] == model.own[len(model.own) - len(own) :]
        model.check(log)
    log.verify()
    log.close()


def test_looking_is_no_writing(tmp_path: Path) -> None:
    log = open_log(tmp_path / "log.db")
    with log.transaction() as tx:
        tx.append([ticket(1)])
        before = tx.writes
        assert len(log.read_stream(KIOSK, 0)) == 1
        assert tx.writes == before
        tx.append([ticket(2)])
        assert tx.writes != before
    log.close()
