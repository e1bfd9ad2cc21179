"""A model of what one commit holds, by plain lists that are copied and put back, walked at random beside a log."""

from __future__ import annotations

import random
from typing import Protocol

from queueing.wire import Stream
from sync.commit import Commit
from sync.log import Log
from tests.sync.fakes import KIOSK, chain, ticket

OTHER = Stream("kiosk-2", 1)


class Side(Protocol):
    """Rows of an app's own in the same commit."""

    def rows(self, log: Log) -> list[int]: ...

    def add(self, tx: Commit, row: int) -> None: ...


class UndoError(Exception):
    """Ends a savepoint of the walk."""


class Model:
    """What the transaction should hold."""

    def __init__(self, log: Log, chance: random.Random, side: Side | None = None) -> None:
        self._side = side
        self.own = [event.body["number"] for event in log.read_stream(KIOSK, 0)]
        self.side = side.rows(log) if side is not None else []
        self.other = len(log.read_stream(OTHER, 0))
        self.steps = 0
        self._chance = chance

    def check(self, log: Log) -> None:
        assert [event.body["number"] for event in log.read_stream(KIOSK, 0)] == self.own
        assert log.head(KIOSK).seq == len(self.own)
        assert log.head(OTHER).seq == len(log.read_stream(OTHER, 0)) == self.other
        if self._side is not None:
            assert self._side.rows(log) == self.side

    def walk(self, tx: Commit, depth: int) -> None:
        for _ in range(self._chance.randrange(1, 6)):
            self.steps += 1
            match self._chance.randrange(6):
                case 0 | 1:
                    number = f"A{self.steps:03}"
                    tx.append([ticket(self.steps)])
                    self.own.append(number)
                case 2 if self._side is not None:
                    n = max(self.side, default=0) + 1
                    self._side.add(tx, n)
                    self.side.append(n)
                case 3:
                    tx.store(chain(OTHER, self.other + 2))
                    self.other += 2
                case 4:
                    self.check(tx.log)
                case 5 if depth < 4:
                    self._nested(tx, depth)

    def _nested(self, tx: Commit, depth: int) -> None:
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


def walk(log: Log, seed: int, side: Side | None = None) -> None:
    """Walk six transactions, some of which are undone as a whole, and compare what is there after each."""
    chance = random.Random(seed)
    for _ in range(6):
        model = Model(log, chance, side)
        if chance.random() < 0.3:
            before = (model.own[:], model.side[:], model.other)
            try:
                with log.transaction() as tx:
                    model.walk(tx, 0)
                    raise UndoError
            except UndoError:
                model.own, model.side, model.other = before
        else:
            with log.transaction() as tx:
                model.walk(tx, 0)
                own = [event for event in tx.events if event.stream == KIOSK]
            assert [event.body["number"] for event in own] == model.own[len(model.own) - len(own) :]
        model.check(log)
    log.verify()
