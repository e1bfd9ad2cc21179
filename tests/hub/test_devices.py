"""What staff are told of the kiosks: from their events, from their health, and from their silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from hub.devices import DISK_LOW_MB, SILENT_AFTER, STUCK_AFTER
from queueing.facts import Fact, KioskClosed, KioskOpened, PrinterChanged, StaffActed
from queueing.wire import instant_to_wire
from tests.hub.house import DAY, NINE, House, Web
from tests.sync.fakes import FakeClock


def tell(house: House, *facts: Fact) -> None:
    """Let the kiosk's events arrive."""
    events = [house.kiosk.write(fact, house.clock.now()) for fact in facts]
    house.hub.arbiter.writer.submit(lambda tx: house.hub.arbiter.store(tx, events)).result()


def later(house: House, by: timedelta) -> None:
    clock = house.clock
    assert isinstance(clock, FakeClock)
    clock.pass_time(by.total_seconds())


def row(house: House) -> dict[str, Any]:
    (found,) = house.view("counter")["devices"]
    return dict(found)


def healthy(**changes: Any) -> dict[str, Any]:
    return {
        "now": instant_to_wire(NINE), "trouble": "", "paper": "ok", "closed": False, "behind": 0,
        "behind_since": None, "disk_free_mb": 9000, "version": "0.1.0",
    } | changes  # fmt: skip


class TestEvents:
    def test_a_kiosk_that_never_told_of_itself_is_not_shown(self, house: House) -> None:
        house.take()
        assert house.view("counter")["devices"] == []

    def test_its_printer_is_shown_since_when(self, house: House) -> None:
        tell(house, PrinterChanged("", "ok"))
        later(house, timedelta(minutes=5))
        tell(house, PrinterChanged("paper out", "out"))
        shown = row(house)
        assert (shown["device"], shown["kind"], shown["trouble"], shown["paper"]) == (
            *("kiosk-1", "kiosk"),
            *("paper out", "out"),
        )
        assert shown["since"] == instant_to_wire(NINE + timedelta(minutes=5))

    def test_a_changed_roll_ends_the_notice_until_the_printer_says_something_else(self, house: House) -> None:
        tell(house, PrinterChanged("", "near end"))
        assert not row(house)["seen_to"]
        tell(house, StaffActed("clerk-1", "paper_changed", "near end"))
        assert row(house)["seen_to"]
        tell(house, PrinterChanged("cover open", "near end"), PrinterChanged("", "near end"))
        assert row(house)["seen_to"]
        tell(house, PrinterChanged("", "ok"), PrinterChanged("", "near end"))
        assert not row(house)["seen_to"]

    def test_staff_close_and_open_it(self, house: House) -> None:
        tell(house, KioskClosed("clerk-1"))
        assert (row(house)["closed"], row(house)["closed_since"]) == (True, instant_to_wire(NINE))
        tell(house, KioskOpened("clerk-1"))
        assert (row(house)["closed"], row(house)["closed_since"]) == (False, None)

    def test_an_end_of_day_ends_with_the_day(self, house: House) -> None:
        tell(house, KioskClosed("clerk-1", DAY))
        assert row(house)["closed"]
        later(house, timedelta(days=1))
        house.hub.arbiter.begin_day().result()
        assert not row(house)["closed"]

    def test_the_same_events_again_and_out_of_order_change_nothing(self, house: House) -> None:
        tell(house, PrinterChanged("paper out", "out"), PrinterChanged("", "ok"), KioskClosed("clerk-1"))
        before = row(house)
        hall = house.hub.arbiter._hall
        for event in reversed(house.kiosk.log):
            hall.devices.fold(event)
        assert row(house) == before

    def test_it_outlives_a_restart_of_the_hub(self, house: House) -> None:
        tell(house, PrinterChanged("cover open", "ok"))
        before = row(house)
        house.hub.close()
        with house.running():
            assert row(house) == before


class TestHealth:
    def test_it_is_taken_from_a_kiosk_and_from_no_other(self, web: Web) -> None:
        answer = web.device("kiosk-1", "POST", "/v1/health", healthy(trouble="cover open", closed=True))
        assert (answer.status_code, answer.json()) == (200, {"now": instant_to_wire(NINE)})
        assert web.device("display-1", "POST", "/v1/health", healthy()).status_code == 403
        shown = row(web.house)
        assert (shown["trouble"], shown["closed"], shown["version"]) == ("cover open", True, "0.1.0")

    @pytest.mark.parametrize(
        "wrong",
        [{"now": "soon"}, {"now": "2026-11-22T06:00:00"}, {"trouble": "<b>"}, {"paper": "x" * 41}, {"behind": -1}],
    )
    def test_what_is_not_of_the_form_is_refused(self, web: Web, wrong: dict[str, Any]) -> None:
        assert web.device("kiosk-1", "POST", "/v1/health", healthy(**wrong)).status_code == 422

    def test_a_later_version_may_say_more(self, web: Web) -> None:
        assert web.device("kiosk-1", "POST", "/v1/health", healthy(speech="loud")).status_code == 200

    def test_it_is_newer_than_events_on_their_way(self, web: Web) -> None:
        tell(web.house, PrinterChanged("paper out", "out"))
        web.device("kiosk-1", "POST", "/v1/health", healthy())
        assert (row(web.house)["trouble"], row(web.house)["paper"]) == ("", "ok")

    def test_a_full_disk_a_wrong_clock_and_refused_events_are_told(self, web: Web) -> None:
        web.device("kiosk-1", "POST", "/v1/health", healthy())
        well = row(web.house)
        assert (well["disk_low"], well["clock_off_minutes"], well["stuck_since"]) == (False, 0, None)
        waits = instant_to_wire(NINE - STUCK_AFTER - timedelta(seconds=1))
        said = healthy(
            disk_free_mb=DISK_LOW_MB - 1, now=instant_to_wire(NINE - timedelta(minutes=7)), behind=3, behind_since=waits
        )
        web.device("kiosk-1", "POST", "/v1/health", said)
        ill = row(web.house)
        assert (ill["disk_low"], ill["clock_off_minutes"], ill["stuck_since"]) == (True, -7, waits)

    def test_a_kiosks_own_alarm_is_told_at_once(self, web: Web) -> None:
        waits = instant_to_wire(NINE - timedelta(seconds=70))
        web.device("kiosk-1", "POST", "/v1/health", healthy(behind=3, behind_since=waits))
        assert row(web.house)["stuck_since"] is None, "a kiosk that was cut off catches up"
        web.device("kiosk-1", "POST", "/v1/health", healthy(behind=3, behind_since=waits, late=True))
        assert row(web.house)["stuck_since"] == waits

    def test_health_that_stays_the_same_is_no_news(self, web: Web) -> None:
        web.device("kiosk-1", "POST", "/v1/health", healthy())
        web.house.view("counter")
        before = web.house.hub.broadcast.latest("counter")
        later(web.house, timedelta(minutes=1))
        web.device("kiosk-1", "POST", "/v1/health", healthy(now=instant_to_wire(web.house.clock.now())))
        web.house.view("counter")
        assert web.house.hub.broadcast.latest("counter") == before


class TestSilence:
    def test_a_kiosk_that_falls_silent_is_told_since_when_and_comes_back(self, web: Web) -> None:
        web.device("kiosk-1", "POST", "/v1/health", healthy())
        later(web.house, SILENT_AFTER)
        assert row(web.house)["silent_since"] is None
        later(web.house, timedelta(seconds=1))
        assert row(web.house)["silent_since"] == instant_to_wire(NINE)
        web.device("kiosk-1", "POST", "/v1/health", healthy())
        assert row(web.house)["silent_since"] is None

    def test_one_that_did_not_come_back_after_the_hub_started_is_told(self, house: House) -> None:
        tell(house, PrinterChanged("", "ok"))
        assert row(house)["silent_since"] is None
        later(house, SILENT_AFTER + timedelta(seconds=1))
        assert row(house)["silent_since"] == instant_to_wire(NINE)


def test_a_kiosk_is_given_the_staff_and_their_hashes_but_no_other_device(web: Web) -> None:
    told = web.device("kiosk-1", "GET", "/v1/settings").json()
    assert not {"devices", "appointments"} & set(told)
    assert told["staff"][0] == {
        "id": "clerk-1", "name": {"ar": "كاتب 1", "en": "Clerk 1"},
        "pin_hash": web.house.settings.staff["clerk-1"].pin_hash,
    }  # fmt: skip
