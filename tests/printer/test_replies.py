"""What a printer says, told apart byte by byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from printer.outcome import PaperLeft, Why
from printer.replies import Auto, Cleared, Executed, Foreign, Listener, Noise, Sensor, Status, Told


def hear(*chunks: bytes):
    listener = Listener()
    return [reply for chunk in chunks for reply in listener.hear(chunk)]


def test_kinds_are_told_apart_in_one_stream() -> None:
    stream = (
        b"\x16" + b"\x10\x00\x03\x00" + b"\x37\x220042\x00" + b"\x03" + b"\x37\x25\x00" + b"\x5fTM-T20\x00" + b"\x12"
    )
    expected = [Status(0x16), Auto(b"\x10\x00\x03\x00"), Executed(b"0042"), Sensor(3), Cleared(), Told("TM-T20")]
    expected.append(Status(0x12))
    assert hear(stream) == expected
    split = hear(*(bytes((byte,)) for byte in stream))
    assert [type(reply) for reply in split] == [type(reply) for reply in expected]


def test_a_number_may_look_like_any_status() -> None:
    assert hear(b"\x37\x22\x30\x32\x33\x37\x00") == [Executed(b"\x30\x32\x33\x37")]


def test_flow_control_is_passed_over_and_noise_told() -> None:
    assert hear(b"\x11\x13\xff\x80\x12") == [Noise(), Noise(), Status(0x12)]


def test_four_bytes_that_no_printer_sends_are_no_report() -> None:
    assert Auto(b"\x54\x54\x50\x2f") not in hear(b"\x54\x54\x50\x2f")


def test_a_text_is_no_printer() -> None:
    assert hear(b"SSH-2.0-OpenSSH_9.2\r\n") == [Foreign()]


def test_what_a_report_means() -> None:
    assert Auto(b"\x18\x00\x0f\x00").trouble is Why.PAPER_OUT
    assert Auto(b"\x38\x00\x00\x00").trouble is Why.COVER_OPEN
    assert Auto(b"\x18\x08\x00\x00").trouble is Why.ERROR
    assert Auto(b"\x18\x00\x00\x00").trouble is Why.OFFLINE
    assert Auto(b"\x10\x00\x03\x00").trouble is Why.NONE
    assert Auto(b"\x10\x00\x03\x00").roll is PaperLeft.NEAR_END


@given(st.binary(max_size=300))
def test_nothing_that_is_heard_breaks_it_or_piles_up(noise: bytes) -> None:
    listener = Listener()
    for _ in listener.hear(noise):
        pass
    assert len(listener._heard) < 100
