"""A NUL in what comes in is refused before PostgreSQL is asked, which has no text with one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from server.api import paging
from tests.clusters import fresh_database
from tests.server.administration.office import Desk, Office
from tests.server.booking.house import AMNA, CENTRE, SERVICE


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Office(tmp_path_factory.mktemp("office"), fresh_database("nul")).served() as desk:
        yield desk


@pytest.mark.parametrize("path", ["/v1/centres/%00/appointments", "/en/centres/%00", "/v1/centres?after=%00"])
def test_in_an_address(desk: Desk, path: str) -> None:
    answer = requests.get(desk.url + path, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")


def test_in_a_cursor(desk: Desk) -> None:
    answer = desk.get("root", f"/accounts?after={paging.cursor(chr(0))}")
    assert (answer.status_code, answer.json()["code"]) == (422, "CURSOR")


def test_in_a_body(desk: Desk) -> None:
    customer = {"cpr": AMNA, "born": "1985-03-14"}
    wanted = {"service": SERVICE, "slot_at": "2026-11-24T10:00:00Z", "customer": customer}
    for path, content in (
        (f"/centres/{CENTRE}/appointments", wanted | {"service": "a\0"}),
        ("/accounts", {"name": "a\0b", "grant": {"body": CENTRE, "role": "viewer"}}),
        (f"/centres/{CENTRE}/devices/codes", {"role": "display", "device": "a\0"}),
    ):
        assert desk.post("root", path, content).status_code == 422
