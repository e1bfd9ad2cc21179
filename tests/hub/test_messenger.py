"""What the hub tells customers: due once, handed to the server or to the modem, never to both, settled as a fact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlsplit

import pytest

from assets.texts import Catalogue, compile_all
from hub import contacts
from hub.contacts import Contact
from hub.messenger import FRESH_S, Messenger
from hub.modem import ModemPost
from queueing.following import follow_id
from sms.life import Answer
from sync.identity import DeviceKey, Signer
from sync.line import PeerLine
from tests.hub.house import House
from tests.hub.server import FakeServer
from tests.sms.fakes import FakeGateway
from tests.sync.fakes import FakeClock
from tests.waiting import until

PHONE = "+97336001234"
ADDRESS = "https://dawr.example.bh"
AFTER_S = 30.0
Mood = Literal["fine", "no gateway", "refuses", "hangs up", "forgets"]


@dataclass
class Central:
    """The server's messages as the hub meets them; `tests/contracts` meet the real ones."""

    mood: Mood = "fine"
    states: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    posted: list[dict[str, Any]] = field(default_factory=list)
    asked: int = 0

    def answer(self, target: str, said: Any) -> tuple[int, Any]:
        if said is None:
            self.asked += 1
            ids = parse_qs(urlsplit(target).query).get("ids", [""])[0].split(",")
            return 200, self._told(ids)
        if self.mood == "refuses":
            return 503, {"code": "NO_GATEWAY"}
        self.posted += said["messages"]
        for message in said["messages"]:
            if self.mood != "forgets":
                self.states.setdefault(message["id"], "accepted")
        if self.mood in ("hangs up", "forgets"):
            raise ConnectionAbortedError
        return 200, self._told([message["id"] for message in said["messages"]])

    def _told(self, ids: list[str]) -> dict[str, Any]:
        return {
            "states": {each: self.states[each] for each in ids if each in self.states},
            "why": self.why,
            "gateway": self.mood != "no gateway",
        }


@dataclass
class Desk:
    house: House
    clock: FakeClock
    central: Central
    modem: FakeGateway
    messenger: Messenger
    line: PeerLine
    ready: list[bool]
    url: str

    def take(self, how_many: int = 1, **more: Any) -> list[str]:
        """Take tickets by message, later than those before."""
        self.clock.pass_time(1)
        tickets = self.house.take(how_many, delivery="sms", **more)
        for ticket in tickets:
            self.give(ticket)
        return tickets

    def give(self, ticket: str, lang: str = "ar") -> None:
        now, contact = self.clock.now(), Contact(ticket, PHONE, lang)
        self.house.hub.arbiter.writer.submit(lambda tx: contacts.keep(tx, contact, now)).result()

    def round(self, after_s: float = 1.0) -> None:
        self.clock.pass_time(after_s)
        self.messenger.round()

    def cut(self) -> None:
        """Cut the line: nobody listens at the other end."""
        self.line._url = "http://127.0.0.1:9"

    def mend(self) -> None:
        self.line._url = self.url

    def phones(self) -> list[str]:
        found = self.house.hub.arbiter.writer.submit(lambda tx: contacts.all_of(tx.connection)).result()
        return [each.ticket for each in found]

    @property
    def posted(self) -> list[str]:
        return [message["id"] for message in self.central.posted]

    def by_modem(self) -> list[str]:
        return [outgoing.message.id for outgoing in self.modem.sent]

    def settled(self, ticket: str) -> dict[str, str]:
        return dict(self.house.state.tickets[ticket].messages)


@contextmanager
def _desk(data: Path, clock: FakeClock, central: Central, modem: FakeGateway, **options: Any) -> Iterator[Desk]:
    house = House(data, clock)
    house.settings_json["centre"] |= {"follow_url": ADDRESS}
    house.settings = type(house.settings).from_json(house.settings_json)
    key = DeviceKey.load(data / "hub-key") if (data / "hub-key").exists() else DeviceKey.make(data / "hub-key")
    server = FakeServer()
    server.answers["/v1/messages"] = (200, central.answer)
    with server.running(), house.running():
        house.hub.messenger.close()  # its own thread: the test makes the rounds
        line = PeerLine(server.url, Signer(key, "hub", 1, clock))
        ready: list[bool] = []
        post = ModemPost(data, modem, clock) if options.pop("with_modem", True) else None
        catalogues = {lang: Catalogue.load(lang) for lang in ("ar", "en")}
        messenger = Messenger(
            house.hub.arbiter, clock, catalogues, ready.append, line=line, modem=post, modem_after_s=AFTER_S
        )
        if post is not None:
            post.start()
            until(lambda: post.ready, "the modem")
        try:
            yield Desk(house, clock, central, modem, messenger, line, ready, server.url)
        finally:
            messenger.close()


@pytest.fixture(scope="module", autouse=True)
def _texts() -> None:
    compile_all()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with _desk(tmp_path, FakeClock(), Central(), FakeGateway()) as desk:
        yield desk


def test_an_e_ticket_from_the_contact_to_the_fact(desk: Desk) -> None:
    others = desk.house.take(8)
    (ticket,) = desk.take()
    desk.round()
    (message,) = desk.central.posted
    taken = desk.house.kiosk.log[-1]
    assert message == {
        "id": f"{ticket}:eticket",
        "to": PHONE,
        "lang": "ar",
        "kind": "eticket",
        "text": f"رقمك A0009، تجديد {ADDRESS}/t/{follow_id(taken)}",
        "valid_s": 1800.0,
    }
    assert len(message["text"]) <= 70
    desk.round(2.0)
    assert desk.settled(ticket) == {}
    desk.central.states[f"{ticket}:eticket"] = "delivered"
    desk.round(2.0)
    assert desk.settled(ticket) == {"eticket": "delivered"}
    assert desk.settled(others[0]) == {}
    assert desk.posted == [f"{ticket}:eticket"]


def test_near_and_called_once_each(desk: Desk) -> None:
    desk.house.press(1, "open")
    desk.house.take(6)
    (ticket,) = desk.take()
    desk.round()
    for _ in range(3):
        desk.house.press(1, "call_next")
        desk.house.press(1, "start_serving")
        desk.house.press(1, "finish")
        desk.round()
    desk.round()
    assert desk.posted == [f"{ticket}:eticket", f"{ticket}:near"]
    assert "أمامك 3 أشخاص" in desk.central.posted[1]["text"]
    desk.house.press(1, "call", number="A0007")
    desk.round()
    desk.house.press(1, "recall")
    desk.round()
    desk.house.press(1, "mark_no_show")
    desk.house.press(1, "call", number="A0007")
    desk.round()
    assert desk.posted[2:] == [f"{ticket}:called"]
    assert "الشباك 1" in desk.central.posted[2]["text"]


def test_a_message_in_the_customer_s_language(desk: Desk) -> None:
    (ticket,) = desk.house.take(delivery="sms")
    desk.give(ticket, "en")
    desk.round()
    assert desk.central.posted[0]["text"].startswith("Your number is A0001, Renew. Follow your turn: https://")


def test_a_language_without_texts_gets_the_centre_s_first(desk: Desk) -> None:
    (ticket,) = desk.house.take(delivery="sms")
    desk.give(ticket, "hi")
    desk.round()
    assert desk.central.posted[0]["lang"] == "ar"


def test_a_contact_that_comes_before_its_ticket_waits_for_it(desk: Desk) -> None:
    desk.give("kiosk-1.1.1")
    desk.round()
    assert desk.posted == []
    desk.house.take(delivery="sms")
    desk.round()
    assert desk.posted == ["kiosk-1.1.1:eticket"]


def test_a_line_that_is_cut_leaves_it_to_the_modem_after_a_time(desk: Desk) -> None:
    desk.cut()
    (ticket,) = desk.take()
    desk.round()
    desk.round(AFTER_S - 2.0)
    assert desk.by_modem() == []
    desk.round(2.0)
    desk.modem.wait_for(1)
    desk.mend()
    for _ in range(3):
        desk.round(10.0)
    assert desk.by_modem() == [f"{ticket}:eticket"]
    assert desk.posted == []


@pytest.mark.parametrize("mood", ["no gateway", "refuses"])
def test_a_server_that_has_certainly_not_taken_it_leaves_it_to_the_modem(desk: Desk, mood: Mood) -> None:
    desk.central.mood = mood
    (ticket,) = desk.take()
    desk.round()
    desk.round(AFTER_S)
    desk.modem.wait_for(1)
    desk.central.mood = "fine"
    for _ in range(3):
        desk.round(10.0)
    assert desk.by_modem() == [f"{ticket}:eticket"]
    assert desk.posted == []


@pytest.mark.parametrize("mood", ["hangs up", "forgets"])
def test_what_the_server_may_have_taken_never_goes_to_the_modem(desk: Desk, mood: Mood) -> None:
    desk.central.mood = mood
    (ticket,) = desk.take()
    desk.round()
    desk.cut()
    for _ in range(10):
        desk.round(AFTER_S)
    assert desk.by_modem() == []
    desk.mend()
    desk.central.mood = "fine"
    for _ in range(2):
        desk.round(10.0)
    assert desk.by_modem() == []
    # Where it was lost the same id is handed over again, which the server takes once.
    assert set(desk.posted) == {f"{ticket}:eticket"}
    assert len(desk.posted) == (1 if mood == "hangs up" else 2)
    assert desk.central.states == {f"{ticket}:eticket": "accepted"}


def test_a_restart_keeps_each_message_on_its_way(tmp_path: Path) -> None:
    clock, central, modem = FakeClock(), Central("forgets"), FakeGateway()
    with _desk(tmp_path, clock, central, modem) as desk:
        (ticket,) = desk.take()
        desk.round()
    central.mood = "fine"
    with _desk(tmp_path, clock, central, modem) as desk:
        desk.round(AFTER_S)
        desk.round(AFTER_S)
    assert [message["id"] for message in central.posted] == [f"{ticket}:eticket"] * 2
    assert modem.sent == []


def test_what_was_given_to_the_modem_and_cut_off_between_two_writes_is_given_again(desk: Desk) -> None:
    desk.cut()
    (ticket,) = desk.take()
    desk.round()
    desk.house.hub.arbiter.writer.submit(lambda tx: tx.connection.execute("UPDATE message SET way = 'modem'")).result()
    desk.round()
    desk.modem.wait_for(1)
    desk.round()
    assert desk.by_modem() == [f"{ticket}:eticket"]


def test_what_nobody_takes_in_time_has_failed(tmp_path: Path) -> None:
    with _desk(tmp_path, FakeClock(), Central(), FakeGateway(), with_modem=False) as desk:
        desk.cut()
        (ticket,) = desk.take()
        desk.round()
        desk.round(1800.0)
        assert desk.settled(ticket) == {"eticket": "failed"}
        desk.mend()
        desk.round(10.0)
        assert desk.posted == []


def test_what_was_lost_on_the_way_and_is_too_late_now_is_not_handed_over_again(desk: Desk) -> None:
    desk.central.mood = "forgets"
    (ticket,) = desk.take()
    desk.round()
    desk.central.mood = "fine"
    desk.round(1801.0)
    assert desk.settled(ticket) == {"eticket": "failed"}
    assert len(desk.posted) == 1


def test_an_unknown_end_is_corrected_by_a_late_report(desk: Desk) -> None:
    (ticket,) = desk.take()
    desk.round()
    desk.central.states[f"{ticket}:eticket"] = "unknown"
    desk.round(10.0)
    assert desk.settled(ticket) == {"eticket": "unknown"}
    desk.central.states[f"{ticket}:eticket"] = "delivered"
    desk.round(300.0)
    assert desk.settled(ticket) == {"eticket": "delivered"}


def test_the_modem_s_word_is_settled_too(desk: Desk) -> None:
    desk.cut()
    desk.modem.answers[PHONE] = Answer.REFUSED
    (ticket,) = desk.take()
    desk.round()
    desk.round(AFTER_S)
    until(lambda: desk.round(0.0) or desk.settled(ticket), "the modem's word")
    assert desk.settled(ticket) == {"eticket": "failed"}


def test_a_phone_goes_when_its_ticket_is_over_and_nothing_waits(desk: Desk) -> None:
    desk.house.press(1, "open")
    (ticket,) = desk.take()
    desk.cut()
    desk.house.press(1, "call_next")
    desk.round()
    desk.house.press(1, "start_serving")
    desk.house.press(1, "finish")
    desk.round()
    assert desk.phones() == [ticket]  # its messages still wait for a way
    desk.mend()
    desk.round()
    desk.round()
    assert desk.phones() == []


def test_kiosks_offer_what_can_arrive(desk: Desk) -> None:
    desk.round()
    assert desk.ready[-1] is True
    desk.modem.up = False
    until(lambda: not desk.messenger._modem.ready, "the modem's end")  # type: ignore[union-attr]
    desk.cut()
    desk.round(FRESH_S)
    assert desk.ready[-1] is True
    desk.round(1.0)
    assert desk.ready[-1] is False
    desk.mend()
    desk.round(10.0)
    assert desk.ready[-1] is True
    desk.central.mood = "no gateway"
    desk.round(10.0)
    assert desk.ready[-1] is False


def test_many_are_handed_over_in_parts(desk: Desk) -> None:
    desk.take(250)
    desk.round()
    assert len(desk.posted) == len(set(desk.posted)) == 250
    desk.round(2.0)
    assert len(desk.posted) == 250
