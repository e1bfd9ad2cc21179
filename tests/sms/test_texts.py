"""Every kind of message, for every length of a name and a link: in one part, and never without what it is for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import pytest

from assets.paths import DEMO
from assets.texts import Catalogue, compile_all
from sms.alphabet import is_gsm, parts
from sms.message import Kind
from sms.texts import Values, compose

DEMO_LINK = "https://dawr.example.bh/t/ABCDEFGHIJKLMNOP"
LONGEST_LINK = "https://" + "d" * 37 + "/t/ABCDEFGHIJKLMNOP"
AT = datetime(2026, 12, 30, 10, 30)  # noqa: DTZ001  # the centre's own time, as a text says it
NAMES = {
    "ar": "تجديد رخصة السياقة الخاصة والعمومية للمقيمين",
    "en": "Driving licence renewal for residents and visitors",
}
ONE_PART_WITH_ANY_LINK = {Kind.ETICKET}


@pytest.fixture(scope="module", params=["ar", "en"])
def catalogue(request: pytest.FixtureRequest) -> Catalogue:
    compile_all()
    return Catalogue.load(request.param)


def _values(catalogue: Catalogue, url: str, name: int, number: str = "A047") -> Values:
    words = (NAMES[catalogue.language] + " ") * 4
    return Values(number, words[:name].strip(), words[:name].strip(), "12", 3, AT, url, "482913")


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("link", ["", DEMO_LINK, LONGEST_LINK])
def test_one_part_whatever_the_names(catalogue: Catalogue, kind: Kind, link: str) -> None:
    for length in range(121):
        text = compose(kind, _values(catalogue, link, length), catalogue)
        is_bound_to_fit = link != LONGEST_LINK or catalogue.language == "en" or kind in ONE_PART_WITH_ANY_LINK
        assert parts(text) == 1 or not is_bound_to_fit, text
        assert parts(text) <= 2
        assert "{" not in text and not set(text) & set("\u2066\u2067\u2068\u2069")
        assert is_gsm(text) or catalogue.language == "ar"
        if "url" in _says(kind) and link:
            assert link in text
        for needed in _says(kind) - {"url"}:
            assert getattr(_Expected, needed) in text


def _says(kind: Kind) -> set[str]:
    """Return what each text of a kind has to say, however bare."""
    booked = {"date", "time", "url"}
    return {
        Kind.ETICKET: {"number", "url"},
        Kind.NEAR: {"number"},
        Kind.CALLED: {"number", "counter"},
        Kind.BOOKING_CONFIRMED: booked,
        Kind.BOOKING_MOVED: booked,
        Kind.BOOKING_CANCELLED: {"date", "time"},
        Kind.REMINDER_DAY: booked,
        Kind.REMINDER_HOURS: {"time", "url"},
        Kind.BLOCKED: {"date"},
        Kind.ONE_TIME_CODE: {"code"},
        Kind.VIDEO_CALLED: {"url"},
        Kind.CENTRE_MOVED: booked,
        Kind.CENTRE_CANCELLED: {"date", "time"},
        Kind.COMPLAINT_ANSWERED: {"url"},
    }[kind]


class _Expected:
    number, counter, date, time, code = "A047", "12", "30/12", "10:30", "482913"


COMPLAINT_LINK = "https://dawr.example.bh/ar/c/2648210937"
VIDEO_LINK = "https://dawr.example.bh/b/a1B2c3D4e5F6"


@pytest.mark.parametrize("kind", [Kind.BOOKING_CONFIRMED, Kind.BOOKING_MOVED, Kind.REMINDER_DAY, Kind.REMINDER_HOURS])
@pytest.mark.parametrize("link", ["", VIDEO_LINK, LONGEST_LINK])
def test_a_booking_by_video_says_so_in_one_part(catalogue: Catalogue, kind: Kind, link: str) -> None:
    by_video = {"ar": "فيديو", "en": "video"}[catalogue.language]
    for length in range(121):
        text = compose(kind, replace(_values(catalogue, link, length), by_video=True), catalogue)
        assert by_video in text and _Expected.time in text
        assert link in text
        assert parts(text) == 1 or (link == LONGEST_LINK and catalogue.language == "ar"), text


def test_the_call_by_video_leads_to_the_room_in_one_part(catalogue: Catalogue) -> None:
    text = compose(Kind.VIDEO_CALLED, _values(catalogue, VIDEO_LINK, 120), catalogue)
    assert (text, parts(text)) == (
        {
            "ar": f"حان دورك بالفيديو. ادخل الآن {VIDEO_LINK}",
            "en": f"It is your turn by video. Join now: {VIDEO_LINK}",
        }[catalogue.language],
        1,
    )


def test_the_word_of_an_answer_leads_to_it_and_fits(catalogue: Catalogue) -> None:
    told = {
        length: compose(Kind.COMPLAINT_ANSWERED, _values(catalogue, COMPLAINT_LINK, length), catalogue)
        for length in (8, 120)
    }
    assert all(text.endswith(COMPLAINT_LINK) and parts(text) == 1 for text in told.values())
    assert {"ar": "شكواك أو مقترحك", "en": "complaint or suggestion"}[catalogue.language] in told[120]
    assert told[8] != told[120] or catalogue.language == "ar", "a centre's name where there is room"
    text = compose(Kind.COMPLAINT_ANSWERED, _values(catalogue, "", 120), catalogue)
    assert parts(text) == 1 and {"ar": "مواعيدي", "en": "My appointments"}[catalogue.language] in text


@pytest.mark.parametrize("number", ["A1", "A047", "Z1047"])
@pytest.mark.parametrize("address", range(12, 46))
def test_an_e_ticket_is_one_part_for_every_address_and_number(catalogue: Catalogue, number: str, address: int) -> None:
    link = "https://" + "d" * (address - 8) + "/t/ABCDEFGHIJKLMNOP"
    text = compose(Kind.ETICKET, _values(catalogue, link, 40, number), catalogue)
    assert parts(text) == 1
    assert text.endswith(link) and number in text


def test_every_service_of_the_demonstration_is_named(catalogue: Catalogue) -> None:
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    for service in centre["services"]:
        name = service["name"][catalogue.language]
        text = compose(Kind.ETICKET, Values("A047", name, url=DEMO_LINK), catalogue)
        assert parts(text) == 1
        assert name in text or f"{name.split()[0]} " in text, text


def test_a_name_is_cut_between_words_and_says_so() -> None:
    arabic = Catalogue.load("ar")
    text = compose(Kind.ETICKET, Values("A047", NAMES["ar"], url=DEMO_LINK), arabic)
    assert text == f"A047، تجديد رخصة السياقة… {DEMO_LINK}"
    assert len(text) <= 70


def test_people_ahead_in_each_plural() -> None:
    english = Catalogue.load("en")
    assert "you are next" in compose(Kind.NEAR, Values("A047"), english)
    assert "one person ahead" in compose(Kind.NEAR, Values("A047", count=1), english)
    assert "3 people ahead" in compose(Kind.NEAR, Values("A047", count=3), english)
    arabic = Catalogue.load("ar")
    told = {count: compose(Kind.NEAR, Values("A047", count=count), arabic) for count in (0, 1, 2, 3, 11, 100)}
    assert len(set(told.values())) == 6
    assert {parts(text) for text in told.values()} == {1}


def test_a_curly_quotation_mark_does_not_double_the_price() -> None:
    english = Catalogue.load("en")
    text = compose(Kind.ETICKET, Values("A047", "Learner’s permit – new", url=DEMO_LINK), english)
    assert "Learner's permit - new" in text
    assert is_gsm(text)
