"""What goes wrong has a face: what is away, a bug, and every refusal."""

from __future__ import annotations

import logging

import pytest
import requests

from server.booking.answers import Why
from server.booking.registry import RegistryUnavailable
from sync.storage import StorageReason, StorageUnavailable
from tests.server.pages.ministry import (
    AHMED,
    SERVICE,
    Ministry,
    Visitor,
)
from tests.server.site import CENTRE
from tests.waiting import until


class TestUnavailable:
    def test_the_registry(self, ministry: Ministry, monkeypatch: pytest.MonkeyPatch) -> None:
        visitor = Visitor(ministry)
        visitor.get("/en/sign-in")

        def away(cpr: str) -> None:
            raise RegistryUnavailable

        monkeypatch.setattr(ministry.client.service.booking._registry, "person", away)
        answer = visitor.send("/en/sign-in", cpr=AHMED)
        assert answer.status_code == 503 and "not available right now" in answer.text
        assert answer.headers["Retry-After"]

    def test_the_storage(self, ministry: Ministry, monkeypatch: pytest.MonkeyPatch) -> None:
        async def away(*_: object) -> None:
            raise StorageUnavailable(StorageReason.BUSY)

        monkeypatch.setattr(ministry.client.service.store, "run", away)
        answer = Visitor(ministry, "ar").get(f"/ar/book/{CENTRE}/{SERVICE}")
        assert answer.status_code == 503 and "الخدمة متوقفة مؤقتًا" in answer.text

    def test_a_bug_has_a_face_and_goes_to_the_log(
        self, ministry: Ministry, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        async def wrong(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(ministry.client.service.booking, "free", wrong)
        logging.getLogger("uvicorn.error").addHandler(caplog.handler)
        answer = Visitor(ministry).get(f"/en/book/{CENTRE}/{SERVICE}")
        assert answer.status_code == 500 and "wrong on our side" in answer.text
        until(lambda: "ZeroDivisionError" in caplog.text, "the bug in the log")
        logging.getLogger("uvicorn.error").removeHandler(caplog.handler)


def test_every_refusal_has_words_somewhere() -> None:
    """A new reason has to be given a face before it can come up: an unknown one would be a bug's page."""
    faced = {
        *("CPR", "TOO_MANY_CODES", "TOO_MANY", "WRONG_CODE", "CODE_EXPIRED", "CODE_EXHAUSTED", "BIRTH_DATE"),
        *("UNDER_AGE", "SIGNED_OUT", "NO_SUCH_CENTRE", "NO_SUCH_SERVICE", "NO_SUCH_SLOT", "TAKEN", "ONE_ALREADY"),
        *("BLOCKED", "NO_SUCH_APPOINTMENT", "NOT_OPEN", "NOT_RATABLE", "RATED", "NO_WORDS", "TOO_MANY_COMPLAINTS"),
    }
    not_asked_for_here = {"NOT_VIRTUAL", "NO_SUCH_BLOCK", "NO_REASON"}
    assert {why.name for why in Why} == faced | not_asked_for_here


def test_without_messages_nobody_can_sign_in_so_booking_is_not_offered(site_without_messages: str) -> None:
    page = requests.get(f"{site_without_messages}/en", timeout=10).text
    assert "/en/book" not in page and "/en/mine" not in page
    assert requests.get(f"{site_without_messages}/en/sign-in", timeout=10).status_code == 404
