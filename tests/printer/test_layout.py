"""What stands on a ticket and how long it is."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assets.paths import DEMO
from printer.encode import Encoder
from printer.layout import (
    LONGEST_MM,
    Drawn,
    Fit,
    LayoutError,
    Native,
    Plate,
    Qr,
    Width,
    lay_out,
    native,
    qr_block,
)
from printer.raster import Face
from printer.ticket import Wait

FACE = Face()


def words_on(layout) -> list[str]:
    return [block.text for block in layout.blocks if isinstance(block, Native | Drawn)]


def plain(text: str) -> str:
    return text.translate({0x2066: None, 0x2068: None, 0x2069: None})


def test_a_ticket_says_what_it_has_to_in_both_languages(make_ticket, texts) -> None:
    layout = lay_out(make_ticket(), texts, FACE)
    assert [plain(text) for text in words_on(layout)] == [
        "الإدارة العامة للمرور",
        "General Directorate of Traffic",
        "تجديد رخصة السياقة",
        "Driving Licence Renewal",
        "22/11/2026   10:31",
        "أمامك 5 أشخاص",
        "الانتظار المتوقع 10-20 دقيقة",
        "تقدير الساعة 10:31",
        "تابع دورك بهاتفك",
        "المطلوب: بطاقة الهوية؛ رخصة السياقة",
    ]
    english = lay_out(make_ticket(languages=("en", "ar")), texts, FACE)
    assert words_on(english) == [
        "General Directorate of Traffic",
        "الإدارة العامة للمرور",
        "Driving Licence Renewal",
        "تجديد رخصة السياقة",
        "22/11/2026   10:31",
        "5 people ahead of you",
        "Expected wait: 10-20 minutes",
        "estimated at 10:31",
        "Follow your turn on your phone",
        "Please have ready: Identity card; Driving licence",
    ]


def test_the_number_is_20_mm_high_whatever_its_length_and_the_paper(make_ticket, texts) -> None:
    for number in ("A047", "A0100", "047"):
        for width in Width:
            layout = lay_out(make_ticket(number=number), texts, FACE, width)
            (plate,) = [block for block in layout.blocks if isinstance(block, Plate)]
            assert plate.cap >= 20 * width.dots_per_mm
            assert plate.widest <= width


@pytest.mark.parametrize(
    ("wait", "said"),
    [
        ((0, 5), "Expected wait: up to 5 minutes"),
        ((0, 0), "Expected wait: up to 1 minute"),
        ((5, 5), "Expected wait: about 5 minutes"),
        ((15, 25), "Expected wait: 15-25 minutes"),
    ],
)
def test_the_wait_is_a_range_in_words(make_ticket, texts, wait, said) -> None:
    paper = make_ticket(languages=("en",), wait=Wait(*wait, make_ticket().taken_at))
    assert said in words_on(lay_out(paper, texts, FACE))


def test_nothing_is_said_that_is_not_known(make_ticket, texts) -> None:
    said = words_on(lay_out(make_ticket(languages=("en",), ahead=None, wait=None, qr="", needs={}), texts, FACE))
    assert said == ["General Directorate of Traffic", "Driving Licence Renewal", "22/11/2026   10:31"]


def test_arabic_digits_are_a_setting_of_the_centre(make_ticket, texts) -> None:
    said = [plain(text) for text in words_on(lay_out(make_ticket(digits="arab"), texts, FACE))]
    assert "أمامك ٥ أشخاص" in said
    assert "22/11/2026   10:31" in said


def test_a_copy_is_marked_in_each_language(make_ticket, texts) -> None:
    said = words_on(lay_out(make_ticket(copy=True), texts, FACE))
    assert said[:2] == ["نسخة", "*** COPY ***"]
    assert "نسخة" not in words_on(lay_out(make_ticket(), texts, FACE))


def test_documents_that_do_not_fit_are_told_to_be_more(make_ticket, texts) -> None:
    said = words_on(lay_out(make_ticket(languages=("en",)), texts, FACE, Width.MM80, Fit(352, 1)))
    assert said[-1] == "Please have ready: Identity card…"


def test_no_line_is_wider_than_the_paper(texts, make_ticket) -> None:
    long = {"ar": "خدمة ذات اسم طويل جدًا " * 6, "en": "A service with a very long name " * 6 + "W" * 60}
    for width in Width:
        for languages in (("ar", "en"), ("en", "ar")):
            for block in lay_out(make_ticket(service=long, languages=languages), texts, FACE, width).blocks:
                if isinstance(block, Native):
                    assert len(block.text) * (9 if block.small else 12) <= width
                if isinstance(block, Drawn):
                    assert FACE.width(block.text, block.size, block.weight, block.language) <= width


def test_the_qr_is_as_large_as_a_telephone_needs() -> None:
    assert qr_block("7QK2M4XW9ZP3AB5D") == Qr("7QK2M4XW9ZP3AB5D", 6, 126)
    assert qr_block("A" * 38).module == 6
    assert qr_block("a" * 27).box // qr_block("a" * 27).module == 29
    with pytest.raises(LayoutError):
        qr_block("A" * 155)


def test_right_to_left_and_other_scripts_are_never_left_to_the_printer() -> None:
    assert native("Identity card – valid", "en")
    assert not native("بطاقة", "ar")
    assert not native("A047", "ar")
    assert not native("Удостоверение", "ru")
    assert not native("tab\there", "en")


def demo_tickets(make_ticket, languages):
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    for service in centre["services"]:
        needs = {language: tuple(things) for language, things in (service.get("needs") or {}).items()}
        yield make_ticket(
            number=f"{service['letter']}0147",
            centre=centre["name"],
            service=service["name"],
            needs=needs,
            languages=languages,
            ahead=17,
            wait=Wait(25, 40, make_ticket().taken_at),
        )


@pytest.mark.parametrize("width", Width)
@pytest.mark.parametrize("languages", [("ar", "en"), ("en", "ar")])
@pytest.mark.parametrize("copy", [False, True])
def test_the_demo_centres_tickets_are_short_and_light(make_ticket, texts, width, languages, copy) -> None:
    encoder = Encoder(texts, width)
    for paper in demo_tickets(make_ticket, languages):
        encoded = encoder.encode(replace(paper, copy=copy))
        assert encoded.mm <= LONGEST_MM
        assert len(encoded.data) <= 8192
