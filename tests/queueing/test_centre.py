"""A centre's data: read back equal, and every fault listed at once."""

from typing import Any

import pytest

from queueing.centre import Centre, CentreError, PhonePlan
from tests.queueing.hall import centre_json


def test_round_trip(centre: Centre) -> None:
    assert Centre.from_json(centre.to_json()) == centre


def test_defaults_and_look_ups(centre: Centre) -> None:
    assert centre.rates.appointment == 2.0
    assert centre.timezone == "Asia/Bahrain"
    found = centre.service("test")
    assert found is not None and found.letter == "B"
    assert centre.service("none") is None
    assert centre.counter("9") is None


def test_every_fault_is_listed_at_once() -> None:
    data: dict[str, Any] = centre_json()
    data["services"][0]["letter"] = 5
    del data["services"][1]["name"]
    data["counters"][0]["labell"] = "x"
    data["rates"] = {"walk_in": "fast"}
    data["holidays"][0]["date"] = "someday"
    data["digits"] = "roman"
    with pytest.raises(CentreError) as error:
        Centre.from_json(data)
    told = "\n".join(error.value.errors)
    for place in (
        "services[0].letter",
        "services[1].name: missing",
        "counters[0].labell: unknown",
        "rates.walk_in",
        "holidays[0].date",
        "digits",
    ):
        assert place in told


def test_faults_of_meaning() -> None:
    data: dict[str, Any] = centre_json()
    data["services"][1]["letter"] = "A"
    data["counters"][0]["services"] = ["nothing"]
    data["rates"] = {"walk_in": 0}
    data["timezone"] = "Mars/Base"
    data["hours"]["someday"] = []
    data["messages"] = {"near_people": 0}
    data["phones"] = [{"country": "+973"}]
    data["booking_url"] = "booking.example.bh"
    data["contact"] = {"phone": "17000000", "email": "nobody", "map_url": "javascript:alert(1)"}
    with pytest.raises(CentreError) as error:
        Centre.from_json(data)
    told = "\n".join(error.value.errors)
    for part in (
        *("letter 'A' stands twice", "'nothing' is no service", "rates.walk_in: more than 0", "Mars", "someday"),
        *("messages.near_people: 1 or more", "phones[0]: country"),
        *(
            "booking_url: scheme and host",
            "contact.phone: +",
            "contact.email: name@host",
            "contact.map_url: an address",
        ),
    ):
        assert part in told
    with pytest.raises(CentreError):
        Centre.from_json([])


def test_a_number_that_can_become_a_mobile_one() -> None:
    plan = PhonePlan()
    assert all(plan.begins_like_mobile(digits) for digits in ("", "3", "38", "66", "36001234"))
    assert not plan.begins_like_mobile("1") and not plan.begins_like_mobile("17123456")
    assert not plan.begins_like_mobile("386") and not plan.begins_like_mobile("66311234")
    assert PhonePlan("966", 9, ("50", "53")).begins_like_mobile("5")
