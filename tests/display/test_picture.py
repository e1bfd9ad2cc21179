from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from assets.texts import Catalogue
from display.board import Board
from display.picture import SERVICES, Moment, in_minutes, labels, picture
from display.presence import Link
from tests.display.boards import NOW, board_json, call

WORDS = {language: Catalogue.load(language) for language in ("ar", "en")}
ZONE = ZoneInfo("Asia/Bahrain")
PLAIN = {sign: None for sign in range(0x2066, 0x206A)}


def moment(link: Link = Link.LIVE, *, heard: bool = True, turn: int = 0) -> Moment:
    return Moment(now=NOW, zone=ZONE, link=link, heard_at=NOW if heard else None, turn=turn)


def board(*calls, **more) -> Board:
    return Board.from_json(board_json(list(calls), **more))


def test_the_list_is_newest_first_and_says_who_is_on_the_stage_and_who_is_to_come():
    calls = [call(1, "A001"), call(2, "B002", "12"), call(3, "C003")]
    shown = picture(board(*calls), calls[1], calls[2:], moment(), WORDS)
    assert [(row.number, row.counter, row.standing) for row in shown.rows] == [
        ("C003", "3", "next"),
        ("B002", "12", "stage"),
        ("A001", "3", "past"),
    ]
    assert shown.stage is not None
    assert (shown.stage.number, shown.stage.counter, shown.stage.again) == ("B002", "12", False)


def test_no_more_than_eight_calls():
    assert len(picture(board(*(call(n, f"A{n:03}") for n in range(1, 20))), None, (), moment(), WORDS).rows) == 8


def test_a_recall_is_marked():
    again = call(2, kind="recall")
    shown = picture(board(call(1), again), again, (), moment(), WORDS)
    assert shown.stage is not None
    assert shown.stage.again


def test_services_have_both_names_and_the_wait_as_a_range():
    shown = picture(board(call(1)), None, (), moment(), WORDS)
    first, second = shown.services
    assert [(name.text, name.rtl) for name in first.names] == [("تجديد المركبات", True), ("Vehicle renewal", False)]
    assert (first.count, first.minutes) == ("12", "10\u201320")
    assert second.minutes == ""
    assert [name.text for name in second.names] == ["Fines"], "a name that one language lacks is left out"


def test_the_wait_reads_as_the_hub_has_rounded_it():
    assert in_minutes(0, 60) == "0\u20131"
    assert in_minutes(900, 1500) == "15\u201325"


def test_of_too_many_services_those_that_people_wait_for():
    state = board_json()
    state["waiting"] = [
        {"service": f"s{n}", "letter": "A", "name": {"en": f"S{n}"}, "count": n, "low_s": 0, "high_s": 60}
        for n in range(SERVICES + 3)
    ]
    shown = picture(Board.from_json(state), None, (), moment(), WORDS)
    assert [row.count for row in shown.services] == [str(n) for n in range(3, SERVICES + 3)]


def test_clock_and_date_are_the_centres():
    bar = picture(board(call(1)), None, (), moment(), WORDS).bar
    assert bar.clock == "10:31"
    assert [words.text for words in bar.dates] == ["الأحد، 22 نوفمبر", "Sunday, 22 November"]


def test_digits_are_the_centres_setting_and_english_sentences_keep_their_own():
    one = call(1, "A047", "12")
    shown = picture(board(one, digits="arab"), one, (), moment(Link.LOST), WORDS)
    assert shown.stage is not None
    assert (shown.stage.number, shown.stage.counter) == ("A٠٤٧", "١٢")
    assert shown.rows[0].number == "A٠٤٧"
    assert shown.services[0].minutes == "١٠\u2013٢٠"
    assert [words.text for words in shown.bar.dates] == ["الأحد، ٢٢ نوفمبر", "Sunday, 22 November"]
    assert "١٠:٣١" in shown.bar.since[0].text
    assert "10:31" in shown.bar.since[1].text


def test_notices_take_turns_while_they_are_valid():
    notices = [
        {"text": {"ar": "أ", "en": "one"}},
        {"text": {"ar": "ب", "en": "gone"}, "until": "2026-11-21T00:00:00Z"},
        {"text": {"ar": "ج", "en": "two"}, "from": "2026-11-22T00:00:00Z"},
    ]
    told = board(notices=notices)
    seen = [picture(told, None, (), moment(turn=turn), WORDS).notice[1].text for turn in range(4)]
    assert seen == ["one", "two", "one", "two"]


@pytest.mark.parametrize(("link", "marked"), [(Link.LIVE, False), (Link.LOST, True), (Link.LONG_LOST, True)])
def test_a_lost_source_is_marked_with_the_time_of_its_last_news(link, marked):
    bar = picture(board(call(1)), None, (), moment(link), WORDS).bar
    assert bool(bar.since) is marked
    assert all("10:31" in words.text for words in bar.since)


def test_a_board_of_another_day_says_of_which():
    monday = NOW + timedelta(days=1)
    bar = picture(board(call(1)), None, (), Moment(monday, ZONE, Link.LOST, NOW, 0), WORDS).bar
    assert [words.text.translate(PLAIN) for words in bar.since] == [
        "آخر تحديث الأحد، 22 نوفمبر، 10:31",
        "Last update Sunday, 22 November, 10:31",
    ]
    assert all("\u2068\u2068" not in words.text for words in bar.since), "an isolate of isolates has no direction"


def test_after_a_minute_staff_are_told_what_to_do_and_the_board_stays():
    notices = [{"text": {"ar": "أ", "en": "one"}}]
    shown = picture(board(call(1), notices=notices), None, (), moment(Link.LONG_LOST), WORDS)
    assert "Staff: no update since 10:31" in shown.notice[1].text
    assert shown.rows
    assert shown.services


def test_without_any_board_it_says_that_it_starts_and_then_what_to_check():
    shown = picture(None, None, (), moment(heard=False), WORDS)
    assert not shown.started
    assert shown.notice == ()
    shown = picture(None, None, (), moment(Link.LONG_LOST, heard=False), WORDS)
    assert "has not reached the hub" in shown.notice[1].text


def test_every_month_and_weekday_has_its_words():
    for month in range(1, 13):
        for day in range(1, 8):
            at = Moment(NOW.replace(month=month, day=day), ZONE, Link.LIVE, None, 0)
            assert all(words.text for words in picture(None, None, (), at, WORDS).bar.dates)


def test_every_label_is_in_every_language():
    assert all(len(both) == 2 and all(words.text for words in both) for both in labels(list(WORDS.values())).values())
