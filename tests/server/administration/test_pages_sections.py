"""Sections of a centre as forms: each field has its place in a real centre, and what is wrong comes back to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assets.paths import DEMO
from assets.texts import Catalogue
from queueing.centre import Centre, CentreError
from server.administration.pages import fields, sections
from server.administration.pages.fields import Path
from server.administration.pages.sections import Section

LANGUAGES = ("ar", "en")
CENTRE = Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))


@pytest.fixture
def document() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(json.dumps(CENTRE.to_json()))
    return read


def all_sections(document: dict[str, Any]) -> list[Section]:
    found = [sections.rules(), sections.contact(LANGUAGES)]
    for name in sections.LISTS:
        for at in range(len(document[sections.LISTS[name]]) or 1):
            found.append(sections.entry(name, LANGUAGES, at, document, is_new=False))
    return found


def test_saving_what_is_shown_changes_nothing(document: dict[str, Any]) -> None:
    for section in all_sections(document):
        part = fields.value_at(document, section.root)
        if part is None:
            continue
        typed = fields.shown(section.fields, part, CENTRE.zone)
        values, faults = fields.read(section.fields, typed, CENTRE.zone)
        assert faults == {}, section
        assert Centre.from_json(sections.changed(document, section, values)) == CENTRE, section.name


def test_every_field_has_words_in_each_language(document: dict[str, Any]) -> None:
    for language in LANGUAGES:
        catalogue = Catalogue.load(language)
        for section in all_sections(document):
            for field in section.fields:
                assert catalogue.t(field.label) and (not field.hint or catalogue.t(field.hint))


def test_a_new_entry_joins_its_list(document: dict[str, Any]) -> None:
    at = len(document["counters"])
    section = sections.entry("counters", LANGUAGES, at, document, is_new=True)
    service = document["services"][0]["id"]
    new = sections.changed(
        document, section, {("id",): "c99", ("label",): "99", ("services",): [service], ("zone",): "b"}
    )
    assert Centre.from_json(new).counters[-1].services == (service,)
    assert len(document["counters"]) == at  # the one that was read stays as it was


def test_a_service_that_goes_is_served_at_no_counter(document: dict[str, Any]) -> None:
    gone = document["services"][0]["id"]
    new = Centre.from_json(sections.without(document, "services", 0))
    assert new.service(gone) is None and all(gone not in each.services for each in new.counters)


def test_texts_that_are_empty_in_all_languages_are_none(document: dict[str, Any]) -> None:
    section = sections.contact(LANGUAGES)
    values: dict[Path, Any] = {
        ("address", "ar"): "",
        ("address", "en"): "",
        ("governorate", "ar"): "المحرق",
        ("governorate", "en"): "",
    }
    new = sections.changed(document, section, values)
    assert new["address"] is None and new["governorate"] == {"ar": "المحرق"}


@pytest.mark.parametrize("prefix", ["", "centre."])
def test_the_cores_faults_stand_beside_their_fields(document: dict[str, Any], prefix: str) -> None:
    section = sections.entry("services", LANGUAGES, 1, document, is_new=False)
    errors = ["services[1].slot_s: whole minutes", "services[0].slot_s: whole minutes", "letter 'A' stands twice"]
    own, others = sections.faults_of([prefix + each for each in errors], section)
    assert own == {"slot_s": fields.REFUSED}
    assert len(others) == 2


def test_a_real_fault_of_the_core_is_found_by_its_field(document: dict[str, Any]) -> None:
    section = sections.contact(LANGUAGES)
    with pytest.raises(CentreError) as error:
        Centre.from_json(sections.changed(document, section, {("contact", "phone"): "17"}))
    assert sections.faults_of(error.value.errors, section) == ({"contact.phone": fields.REFUSED}, [])


def test_an_entry_without_an_id_is_named_by_its_content(document: dict[str, Any]) -> None:
    items = [{"text": {"ar": "a"}}, {"text": {"ar": "b"}}]
    document["notices"] = items
    name = sections.name_of(items[1])
    assert sections.find(document, "notices", name) == 1
    items[1]["text"]["ar"] = "c"
    assert sections.find(document, "notices", name) is None


class TestTheWeek:
    def test_what_is_shown_is_read_back(self, document: dict[str, Any]) -> None:
        new, faults = sections.week_read(sections.week_typed(document), document)
        assert faults == {} and Centre.from_json(new) == CENTRE

    def test_two_spans_are_put_in_order(self) -> None:
        typed = {"sun.0.begins": "16", "sun.0.ends": "24", "sun.1.begins": "7", "sun.1.ends": "12.30"}
        assert sections.hours_read(typed, "sun") == ([["07:00", "12:30"], ["16:00", "24:00"]], "")

    @pytest.mark.parametrize(
        ("spans", "key"),
        [
            (("9", "8", "", ""), "administration.fault.order"),
            (("9", "9", "", ""), "administration.fault.order"),
            (("9", "", "", ""), "administration.fault.clock"),
            (("7", "12", "11", "14"), "administration.fault.overlap"),
            (("x", "12", "", ""), "administration.fault.clock"),
        ],
    )
    def test_what_is_no_day_is_said(self, spans: tuple[str, ...], key: str) -> None:
        names = ("0.begins", "0.ends", "1.begins", "1.ends")
        typed = {f"sun.{name}": each for name, each in zip(names, spans, strict=True)}
        assert sections.hours_read(typed, "sun") == ([], key)
