"""A booking's code says what the server signed, and nothing else is believed."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from sync.codes import BookingCode, is_code, read_booking, sign_booking

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
CODE = BookingCode("muharraq-traffic", "a7f3", "driving-test", datetime(2026, 11, 22, 7, 0, tzinfo=UTC), "c" * 32)
# Printed on people's phones: a later version has to read it.
GOLDEN = (
    "B1.muharraq-traffic.a7f3.driving-test.htc3o.cccccccccccccccccccccccccccccccc."
    "saRRG6PAoRUy2Wde0jcVOa9sVPF7m8c5JZXSdV-A01EfbPne0lXt1cbqIzZHJ6nPfvvik87VO9F5IrknHF5hBQ"
)


def test_a_code_is_read_back() -> None:
    text = sign_booking(CODE, KEY.sign)
    assert is_code(text) and read_booking(text, PUBLIC) == CODE


def test_a_code_of_the_first_version_is_read_for_ever() -> None:
    assert sign_booking(CODE, KEY.sign) == GOLDEN
    assert read_booking(GOLDEN, PUBLIC) == CODE


def test_a_code_is_short_enough_for_a_small_qr() -> None:
    # Version 10 at level L holds 271 bytes.
    assert len(sign_booking(replace(CODE, appointment="0123456789abcdef"), KEY.sign)) < 230


@example(GOLDEN.index("-"), "+")
@example(len(GOLDEN) - 1, "R")
@given(st.integers(0, len(GOLDEN) - 1), st.characters(min_codepoint=32, max_codepoint=126))
def test_whatever_is_changed_in_it_is_found_out(place: int, sign: str) -> None:
    changed = GOLDEN[:place] + sign + GOLDEN[place + 1 :]
    assert read_booking(changed, PUBLIC) is None or changed == GOLDEN


def test_another_key_s_signature_is_none() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    assert read_booking(sign_booking(CODE, other.sign), PUBLIC) is None
    assert read_booking(GOLDEN, b"short") is None


@pytest.mark.parametrize("body", ["B1.a.b.c.d", "B2.a.b.c.1." + "c" * 32, "B1.a.b.c.1.XYZ", "B1..b.c.1." + "c" * 32])
def test_what_is_signed_but_no_booking_is_none(body: str) -> None:
    signature = base64.urlsafe_b64encode(KEY.sign(body.encode())).decode().rstrip("=")
    assert read_booking(f"{body}.{signature}", PUBLIC) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    assert read_booking(text, PUBLIC) is None
    assert read_booking(f"B1.{text}", PUBLIC) is None


@pytest.mark.parametrize("wrong", [{"appointment": "a.b"}, {"centre": ""}, {"service": "é"}, {"customer": "850112345"}])
def test_ids_that_a_code_cannot_hold_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"ids|customer"):
        sign_booking(replace(CODE, **wrong), KEY.sign)


def test_the_customer_is_in_no_repr() -> None:
    assert "ccc" not in repr(CODE)
