"""The store against a model of it in plain lists: whatever is asked of it in whatever order, both know the same.

The store is the real one: the writer's thread, its group commits, SQLite in a file. A step is a batch of jobs that
share one commit; some fail and are undone, some take the whole commit with them.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from queueing.wire import GENESIS, Event, Stream
from sync.log import DeviceLog, ForkError, GapError, Head, Transaction
from sync.storage import StorageReason, StorageUnavailable
from sync.writer import LogWriter
from tests.sync.fakes import KIOSK, chain, open_log, ticket

OTHERS = (Stream("kiosk-2", 1), Stream("kiosk-2", 2), Stream("kiosk-10", 1))
PEERS = ("hub", "server")
LENGTH = 12


def _history(stream: Stream) -> list[Event]:
    """Return a stream in which this version does not know every fourth event."""
    events: list[Event] = []
    for event in chain(stream, LENGTH):
        prev = events[-1].hash if events else GENESIS
        kind = {"type": "RobotGreeted", "body": {"مرحبا": [1]}} if event.seq % 4 == 0 else {}
        events.append(replace(event, prev=prev, **kind))
    return events


HISTORIES = {stream: _history(stream) for stream in OTHERS}
OTHER_HISTORIES = {
    stream: events[:5] + chain(stream, LENGTH - 5, start=events[4], salt="restored ")
    for stream, events in HISTORIES.items()
}


class Refused(Exception):  # noqa: N818  # the house names failures by kind
    """A job's own no."""


@dataclass(frozen=True)
class Append:
    count: int


@dataclass(frozen=True)
class Store:
    stream: Stream
    first: int
    count: int
    is_true: bool

    def events(self) -> list[Event]:
        history = (HISTORIES if self.is_true else OTHER_HISTORIES)[self.stream]
        return history[self.first : self.first + self.count]


@dataclass(frozen=True)
class Follow:
    """The next events of a stream, of its true history or of the other one."""

    stream: Stream
    count: int
    is_true: bool


@dataclass(frozen=True)
class Echo:
    """Somebody sends the device's own events back to it, and perhaps one that it never wrote."""

    beyond: bool


@dataclass(frozen=True)
class Ack:
    peer: str
    stream: Stream
    seq: int


@dataclass(frozen=True)
class Side:
    """A row of an app's own table."""

    value: int


@dataclass(frozen=True)
class Try:
    """Within a savepoint of its own; `fails` undoes it, and the job goes on."""

    acts: tuple[object, ...]
    fails: bool


@dataclass(frozen=True)
class Job:
    acts: tuple[object, ...]
    end: str


@dataclass
class Model:
    """What the store has to know."""

    arrived: list[Event] = field(default_factory=list)
    acks: dict[tuple[str, Stream], int] = field(default_factory=dict)
    side: list[int] = field(default_factory=list)

    def of(self, stream: Stream) -> list[Event]:
        return [event for event in self.arrived if event.stream == stream]

    def store(self, events: list[Event]) -> None:
        for event in events:
            kept = self.of(event.stream)
            if event.seq <= len(kept):
                if kept[event.seq - 1] != event:
                    raise ForkError(event.stream, event.seq)
            elif event.stream == KIOSK or (event.seq == len(kept) + 1 and kept and event.prev != kept[-1].hash):
                raise ForkError(event.stream, event.seq)
            elif event.seq > len(kept) + 1:
                raise GapError(event.stream, len(kept) + 1)
            else:
                self.arrived.append(event)


def _run(acts: tuple[object, ...], tx: Transaction, model: Model) -> None:
    """Do the same to both. The first error of the store has to be the model's too."""
    for act in acts:
        if isinstance(act, Append):
            model.arrived += tx.append([ticket(n) for n in range(act.count)])
        elif isinstance(act, Store):
            _store(act.events(), tx, model)
        elif isinstance(act, Follow):
            _store(Store(act.stream, len(model.of(act.stream)), act.count, act.is_true).events(), tx, model)
        elif isinstance(act, Echo):
            _store(model.of(KIOSK) + (chain(KIOSK, len(model.of(KIOSK)) + 1)[-1:] if act.beyond else []), tx, model)
        elif isinstance(act, Ack):
            tx.set_acked(act.peer, act.stream, act.seq)
            model.acks[act.peer, act.stream] = act.seq
        elif isinstance(act, Side):
            tx.connection.execute("INSERT INTO side VALUES (?)", (act.value,))
            model.side.append(act.value)
        elif isinstance(act, Try):
            before = copy.deepcopy(model.__dict__) if act.fails else None
            try:
                with tx.savepoint():
                    _run(act.acts, tx, model)
                    if act.fails:
                        raise Refused
            except Refused:
                assert before is not None
                model.__dict__.update(before)


def _store(events: list[Event], tx: Transaction, model: Model) -> None:
    wanted: str | None = None
    known = list(model.arrived)
    try:
        model.store(events)
    except (GapError, ForkError) as error:
        wanted = repr(error)
    try:
        assert tx.store(events) == model.arrived[len(known) :]
    except (GapError, ForkError) as error:
        assert repr(error) == wanted
        raise
    assert wanted is None


plain = st.one_of(
    st.builds(Append, st.integers(0, 3)),
    st.builds(
        Store, st.sampled_from(OTHERS), st.integers(0, LENGTH), st.integers(0, LENGTH), st.integers(0, 4).map(bool)
    ),
    st.builds(Follow, st.sampled_from(OTHERS), st.integers(1, 7), st.integers(0, 2).map(bool)),
    st.builds(Echo, st.booleans()),
    st.builds(Ack, st.sampled_from(PEERS), st.sampled_from([KIOSK, OTHERS[0]]), st.integers(0, 3)),
    st.builds(Side, st.integers(0, 9)),
)
acts = st.lists(
    st.one_of(plain, plain, st.builds(Try, st.lists(plain, max_size=3).map(tuple), st.booleans())), max_size=4
).map(tuple)
jobs = st.builds(Job, acts, st.sampled_from(["", "", "", "refuse", "disk"]))


class StoreMachine(RuleBasedStateMachine):
    """A device's store through its lives."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = Path(tempfile.mkdtemp())
        self._model = Model()
        self._writer: LogWriter | None = None
        self._rebuilt: list[list[Event]] = []

    @initialize()
    def begin(self) -> None:
        self._open()
        assert self._writer is not None
        self._writer.submit(lambda tx: tx.connection.execute("CREATE TABLE side (x)") and None).result(10)

    @rule(batch=st.lists(jobs, min_size=1, max_size=4))
    def commit(self, batch: list[Job]) -> None:
        assert self._writer is not None
        before, reached, go = copy.deepcopy(self._model), threading.Event(), threading.Event()
        scratch = self._model

        def hold(tx: Transaction) -> None:
            reached.set()
            assert go.wait(10)

        def job(job: Job, tx: Transaction) -> None:
            mine = copy.deepcopy(scratch.__dict__)
            try:
                _run(job.acts, tx, scratch)
                if job.end == "refuse":
                    raise Refused
                if job.end == "disk":
                    raise StorageUnavailable(StorageReason.FULL)
            except BaseException:
                scratch.__dict__.update(mine)
                raise

        # The writer is held up, so that what is queued meanwhile becomes one batch, one commit.
        first = self._writer.submit(hold)
        assert reached.wait(10)
        futures = [self._writer.submit(lambda tx, each=each: job(each, tx)) for each in batch]
        go.set()
        first.result(10)
        errors = [future.exception(10) for future in futures]
        if any(isinstance(error, StorageUnavailable) for error in errors):
            assert all(isinstance(error, StorageUnavailable) for error in errors), (
                "nobody of a lost commit was told yes"
            )
            self._model = before
        for each, error in zip(batch, errors, strict=True):
            known = error is None or isinstance(error, StorageUnavailable | GapError | ForkError | Refused)
            assert known, error
            assert error is not None or not each.end

    @rule()
    def reopen(self) -> None:
        assert self._writer is not None
        self._writer.close()
        self._open()

    @invariant()
    @precondition(lambda self: self._writer is not None)
    def both_know_the_same(self) -> None:
        assert self._writer is not None
        self._writer.submit(lambda tx: self._compare(tx.log, tx)).result(10)

    def teardown(self) -> None:
        if self._writer is not None:
            self._writer.close()
        shutil.rmtree(self._folder)

    def _open(self) -> None:
        self._writer = LogWriter(lambda: open_log(self._folder / "log.db"))
        self._writer.start()

    def _compare(self, log: DeviceLog, tx: Transaction) -> None:
        model = self._model
        assert list(log.events()) == model.arrived
        kept = {stream: model.of(stream) for stream in (KIOSK, *OTHERS) if model.of(stream)}
        assert dict(log.streams()) == {stream: Head(len(of), of[-1].hash) for stream, of in kept.items()}
        for stream, of in kept.items():
            assert [event.seq for event in of] == list(range(1, len(of) + 1))
            assert log.read_stream(stream, 1, limit=3) == of[1:4]
            assert [log.hash_at(stream, seq) for seq in (0, 1, len(of) + 1)] == [GENESIS, of[0].hash, None]
        page = log.read(limit=4)
        assert list(page.events) == model.arrived[:4] and page.more == (len(model.arrived) > 4)
        assert list(log.read(page.cursor).events) == model.arrived[4:]
        assert log.unknown() == sum(event.type == "RobotGreeted" for event in model.arrived)
        wanted = {(peer, stream): model.acks.get((peer, stream), 0) for peer in PEERS for stream in (KIOSK, *OTHERS)}
        assert {key: log.acked(*key) for key in wanted} == wanted
        assert [x for (x,) in tx.connection.execute("SELECT x FROM side ORDER BY rowid")] == model.side
        log.verify()


def _explore(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        StoreMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.survives("histories of the store against its model", 80)
def test_the_store_is_what_its_model_is() -> None:
    _explore(80, 12)


@pytest.mark.survives("histories of the store against its model", 1500)
@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_store_is_what_its_model_is_for_long() -> None:
    _explore(1500, 25)
