"""Which phone numbers a message may go to: valid ones of the kind mobile, of the countries that the operator allows.

Numbers are portable between operators, so nothing is read from a prefix but what libphonenumber says of its kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

COUNTRIES = ("973",)
"""Calling codes: Bahrain's alone, unless an operator allows others."""


class WrongNumber(StrEnum):
    """Why no message may go to a number."""

    INVALID = "invalid"
    NOT_MOBILE = "not_mobile"
    COUNTRY = "country"


class WrongNumberError(ValueError):
    """The number is refused. It says why, never which number."""

    def __init__(self, reason: WrongNumber) -> None:
        super().__init__(reason.value)
        self.reason = reason


def mobile(text: str, countries: Sequence[str] = COUNTRIES) -> str:
    """Return a typed number as E.164 (`+97336001234`): any digits, with or without its country's calling code.

    `countries` are the calling codes allowed; a number without one is the first's. Raises WrongNumberError.
    """
    # Imported only when a number is asked for: no start waits for its tables.
    import phonenumbers  # noqa: PLC0415
    from phonenumbers import PhoneNumberType  # noqa: PLC0415

    try:
        number = phonenumbers.parse(text, phonenumbers.region_code_for_country_code(int(countries[0])))
    except phonenumbers.NumberParseException as error:
        raise WrongNumberError(WrongNumber.INVALID) from error
    if not phonenumbers.is_valid_number(number):
        raise WrongNumberError(WrongNumber.INVALID)
    if str(number.country_code) not in countries:
        raise WrongNumberError(WrongNumber.COUNTRY)
    # In some countries mobile and fixed numbers look alike; there the operator finds out.
    if phonenumbers.number_type(number) not in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        raise WrongNumberError(WrongNumber.NOT_MOBILE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def grouped(number: str) -> str:
    """Return an E.164 number as people read it back: Bahrain's eight digits in two groups, others as they are."""
    home = "+973"
    if number.startswith(home) and len(number) == len(home) + 8:
        return f"{home} {number[4:8]} {number[8:]}"
    return number
