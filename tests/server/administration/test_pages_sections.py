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
    found = [sections.whole_section(name, LANGUAGES) for name in sections.WHOLE]
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
    section = sections.whole_section("contact", LANGUAGES)
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
    errors = [
        "services[1].slot_s: whole minutes, 300 to 14400",
        "services[0].slot_s: whole minutes, 300 to 14400",
        "counter 'A' stands twice",
    ]
    own, others = sections.faults_of([prefix + each for each in errors], section)
    assert own == {"slot_s": "faults.whole_minutes"}
    assert len(others) == 2


def test_a_real_fault_of_the_core_is_found_by_its_field(document: dict[str, Any]) -> None:
    section = sections.whole_section("contact", LANGUAGES)
    with pytest.raises(CentreError) as error:
        Centre.from_json(sections.changed(document, section, {("contact", "phone"): "17"}))
    assert sections.faults_of(error.value.errors, section) == ({"contact.phone": "faults.phone"}, [])


def test_a_letter_that_another_service_has_is_told_at_the_letter(document: dict[str, Any]) -> None:
    section = sections.entry("services", LANGUAGES, 1, document, is_new=False)
    with pytest.raises(CentreError) as error:
        Centre.from_json(sections.changed(document, section, {("letter",): document["services"][0]["letter"]}))
    assert sections.faults_of(error.value.errors, section) == ({"letter": "faults.twice"}, [])


def test_what_was_left_as_it_was_shown_stays_as_it_stands(document: dict[str, Any]) -> None:
    document["booking"]["late_cancel_s"] = 90
    section = sections.whole_section("rules", LANGUAGES)
    typed = fields.shown(section.fields, document, CENTRE.zone)
    assert typed["booking.late_cancel_s"] == "1"
    typed["booking.misses"] = "5"
    values, _ = fields.read(section.fields, typed, CENTRE.zone)
    new = sections.changed(document, section, values)
    assert (new["booking"]["late_cancel_s"], new["booking"]["misses"]) == (90, 5)


def test_the_settings_of_turns_and_messages_come_into_the_centre(document: dict[str, Any]) -> None:
    typed = {
        "turns": {"priority_age": "٦٥", "rates.priority": "2,5", "rates.appointment": "2", "rates.walk_in": "1"}
        | {"step_out.times": "0", "step_out.max_s": "20"},
        "messages": {"messages.near_people": "", "messages.near_minutes": "10", "sms_default": "on"},
    }
    for name, said in typed.items():
        section = sections.whole_section(name, LANGUAGES)
        values, faults = fields.read(section.fields, said, CENTRE.zone)
        assert faults == {}
        document = sections.changed(document, section, values)
    new = Centre.from_json(document)
    assert (new.priority_age, new.rates.priority, new.step_out.times, new.step_out.max_s) == (65, 2.5, 0, 1200)
    assert (new.messages.near_people, new.messages.near_minutes, new.messages.called) == (None, 10, False)
    assert new.sms_default


def test_a_country_is_added_in_any_digits(document: dict[str, Any]) -> None:
    at = len(document["phones"])
    section = sections.entry("phones", LANGUAGES, at, document, is_new=True)
    said = {"country": "+٩٦٦", "length": "9", "mobile_prefixes": "50, 53\n٥٤"}
    values, faults = fields.read(section.fields, said, CENTRE.zone)
    assert faults == {}
    new = Centre.from_json(sections.changed(document, section, values)).phones[-1]
    assert (new.country, new.length, new.mobile_prefixes) == ("966", 9, ("50", "53", "54"))


def test_an_entry_without_an_id_is_named_by_its_content(document: dict[str, Any]) -> None:
    items = [{"text": {"ar": "a"}}, {"text": {"ar": "b"}}]
    document["notices"] = items
    name = sections.name_of(items[1])
    assert sections.find(document, "notices", name) == 1
    items[1]["text"]["ar"] = "c"
    assert sections.find(document, "notices", name) is None
