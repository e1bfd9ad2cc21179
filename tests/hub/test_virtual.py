"""Tickets by video at a hub: once whatever restarts, never in the hall, with their room at whichever counter calls."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from hub.settings import DaysAppointments, SettingsError, SettingsStore
from hub.views import Sight, board
from queueing.facts import DayOpened
from queueing.wire import instant_to_wire
from tests.hub.house import CUSTOMER, DAY, NINE, House

ROOM = "https://meet.example.bh/abcdefgh?jwt=clerks"


def booking(name: str, at: datetime, service: str = "renew", **more: Any) -> dict[str, Any]:
    said = {"id": name, "customer": CUSTOMER, "service": service, "slot_at": instant_to_wire(at), "channel": "virtual"}
    return said | {"lang": "en", "room": f"{ROOM}-{name}", "status": "booked"} | more


AMNAS = booking("amnas", NINE + timedelta(minutes=15))
BADERS = booking("baders", NINE + timedelta(minutes=30))


def told(house: House, *rows: dict[str, Any], day: str = DAY) -> None:
    """Let the hub hear of a day's bookings."""
    house.hub.arbiter.take_appointments(DaysAppointments.from_json(day, list(rows))).result()


def tick(house: House, **by: float) -> None:
    house.clock.pass_time(timedelta(**by).total_seconds())  # type: ignore[attr-defined]  # the tests' own clock
    house.hub.arbiter.take_virtual().result()


def virtual(house: House) -> list[tuple[str, str, str]]:
    tickets = (ticket for ticket in house.state.tickets.values() if ticket.is_virtual)
    return sorted((ticket.appointment, ticket.number, ticket.status) for ticket in tickets)


class TestTaking:
    def test_at_its_time_once_and_with_the_line_down(self, house: House) -> None:
        told(house, AMNAS, BADERS)
        tick(house)
        assert virtual(house) == []
        tick(house, minutes=15)
        tick(house)
        assert virtual(house) == [("amnas", "VA001", "waiting")]
        told(house, AMNAS, BADERS)
        tick(house, minutes=15)
        assert virtual(house) == [("amnas", "VA001", "waiting"), ("baders", "VA002", "waiting")]

    def test_a_restart_takes_none_again(self, tmp_path: Path) -> None:
        house = House(tmp_path)
        house.appointments = DaysAppointments.from_json(DAY, [AMNAS, BADERS])
        for _ in range(3):
            with house.running():
                tick(house, minutes=15)
                hashed = house.state.hash()
        assert virtual(house) == [("amnas", "VA001", "waiting"), ("baders", "VA002", "waiting")]
        with house.running():
            tick(house)
            assert house.state.hash() == hashed

    def test_moved_and_cancelled_meanwhile(self, house: House) -> None:
        told(house, AMNAS, BADERS)
        tick(house, minutes=30)
        later = booking("amnas-later", NINE + timedelta(minutes=45))
        told(house, later)
        assert virtual(house) == [("amnas", "VA001", "cancelled"), ("baders", "VA002", "cancelled")]
        tick(house, minutes=15)
        assert virtual(house)[1] == ("amnas-later", "VA003", "waiting")

    def test_another_days_bookings_touch_nothing(self, house: House) -> None:
        told(house, AMNAS)
        tick(house, minutes=15)
        told(house, day="2026-11-23")
        tick(house)
        assert virtual(house) == [("amnas", "VA001", "waiting")]

    def test_a_hub_that_lost_its_log_takes_only_what_is_open(self, tmp_path: Path) -> None:
        first = House(tmp_path / "first")
        with first.running():
            told(first, AMNAS, BADERS)
            tick(first, minutes=30)
            numbers = {number for _, number, _ in virtual(first)}
        second = House(tmp_path / "second", clock=first.clock, incarnation=2)
        with second.running():
            told(second, AMNAS | {"status": "kept"}, BADERS)
            tick(second)
            assert [(name, status) for name, _, status in virtual(second)] == [("baders", "waiting")]
            assert numbers.isdisjoint(number for _, number, _ in virtual(second))

    def test_an_older_server_has_no_channel_and_everything_is_as_ever(self) -> None:
        row = {key: AMNAS[key] for key in ("id", "customer", "service", "slot_at")}
        (read,) = DaysAppointments.from_json(DAY, [row]).of(CUSTOMER)
        assert (read.channel, read.room, read.is_over) == ("counter", "", False)

    def test_what_is_kept_for_a_start_has_the_rooms(self, tmp_path: Path) -> None:
        SettingsStore(tmp_path).keep_appointments(DAY, [AMNAS])
        assert SettingsStore(tmp_path).appointments().by_video()[0].room == AMNAS["room"]

    def test_only_a_web_address_becomes_a_link(self) -> None:
        (read,) = DaysAppointments.from_json(DAY, [AMNAS | {"room": "javascript:alert(1)"}]).by_video()
        assert read.room == ""
        with pytest.raises(SettingsError):
            DaysAppointments.from_json(DAY, [AMNAS | {"room": 7}])


class TestHall:
    @pytest.fixture
    def called(self, house: House) -> House:
        """Return a hub where one by video was called, and one from the hall waits."""
        told(house, AMNAS)
        tick(house, minutes=15)
        house.take(1)
        house.press(1, "open")
        assert house.press(1, "call_next")[1]["ticket"]["number"] == "VA001"
        return house

    def test_the_display_and_its_voice_never_have_it(self, called: House) -> None:
        called.press(1, "recall")
        called.press(2, "open")
        called.press(2, "call_next")
        told_to_hall = called.view("board")
        assert [call["number"] for call in told_to_hall["calls"]] == ["A0001"]
        assert [call["number"] for call in told_to_hall["announce"]] == ["A0001"]
        assert "VA001" not in json.dumps([told_to_hall, called.view("kiosk")])
        called.press(1, "start_serving")
        called.press(1, "finish")
        assert "VA001" not in json.dumps(called.view("board")), "nor after its end"

    def test_it_counts_among_those_who_wait(self, house: House) -> None:
        told(house, AMNAS)
        tick(house, minutes=15)
        waiting = {row["service"]: row["count"] for row in house.view("board")["waiting"]}
        assert waiting["renew"] == 1, "who comes now has one ahead"

    def test_a_kiosk_finds_no_booking_and_no_ticket(self, called: House) -> None:
        held = called.hub.arbiter.appointments_of(CUSTOMER)[1]
        assert held.appointments == ()

    def test_the_counter_has_the_room_and_the_queue_has_not(self, house: House) -> None:
        told(house, AMNAS, BADERS)
        tick(house, minutes=30)
        house.press(1, "open")
        card = house.press(1, "call_next")[1]["ticket"]
        assert (card["channel"], card["room"], card["lang"]) == ("virtual", AMNAS["room"], "en")
        view = house.view("counter")
        assert view["counters"][0]["current"]["room"] == AMNAS["room"]
        (waiting,) = view["queue"]
        assert (waiting["channel"], waiting["room"]) == ("virtual", None)

    def test_transferred_it_keeps_its_room(self, called: House) -> None:
        called.press(1, "transfer", to_counter="2")
        called.press(2, "open")
        assert called.press(2, "call_next")[1]["ticket"]["room"] == AMNAS["room"]

    def test_with_no_rooms_it_is_called_all_the_same(self, house: House) -> None:
        told(house, AMNAS | {"room": ""})
        tick(house, minutes=15)
        house.press(1, "open")
        card = house.press(1, "call_next")[1]["ticket"]
        assert (card["channel"], card["room"]) == ("virtual", None)

    def test_the_views_are_as_ever_without_one(self, house: House) -> None:
        house.take(1)
        house.press(1, "open")
        card = house.press(1, "call_next")[1]["ticket"]
        assert (card["channel"], card["room"]) == ("counter", None)
        sight = Sight(house.hub.arbiter.hall, house.settings, house.clock.now())
        assert [call["number"] for call in board(sight)["calls"]] == ["A0001"]  # type: ignore[index, union-attr]


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.long), 6])
def test_killed_anywhere_each_booking_has_one_ticket(tmp_path: Path, step: int) -> None:
    """Kill -9 before every statement (or every sixth) of: bookings come, two are taken, one is cancelled."""
    subprocess.run([sys.executable, __file__, str(tmp_path), str(step)], check=True, timeout=90)
    deaths = sorted(tmp_path.iterdir(), key=lambda folder: int(folder.name))
    assert len(deaths) * step > 8
    for folder in deaths:
        house = House(folder)
        with house.running():
            _work(house)
            found = virtual(house)
            house.hub.arbiter.writer.submit(lambda tx: tx.log.verify()).result()
        assert [(name, status) for name, _, status in found] == [("amnas", "waiting"), ("baders", "cancelled")], folder
        assert len({number for _, number, _ in found}) == 2


def test_the_supervisor_sees_the_share_by_video(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.serving() as web:
        told(house, AMNAS)
        tick(house, minutes=15)
        house.take(1)
        house.press(1, "open")
        for verb in ("call_next", "start_serving", "finish") * 2:
            house.press(1, verb)
        said = web.clerk("boss").get(f"{web.url}/v1/figures", timeout=10).json()
        assert (said["day"], said["all"]) == (DAY, {"served": 2, "by_video": 1, "share": 0.5})
        assert said["services"]["renew"] == said["all"]
        assert said["services"]["test"] == {"served": 0, "by_video": 0, "share": None}
        assert web.clerk().get(f"{web.url}/v1/figures", timeout=10).status_code == 403


def _work(house: House) -> None:
    told(house, AMNAS, BADERS)
    tick(house, minutes=30)
    told(house, AMNAS)


def test_the_days_end_leaves_none_behind(house: House) -> None:
    told(house, AMNAS, BADERS)
    tick(house, minutes=30)
    house.press(1, "open")
    house.press(1, "call_next")
    house.clock.pass_time(86_400)  # type: ignore[attr-defined]  # the tests' own clock
    house.hub.arbiter.begin_day().result()
    tick(house)
    assert [status for _, _, status in virtual(house)] == ["no_show", "waiting"]
    house.press(1, "open")
    assert house.press(1, "call_next")[0] == 204, "yesterday's is nobody's turn any more"
    assert DayOpened("2026-11-23").day == house.state.day
    assert replace(house.state.counters["1"]).status == "open"


def _die(folder: Path, kill_at: int) -> None:
    ran = 0

    def count_up(statement: str) -> None:
        nonlocal ran
        ran += 1
        if ran == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    house = House(folder)
    with house.running():
        house.hub.arbiter.writer.submit(lambda tx: tx.log._connection.set_trace_callback(count_up)).result()
        _work(house)


def _everywhere(folder: Path, step: int) -> None:
    """Let a fork of this process die before each statement in turn, until one lives through."""
    for kill_at in count(2, step):
        child = os.fork()
        if not child:
            _die(folder / str(kill_at), kill_at)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            return


if __name__ == "__main__":
    _everywhere(Path(sys.argv[1]), int(sys.argv[2]))
