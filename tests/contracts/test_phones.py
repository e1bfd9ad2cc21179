"""What the kiosk takes for a mobile number is what the hub takes for one, over all of Bahrain's numbers."""

from __future__ import annotations

from queueing.centre import PhonePlan
from sms.numbers import WrongNumberError, mobile

PLAN = PhonePlan()


def is_mobile(digits: str) -> bool:
    """Ask as the hub does."""
    try:
        mobile(f"+{PLAN.country}{digits}", [PLAN.country])
    except WrongNumberError:
        return False
    return True


def test_kiosk_and_hub_agree_on_every_range_of_numbers() -> None:
    # A range is ten thousand numbers that begin alike; of each one number, with another end each time.
    every = [f"{beginning:04}{beginning * 7919 % 10_000:04}" for beginning in range(10_000)]
    differ = [each for each in every if PLAN.begins_like_mobile(each) != is_mobile(each)]
    assert differ == []


def test_the_length_is_the_hub_s_too() -> None:
    assert is_mobile("36001234")
    assert not is_mobile("3600123") and not is_mobile("360012345")
    assert len("36001234") == PLAN.length


def test_what_is_typed_is_refused_at_the_first_digit_after_which_nothing_can_come() -> None:
    could = {each[:length] for each in PLAN.mobile_prefixes for length in range(len(each) + 1)}
    for typed in could:
        for digit in "0123456789":
            longer = typed + digit
            is_open = longer in could or any(longer.startswith(prefix) for prefix in PLAN.mobile_prefixes)
            assert PLAN.begins_like_mobile(longer) == is_open
