"""Booking for a customer at the desk, on both databases: who it is, the customer's rules, who did it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from server.administration.answers import Proof, RefusedError, Why
from server.administration.desk import LOOKED_UP_PER_MINUTE
from server.administration.roles import Asker, Held, Role, rights_of
from server.booking.answers import Appointment
from server.booking.answers import RefusedError as BookingRefusedError
from server.booking.answers import Why as BookingWhy
from server.tables import CustomerRow
from tests.clusters import fresh_database
from tests.server.administration.home import MANAGER, TREE, TUESDAY, Home, opened
from tests.server.booking.house import AMNA, BADER, CENTRE, CHILD, NO_BIRTH, NOBODY, OTHER, PHONES, SECOND, SERVICE

AMNAS = Proof(AMNA, date(1985, 3, 14), "en")
BADERS = Proof(BADER, date(1992, 7, 2))
DESK = Asker("account:d", "Desk", (Held(CENTRE, rights_of(Role.DESK)),), tree=TREE)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Stand on either database; the tests go on from one another."""
    database = fresh_database("on_behalf") if request.param == "postgresql" else ""
    made = opened(tmp_path_factory.mktemp("home") / "data", database)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def a_minute_later(home: Home) -> None:
    home.clock.pass_time(61)


def refusal(home: Home, verb: object) -> Why:
    with pytest.raises(RefusedError) as caught:
        home.do(verb)  # type: ignore[arg-type]
    return caught.value.why


def booked(home: Home, proof: Proof, day: date = TUESDAY, service: str = SERVICE) -> Appointment:
    return home.do(home.it.on_behalf.book(DESK, CENTRE, proof, service, home.on(day, service)[0]))


def customers(home: Home) -> int:
    return len(home.store.call(lambda session: session.exec(select(CustomerRow.id)).all()))


def test_who_it_is_is_proven_each_time_and_nobody_is_made_of_a_wrong_proof(home: Home) -> None:
    it, slot = home.it.on_behalf, home.on()[0]
    wrong = Proof(AMNA, date(1985, 3, 15))
    verbs: list[Callable[[Proof], object]] = [
        lambda proof: it.admit(DESK, proof),
        lambda proof: it.book(DESK, CENTRE, proof, SERVICE, slot),
        lambda proof: it.move(DESK, CENTRE, "x", proof, slot),
        lambda proof: it.cancel(DESK, CENTRE, "x", proof),
    ]
    for verb in verbs:
        assert refusal(home, verb(wrong)) is Why.WRONG_BIRTH_DATE
        assert refusal(home, verb(Proof(NO_BIRTH, date(1850, 1, 1)))) is Why.WRONG_BIRTH_DATE
        assert home.refused(verb(Proof("12345678X", TUESDAY))).why is BookingWhy.CPR  # type: ignore[arg-type]
        assert home.refused(verb(Proof(CHILD, date(2009, 11, 23)))).why is BookingWhy.UNDER_AGE  # type: ignore[arg-type]
    assert customers(home) == 0
    known = home.do(it.admit(DESK, AMNAS))
    assert (known.name["en"], known.coming, known.block) == ("Amna", (), None) and customers(home) == 1
    assert refusal(home, it.admit(DESK, wrong)) is Why.WRONG_BIRTH_DATE, "of one who is known here, too"
    declared = home.do(it.admit(DESK, Proof(NO_BIRTH, date(1980, 2, 1))))
    assert declared.name["en"] == "John", "where nobody knows the date of birth the card's counts"
    assert refusal(home, it.admit(DESK, Proof(NO_BIRTH, date(1980, 2, 2)))) is Why.WRONG_BIRTH_DATE, "and then stays"


def test_a_customer_without_a_phone_is_booked_moved_and_cancelled(home: Home) -> None:
    it, nobody = home.it.on_behalf, Proof(NOBODY, date(1950, 5, 5))
    made = booked(home, nobody)
    assert made.status == "booked" and made.link
    moved = home.do(it.move(DESK, CENTRE, made.id, nobody, home.on()[3]))
    assert (moved.link, moved.slot_at) == (made.link, home.on()[3])
    gone = home.do(it.cancel(DESK, CENTRE, moved.id, nobody))
    assert (gone.status, gone.ended_by) == ("cancelled", "customer")
    home.told()
    assert all(message.to in PHONES.values() for message in home.outlet.taken.values())


def test_it_is_the_customers_own_booking_and_the_same_messages_go_out(home: Home) -> None:
    made = booked(home, AMNAS)
    assert home.told("booking_confirmed") == [PHONES[AMNA]]
    amna = home.sign_in(AMNA)
    assert [each.id for each in home.coming(amna)] == [made.id]
    moved = home.do(home.booking.move(amna, CENTRE, made.id, home.on()[5]))
    home.clock.pass_time(1)
    again = home.do(home.it.on_behalf.move(DESK, CENTRE, made.id, AMNAS, moved.slot_at))
    assert home.told("booking_moved") == [PHONES[AMNA]]
    assert again.id == moved.id, "asked again, or done by the customer before: nothing is done twice"
    with pytest.raises(BookingRefusedError) as caught:
        booked(home, AMNAS, TUESDAY + timedelta(days=1))
    assert caught.value.why is BookingWhy.ONE_ALREADY and caught.value.appointment is not None
    assert home.refused(home.it.on_behalf.cancel(DESK, CENTRE, made.id, BADERS)).why is BookingWhy.NO_SUCH_APPOINTMENT
    home.do(home.it.on_behalf.cancel(DESK, CENTRE, moved.id, AMNAS))
    assert home.told("booking_cancelled") == [PHONES[AMNA]]


def test_the_fourth_miss_blocks_at_the_desk_too_until_the_block_is_lifted(home: Home) -> None:
    for _ in range(4):
        home.do(home.it.on_behalf.cancel(DESK, CENTRE, booked(home, BADERS).id, BADERS))
    with pytest.raises(BookingRefusedError) as caught:
        booked(home, BADERS)
    assert caught.value.why is BookingWhy.BLOCKED and caught.value.block is not None
    assert PHONES[BADER] in home.told("blocked")
    home.clock.pass_time(61)
    customer = home.do(home.it.on_behalf.admit(DESK, BADERS))
    assert customer.block is not None
    home.do(home.it.help.lift_block(DESK, customer.id, "in hospital"))
    assert booked(home, BADERS).status == "booked"


def test_the_audit_log_says_who_did_it_once_and_nothing_personal(home: Home) -> None:
    def lines() -> list[tuple[str, str]]:
        found = home.do(home.it.records.page(MANAGER, CENTRE, by=DESK.id, limit=200)).entries
        return [(each.act, each.about) for each in found if each.act.startswith("appointment")]

    before = lines()
    made = booked(home, AMNAS, service=SECOND)
    home.clock.pass_time(1)
    home.do(home.it.on_behalf.book(DESK, CENTRE, AMNAS, SECOND, made.slot_at))
    moved = home.do(home.it.on_behalf.move(DESK, CENTRE, made.id, AMNAS, home.on(service=SECOND)[2]))
    home.clock.pass_time(1)
    home.do(home.it.on_behalf.cancel(DESK, CENTRE, moved.id, AMNAS))
    home.clock.pass_time(1)
    home.do(home.it.on_behalf.cancel(DESK, CENTRE, moved.id, AMNAS))
    wanted = [("cancelled", moved.id), ("moved", made.id), ("booked", made.id)]
    assert lines()[: -len(before) or None] == [(f"appointment_{act}", f"appointment:{name}") for act, name in wanted]
    entries = home.do(home.it.records.page(MANAGER, CENTRE, limit=200)).entries
    assert not any(word in repr(entries) for word in (AMNA, "Amna", "1985", PHONES[AMNA]))


def test_only_at_the_own_centre_and_not_without_end(home: Home) -> None:
    it, slot = home.it.on_behalf, home.on()[0]
    assert refusal(home, it.book(DESK, OTHER, AMNAS, SERVICE, slot)) is Why.MAY_NOT
    assert refusal(home, it.move(DESK, OTHER, "x", AMNAS, slot)) is Why.MAY_NOT
    assert refusal(home, it.cancel(DESK, OTHER, "x", AMNAS)) is Why.MAY_NOT
    viewer = Asker("account:v", "Viewer", (Held(CENTRE, rights_of(Role.VIEWER)),), tree=TREE)
    assert refusal(home, it.admit(viewer, AMNAS)) is Why.MAY_NOT
    for _ in range(LOOKED_UP_PER_MINUTE):
        refusal(home, it.admit(DESK, Proof(AMNA, date(1985, 3, 15))))
    assert refusal(home, it.admit(DESK, AMNAS)) is Why.TOO_MANY, "nobody finds a date of birth by trying"
    assert refusal(home, home.it.help.find(DESK, AMNA)) is Why.TOO_MANY


def test_a_death_between_booking_and_its_line_is_neither(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(session: Session, *more: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("server.administration.on_behalf.note", dies)
    with pytest.raises(ZeroDivisionError):
        booked(home, AMNAS)
    assert home.coming(home.sign_in(AMNA)) == ()
