"""Before and after in the audit log: the single values that differ, by the words of the form that asks for them."""

from __future__ import annotations

from datetime import UTC, datetime

from assets.texts import Catalogue
from server.administration.answers import Entry
from server.administration.pages.differences import Difference, differences

AT = datetime(2026, 11, 21, tzinfo=UTC)


def of(before: dict[str, object], after: dict[str, object]) -> list[Difference]:
    entry = Entry("1", AT, "account:1", "Huda", "", "c", "centre_changed", "", before, after)
    return differences(entry, Catalogue.load("en"), ("ar", "en"))


def test_a_value_that_a_form_asks_for_is_said_in_its_words_and_units() -> None:
    assert of(
        {"step_out": {"max_s": 1800, "times": 2}, "rates": {"walk_in": 1.0}},
        {"step_out": {"max_s": 1200, "times": 2}, "rates": {"walk_in": 1.0}},
    ) == [Difference("Who is next: For at most", "30", "20")]


def test_a_tick_is_said_yes_or_no_and_nothing_is_nothing() -> None:
    assert of(
        {"sms_default": False, "messages": {"near_people": 3}}, {"sms_default": True, "messages": {"near_people": None}}
    ) == [
        Difference("Messages while waiting: The kiosk offers the SMS before the paper", "No", "Yes"),
        Difference("Messages while waiting: The turn is near when so many are ahead", "3", ""),
    ]


def test_of_a_list_only_the_entry_that_differs_is_shown() -> None:
    renewal, fines = {"id": "renewal", "slot_s": 900}, {"id": "fines", "slot_s": 600}
    assert of({"services": [renewal, fines]}, {"services": [renewal | {"slot_s": 600}, fines]}) == [
        Difference("services.renewal.slot_s", "900", "600")
    ]
    # One that is gone, and lists whose entries have no names, are shown as they are.
    assert of({"services": [renewal, fines]}, {"services": [renewal]}) == [
        Difference("services.fines", '{"id": "fines", "slot_s": 600}', "")
    ]
    assert of({"hours": {"sun": [["07:00", "14:00"]]}}, {"hours": {"sun": [["08:00", "14:00"]]}}) == [
        Difference("hours.sun", '[["07:00", "14:00"]]', '[["08:00", "14:00"]]')
    ]


def test_what_is_long_is_cut() -> None:
    [found] = of({}, {"text": "x" * 1000})
    assert (found.before, len(found.after)) == ("", 401)
