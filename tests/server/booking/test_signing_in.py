"""Signing in: the code's limits, what strangers cannot find out, registration, age, sessions."""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from queueing.cpr import masked
from server.booking import signing_in
from server.booking.answers import Why
from server.booking.registry import Person, RegistryUnavailable
from server.booking.tables import CodeRow, NoticeRow, SessionRow
from server.tables import CustomerRow
from tests.clusters import whole
from tests.server.booking.house import AMNA, BADER, CHILD, NO_BIRTH, NOBODY, NOW, PHONES, House


def ask(home: House, cpr: str = AMNA) -> str:
    home.do(home.booking.begin_sign_in(cpr, "en", "test"))
    home.rounds.hand_over()
    return home.outlet.code() if home.outlet.taken else "000000"


def why(home: House, cpr: str, code: str, born: date | None = None) -> Why:
    return home.refused(home.booking.finish_sign_in(cpr, code, "test", born)).why


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_the_first_sign_in_registers(home: House) -> None:
    code = ask(home, BADER)
    (message,) = home.outlet.of("one_time_code")
    assert (message.to, len(code)) == (PHONES[BADER], 6)
    entered = home.do(home.booking.finish_sign_in(BADER, code, "test"))
    assert entered.is_new
    assert entered.customer.name["en"] == "Bader"
    assert home.do(home.booking.customer(entered.token)).id == entered.customer.id
    again = home.do(home.booking.finish_sign_in(BADER, ask(home, BADER), "test"))
    assert (again.is_new, again.customer.id) == (False, entered.customer.id)


def test_a_code_is_good_once(home: House) -> None:
    code = ask(home)
    home.do(home.booking.finish_sign_in(AMNA, code, "test"))
    assert why(home, AMNA, code) is Why.CODE_EXPIRED


def test_five_tries(home: House) -> None:
    code = ask(home)
    for _ in range(5):
        assert why(home, AMNA, wrong(code)) is Why.WRONG_CODE
    assert why(home, AMNA, code) is Why.CODE_EXHAUSTED


def test_a_code_holds_five_minutes(home: House) -> None:
    code = ask(home)
    home.clock.pass_time(299)
    assert why(home, AMNA, wrong(code)) is Why.WRONG_CODE
    home.clock.pass_time(1)
    assert why(home, AMNA, code) is Why.CODE_EXPIRED


def test_only_the_newest_code_holds(home: House) -> None:
    first = ask(home)
    home.clock.pass_time(1)
    second = ask(home)
    if first != second:
        assert why(home, AMNA, first) is Why.WRONG_CODE
    home.do(home.booking.finish_sign_in(AMNA, second, "test"))


@pytest.mark.parametrize("cpr", [AMNA, NOBODY])
def test_three_codes_in_ten_minutes(home: House, cpr: str) -> None:
    for _ in range(3):
        ask(home, cpr)
        home.clock.pass_time(60)
    refused = home.refused(home.booking.begin_sign_in(cpr, "en", "test"))
    assert refused.why is Why.TOO_MANY_CODES
    assert refused.retry_after_s is not None and 415 <= refused.retry_after_s <= 425
    home.clock.pass_time(421)
    ask(home, cpr)


def test_who_never_uses_a_code_waits_longer_and_longer() -> None:
    def at(*minutes: int) -> list[datetime]:
        return [NOW - timedelta(minutes=each) for each in minutes]

    for unspent, minutes in (
        (at(), 0),
        (at(1, 2), 0),
        (at(1, 2, 9), 1),
        (at(11, 12, 13), 0),
        (at(2, 20, 40, 60, 80, 100), 8),
        (at(11, 20, 40, 60, 80, 100), 0),
        (at(11, 20, 40, 60, 80, 100, 120, 140, 160), 9),
        (at(11, *range(20, 240, 20)), 29),
        (at(11, *range(20, 1400, 20)), 629),
    ):
        told = signing_in.wait_for_code(unspent, NOW)
        assert max(told, timedelta()) == timedelta(minutes=minutes), unspent


def test_a_code_that_was_used_counts_for_nothing(home: House) -> None:
    for _ in range(8):
        home.sign_in()


def test_many_from_one_address(home: House) -> None:
    for number in range(60):
        home.do(home.booking.begin_sign_in(f"9900000{number:02d}", "en", "one"))
    refused = home.refused(home.booking.begin_sign_in(AMNA, "en", "one"))
    assert refused.why is Why.TOO_MANY and 0 < (refused.retry_after_s or 0) <= 60
    home.do(home.booking.begin_sign_in(AMNA, "en", "another"))


def test_strangers_learn_nothing(home: House) -> None:
    """Known or not: the same answer, the same rows, the same refusals; the message alone tells, on the phone."""
    answers, codes = {}, {}
    for cpr in (AMNA, NOBODY):
        answers[cpr] = home.do(home.booking.begin_sign_in(cpr, "en", "test"))
        codes[cpr] = [why(home, cpr, "1234567") for _ in range(6)]
    assert answers[AMNA] == answers[NOBODY]
    assert codes[AMNA] == codes[NOBODY] == [Why.WRONG_CODE] * 5 + [Why.CODE_EXHAUSTED]
    rows = home.store.call(lambda session: session.exec(select(CodeRow)).all())
    assert len({len(row.code) for row in rows}) == 1
    assert len(home.store.call(lambda session: session.exec(select(NoticeRow)).all())) == 2
    home.rounds.hand_over()
    assert [message.to for message in home.outlet.taken.values()] == [PHONES[AMNA]]


def test_nobodys_code_is_right_for_nobody(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing_in.secrets, "randbelow", lambda most: 123456)
    home.do(home.booking.begin_sign_in(NOBODY, "en", "test"))
    assert why(home, NOBODY, "123456") is Why.WRONG_CODE
    assert home.store.call(lambda session: session.exec(select(SessionRow)).all()) == []


def test_seventeen_on_the_day(home: House) -> None:
    # Born on 23 November 2009: seventeen on the Monday, by the centre's calendar.
    assert why(home, CHILD, ask(home, CHILD)) is Why.UNDER_AGE
    home.to(datetime.fromisoformat("2026-11-22T23:59:00+03:00"))
    assert why(home, CHILD, ask(home, CHILD)) is Why.UNDER_AGE
    home.clock.pass_time(60)
    home.do(home.booking.finish_sign_in(CHILD, ask(home, CHILD), "test"))


def test_who_has_no_birth_date_on_record_declares_it(home: House) -> None:
    code = ask(home, NO_BIRTH)
    for _ in range(6):
        assert why(home, NO_BIRTH, code) is Why.BIRTH_DATE, "asked as often as one likes: the code was right"
    assert why(home, NO_BIRTH, code, date(2026, 11, 23)) is Why.BIRTH_DATE, "a day to come"
    entered = home.do(home.booking.finish_sign_in(NO_BIRTH, code, "test", date(1970, 8, 25)))
    assert entered.customer.born == date(1970, 8, 25)
    # What was declared stays: another date another day changes nothing.
    assert home.sign_in(NO_BIRTH, born=date(1950, 1, 1)).born == date(1970, 8, 25)


def test_the_registrys_birth_date_counts_before_a_declared_one(home: House) -> None:
    assert why(home, CHILD, ask(home, CHILD), date(1990, 1, 1)) is Why.UNDER_AGE


def test_the_phone_is_the_registrys_of_today(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.sign_in()
    monkeypatch.setattr(
        home.booking._registry, "person", lambda cpr: Person({"en": "Amna"}, date(1985, 3, 14), "+97336009999")
    )
    home.sign_in()
    assert [message.to for message in home.outlet.of("one_time_code")] == [PHONES[AMNA], "+97336009999"]
    home.book(home.sign_in())
    home.rounds.go()
    assert home.outlet.of("booking_confirmed")[0].to == "+97336009999"


def test_a_registry_that_is_away_is_told_apart(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(cpr: str) -> Person:
        raise RegistryUnavailable

    monkeypatch.setattr(home.booking._registry, "person", away)
    with pytest.raises(RegistryUnavailable):
        home.do(home.booking.begin_sign_in(AMNA, "en", "test"))


def test_sessions_end(home: House) -> None:
    def signed_in() -> str:
        return home.do(home.booking.finish_sign_in(AMNA, ask(home), "test")).token

    token = signed_in()
    for _ in range(24):
        home.clock.pass_time(1790)
        home.do(home.booking.customer(token))
    home.clock.pass_time(1790)
    assert home.refused(home.booking.customer(token)).why is Why.SIGNED_OUT, "twelve hours at most"
    token = signed_in()
    home.clock.pass_time(1800)
    assert home.refused(home.booking.customer(token)).why is Why.SIGNED_OUT, "half an hour idle"
    token = signed_in()
    home.do(home.booking.sign_out(token))
    assert home.refused(home.booking.customer(token)).why is Why.SIGNED_OUT
    for nothing in ("", "x", token[:-1]):
        assert home.refused(home.booking.customer(nothing)).why is Why.SIGNED_OUT


@pytest.mark.parametrize("text", ["", "12345678", "85000000a", "1234567890"])
def test_what_is_no_cpr_is_told_at_once(home: House, text: str) -> None:
    assert home.refused(home.booking.begin_sign_in(text, "en", "test")).why is Why.CPR


def test_arabic_digits_are_digits(home: House) -> None:
    home.do(home.booking.begin_sign_in("٨٥٠٠٠٠٠٠١", "ar", "test"))
    home.rounds.hand_over()
    assert home.outlet.of("one_time_code")[0].lang == "ar"
    typed = home.outlet.code().translate({ord("0") + n: 0x660 + n for n in range(10)})
    home.do(home.booking.finish_sign_in("٨٥٠٠٠٠٠٠١", f" {typed} ", "test"))


def test_a_language_without_texts_is_arabic(home: House) -> None:
    home.do(home.booking.begin_sign_in(AMNA, "tlh", "test"))
    home.rounds.hand_over()
    assert home.outlet.of("one_time_code")[0].lang == "ar"


def test_nothing_personal_is_readable(home: House, caplog: pytest.LogCaptureFixture) -> None:
    """Search every log line and every file of the data folder but the registry's own for what is somebody's."""
    caplog.set_level(logging.DEBUG)
    tokens, codes = [], []
    for cpr in (AMNA, BADER, CHILD):
        codes.append(ask(home, cpr))
        if cpr == CHILD:
            why(home, cpr, codes[-1])
            continue
        why(home, cpr, wrong(codes[-1]))
        entered = home.do(home.booking.finish_sign_in(cpr, codes[-1], "test"))
        tokens.append(entered.token)
        made = home.book(entered.customer)
        home.do(home.booking.move(entered.customer, made.centre, made.id, home.slots()[9]))
        home.rounds.go()
        mine = home.do(home.booking.mine(entered.customer))
        home.do(home.booking.cancel(entered.customer, made.centre, mine.coming[0].id))
    home.rounds.go()
    home.close()
    secret = [AMNA, BADER, CHILD, "36001234", "36001235", "1985-03-14", "1992-07-02", "Amna", "Bader", "آمنة", *tokens]
    logged = caplog.text
    assert "booked centre=" in logged and "moved centre=" in logged, "the search has something to search"
    assert not [each for each in [*secret, *codes] if each in logged]
    kept = b"".join(
        path.read_bytes()
        for path in home.folder.rglob("*")
        if path.is_file() and path not in (home.people, home.seed) and "keys" not in path.parts
    )
    kept += whole(home.database) if home.database else b""
    assert b"booking_confirmed" in kept
    assert not [each for each in secret if each.encode() in kept]
    assert masked(AMNA).encode() not in kept
    home.open()


def test_a_customer_of_the_seed_signs_in_with_the_phone_there(tmp_path: Path, home: House) -> None:
    customer = home.sign_in()

    def forgotten(session: object) -> None:
        row = session.get(CustomerRow, customer.id)  # type: ignore[attr-defined]
        assert row.phone is not None

    home.store.call(forgotten)
    home.booking._registry._people.clear()  # type: ignore[attr-defined]
    assert home.sign_in().id == customer.id
