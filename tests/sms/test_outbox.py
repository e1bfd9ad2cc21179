"""The outbox: each id once, through any restart; limits; what is personal leaves the file when it is needed no more."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sms.life import REPORT_WITHIN_S, Answer, Report, Stage
from sms.message import VALID_S, Kind, Message
from sms.outbox import KEPT_S, Limits, Outbox, Outgoing, Told

PHONE = "+97336001234"


class Wall:
    """A wall clock that is set by hand, in seconds."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "sms.db"


@pytest.fixture
def outbox(path: Path, wall: Wall) -> Iterator[Outbox]:
    outbox = _open(path, wall)
    yield outbox
    outbox.close()


def _open(path: Path, wall: Wall, limits: Limits | None = None) -> Outbox:
    return Outbox(path, wall=wall, chance=lambda: 1.0, limits=limits)


def _message(n: int = 1, kind: Kind = Kind.ETICKET, to: str = PHONE) -> Message:
    return Message(f"kiosk-1.1.{n}:{kind.value}", to, "ar", kind, f"secret-text-{n}")


def _one(outbox: Outbox) -> Outgoing:
    (outgoing,) = outbox.begin(10)
    return outgoing


def test_an_id_is_taken_once_whatever_comes_with_it(outbox: Outbox) -> None:
    assert outbox.submit([_message()]) == {"kiosk-1.1.1:eticket": Told("accepted")}
    outgoing = _one(outbox)
    outbox.settle([(outgoing.message.id, Answer.TAKEN)])
    again = Message("kiosk-1.1.1:eticket", "+97339999999", "en", Kind.ETICKET, "another")
    assert outbox.submit([again, again]) == {"kiosk-1.1.1:eticket": Told("sent")}
    assert outbox.begin(10) == []


def test_it_is_the_message_that_goes_out(outbox: Outbox) -> None:
    outbox.submit([_message()], {"kiosk-1.1.1:eticket": 90.0})
    outgoing = _one(outbox)
    assert outgoing.message == _message()
    assert outgoing.valid_s == 90.0
    assert len(outgoing.token) >= 22
    assert PHONE not in repr(outgoing) and "secret" not in repr(outgoing)


def test_those_that_somebody_waits_for_go_first(outbox: Outbox) -> None:
    kinds = [Kind.REMINDER_DAY, Kind.ETICKET, Kind.CALLED, Kind.NEAR, Kind.ONE_TIME_CODE]
    outbox.submit([_message(n, kind) for n, kind in enumerate(kinds)])
    sent = [outgoing.message.kind for outgoing in outbox.begin(10)]
    assert sent == [Kind.CALLED, Kind.ONE_TIME_CODE, Kind.REMINDER_DAY, Kind.ETICKET, Kind.NEAR]


def test_a_restart_sends_what_waited_and_never_what_may_be_out(path: Path, wall: Wall) -> None:
    outbox = _open(path, wall)
    outbox.submit([_message(1), _message(2)])
    begun = outbox.begin(1)[0]
    outbox.close()  # as after a kill: nothing was noted of the first one's answer
    outbox = _open(path, wall)
    assert outbox.states(["kiosk-1.1.1:eticket", "kiosk-1.1.2:eticket"]) == {
        "kiosk-1.1.1:eticket": Told("unknown", "interrupted"),
        "kiosk-1.1.2:eticket": Told("accepted"),
    }
    assert [outgoing.message.id for outgoing in outbox.begin(10)] == ["kiosk-1.1.2:eticket"]
    assert outbox.report(begun.token, Report.DELIVERED, "00000001")
    assert outbox.states(["kiosk-1.1.1:eticket"]) == {"kiosk-1.1.1:eticket": Told("delivered")}
    outbox.close()


def test_a_busy_gateway_is_asked_again_when_it_is_due(outbox: Outbox, wall: Wall) -> None:
    outbox.submit([_message()])
    outbox.settle([(_one(outbox).message.id, Answer.LATER)])
    assert outbox.begin(10) == []
    assert outbox.next_due_s() == 2.0
    wall.now += 2.0
    assert _one(outbox).message == _message()  # the text is still there
    assert outbox.next_due_s() is None


def test_a_clock_that_was_set_back_holds_nothing_up(outbox: Outbox, wall: Wall) -> None:
    outbox.submit([_message()])
    wall.now -= 86_400.0
    assert _one(outbox).message == _message()


def test_what_is_not_worth_sending_any_more_is_not_sent(outbox: Outbox, wall: Wall) -> None:
    outbox.submit([_message(kind=Kind.CALLED)])
    wall.now += VALID_S[Kind.CALLED]
    assert outbox.begin(10) == []
    assert outbox.states(["kiosk-1.1.1:called"]) == {"kiosk-1.1.1:called": Told("failed", "too_late")}


def test_time_settles_what_nobody_reports(outbox: Outbox, wall: Wall) -> None:
    outbox.submit([_message(1), _message(2, Kind.CALLED)])
    outbox.settle([(outgoing.message.id, Answer.TAKEN) for outgoing in outbox.begin(1)])
    wall.now += REPORT_WITHIN_S
    outbox.pass_time()
    assert outbox.states(["kiosk-1.1.2:called"]) == {"kiosk-1.1.2:called": Told("unknown", "no_report")}
    assert outbox.states(["kiosk-1.1.1:eticket"]) == {"kiosk-1.1.1:eticket": Told("failed", "too_late")}


def test_a_report_of_nobody_s_message(outbox: Outbox) -> None:
    assert not outbox.report("guessed", Report.DELIVERED)


@pytest.mark.parametrize(
    ("limits", "kind", "taken"),
    [
        (Limits(ten_minutes=2), Kind.ETICKET, 2),
        (Limits(day=3), Kind.ETICKET, 3),
        (Limits(codes=1), Kind.ONE_TIME_CODE, 1),
        (Limits(codes=1), Kind.ETICKET, 5),
        (Limits(all_day=4), Kind.ETICKET, 4),
    ],
)
def test_limits(path: Path, wall: Wall, limits: Limits, kind: Kind, taken: int) -> None:
    outbox = _open(path, wall, limits)
    told = outbox.submit([_message(n, kind) for n in range(5)])
    assert [each.state for each in told.values()] == ["accepted"] * taken + ["failed"] * (5 - taken)
    assert {each.why for each in told.values() if each.state == "failed"} <= {"limit"}
    wall.now += 86_400.0
    assert outbox.submit([_message(9, kind)])[f"kiosk-1.1.9:{kind.value}"].state == "accepted"
    outbox.close()


def test_what_has_to_be_told_may_come_again_after_a_limit(path: Path, wall: Wall) -> None:
    outbox = _open(path, wall, Limits(ten_minutes=1))
    outbox.submit([_message(1)])
    waits = _message(2, Kind.BLOCKED)
    assert outbox.submit([waits])[waits.id] == Told("failed", "limit")
    assert outbox.states([waits.id]) == {}, "not kept, so that its id is not spent"
    wall.now += 600.0
    assert outbox.submit([waits])[waits.id].state == "accepted"
    outbox.close()


def test_a_limit_is_a_number_s_own(path: Path, wall: Wall) -> None:
    outbox = _open(path, wall, Limits(ten_minutes=1))
    told = outbox.submit([_message(1), _message(2, to="+97336005678")])
    assert {each.state for each in told.values()} == {"accepted"}
    outbox.close()


def test_what_is_personal_leaves_the_file(path: Path, wall: Wall) -> None:
    outbox = _open(path, wall)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    outbox.submit([_message(n, to=f"+9733600123{n}") for n in range(1, 4)])
    for outgoing, answer in zip(outbox.begin(3), (Answer.TAKEN, Answer.REFUSED, Answer.UNSURE), strict=True):
        outbox.settle([(outgoing.message.id, answer)])
        if answer is Answer.TAKEN:
            outbox.report(outgoing.token, Report.DELIVERED)
    outbox.close()
    assert b"secret-text" not in _bytes(path)
    outbox = _open(path, wall)
    wall.now += 86_401.0
    outbox.pass_time()
    outbox.close()
    assert b"+9733600123" not in _bytes(path)
    outbox = _open(path, wall)
    assert len(outbox.states([f"kiosk-1.1.{n}:eticket" for n in range(1, 4)])) == 3  # their ends are remembered
    wall.now += KEPT_S
    outbox.pass_time()
    assert outbox.states(["kiosk-1.1.1:eticket"]) == {}
    outbox.close()


def test_each_move_is_told(path: Path, wall: Wall) -> None:
    moves: list[tuple[str, Stage]] = []
    outbox = Outbox(
        path, wall=wall, chance=lambda: 0.0, on_change=lambda identity, stage: moves.append((identity, stage))
    )
    outbox.submit([_message()])
    outgoing = _one(outbox)
    outbox.settle([(outgoing.message.id, Answer.TAKEN)])
    outbox.report(outgoing.token, Report.DELIVERED)
    outbox.close()
    assert moves == [("kiosk-1.1.1:eticket", Stage.SENT), ("kiosk-1.1.1:eticket", Stage.DELIVERED)]


def _bytes(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob(f"{path.name}*"))
