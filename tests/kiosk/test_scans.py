"""What scans mean: personal numbers, tickets, bookings, cards' zones, and what is none of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from kiosk import mrz
from kiosk.moves import BookingScan, CprScan, NoScan, TicketScan
from kiosk.scans import Assembler, meaning
from sync.codes import BookingCode, sign_booking
from tests.kiosk.cards import card

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
CPR = "850112345"
FOLLOW = "ABCDEFGHIJ234567"
CODE = BookingCode("muharraq-traffic", "a7", "driving-test", datetime(2026, 11, 22, 7, 0, tzinfo=UTC), "c" * 32)


@pytest.mark.parametrize("text", [CPR, f" {CPR} ", "850112-345", "٨٥٠١١٢٣٤٥"])
def test_nine_digits_are_a_personal_number(text: str) -> None:
    assert meaning(text, PUBLIC) == CprScan(CPR)


@pytest.mark.parametrize(
    "text",
    [
        FOLLOW,
        FOLLOW.lower(),
        f"HTTPS://DAWR.EXAMPLE.BH/T/{FOLLOW}",
        f"https://dawr.example.bh/t/{FOLLOW}",
        f"http://192.168.1.5:8461/t/{FOLLOW.lower()}/",
    ],
)
def test_a_ticket_is_known_by_its_address_or_its_bare_id(text: str) -> None:
    assert meaning(text, b"") == TicketScan(FOLLOW)


def test_a_signed_booking_is_one_and_a_forged_one_is_nothing() -> None:
    text = sign_booking(CODE, KEY.sign)
    assert meaning(text, PUBLIC) == BookingScan(CODE)
    forged = sign_booking(CODE, Ed25519PrivateKey.from_private_bytes(bytes(32)).sign)
    assert meaning(forged, PUBLIC) == NoScan()
    assert meaning(text.replace(".a7.", ".a8."), PUBLIC) == NoScan()


def test_before_the_server_s_key_is_known_no_booking_is_believed() -> None:
    assert meaning(sign_booking(CODE, KEY.sign), b"") == NoScan()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "8501123",
            CPR + CPR,
            "6281006412345",
            "https://example.com/",
            "https://example.com/t/short",
            "\ufffd" * 9,
        ),
        *("B1.", "B1.a.b", "ABCDEFGHIJ23456", "0" * 512, "tel:+97333123456"),
    ],
)
def test_everything_else_means_nothing(text: str) -> None:
    assert meaning(text, PUBLIC) == NoScan()


@given(st.text(max_size=120))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    meaning(text, PUBLIC)


@pytest.mark.parametrize("where", ["first", "second"])
def test_a_card_s_free_fields_give_the_number(where: str) -> None:
    # Not every number begins with the year and month of birth.
    zone = card(**{where: "991312345"}, born="850112")
    assert meaning("\n".join(zone), PUBLIC) == CprScan("991312345")


def test_a_document_s_number_is_taken_only_when_it_fits_the_birth() -> None:
    assert meaning("\n".join(card(document=CPR, born="850112")), PUBLIC) == CprScan(CPR)
    assert meaning("\n".join(card(document="123456789", born="850112")), PUBLIC) == NoScan()


def test_of_two_numbers_the_one_that_fits_the_birth_is_taken_and_else_none() -> None:
    assert meaning("\n".join(card(first="777777777", second=CPR, born="850130")), PUBLIC) == CprScan(CPR)
    assert meaning("\n".join(card(first="777777777", second=CPR, born="600130")), PUBLIC) == NoScan()


def test_another_country_s_card_gives_none() -> None:
    assert meaning("\n".join(card(first=CPR, born="850112", issuer="UTO")), PUBLIC) == NoScan()


def test_the_standard_s_own_example_is_read() -> None:
    # ICAO Doc 9303-5, appendix B: its digits hold, its country is no other's.
    zone = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
    assert mrz.personal_number(zone) is None
    with pytest.raises(mrz.MrzError):
        mrz.personal_number((zone[0], zone[1].replace("7408122", "7408132"), zone[2]))


@pytest.mark.parametrize("place", range(0, 60, 3))
def test_a_sign_that_was_read_wrongly_makes_a_zone_mean_nothing(place: int) -> None:
    zone = list(card(first=CPR, document="AB1234567", born="850112"))
    row, column = divmod(place, 30)
    if (row, column) not in _UNCHECKED:
        wrong = "8" if zone[row][column] != "8" else "3"
        zone[row] = zone[row][:column] + wrong + zone[row][column + 1 :]
        assert meaning("\n".join(zone), PUBLIC) == NoScan()


# The kind of document, the issuer, the sex and the nationality are under no check digit.
_UNCHECKED = {*((0, n) for n in range(5)), (1, 7), *((1, n) for n in range(15, 18))}


def test_a_zone_s_lines_are_joined_and_other_lines_are_not() -> None:
    zone, lines = card(first=CPR, born="850112"), Assembler()
    assert lines.take(zone[0], 0.0) == [] and lines.take(zone[1], 0.1) == []
    assert lines.take(zone[2], 0.2) == ["\n".join(zone)]
    assert lines.take(CPR, 0.3) == [CPR]
    assert lines.take("".join(zone), 0.4) == ["\n".join(zone)]


def test_a_zone_that_breaks_off_does_not_swallow_the_next_scan() -> None:
    zone, lines = card(first=CPR, born="850112"), Assembler()
    lines.take(zone[0], 0.0)
    assert lines.take(CPR, 0.1) == [zone[0], CPR]
    lines.take(zone[0], 1.0)
    assert lines.take(zone[0], 5.0) == [zone[0]]
    assert lines.take(zone[1], 5.1) == [] and lines.take(zone[2], 5.2) == ["\n".join(zone)]
    lines.take(zone[0], 6.0)
    lines.forget()
    assert lines.take(CPR, 6.1) == [CPR]


def test_nothing_of_a_scan_is_in_a_repr() -> None:
    for text in (CPR, FOLLOW, sign_booking(CODE, KEY.sign)):
        told = repr(meaning(text, PUBLIC))
        assert CPR not in told and FOLLOW not in told and "a7" not in told and "ccc" not in told
