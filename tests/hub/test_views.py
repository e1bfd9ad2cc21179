"""The views: what each screen is told, in which order, and nothing of the customer."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from follow.turn import Wish
from hub.followers import grant
from hub.publisher import VIEWS
from hub.views import QUEUE_ROWS, ROWS, Sight, queue
from queueing.facts import MessageKind, MessageOutcome, MessageSettled, PrintSettled
from queueing.priority import ranking
from tests.hub.house import CLERKS, CUSTOMER, NINE, House
from tests.sync.fakes import FakeClock


def _settle(house: House, ticket: str, outcome: str) -> None:
    event = house.kiosk.write(PrintSettled(ticket, outcome, "no_paper"), house.clock.now())  # type: ignore[arg-type]
    house.hub.arbiter.writer.submit(lambda tx: house.hub.arbiter.store(tx, [event])).result()


def test_no_view_and_no_answer_has_the_customer(house: House) -> None:
    house.take(3, customer=CUSTOMER, says_booked=True)
    house.press(1, "open")
    answers = [house.press(1, verb) for verb in ("call_next", "start_serving", "park")]
    assert answers[-1][0] == 200
    told = json.dumps([answers, *(house.view(name) for name in VIEWS)])
    assert "A0001" in told
    assert CUSTOMER not in told


class TestBoard:
    def test_the_newest_call_is_first_and_a_ticket_stands_once(self, house: House) -> None:
        house.take(3)
        for clerk in (1, 2):
            house.press(clerk, "open")
            house.press(clerk, "call_next")
        house.press(1, "recall")
        board = house.view("board")
        assert [(c["number"], c["counter"], c["kind"]) for c in board["calls"]] == [
            ("A0001", "1", "recall"),
            ("A0002", "2", "call"),
        ]
        assert [(c["number"], c["kind"]) for c in board["announce"]] == [
            ("A0001", "call"),
            ("A0002", "call"),
            ("A0001", "recall"),
        ]
        assert board["announce"][-1]["call_id"] == f"hub.1.{board['announce'][-1]['seq']}"
        assert [(w["letter"], w["count"]) for w in board["waiting"]] == [("A", 1), ("B", 0)]

    def test_a_busy_zone_leaves_the_rows_of_another(self, house: House) -> None:
        house.take(ROWS + 4)
        house.press(CLERKS, "open")
        house.press(CLERKS, "call_next")
        house.press(1, "open")
        for _ in range(ROWS + 2):
            for verb in ("call_next", "start_serving", "finish"):
                assert house.press(1, verb)[0] == 200
        zones = [call["zone"] for call in house.view("board")["calls"]]
        assert (zones.count("hall"), zones.count("upstairs")) == (ROWS, 1)

    def test_one_that_waits_again_is_not_shown_as_called(self, house: House) -> None:
        house.take()
        house.press(1, "open")
        house.press(1, "call_next")
        assert len(house.view("board")["calls"]) == 1
        house.press(1, "park")
        assert house.view("board")["calls"] == []

    def test_it_holds_the_last_few_and_the_served_leave_in_time(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        house.take(ROWS + 4)
        house.press(1, "open")
        for _ in range(ROWS + 4):
            for verb in ("call_next", "start_serving", "finish"):
                assert house.press(1, verb)[0] == 200
        assert [call["number"] for call in house.view("board")["calls"]] == [f"A{n:04}" for n in range(ROWS + 4, 4, -1)]
        clock.pass_time(16 * 60)
        assert house.view("board")["calls"] == []

    def test_a_notice_ends(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        centre = house.settings_json["centre"] | {
            "notices": [
                {"text": {"ar": "أ", "en": "a"}, "since": None, "until": (NINE + timedelta(hours=1)).isoformat()}
            ]
        }
        settings = type(house.settings).from_json(house.settings_json | {"centre": centre})
        house.hub.arbiter.take_settings(settings).result()
        assert [notice["text"]["en"] for notice in house.view("board")["notices"]] == ["a"]
        clock.pass_time(3601)
        assert house.view("board")["notices"] == []


class TestKiosk:
    def test_it_is_told_when_the_centre_opens_next(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        assert (house.view("kiosk")["open"], house.view("kiosk")["next_opens_at"]) == (True, None)
        clock.pass_time(6 * 3600)
        assert house.view("kiosk")["open"] is False
        assert house.view("kiosk")["next_opens_at"] == "2026-11-23T04:00:00.000000Z"

    def test_a_service_is_full_at_its_limit(self, house: House) -> None:
        centre = house.settings_json["centre"]
        limited = centre | {"services": [centre["services"][0] | {"daily_limit": 2}, *centre["services"][1:]]}
        settings = type(house.settings).from_json(house.settings_json | {"centre": limited})
        house.hub.arbiter.take_settings(settings).result()
        house.take(1)
        assert house.view("kiosk")["services"][0]["full"] is False
        house.take(1)
        assert house.view("kiosk")["services"][0] == {
            "id": "renew",
            "open": True,
            "full": True,
            "count": 2,
            "low_s": None,
            "high_s": None,
        }

    def test_a_wait_is_a_range_of_whole_minutes_while_a_counter_is_open(self, house: House) -> None:
        house.take(4)
        house.press(1, "open")
        service = house.view("kiosk")["services"][0]
        assert 0 < service["low_s"] < service["high_s"]
        assert service["low_s"] % 60 == service["high_s"] % 60 == 0


class TestCounter:
    def test_a_counter_shows_who_is_next_and_why(self, house: House) -> None:
        house.take()
        house.take(priority="older")
        house.press(1, "open")
        clock = house.clock
        assert isinstance(clock, FakeClock)
        clock.pass_time(120)
        counter = house.view("counter")["counters"][0]
        assert counter["status"] == "open"
        assert counter["clerk"] == {"id": "clerk-1", "name": {"ar": "كاتب 1", "en": "Clerk 1"}}
        assert counter["next"] == {
            "ticket": "kiosk-1.1.2",
            "number": "A0002",
            "service": "renew",
            "why": {"key": "counter.why.priority", "args": {"minutes": 2}},
        }
        assert house.press(1, "call_next")[1]["ticket"]["number"] == "A0002"

    def test_the_undo_is_shown_for_five_seconds(self, house: House) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        house.take()
        house.press(1, "open")
        house.press(1, "call_next")
        told = house.press(1, "mark_no_show")[1]
        assert told["counter"]["undo"] == {
            "verb": "mark_no_show",
            "number": "A0001",
            "until": "2026-11-22T06:00:05.000000Z",
        }
        clock.pass_time(5)
        assert house.view("counter")["counters"][0]["undo"] is None
        assert house.press(1, "undo")[1]["ticket"]["status"] == "called"  # a press at the last moment still counts

    def test_a_ticket_without_paper_is_told(self, house: House) -> None:
        first, second = house.take(2)
        _settle(house, first, "not printed")
        _settle(house, second, "printed")
        assert [card["print"] for card in house.view("counter")["queue"]] == ["not printed", "printed"]

    def test_the_last_message_that_came_to_an_end_is_told(self, house: House) -> None:
        (ticket,) = house.take()

        def settle(kind: MessageKind, outcome: MessageOutcome) -> object:
            fact = MessageSettled(ticket, kind, outcome, "why")
            house.hub.arbiter.writer.submit(lambda tx: house.hub.arbiter.note(tx, [fact])).result()
            (card,) = house.view("counter")["queue"]
            return card["message"]

        assert house.view("counter")["queue"][0]["message"] is None
        assert settle("eticket", "delivered") == "delivered"
        assert settle("called", "failed") == "failed"
        assert settle("near", "delivered") == "failed"  # an earlier message, whose report came late
        assert settle("called", "delivered") == "delivered"

    def test_who_stepped_out_is_in_no_count_and_stands_last(self, house: House) -> None:
        first, second = house.take(2)
        house.hub.arbiter.writer.submit(lambda tx: grant(house.hub.arbiter, tx, first, Wish.OUT, house.clock)).result()
        assert [card["ticket"] for card in house.view("counter")["queue"]] == [second, first]
        assert [house.view("counter")["services"][0]["count"], house.view("kiosk")["services"][0]["count"]] == [1, 1]
        assert house.view("board")["waiting"][0]["count"] == 1
        assert isinstance(house.clock, FakeClock)
        house.clock.pass_time(house.settings.centre.step_out.max_s)
        assert [card["ticket"] for card in house.view("counter")["queue"]] == [first, second]
        assert house.view("board")["waiting"][0]["count"] == 2

    @pytest.mark.parametrize("how_many", [7, QUEUE_ROWS + 50])
    def test_the_queue_is_the_rules_ranking_as_far_as_it_goes(self, house: House, how_many: int) -> None:
        clock = house.clock
        assert isinstance(clock, FakeClock)
        kinds = [
            {},
            {"priority": "older"},
            {"service": "test"},
            {"appointment": "apt", "slot_at": NINE + timedelta(minutes=5)},
        ]
        for n in range(how_many):
            house.take(**kinds[n % len(kinds)])
            clock.pass_time(7)
        hub = house.hub
        sight = Sight(hub.arbiter._hall, hub.arbiter.settings, clock.now())
        expected = [r.ticket.number for r in ranking(house.state, sight.centre, clock.now())][:QUEUE_ROWS]
        assert [ticket.number for ticket, _ in queue(sight)] == expected
        assert [card["number"] for card in house.view("counter")["queue"]] == expected
        house.press(1, "open")
        assert house.press(1, "call_next")[1]["ticket"]["number"] == expected[0]
        assert [card["number"] for card in house.view("counter")["queue"]][:5] == expected[1:6]
