"""The page of the operator's centre: what came, in its own direction, its links to be followed, nothing as markup."""

from __future__ import annotations

from datetime import UTC, datetime

from scripts.dawr_dev.sms_centre import Fate, Sms, fate_of, page


def _sms(text: str, coding: int = 0) -> Sms:
    return Sms("00000001", "Dawr", "97336001234", text, coding, False, datetime(2026, 11, 22, 6, tzinfo=UTC))


def test_the_page_shows_the_newest_first_and_its_links() -> None:
    shown = page([_sms("first"), _sms("رقمك A047 http://127.0.0.1:8461/t/ABCDEFGHIJKLMNOP", 8)])
    assert shown.index("A047") < shown.index("first")
    assert '<a href="http://127.0.0.1:8461/t/ABCDEFGHIJKLMNOP">' in shown
    assert "50 of 70" in shown and "5 of 160" in shown


def test_a_text_is_no_markup() -> None:
    assert "<script>" not in page([_sms("<script>alert(1)</script>")])
    assert "None yet." in page([])


def test_a_message_ends_by_its_number() -> None:
    ends = {number: fate_of(f"973360012{number}") for number in ("00", "01", "02", "03", "04", "34")}
    assert list(ends.values()) == [
        *(Fate.DELIVERED, Fate.REFUSED, Fate.THROTTLED, Fate.UNDELIVERABLE, Fate.UNREPORTED, Fate.DELIVERED),
    ]
