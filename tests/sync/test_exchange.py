"""The conversation, read as one: what the device says, what the peer answers, what comes of it."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from queueing.wire import GENESIS, Event, Stream
from sync.exchange import Acked, ClockWrong, Effect, Exchange, Hello, Push, Reply, Step, Wait
from sync.log import Head
from tests.sync.fakes import KIOSK, chain

OTHER = Stream("kiosk-2", 1)
HASH = "ab" * 32


class Talk:
    """A conversation at a time that goes only when told to."""

    def __init__(self, *, jitter: float = 0.0, batch: int = 500) -> None:
        self.machine = Exchange(lambda: jitter, batch)
        self.now = 0.0
        self.heads: dict[Stream, Head] = {KIOSK: Head(0, GENESIS)}

    def log_has(self, seq: int, stream: Stream = KIOSK) -> None:
        self.heads[stream] = Head(seq, HASH)

    def next(self) -> Step:
        step = self.machine.next(self.now, self.heads)
        if isinstance(step, Push):
            head = self.heads[step.stream]
            self.machine.offered(min(step.limit, head.seq - step.first_seq + 1))
        return step

    def answer(self, status: int, retry_after_s: float | None = None, **body: object) -> list[Effect]:
        return self.machine.replied(self.now, Reply(status, body, retry_after_s))

    def greet(self, expect_seq: int = 1, stream: Stream = KIOSK) -> None:
        step = self.next()
        assert isinstance(step, Hello) and step.stream == stream
        assert self.answer(200, expect_seq=expect_seq, settings_version=3) == [Acked(stream, expect_seq - 1)]


def test_hello_then_events_until_all_are_acknowledged_then_quiet() -> None:
    talk = Talk()
    talk.log_has(3)
    assert talk.next() == Hello(KIOSK, 4, HASH)
    assert talk.answer(200, expect_seq=1, settings_version=3) == [Acked(KIOSK, 0)]
    assert (talk.machine.up, talk.machine.settings_version) == (True, 3)
    assert talk.next() == Push(KIOSK, 1, 500)
    assert talk.answer(200, ack_seq=3) == [Acked(KIOSK, 3)]
    assert talk.next() == Wait(20.0, until_poked=True)
    talk.log_has(4)
    assert talk.next() == Push(KIOSK, 4, 500)


def test_an_empty_log_says_hello_too() -> None:
    talk = Talk()
    assert talk.next() == Hello(KIOSK, 1, GENESIS)
    assert Hello(KIOSK, 1, GENESIS).to_wire() == {
        "dev": "kiosk-1",
        "inc": 1,
        "next_seq": 1,
        "head_hash": GENESIS,
        "schema": 1,
    }


def test_more_than_a_batch_goes_in_batches() -> None:
    talk = Talk(batch=10)
    talk.log_has(25)
    talk.greet()
    for first, last in ((1, 10), (11, 20), (21, 25)):
        assert talk.next() == Push(KIOSK, first, 10)
        talk.answer(200, ack_seq=last)
    assert isinstance(talk.next(), Wait)


def test_an_idle_line_asks_for_new_settings() -> None:
    talk = Talk()
    talk.greet()
    talk.now += 19
    assert talk.next() == Wait(1.0, until_poked=True)
    talk.now += 1
    assert isinstance(talk.next(), Hello)
    talk.answer(200, expect_seq=1, settings_version=4)
    assert talk.machine.settings_version == 4


def test_a_busy_line_asks_for_new_settings_too() -> None:
    talk = Talk()
    talk.greet()
    for seq in range(1, 25):
        talk.now += 1
        talk.log_has(seq)
        step = talk.next()
        if isinstance(step, Hello):
            break
        talk.answer(200, ack_seq=seq)
        if isinstance(talk.next(), Hello):
            break
    assert talk.now == 20


def test_a_gap_goes_back_to_what_the_peer_expects() -> None:
    talk = Talk()
    talk.log_has(9)
    talk.greet(expect_seq=8)
    assert talk.next() == Push(KIOSK, 8, 500)
    assert talk.answer(409, code="GAP", expect_seq=3) == [Acked(KIOSK, 2)]
    assert talk.next() == Push(KIOSK, 3, 500)
    assert talk.machine.up


@pytest.mark.parametrize("expect_seq", [8, 9, 0, -1, None, "3", True, 10**30])
def test_a_gap_that_is_none_waits(expect_seq: object) -> None:
    talk = Talk()
    talk.log_has(9)
    talk.greet(expect_seq=8)
    talk.next()
    assert talk.answer(409, code="GAP", expect_seq=expect_seq) == []
    assert isinstance(talk.next(), Wait)


def test_a_fork_stops_that_stream_and_no_other() -> None:
    talk = Talk()
    talk.log_has(2)
    talk.log_has(5, OTHER)
    assert isinstance(talk.next(), Hello)
    talk.answer(409, code="FORK", seq=2)
    assert talk.machine.forked == (KIOSK,)
    talk.greet(stream=OTHER)
    assert talk.next() == Push(OTHER, 1, 500)
    assert talk.answer(200, ack_seq=5) == [Acked(OTHER, 5)]
    step = talk.next()
    assert isinstance(step, Wait) and step.until_poked
    # Asked again now and then: the mistake may have been the peer's.
    talk.now += 60
    talk.greet(expect_seq=3)
    assert talk.machine.forked == ()


def test_a_fork_found_while_sending() -> None:
    talk = Talk()
    talk.log_has(2)
    talk.greet(expect_seq=2)
    talk.next()
    assert talk.answer(409, code="FORK", seq=2) == []
    assert talk.machine.forked == (KIOSK,) and talk.machine.up


def test_a_wrong_clock_is_corrected_once_and_the_request_repeated_at_once() -> None:
    talk = Talk()
    talk.next()
    effects = talk.answer(401, code="STALE", now="2026-11-22T04:00:00Z")
    assert effects == [ClockWrong(datetime(2026, 11, 22, 4, tzinfo=UTC))]
    assert isinstance(talk.next(), Hello)
    assert talk.answer(401, code="STALE", now="2026-11-22T04:00:00Z") == []
    assert talk.next() == Wait(1.0, until_poked=False)


@pytest.mark.parametrize("now", [None, "yesterday", 12, "2026-11-22T04:00:00"])
def test_a_clock_correction_that_says_no_time_waits(now: object) -> None:
    talk = Talk()
    talk.next()
    assert talk.answer(401, code="STALE", now=now) == []
    assert isinstance(talk.next(), Wait)


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_obeyed(status: int) -> None:
    talk = Talk(jitter=0.99)
    talk.next()
    talk.answer(status, retry_after_s=7.0)
    assert talk.next() == Wait(7.0, until_poked=False)
    talk.now += 6.5
    assert talk.next() == Wait(0.5, until_poked=False)
    talk.now += 0.5
    assert isinstance(talk.next(), Hello)


def test_retry_after_is_neither_nothing_nor_for_ever() -> None:
    for said, waited in ((0.0, 1.0), (1e9, 600.0)):
        talk = Talk()
        talk.next()
        talk.answer(503, retry_after_s=said)
        assert talk.next() == Wait(waited, until_poked=False)


def test_pauses_grow_to_a_minute_with_full_jitter() -> None:
    for jitter, waits in ((0.0, [1.0] * 7), (1.0, [2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0])):
        talk = Talk(jitter=jitter)
        for wait in waits:
            assert isinstance(talk.next(), Hello)
            talk.machine.failed(talk.now, "no connection")
            assert talk.next() == Wait(wait, until_poked=False)
            talk.now += wait
        talk.greet()
        talk.log_has(1)
        talk.next()
        talk.machine.failed(talk.now, "no connection")
        assert talk.next() == Wait(waits[0], until_poked=False)  # a success begins anew


def test_after_a_lost_line_the_peer_is_asked_where_it_stands() -> None:
    talk = Talk()
    talk.log_has(5)
    talk.greet()
    assert talk.next() == Push(KIOSK, 1, 500)
    talk.machine.failed(talk.now, "no answer in time", timeout=True)
    assert (talk.machine.up, talk.machine.why) == (False, "no answer in time")
    talk.now += 1
    talk.greet(expect_seq=4)
    assert talk.next() == Push(KIOSK, 4, 2)


def test_batches_halve_when_too_large_or_too_slow_and_grow_again() -> None:
    talk = Talk()
    talk.log_has(400)
    talk.greet()
    assert talk.next() == Push(KIOSK, 1, 500)
    talk.answer(413, code="TOO_LARGE")
    assert talk.next() == Push(KIOSK, 1, 200)
    talk.machine.failed(talk.now, "no answer in time", timeout=True)
    talk.now += 1
    talk.greet()
    assert talk.next() == Push(KIOSK, 1, 100)
    talk.answer(200, ack_seq=100)
    assert talk.next() == Push(KIOSK, 101, 200)
    talk.answer(200, ack_seq=300)
    assert talk.next() == Push(KIOSK, 301, 400)


def test_one_event_that_is_too_large_waits_and_is_offered_again() -> None:
    talk = Talk()
    talk.log_has(1)
    talk.greet()
    talk.next()
    talk.answer(413)
    assert talk.next() == Push(KIOSK, 1, 1)
    talk.answer(413)
    assert isinstance(talk.next(), Wait)
    talk.now += 1
    assert talk.next() == Push(KIOSK, 1, 1)


@pytest.mark.parametrize("status", [204, 301, 400, 403, 404, 422, 500, 502])
def test_any_other_answer_waits_and_nothing_is_dropped(status: int) -> None:
    talk = Talk()
    talk.log_has(1)
    talk.greet()
    talk.next()
    assert talk.answer(status) == []
    assert not talk.machine.up
    assert isinstance(talk.next(), Wait)
    talk.now += 1
    assert talk.next() == Push(KIOSK, 1, 500)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
def test_a_stream_that_is_refused_keeps_no_other_waiting(status: int) -> None:
    talk = Talk()
    talk.log_has(2)
    talk.log_has(5, OTHER)
    talk.greet()
    assert talk.next() == Push(KIOSK, 1, 500)
    talk.answer(status, code="ODD")
    talk.greet(stream=OTHER)
    assert talk.next() == Push(OTHER, 1, 500)
    assert talk.answer(200, ack_seq=5) == [Acked(OTHER, 5)]
    assert talk.next() == Wait(1.0, until_poked=True)
    talk.now += 1
    assert talk.next() == Push(KIOSK, 1, 500), "it is offered again"


def test_a_stream_that_the_disk_has_spoiled_keeps_no_other_waiting() -> None:
    talk = Talk()
    talk.log_has(2)
    talk.log_has(5, OTHER)
    talk.greet()
    assert talk.next() == Push(KIOSK, 1, 500)
    talk.machine.spoiled(talk.now)
    assert not talk.machine.up
    talk.greet(stream=OTHER)
    assert talk.next() == Push(OTHER, 1, 500)


def test_a_stream_that_is_refused_again_and_again_waits_longer_each_time() -> None:
    talk = Talk(jitter=1.0)
    talk.log_has(2)
    talk.greet()
    pauses = []
    for _ in range(8):
        while isinstance(step := talk.next(), Hello):
            talk.answer(200, expect_seq=1)
        assert isinstance(step, Push)
        talk.answer(422)
        assert isinstance(talk.next(), Wait)
        line = talk.machine._lines[KIOSK]
        pauses.append(round(line.not_before - talk.now, 6))
        talk.now = line.not_before
    assert pauses == sorted(pauses) and pauses[-1] == 60


@pytest.mark.parametrize("answer", [{}, {"expect_seq": 0}, {"expect_seq": 9}, {"expect_seq": "1"}, {"expect_seq": 1.0}])
def test_nonsense_in_the_answer_to_hello_waits(answer: Mapping[str, object]) -> None:
    talk = Talk()
    talk.log_has(2)
    talk.next()
    assert talk.answer(200, **answer) == []
    assert isinstance(talk.next(), Wait)


@pytest.mark.parametrize("answer", [{}, {"ack_seq": 0}, {"ack_seq": "1"}, {"ack_seq": -1}])
def test_nonsense_in_the_answer_to_events_waits(answer: Mapping[str, object]) -> None:
    talk = Talk()
    talk.log_has(2)
    talk.greet()
    talk.next()
    assert talk.answer(200, **answer) == []
    assert isinstance(talk.next(), Wait)


class Peer:
    """A receiver by the book: it keeps what continues its log, and may lose its disk."""

    def __init__(self) -> None:
        self.kept: dict[Stream, list[Event]] = {}

    def answer(self, step: Hello | Push, logs: Mapping[Stream, list[Event]]) -> Reply:
        kept = self.kept.setdefault(step.stream, [])
        if isinstance(step, Hello):
            return Reply(200, {"expect_seq": len(kept) + 1, "settings_version": 1})
        events = logs[step.stream][step.first_seq - 1 :][: step.limit]
        if step.first_seq > len(kept) + 1:
            return Reply(409, {"code": "GAP", "expect_seq": len(kept) + 1})
        kept += [event for event in events if event.seq > len(kept)]
        return Reply(200, {"ack_seq": len(kept)})


HISTORIES = {stream: chain(stream, 40) for stream in (KIOSK, OTHER)}


@pytest.mark.parametrize("seed", range(200))
def test_after_any_weather_everything_is_there_and_quiet(seed: int) -> None:
    """A seeded storm of lost requests, lost replies, refusals, a lost disk and new events; then fair weather."""
    chance = random.Random(seed)
    logs: dict[Stream, list[Event]] = {KIOSK: [], OTHER: []}
    peer, machine, now = Peer(), Exchange(chance.random, batch=8), 0.0
    for turn in range(600):
        is_storm = turn < 300
        for stream, log in logs.items():
            if len(log) < 40 and (not is_storm or chance.random() < 0.2):
                log.append(HISTORIES[stream][len(log)])
        heads = {stream: Head(len(log), log[-1].hash if log else GENESIS) for stream, log in logs.items()}
        step = machine.next(now, heads)
        if isinstance(step, Wait):
            now += step.seconds
            continue
        if isinstance(step, Push):
            machine.offered(min(step.limit, len(logs[step.stream]) - step.first_seq + 1))
        now += 0.01
        weather = chance.random() if is_storm else 1.0
        if weather < 0.02:
            peer.kept.clear()
        if weather < 0.1:
            machine.failed(now, "lost", timeout=chance.random() < 0.5)
            continue
        reply = peer.answer(step, logs)
        if weather < 0.2:
            machine.failed(now, "reply lost", timeout=True)
        elif weather < 0.3:
            machine.replied(now, Reply(chance.choice([413, 429, 500, 503]), {}, chance.choice([None, 3.0])))
        else:
            machine.replied(now, reply)
    assert peer.kept == HISTORIES == logs
    assert machine.up and isinstance(machine.next(now, heads), Wait | Hello)
