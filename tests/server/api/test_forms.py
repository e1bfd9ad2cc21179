"""What comes in has the form that it has to have: found by schemathesis, each kept here by itself."""

from __future__ import annotations

import pytest
import requests
from pydantic import TypeAdapter, ValidationError

from server.api.forms import Clock, Day, Instant
from tests.server.site import Client


def test_a_body_that_is_no_text_is_refused_as_any_other(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{client.url}/v1/enrol", data=b"\xff\xfe{", headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("day", ["0", "1795275192", "20261122", "2026-11-22T00:00:00", "tomorrow", "-1"])
def test_a_day_is_no_number_of_seconds(client: Client, day: str) -> None:
    assert client.send("hub-1", "GET", f"/v1/day-appointments?day={day}").status_code == 422
    assert client.send("hub-1", "GET", "/v1/day-appointments?day=2026-11-22").status_code == 200


@pytest.mark.parametrize("said", [0, 1795275192.5, True, "1795275192", "2026-11-22", "2026-11-22T06:00:00"])
def test_an_instant_is_no_number_and_has_a_zone(said: object) -> None:
    form = TypeAdapter(Instant)
    with pytest.raises(ValidationError):
        form.validate_python(said)
    assert form.validate_python("2026-11-22T06:00:00+03:00") == form.validate_python("2026-11-22T03:00:00Z")


@pytest.mark.parametrize("said", [0, 1795275192.5, "1795275192"])
def test_a_day_in_a_body_is_none_either(said: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Day).validate_python(said)


@pytest.mark.parametrize("said", [0, 28800, True, "28800", "8:00", "08"])
def test_a_time_of_day_is_no_number_of_seconds(said: object) -> None:
    form = TypeAdapter(Clock)
    with pytest.raises(ValidationError):
        form.validate_python(said)
    assert form.validate_python("08:00") == form.validate_python("08:00:00")
