"""The arbiter: one ticket at one counter, one answer to one claim, days, bookings, restarts."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest

from hub.settings import Appointment, DaysAppointments
from queueing.dating import Age, Arrival
from queueing.facts import TicketCalled
from queueing.state import replay
from queueing.wire import instant_to_wire
from sync.log import Transaction
from tests.hub.house import CLERKS, CUSTOMER, DAY, NINE, House, Kiosk
from tests.sync.fakes import BOOT, FakeClock
from tests.sync.test_writer import Pause


def test_twelve_clerks_pressing_at_once_get_twelve_tickets(house: House) -> None:
    house.take(CLERKS * 5)
    for clerk in range(1, CLERKS + 1):
        assert house.press(clerk, "open")[0] == 200
    together = Barrier(CLERKS)
    called: dict[int, list[str]] = {clerk: [] for clerk in range(1, CLERKS + 1)}

    def work(clerk: int) -> None:
        for _ in range(5):
            together.wait(10)
            called[clerk].append(house.press(clerk, "call_next")[1]["ticket"]["number"])
            assert house.press(clerk, "start_serving")[0] == house.press(clerk, "finish")[0] == 200

    threads = [Thread(target=work, args=(clerk,)) for clerk in called]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    numbers = [number for of_one in called.values() for number in of_one]
    assert len(numbers) == len(set(numbers)) == CLERKS * 5


def test_a_claim_repeated_has_its_first_answer(house: House) -> None:
    house.take(2)
    house.press(1, "open")
    first = house.press(1, "call_next", "claim-once")
    assert first[0] == 200
    house.press(1, "start_serving")
    assert house.press(1, "call_next", "claim-once") == first
    assert len(house.state.calls) == 1


def test_a_claim_repeated_in_parallel_is_one_claim(house: House) -> None:
    house.take(5)
    house.press(1, "open")
    # All of them in one commit: none is on the disk when the next is looked at.
    pause = Pause(house.hub.arbiter.writer)
    futures = [house.submit(1, "call_next", "claim-once") for _ in range(20)]
    pause.end()
    assert len({future.result().body for future in futures}) == 1
    assert len(house.state.calls) == 1


def test_a_refusal_and_an_empty_hall_are_answers_for_ever(house: House) -> None:
    house.press(1, "open")
    assert house.press(1, "call_next", "claim-empty") == (204, None)
    refused = house.press(1, "finish", "claim-refused")
    assert refused[0] == 409
    assert refused[1]["code"] == "NO_CURRENT_TICKET"
    house.take()
    house.press(1, "call_next")
    house.press(1, "start_serving")
    assert house.press(1, "finish", "claim-refused") == refused
    assert house.press(1, "call_next", "claim-empty") == (204, None)


def test_an_id_used_for_something_else_is_told(house: House) -> None:
    house.take(2)
    house.press(1, "open")
    house.press(1, "call_next", "claim-once")
    assert house.press(1, "finish", "claim-once")[1]["code"] == "CLAIM_REUSED"
    assert house.press(2, "call_next", "claim-once")[1]["code"] == "CLAIM_REUSED"


def test_a_claim_is_known_after_a_restart(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.running():
        house.take(2)
        house.press(1, "open")
        first = house.press(1, "call_next", "claim-once")
        held = house.state.hash()
    with house.running():
        assert house.state.hash() == held
        assert house.press(1, "call_next", "claim-once") == first
        assert house.press(1, "call_next")[1]["code"] == "COUNTER_BUSY"
        assert house.state.current("1").number == "A0001"


def test_what_is_answered_is_what_a_replay_of_the_log_comes_to(house: House) -> None:
    house.take(6)
    house.press(1, "open")
    for verb in ("call_next", "recall", "start_serving", "finish", "undo", "park", "call_next", "mark_no_show"):
        assert house.press(1, verb)[0] == 200
    assert house.press(1, "resume", ticket="kiosk-1.1.1")[0] == 200
    assert house.press(1, "transfer", to_service="test")[0] == 200
    assert house.press(1, "call", number="٠٠٠١")[1]["code"] == "TICKET_UNKNOWN"
    assert house.press(1, "call", number="a٠٠٠١")[1]["ticket"]["number"] == "A0001"
    events = house.hub.arbiter.writer.submit(lambda tx: list(tx.log.events())).result()
    assert replay(reversed(events)).hash() == house.state.hash()


def test_a_failing_job_leaves_the_hall_as_the_log_has_it(house: House) -> None:
    house.take(3)
    house.press(1, "open")
    held = house.state.hash()
    arbiter = house.hub.arbiter

    def half(tx: Transaction) -> None:
        arbiter.store(tx, house.kiosk.tickets(1, NINE))
        raise LookupError

    with pytest.raises(LookupError):
        arbiter.writer.submit(half).result()
    assert house.state.hash() == held
    house.kiosk.log.pop()
    house.take()
    assert house.press(1, "call_next")[0] == 200


def test_a_counter_is_its_clerks(house: House) -> None:
    house.take(2)
    house.press(1, "open")
    assert house.press(2, "call_next", counter="1")[1]["code"] == "COUNTER_OF_ANOTHER"
    assert house.press(2, "open", counter="1")[1]["code"] == "COUNTER_OF_ANOTHER"
    assert house.press(1, "open", counter="2")[1]["code"] == "CLERK_ELSEWHERE"
    assert house.press(0, "close", counter="1")[0] == 200


def test_a_supervisor_closes_and_opens_a_service(house: House) -> None:
    assert house.press(0, "close_service", counter="-", service="renew")[0] == 200
    closed = {service["id"]: service["open"] for service in house.view("kiosk")["services"]}
    assert closed == {"renew": False, "test": True}
    assert house.press(0, "close_service", counter="-", service="renew")[1]["code"] == "ALREADY"
    assert house.press(0, "open_service", counter="-", service="renew")[0] == 200
    assert house.view("kiosk")["services"][0]["open"] is True


class TestDays:
    def test_the_day_opens_at_the_start_and_at_midnight_by_itself(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        assert house.state.day == DAY
        house.take(3)
        house.press(1, "open")
        house.press(1, "call_next")
        house.press(0, "close_service", counter="-", service="test")
        clock.pass_time(18 * 3600)  # three in the morning at the centre
        house.hub.tick()
        house.hub.arbiter.refresh().result()
        assert house.state.day == "2026-11-23"
        counter = house.view("counter")
        assert counter["queue"] == []
        assert {each["status"] for each in counter["counters"]} == {"closed"}
        assert all(service["open"] for service in counter["services"])
        assert house.view("board")["calls"] == house.view("board")["announce"] == []

    def test_a_clock_that_goes_back_opens_no_earlier_day(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        house.take()
        clock.pass_time(-48 * 3600)
        house.hub.tick()
        house.hub.arbiter.refresh().result()
        assert house.state.day == DAY
        assert len(list(house.state.waiting())) == 1

    def test_an_old_day_is_forgotten_and_a_restart_comes_to_the_same(self, tmp_path: Path) -> None:
        clock = FakeClock(NINE)
        house = House(tmp_path, clock)
        with house.running():
            for day in (DAY, "2026-11-23", "2026-11-24", "2026-11-25"):
                house.take(3, day=day)
                house.press(1, "open")
                house.press(1, "call_next")
                clock.pass_time(24 * 3600)
                house.hub.tick()
                house.hub.arbiter.refresh().result()
            assert {ticket.day for ticket in house.state.tickets.values()} == {"2026-11-25"}
            held = house.state.hash()
        with house.running():
            assert house.state.hash() == held


def _book(house: House, *slots: tuple[str, str, str, float]) -> None:
    found = tuple(
        Appointment(name, customer, service, NINE + timedelta(minutes=minutes))
        for name, customer, service, minutes in slots
    )
    house.hub.arbiter.take_appointments(DaysAppointments(DAY, found)).result()


class TestBookings:
    def test_a_customer_who_spoke_of_a_booking_gets_its_place(self, house: House) -> None:
        _book(house, ("apt-1", CUSTOMER, "renew", 10))
        (ticket,) = house.take(customer=CUSTOMER, says_booked=True)
        found = house.state.tickets[ticket]
        assert (found.appointment, found.slot_at) == ("apt-1", NINE + timedelta(minutes=10))

    def test_a_booking_that_comes_later_is_found_too(self, house: House) -> None:
        (ticket,) = house.take(customer=CUSTOMER, says_booked=True)
        assert house.state.tickets[ticket].appointment is None
        _book(house, ("apt-1", CUSTOMER, "renew", 10))
        assert house.state.tickets[ticket].appointment == "apt-1"

    @pytest.mark.parametrize(
        ("slot", "more"),
        [
            (("apt-1", "cd" * 16, "renew", 10), {}),
            (("apt-1", CUSTOMER, "test", 10), {}),
            (("apt-1", CUSTOMER, "renew", 10), {"says_booked": False}),
            (("apt-1", CUSTOMER, "renew", 10), {"customer": None}),
            (("apt-1", CUSTOMER, "renew", 10), {"day": "2026-11-23"}),
        ],
    )
    def test_no_other_booking_is_given(
        self, house: House, slot: tuple[str, str, str, float], more: dict[str, Any]
    ) -> None:
        _book(house, slot)
        (ticket,) = house.take(**({"customer": CUSTOMER, "says_booked": True} | more))
        assert house.state.tickets[ticket].appointment is None

    def test_one_booking_is_given_once(self, house: House) -> None:
        _book(house, ("apt-1", CUSTOMER, "renew", 10))
        first, second = house.take(2, customer=CUSTOMER, says_booked=True)
        _book(house, ("apt-1", CUSTOMER, "renew", 10))
        assert house.state.tickets[first].appointment == "apt-1"
        assert house.state.tickets[second].appointment is None

    def test_of_two_bookings_each_ticket_gets_its_own_the_nearer_first(self, house: House) -> None:
        _book(house, ("apt-1", CUSTOMER, "renew", 200), ("apt-2", CUSTOMER, "renew", -5))
        first, second = house.take(2, customer=CUSTOMER, says_booked=True)
        assert house.state.tickets[first].appointment == "apt-2"
        assert house.state.tickets[second].appointment == "apt-1"

    def test_a_booking_gives_its_place_in_the_queue(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        _book(house, ("apt-1", CUSTOMER, "renew", 1))
        house.take()
        clock.pass_time(30)
        house.take(customer=CUSTOMER, says_booked=True)
        clock.pass_time(120)
        house.press(1, "open")
        told = house.press(1, "call_next")[1]
        assert (told["ticket"]["number"], told["ticket"]["class"]) == ("A0002", "appointment")
        assert told["ticket"]["slot_at"] == instant_to_wire(NINE + timedelta(minutes=1))


def test_an_event_that_comes_again_changes_nothing(house: House) -> None:
    house.take(3)
    house.press(1, "open")
    house.press(1, "call_next")
    held = house.state.hash()
    house.hub.arbiter.writer.submit(lambda tx: house.hub.arbiter.store(tx, house.kiosk.log)).result()
    assert house.state.hash() == held
    assert len(json.loads(house.hub.broadcast.latest("counter") or b"")["state"]["queue"]) <= 3


def test_a_kiosk_whose_clock_is_a_day_behind_puts_nobody_ahead(house: House) -> None:
    arbiter, now = house.hub.arbiter, house.clock.now()
    wrong = house.kiosk.tickets(1, now - timedelta(days=1))
    right = Kiosk("kiosk-2").tickets(1, now - timedelta(minutes=5))
    for _ in range(2):
        for tickets, age_s in ((wrong, 60.0), (right, 300.0)):
            arrival = Arrival(Age(BOOT, age_s), now)  # the tickets were taken as the kiosk had just been started
            arbiter.writer.submit(
                lambda tx, tickets=tickets, arrival=arrival: arbiter.store(tx, tickets, arrival)
            ).result()
    assert house.state.tickets[wrong[0].id].taken_at == now - timedelta(minutes=1)
    log = arbiter.writer.submit(lambda tx: tx.log.read_stream(tx.log.stream, 0)).result()
    assert [each.body["ticket"] for each in log if each.type == "TicketDated"] == [wrong[0].id], "once, and only it"
    house.press(1, "open")
    assert house.press(1, "call_next")[1]["ticket"]["ticket"] == right[0].id


def test_a_kiosk_that_plays_the_arbiter_is_kept_and_not_heeded(house: House) -> None:
    (ticket,) = house.take()
    house.press(1, "open")
    forged = house.kiosk.write(TicketCalled(ticket, "1", "forged-claim", 1, "walk_in"), NINE)
    house.hub.arbiter.writer.submit(lambda tx: house.hub.arbiter.store(tx, [forged])).result()
    assert house.state.tickets[ticket].status == "waiting"
    assert house.state.unheeded == {forged.id: "TicketCalled"}
    assert house.press(1, "call_next")[0] == 200
