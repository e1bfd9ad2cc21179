"""What the screens say: waits, hours, digits, in both languages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from assets.texts import Catalogue
from kiosk import faces
from kiosk.known import Known
from kiosk.moves import Answer, Appointment, Ticket
from kiosk.visit import Page, Visit
from tests.kiosk.conftest import NOW

Words = dict[str, Catalogue]


def bare(text: str) -> str:
    return "".join(sign for sign in text if sign not in "\u2066\u2067\u2068\u2069")


@pytest.mark.parametrize(
    ("low", "high", "english", "arabic"),
    [
        (0, 50, "No wait", "بلا انتظار"),
        (0, 300, "up to 5 minutes", "حتى 5 دقائق"),
        (250, 600, "4–10 minutes", "4–10 دقائق"),
        (661, 1200, "11–20 minutes", "11–20 دقيقة"),
        (600, 600, "10 minutes", "10 دقائق"),
        (None, 600, "", ""),
    ],
)
def test_a_wait_is_a_range_rounded_outwards(
    known: Known, words: Words, low: int | None, high: int, english: str, arabic: str
) -> None:
    assert faces.wait(low, high, known, words["en"]) == english
    assert bare(faces.wait(low, high, known, words["ar"])) == arabic


def test_the_digits_are_the_centre_s_but_a_ticket_s_number_stays(known: Known, words: Words) -> None:
    assert known.centre is not None
    known = replace(known, centre=replace(known.centre, digits="arab"))
    visit = Visit(page=Page.TICKET, ticket=Ticket("k", "A047", "driving-test", ahead=12, low_s=660, high_s=1200))
    face = faces.ticket(visit, known, words["ar"])
    assert face.number == "A047" and bare(face.ahead) == "١٢ شخصًا قبلك" and bare(face.wait) == "١١–٢٠ دقيقة"
    assert faces.cpr_entry(Visit(), known, words["ar"]).digits == tuple("١٢٣٤٥٦٧٨٩٠")
    assert faces.clock(known) == "٠٩:٣١"


@pytest.mark.parametrize(
    ("hours", "english"),
    [(3, "today at 12:31"), (22, "tomorrow at 07:31"), (48, "on Tuesday at 09:31"), (24 * 9, "on 1/12 at 09:31")],
)
def test_a_closed_centre_says_when_it_opens(known: Known, words: Words, hours: int, english: str) -> None:
    assert known.board is not None
    board = replace(known.board, open=False, next_opens_at=NOW + timedelta(hours=hours))
    face = faces.start(Visit(), replace(known, board=board), words)
    assert face.invitations[1]["title"] == words["en"].t("kiosk.start.closed")
    assert face.invitations[1]["news"] == f"It opens {english}"


NIGHT = NOW + timedelta(hours=15)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (lambda known: Known(known.now, asking=True), "settling"),
        (lambda known: Known(known.now), "settling"),
        (lambda known: replace(known, now=NIGHT, board=None, asking=True), "settling"),
        # The hours are the kiosk's own; only what they forbid may still be allowed by the hub.
        (lambda known: replace(known, board=None, asking=True), "title"),
        (lambda known: replace(known, now=NIGHT, board=None, asking=True).with_line(False), "closed"),
        (lambda known: replace(known, now=NIGHT, board=None, asking=True).with_line(True), "settling"),
        (lambda known: replace(known, now=NIGHT, asking=True, line_up=True).with_board(known.board), "title"),
    ],
)
def test_a_kiosk_that_cannot_know_yet_says_so(
    known: Known, words: Words, change: Callable[[Known], Known], key: str
) -> None:
    face = faces.start(Visit(), change(known), words)
    for row, language in zip(face.invitations, ("ar", "en"), strict=True):
        assert row["title"] == words[language].t(f"kiosk.start.{key}")
        assert (row["begin"] == "") == (key != "title")
        assert row["news"] == "" or key != "settling"


def test_the_slot_is_told_in_the_centre_s_time(known: Known, words: Words) -> None:
    slot = Appointment("a", "driving-test", NOW + timedelta(minutes=29))
    face = faces.found(Visit(answer=Answer("appointment", "c", (slot,))), known, words["en"])
    assert face.appointments[0]["time"] == "10:00"


def test_an_appointment_for_a_service_that_is_not_here_is_not_offered(known: Known, words: Words) -> None:
    slot = Appointment("a", "elsewhere", NOW)
    assert faces.found(Visit(answer=Answer("appointment", "c", (slot,))), known, words["en"]).appointments == ()


def test_the_last_digit_can_be_read_until_the_next(known: Known, words: Words) -> None:
    for typed, shown in (("8", "8"), ("85", "•5"), ("850112345", "•••••••45")):
        cells = faces.cpr_entry(Visit(digits=typed), known, words["en"]).cells
        assert "".join(cells).strip() == shown and len(cells) == 9
