"""Numbers: no two kiosks and no two tickets of a day get the same, whatever clocks and cuts do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queueing.facts import SeriesBegan, TicketTaken
from queueing.numbers import Series, number


def take(series: Series, letter: str = "A", day: str = "2026-11-22") -> str:
    given_number = series.next(letter)
    series.evolve(TicketTaken(given_number, "s", day, "ar"))
    return given_number


def test_form() -> None:
    assert number("A", "0", 47) == "A047"
    assert number("A", "0", 100) == "A0100"
    assert number("B", "1", 1) == "B101"


@pytest.mark.parametrize("wrong", ["", "9", "10", "a", "100"])
def test_series_that_could_meet_another_are_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="series"):
        Series(wrong)


def test_two_kiosks_cut_off_with_1000_tickets_each_share_no_number() -> None:
    first, second = Series("0"), Series("1")
    numbers = [take(series) for _ in range(1000) for series in (first, second)]
    assert len(set(numbers)) == 2000


def test_all_series_are_apart_at_any_count() -> None:
    names = [str(d) for d in range(9)] + [str(d) for d in range(90, 100)]
    numbers = [number("A", name, count) for name in names for count in range(1, 1500)]
    assert len(set(numbers)) == len(numbers)


def test_letters_count_apart() -> None:
    series = Series("0")
    assert [take(series), take(series, "B"), take(series)] == ["A001", "B001", "A002"]


def test_a_new_day_begins_anew_only_by_the_hubs_word() -> None:
    series = Series("0")
    series.evolve(SeriesBegan("2026-11-22"))
    assert take(series) == "A001"
    assert take(series, day="2026-11-23") == "A002"  # cut off over midnight: it counts on
    assert not series.begins("2026-11-23")  # the hub's word comes late: numbers of that day are out already
    series.evolve(SeriesBegan("2026-11-23"))
    assert take(series, day="2026-11-23") == "A003"
    series.evolve(SeriesBegan("2026-11-24"))
    assert take(series, day="2026-11-24") == "A001"


def test_the_series_is_rebuilt_from_the_log() -> None:
    series = Series("1")
    facts = [
        SeriesBegan("2026-11-22"),
        TicketTaken("A101", "s", "2026-11-22", "ar"),
        TicketTaken("A102", "s", "2026-11-22", "ar"),
    ]
    for fact in facts:
        series.evolve(fact)
    assert series.next("A") == "A103"


days = st.sampled_from(["2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"])


@given(st.lists(st.tuples(st.sampled_from(["take", "hub"]), days), max_size=60))
def test_never_twice_in_a_day_whatever_clock_and_hub_say(script: list[tuple[str, str]]) -> None:
    series = Series("0")
    out: set[tuple[str, str]] = set()
    for what, day in script:
        if what == "hub":
            series.evolve(SeriesBegan(day))
            continue
        label = max(day, series.day)  # a kiosk never dates a ticket before what it knows
        given_number = take(series, day=label)
        assert (label, given_number) not in out
        out.add((label, given_number))
