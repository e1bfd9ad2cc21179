"""The staff menu as a conversation: what is touched, what comes of it, and what is written down."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime

import pytest

from kiosk.staff.menu import COLOURS, GRID, IDLE_S, TICKETS_ON_A_PAGE, Menu, Page, opened, step
from kiosk.staff.moves import (
    Came,
    Check,
    Close,
    Do,
    Effect,
    Found,
    Input,
    Leave,
    LetIn,
    List,
    Look,
    Loud,
    Note,
    Press,
    Print,
    Recent,
    Seen,
    Sight,
    TurnedAway,
    Type,
)

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FATIMA = {"ar": "فاطمة", "en": "Fatima"}
SIGHT = Sight(NOW, trouble="", paper="ok", volume=50)
TICKETS = tuple(Recent(f"kiosk-1.1.{n}", f"A{n:03}", "renew", NOW, "printed") for n in range(20, 0, -1))


class Talk:
    """A conversation; `at` is the monotonic second."""

    def __init__(self) -> None:
        self.at = 100.0
        self.menu = opened(visit_waits=False, now=self.at)
        self.effects: list[Effect] = []

    def says(self, *given: Input) -> Talk:
        for each in given:
            self.menu, effects = step(self.menu, each, self.at)
            self.effects = list(effects)
        return self

    def types(self, text: str) -> Talk:
        return self.says(*map(Type, text))

    def later(self, seconds: float) -> Talk:
        self.at += seconds
        return self.says(Press.TICK)


@pytest.fixture
def talk() -> Talk:
    return Talk()


@pytest.fixture
def inside(talk: Talk) -> Talk:
    talk.types("S1").says(Press.SUBMIT).types("9012").says(Press.SUBMIT, LetIn("s1", FATIMA), Seen(SIGHT))
    assert talk.menu.page is Page.MENU
    return talk


class TestTheDoor:
    def test_an_id_and_a_pin_in_either_digits_let_in(self, talk: Talk) -> None:
        talk.types("S1").says(Press.SUBMIT).types("٩01٢").says(Press.SUBMIT)
        assert talk.effects == [Check("s1", "9012")]
        talk.says(LetIn("s1", FATIMA))
        assert (talk.menu.page, talk.menu.by, talk.menu.pin, talk.menu.typed) == (Page.MENU, "s1", "", "")
        assert talk.effects == [Note("s1", "signed_in"), Look()]

    def test_who_is_turned_away_begins_with_the_id_and_is_told_no_more(self, talk: Talk) -> None:
        talk.types("s1").says(Press.SUBMIT).types("1").says(Press.SUBMIT, TurnedAway())
        assert (talk.menu.page, talk.menu.trouble, talk.menu.typed, talk.menu.pin) == (Page.ID, "wrong", "", "")
        assert talk.effects == []

    def test_while_it_is_locked_nothing_is_taken_and_then_again(self, talk: Talk) -> None:
        talk.types("s1").says(Press.SUBMIT).types("1").says(Press.SUBMIT, TurnedAway(30)).types("s1")
        assert (talk.menu.trouble, talk.menu.typed) == ("locked", "")
        assert talk.later(30).types("s1").menu.typed == "s1"

    def test_nothing_is_checked_twice_or_without_both(self, talk: Talk) -> None:
        assert talk.says(Press.SUBMIT).effects == []
        talk.types("s1").says(Press.SUBMIT, Press.SUBMIT)
        assert talk.effects == []
        assert talk.types("1").says(Press.SUBMIT, Press.SUBMIT).effects == []

    def test_an_answer_that_was_not_asked_for_lets_nobody_in(self, talk: Talk) -> None:
        assert talk.says(LetIn("s1", FATIMA)).menu.by == ""

    def test_no_button_of_the_menu_works_before_the_pin(self, talk: Talk) -> None:
        for name in ("printer", "test_print", "close", "end_day", "reprint"):
            assert talk.says(Do(name)).effects == []
        assert talk.menu.page is Page.ID

    def test_the_pin_stands_in_no_repr(self, talk: Talk) -> None:
        talk.types("s1").says(Press.SUBMIT).types("9012").says(Press.SUBMIT)
        assert "9012" not in repr(talk.menu) + repr(talk.effects) + repr(Type("9012"))


class TestIdle:
    def test_it_goes_by_itself_after_a_minute(self, inside: Talk) -> None:
        assert inside.later(IDLE_S - 1).effects == [Look()]
        assert inside.later(1).effects == [Note("s1", "signed_out", "timeout"), Leave()]

    def test_at_the_door_nobody_has_signed_out(self, talk: Talk) -> None:
        assert talk.later(IDLE_S).effects == [Leave()]

    def test_a_touch_keeps_it(self, inside: Talk) -> None:
        inside.at += 50
        assert inside.says(Do("network")).later(50).effects == [Look()]

    def test_a_slow_printer_is_waited_for_but_not_for_ever(self, inside: Talk) -> None:
        inside.says(Do("printer"), Do("test_print"))
        assert inside.later(IDLE_S + 1).effects == []
        assert Leave() in inside.later(IDLE_S).effects

    def test_back_from_the_menu_and_leaving_anywhere_sign_out(self, inside: Talk) -> None:
        assert inside.says(Do("printer"), Press.LEAVE).effects == [Note("s1", "signed_out", "left"), Leave()]
        assert inside.says(Press.BACK, Press.BACK).effects == [Note("s1", "signed_out", "left"), Leave()]


class TestThePrinter:
    def test_changed_paper_asks_the_printer_and_is_written_down_with_what_it_says(self, inside: Talk) -> None:
        assert inside.says(Do("printer"), Do("paper_changed")).effects == [Look(printer=True)]
        assert inside.says(Seen(SIGHT)).menu.waiting == "look", "an older look is no answer"
        inside.says(Seen(Sight(NOW, trouble="", paper="near end"), looked=True))
        assert (inside.menu.waiting, inside.menu.looked) == ("", True)
        assert inside.effects == [Note("s1", "paper_changed", "near end")]

    def test_a_test_print_says_what_came_of_it(self, inside: Talk) -> None:
        inside.says(Do("printer"), Do("test_print"))
        assert inside.effects == [Note("s1", "test_print"), Print()]
        assert inside.says(Do("test_print")).effects == [], "one at a time"
        inside.says(Came("not printed", "paper out"))
        assert (inside.menu.printed, inside.menu.why, inside.menu.waiting) == ("not printed", "paper out", "")


class TestReprints:
    def test_a_ticket_of_the_list_is_printed_as_a_copy(self, inside: Talk) -> None:
        assert inside.says(Do("reprint")).effects == [List(), Look()]
        inside.says(Found(TICKETS), Do("ticket", "kiosk-1.1.7"))
        assert inside.effects == [Note("s1", "reprint", "kiosk-1.1.7"), Print("kiosk-1.1.7")]
        assert inside.says(Came("printed")).menu.printed == "printed"

    def test_no_other_ticket_is(self, inside: Talk) -> None:
        assert inside.says(Do("reprint"), Found(TICKETS), Do("ticket", "kiosk-9.1.7")).effects == []

    def test_pages_end_where_the_tickets_end(self, inside: Talk) -> None:
        inside.says(Do("reprint"), Found(TICKETS), Do("newer"))
        assert inside.menu.offset == 0
        inside.says(*[Do("older")] * 9)
        assert inside.menu.offset == 2 * TICKETS_ON_A_PAGE
        assert inside.says(Found(()), Do("older")).menu.offset == 0


class TestTheRest:
    def test_loudness_stays_within_its_bounds_and_is_heard(self, inside: Talk) -> None:
        inside.says(Do("volume"), Do("louder"))
        assert inside.effects == [Loud(60), Note("s1", "volume", "60")]
        for _ in range(9):
            inside.says(Do("softer"))
        assert inside.menu.sight is not None and inside.menu.sight.volume == 0

    def test_every_cell_touched_ends_the_screen_test(self, inside: Talk) -> None:
        inside.says(Do("screen"), Do("cell", "0"))
        assert inside.menu.cells == frozenset(), "the colours come first"
        inside.says(*[Do("next_colour")] * COLOURS, Do("cell", "999"), Do("cell", "x"))
        inside.says(*(Do("cell", str(cell)) for cell in range(GRID)))
        assert inside.menu.page is Page.MENU
        assert inside.effects[0] == Note("s1", "screen_test", f"{GRID}/{GRID}")

    def test_a_screen_test_that_is_left_says_how_far_it_came(self, inside: Talk) -> None:
        inside.says(Do("screen"), *[Do("next_colour")] * COLOURS, Do("cell", "1"), Press.BACK)
        assert inside.effects[0] == Note("s1", "screen_test", f"1/{GRID}")

    def test_it_is_closed_and_opened_by_name(self, inside: Talk) -> None:
        assert inside.says(Do("closing"), Do("close")).effects == [Close("s1", closed=True), Look()]
        assert inside.says(Do("open")).effects == [Close("s1", closed=False), Look()]

    def test_the_end_of_the_day_closes_for_the_day(self, inside: Talk) -> None:
        inside.says(Do("day"), Do("end_day"))
        assert inside.effects == [Close("s1", closed=True, day=True), Note("s1", "end_of_day"), Look()]

    def test_a_button_of_another_page_does_nothing(self, inside: Talk) -> None:
        for name in ("test_print", "louder", "close", "end_day", "ticket", "nonsense"):
            assert inside.says(Do(name)).effects == []

    def test_what_a_page_held_is_gone_on_the_next(self, inside: Talk) -> None:
        inside.says(Do("reprint"), Found(TICKETS), Press.BACK, Do("printer"))
        assert inside.menu == Menu(
            page=Page.PRINTER, by="s1", name=FATIMA, sight=SIGHT, touched_at=inside.menu.touched_at
        )


def test_nothing_that_it_is_told_has_a_place_for_people() -> None:
    told = {field.name for record in (Sight, Recent) for field in fields(record)}
    assert not told & {"cpr", "phone", "customer", "name"}
