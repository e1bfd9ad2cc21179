"""Drawn lines and plates: no blank boxes, nothing cut off, and Arabic that another program can read."""

from __future__ import annotations

import gettext
import json

import pytest

from assets.paths import DEMO, LOCALE
from printer.layout import NoGlyphError, box_height
from printer.raster import Face, coarse

FACE = Face()


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each)


@pytest.mark.parametrize("weight", ["Medium", "SemiBold", "Bold"])
def test_every_text_that_can_stand_on_paper_has_its_glyphs(weight) -> None:
    for language in ("ar", "en"):
        with (LOCALE / language / "dawr.mo").open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog
        for key, text in catalogue.items():
            name = key[0] if isinstance(key, tuple) else key
            if name.startswith("paper."):
                assert FACE.missing(text, weight) == (), name
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    for part in (centre["name"], *(service[what] for service in centre["services"] for what in ("name", "needs"))):
        for text in strings(part):
            assert FACE.missing(text, weight) == ()


def test_a_character_without_a_glyph_is_an_error_with_its_name() -> None:
    with pytest.raises(NoGlyphError, match="U\\+9A7E"):
        FACE.line("رخصة 驾", 24, "Medium", "ar")
    with pytest.raises(NoGlyphError):
        FACE.plate("Ж047", 162, 432)


def test_marks_that_steer_direction_are_not_drawn() -> None:
    marked = FACE.line("أمامك \u20665\u2069 أشخاص", 24, "Medium", "ar").image
    assert abs(marked.width - FACE.line("أمامك 5 أشخاص", 24, "Medium", "ar").image.width) <= 1


def test_a_range_keeps_its_order_within_arabic() -> None:
    """A range begins with the lighter number on the left, as in Latin text, not with the heavier one."""
    whole = FACE.line("المتوقع \u206677-88\u2069", 24, "Bold", "ar").image
    wide = FACE.width("11", 24, "Bold", "en")
    first = whole.crop((0, 0, wide, whole.height)).histogram()[0]
    second = whole.crop((wide + 12, 0, 2 * wide + 12, whole.height)).histogram()[0]
    assert first * 1.1 < second


@pytest.mark.parametrize("size", [20, 23, 31])
def test_a_line_stays_in_its_box(size) -> None:
    for text in ("الإدارة العامة للمرور آأإ", "شخصًا حتّى مجيءٍ ڤلّه", "Ágjpq|"):
        picture = FACE.line(text, size, "Bold", "ar" if text[0] > "\u0600" else "en")
        assert picture.top >= -3
        assert picture.top + picture.image.height <= box_height(size) + 3


def test_letters_join() -> None:
    """Shaped Arabic is one stroke where letters join: the word is narrower than its letters apart."""
    word = FACE.width("سياقة", 40, "Medium", "ar")
    apart = sum(FACE.width(letter, 40, "Medium", "ar") for letter in "سياقة")
    assert word < 0.9 * apart


@pytest.mark.parametrize("number", ["A047", "A0100", "W999", "047"])
def test_the_plates_digits_are_as_high_as_asked(number) -> None:
    picture = coarse(FACE.plate(number, 162, 432))
    assert picture.width * 2 <= 432
    # A column of dots through the last digit's middle third: its ink without the rim above and below it.
    inside = picture.crop((picture.width * 2 // 3, 6, picture.width - 8, picture.height - 6))
    ink = inside.point(lambda shade: 255 - shade).getbbox()
    assert ink is not None
    assert 160 <= 2 * (ink[3] - ink[1]) <= 168
