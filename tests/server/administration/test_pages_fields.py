"""Fields of the forms of staff: what is typed comes into the document and back; what is wrong is said by its text."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from server.administration.pages import fields
from server.administration.pages.fields import Field, FieldError

ZONE = ZoneInfo("Asia/Bahrain")
MINUTES = Field(("booking", "late_cancel_s"), "label", kind="whole", is_required=True, least=0, most=600, scale=60)
SHARE = Field(("booking", "walk_in_share"), "label", kind="percent", is_required=True, least=0, most=100)
LINES = Field(("needs", "ar"), "label", kind="lines", language="ar")
MANY = Field(("services",), "label", kind="many", options=(("a", "A"), ("b", "B")))
INSTANT = Field(("since",), "label", kind="instant")
WEIGHT = Field(("rates", "walk_in"), "label", kind="decimal", is_required=True, least=0.1, most=10)
PREFIXES = Field(("mobile_prefixes",), "label", kind="codes", is_required=True)
DAY = Field(("day",), "label", kind="day", is_required=True)
PLACES = Field(("places",), "label", kind="whole", least=0, most=1000)


@pytest.mark.parametrize(
    ("field", "value", "typed"),
    [
        (MINUTES, 3600, "60"),
        (SHARE, 0.35, "35"),
        (LINES, ["one", "two"], "one\ntwo"),
        (MANY, ["a", "b"], "a b"),
        (INSTANT, "2026-11-22T00:00:00+03:00", "2026-11-22T00:00"),
        (PLACES, None, ""),
        (PLACES, 0, "0"),
        (WEIGHT, 2.5, "2.5"),
        (WEIGHT, 3.0, "3"),
        (PREFIXES, ["33", "36"], "33 36"),
        (Field(("virtual",), "label", kind="tick"), True, "on"),
        (Field(("virtual",), "label", kind="tick"), False, ""),
    ],
    ids=str,
)
def test_what_stands_there_is_typed_and_read_back_alike(field: Field, value: object, typed: str) -> None:
    assert field.shown(value, ZONE) == typed
    assert field.read(typed, ZONE) == value


@pytest.mark.parametrize(
    ("field", "typed", "key"),
    [
        (MINUTES, "", fields.REQUIRED),
        (MINUTES, "7.5", fields.NUMBER),
        (MINUTES, "601", fields.RANGE),
        (MINUTES, "-1", fields.RANGE),
        (SHARE, "much", fields.NUMBER),
        (INSTANT, "tomorrow", fields.FORM),
        (INSTANT, "0001-01-01T00:00", fields.FORM),
        (DAY, "9999-12-31", fields.FORM),
        (LINES, "x" * 201, "administration.fault.long"),
        (WEIGHT, "0", fields.RANGE),
        (WEIGHT, "1e1", "administration.fault.decimal"),
        (PREFIXES, "none", "administration.fault.digits"),
        (Field(("role",), "label", kind="one", options=(("clerk", "Clerk"),)), "king", fields.FORM),
        (Field(("name",), "label", length=3), "four", "administration.fault.long"),
    ],
    ids=str,
)
def test_what_is_no_value_is_said(field: Field, typed: str, key: str) -> None:
    with pytest.raises(FieldError) as error:
        field.read(typed, ZONE)
    assert error.value.key == key


@pytest.mark.parametrize(
    ("typed", "time"),
    [("7", "07:00"), ("730", "07:30"), ("7.30", "07:30"), ("07:30", "07:30"), ("٧:٣٠", "07:30"), ("24", "24:00")],
)
def test_a_time_of_day_is_understood_as_people_type_it(typed: str, time: str) -> None:
    assert fields.clock(typed) == time


@pytest.mark.parametrize("typed", ["", "25", "7:60", "noon", "24:01", "7:3"])
def test_and_what_is_none_is_refused(typed: str) -> None:
    with pytest.raises(FieldError):
        fields.clock(typed)


def test_arabic_digits_are_digits() -> None:
    assert MINUTES.read("٦٠", ZONE) == 3600


def test_ticks_of_one_field_come_together() -> None:
    assert fields.typed_in([MANY], {"services.b": "on", "services.x": "on"}) == {"services": "b"}


def test_only_what_differs_is_shown_as_somebody_elses() -> None:
    shown = fields.entries(
        [MINUTES, SHARE], {MINUTES.name: "60", SHARE.name: "50"}, {}, {MINUTES.name: "60", SHARE.name: "40"}
    )
    assert [each.other for each in shown] == [None, "40"]
