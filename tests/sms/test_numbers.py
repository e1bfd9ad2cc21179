"""Phone numbers: mobile ones of the allowed countries, however they are typed; the rest is refused by reason."""

import pytest

from sms.numbers import WrongNumber, WrongNumberError, grouped, mobile


@pytest.mark.parametrize(
    "typed", ["36001234", "3600 1234", "+973 3600-1234", "0097336001234", "٣٦٠٠١٢٣٤", "۳۶۰۰۱۲۳۴", "(+973)36001234"]
)
def test_a_mobile_number_of_bahrain_however_it_is_typed(typed: str) -> None:
    assert mobile(typed) == "+97336001234"


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("17001234", WrongNumber.NOT_MOBILE),
        ("66001234", WrongNumber.NOT_MOBILE),
        ("80001234", WrongNumber.NOT_MOBILE),
        ("3600123", WrongNumber.INVALID),
        ("360012345", WrongNumber.INVALID),
        ("99999999", WrongNumber.INVALID),
        ("", WrongNumber.INVALID),
        ("hello", WrongNumber.INVALID),
        ("+971501234567", WrongNumber.COUNTRY),
    ],
)
def test_what_no_message_may_go_to(typed: str, reason: WrongNumber) -> None:
    with pytest.raises(WrongNumberError) as refused:
        mobile(typed)
    assert refused.value.reason is reason
    assert typed == "" or typed not in str(refused.value)


def test_other_countries_where_the_operator_allows_them() -> None:
    assert mobile("+971501234567", ("973", "971")) == "+971501234567"
    assert mobile("36001234", ("973", "971")) == "+97336001234"


def test_it_is_read_back_in_groups() -> None:
    assert grouped("+97336001234") == "+973 3600 1234"
    assert grouped("+971501234567") == "+971501234567"
