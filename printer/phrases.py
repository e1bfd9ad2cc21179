"""What is said to a printer around a ticket, and what its one-byte answers mean: names for bytes, nothing else.

Source: Epson "ESC/POS Command Reference", DLE EOT, DLE DC4 (fn 8), GS a, GS r, GS ( H (fn 48).
"""

from __future__ import annotations

import enum

from printer.outcome import PaperLeft, Why

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 fn 8: forget what waits in the printer's memory
REPORT_CHANGES = b"\x1da\x0e"  # GS a: tell online state, errors and paper by yourself
REPORT_NOTHING = b"\x1da\x00"
SENSOR_FENCE = b"\x1dr\x01"  # GS r 1: answered when its turn comes, so after all that stands before it
OLD_SENSOR_FENCE = b"\x1bv"  # ESC v: the same of old, and of printers that know no GS r
WHICH_LOGOS = b"\x1d(L\x04\x000@KC"  # GS ( L fn 64: the keys of the pictures that it keeps
MORE = b"\x06"  # ACK: go on with that answer
WHO = b"\x1dI\x42\x1dI\x43"  # GS I 66 and 67: maker and model


class Place(enum.IntEnum):
    """Where a numbered fence stands in its job."""

    GREETING = 0
    BEFORE_LAST = 1
    BEFORE_CUT = 2
    AFTER_CUT = 3


def ask(what: int) -> bytes:
    """Return DLE EOT `what`: 1 printer, 2 cause of offline, 3 error, 4 paper. It is answered out of turn."""
    return b"\x10\x04" + bytes((what,))


def job_fence(number: int, place: Place = Place.AFTER_CUT) -> bytes:
    """Return GS ( H function 48: "say this number when you have executed everything before it"."""
    return b"\x1d(H\x06\x00\x30\x30" + digits(number, place)


def digits(number: int, place: Place) -> bytes:
    """Return the number that tells a fence of a job from that of any other job."""
    return b"%04d" % ((len(Place) * number + place) % 10_000)


def meaning(asked: int, byte: int) -> tuple[Why, PaperLeft]:
    """Return what an answer to DLE EOT `asked` says."""
    if asked == 1:
        return (Why.OFFLINE if byte & 0x08 else Why.NONE), PaperLeft.UNKNOWN
    if asked == 2:
        if byte & 0x20:
            return Why.PAPER_OUT, PaperLeft.OUT
        if byte & 0x04:
            return Why.COVER_OPEN, PaperLeft.UNKNOWN
        return (Why.ERROR if byte & 0x40 else Why.NONE), PaperLeft.UNKNOWN
    if asked == 3:
        return (Why.ERROR if byte & 0x68 else Why.NONE), PaperLeft.UNKNOWN
    if byte & 0x60:
        return Why.PAPER_OUT, PaperLeft.OUT
    return Why.NONE, (PaperLeft.NEAR_END if byte & 0x0C else PaperLeft.OK)
