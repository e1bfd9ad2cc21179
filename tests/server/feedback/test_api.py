"""Ratings and complaints over HTTP, on a real port: who may, what is refused, and that OpenAPI describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.server.pages.ministry import AHMED, SARA, SERVICE, SLOT, Ministry, ministry_of
from tests.server.pages.test_feedback import kept
from tests.server.schema import faults
from tests.server.site import CENTRE, Site


@pytest.fixture
def ministry(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ministry]:
    site.overlay["appointments"] = []
    with ministry_of(site, monkeypatch) as ministry:
        yield ministry


class Program:
    """A program that acts for a customer; every answer is held against the description."""

    def __init__(self, ministry: Ministry, cpr: str = "") -> None:
        self.url = ministry.url
        self.document: dict[str, Any] = requests.get(f"{self.url}/openapi.json", timeout=10).json()
        self.headers: dict[str, str] = {}
        if cpr:
            self.ask("POST", "/v1/booking/codes", {"cpr": cpr, "lang": "en"})
            said = {"cpr": cpr, "code": ministry.code(cpr)}
            self.headers = {"Authorization": f"Bearer {self.ask('POST', '/v1/booking/sessions', said).json()['token']}"}

    def ask(self, method: str, path: str, said: object = None) -> requests.Response:
        answer = requests.request(method, f"{self.url}{path}", json=said, headers=self.headers, timeout=30)
        told = self.document["paths"][path][method.lower()]["responses"]
        (schema,) = (each["schema"] for each in told[str(answer.status_code)]["content"].values())
        # A problem may say more than is described.
        assert answer.status_code >= 400 or faults(answer.json(), schema, self.document) == []
        return answer


def test_a_program_rates_and_complains_for_a_customer(ministry: Ministry) -> None:
    assert Program(ministry).ask("GET", "/v1/feedback").status_code == 401
    ahmed = Program(ministry, AHMED)
    wanted = {"centre": CENTRE, "service": SERVICE, "slot_at": f"{SLOT[:4]}-{SLOT[4:6]}-{SLOT[6:8]}T06:00:00Z"}
    visit = ahmed.ask("POST", "/v1/booking/appointments", wanted).json()["id"]
    rating = {"centre": CENTRE, "visit": visit, "score": 5, "words": "quick"}
    assert ahmed.ask("POST", "/v1/feedback/ratings", rating).json()["code"] == "NOT_RATABLE"
    kept(ministry)
    said = ahmed.ask("GET", "/v1/feedback").json()
    assert [each["id"] for each in said["to_rate"]] == [visit] and said["complaints"] == []
    given = [ahmed.ask("POST", "/v1/feedback/ratings", rating) for _ in range(2)]
    assert [answer.status_code for answer in given] == [200, 200] and given[0].json() == given[1].json()
    assert ahmed.ask("POST", "/v1/feedback/ratings", rating | {"score": 1}).json()["code"] == "RATED"
    assert ahmed.ask("POST", "/v1/feedback/ratings", rating | {"score": 6}).status_code == 422
    complaint = {"centre": CENTRE, "kind": "staff", "words": "sent away", "visit": visit, "once": "form-1"}
    filed = [ahmed.ask("POST", "/v1/feedback/complaints", complaint).json() for _ in range(2)]
    assert filed[0] == filed[1] and len(filed[0]["reference"]) == 10
    # Another customer neither sees nor rates what is not the own.
    sara = Program(ministry, SARA)
    assert sara.ask("GET", "/v1/feedback").json() == {"to_rate": [], "complaints": []}
    assert sara.ask("POST", "/v1/feedback/ratings", rating).status_code == 404
    assert sara.ask("POST", "/v1/feedback/complaints", complaint).status_code == 404
    assert (
        sara.ask("POST", "/v1/feedback/complaints", complaint | {"centre": "nowhere", "visit": ""}).status_code == 404
    )
    answers = [
        sara.ask("POST", "/v1/feedback/complaints", {"centre": CENTRE, "kind": "other", "words": f"{n}"})
        for n in range(6)
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 86_400
