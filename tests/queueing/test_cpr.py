"""The CPR: nine digits of any set, nothing more is judged, little is shown."""

import pytest

from queueing.cpr import masked, parse


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("900112345", "900112345"),
        ("030112345", "030112345"),  # born in 2003: the zero stays
        ("٩٠٠١١٢٣٤٥", "900112345"),
        ("۹۰۰۱۱۲۳۴۵", "900112345"),
        ("90٠112345", "900112345"),
        (" 900112-345 ", "900112345"),
        ("000000000", "000000000"),
        ("999999999", "999999999"),
    ],
)
def test_nine_digits_are_a_cpr(typed: str, read: str) -> None:
    assert parse(typed) == read


@pytest.mark.parametrize(
    "typed", ["", "90011234", "9001123456", "90011234x", "x900112345", "٩٠٠١١٢٣٤", "９００１１２３４５"]
)
def test_anything_else_is_none(typed: str) -> None:
    assert parse(typed) is None


def test_mask_shows_two_digits_of_a_whole_one_and_none_of_a_part() -> None:
    assert masked("900112345") == "•••••••45"
    assert masked("90011234") == "••••••••"
    assert masked("") == ""
