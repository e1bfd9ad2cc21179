"""What the administration does is done once for an Idempotency-Key, on both databases: over HTTP and verb by verb."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlmodel import Session, func, select

from server.administration.answers import Closing, Grant, Opening, Proof
from server.administration.roles import Role
from server.administration.tables import AuditRow
from server.api.once import Once, OtherRequestError
from server.api.tables import AnsweredRow
from server.feedback.answers import Kind
from server.feedback.desk import Feedback
from tests.clusters import fresh_database
from tests.server.administration.home import MANAGER, ROOT, TUESDAY, Home, opened
from tests.server.administration.office import PREFIX, Desk, Office
from tests.server.booking.house import AMNA, BADER, CENTRE, KIOSK, SECOND, SERVICE, centre
from tests.server.test_holidays import NATIONAL, calendar
from tests.waiting import until

PATH = f"/centres/{CENTRE}/openings"
FRIDAY = {"day": "2026-11-27", "begins": "08:00", "ends": "10:00"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    return fresh_database("asking_again") if request.param == "postgresql" else ""


@pytest.fixture(scope="module")
def served(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with Office(tmp_path_factory.mktemp("office"), database).served() as desk:
        yield desk


def lines(store: Any, act: str) -> int:
    def count(session: Session) -> int:
        return session.exec(select(func.count()).select_from(AuditRow).where(AuditRow.act == act)).one()

    return int(store.call(count))


def lost(desk: Desk, path: str, content: object, key: str) -> None:
    """Send a request and hang up before its answer comes."""
    url, body = urlsplit(desk.url), json.dumps(content).encode()
    head = (
        f"POST {PREFIX}{path} HTTP/1.1\r\nHost: {url.netloc}\r\nAuthorization: Bearer {desk.token('manager')}\r\n"
        f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=10) as line:
        line.sendall(head.encode() + body)


def test_an_answer_that_was_lost_is_given_again(served: Desk) -> None:
    before, key = lines(served.service.store, "opened"), {"Idempotency-Key": "lost"}
    lost(served, PATH, FRIDAY, "lost")
    until(lambda: lines(served.service.store, "opened") == before + 1, "it is done though nobody hears so")
    again = served.post("manager", PATH, FRIDAY, **key)
    assert (again.status_code, served.post("manager", PATH, FRIDAY, **key).content) == (200, again.content)
    assert lines(served.service.store, "opened") == before + 1
    version = again.json()["document"]["version"]
    assert served.get("manager", f"/centres/{CENTRE}/settings").json()["version"] == version
    assert served.post("manager", PATH, FRIDAY).json()["document"]["version"] > version, "without a key it is another"

    other = served.post("manager", PATH, FRIDAY | {"ends": "11:00"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY")
    theirs = served.post("administrator", PATH, FRIDAY, **key)
    assert theirs.json()["document"]["version"] > version, "a key is its caller's own"
    assert served.post("viewer", PATH, FRIDAY, **key).status_code == 403, "and no right to anything"


def test_two_at_once_do_it_once(served: Desk) -> None:
    before, start, seen = lines(served.service.store, "opened"), threading.Barrier(6), Counter[bytes]()
    wanted, token = FRIDAY | {"day": "2026-12-04"}, served.token("manager")

    def send() -> None:
        own = Desk(served.url, served.service)
        own._tokens["manager"] = token
        start.wait()
        while True:
            said = own.post("manager", PATH, wanted, **{"Idempotency-Key": "at-once"})
            if said.status_code != 409:
                seen[said.content] += 1
                return
            assert said.json()["code"] == "UNDER_WAY" and said.headers["Retry-After"]

    threads = [threading.Thread(target=send) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert list(seen.values()) == [6] and lines(served.service.store, "opened") == before + 1


def test_a_desk_that_asks_again_for_its_customer_is_told_the_same(served: Desk) -> None:
    where, bader = f"/centres/{CENTRE}/appointments", {"cpr": BADER, "born": "1992-07-02"}
    who = served.post("desk", "/customers/admit", bader).json()
    assert (who["name"]["en"], who["coming"], who["block"]) == ("Bader", [], None), "not what is booked elsewhere"
    wrong = served.post("desk", "/customers/admit", bader | {"born": "1992-07-03"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "WRONG_BIRTH_DATE")
    days = served.get("desk", f"/centres/{CENTRE}/services/{SECOND}/slots").json()
    first, later = [slot["at"] for day in days for slot in day["slots"] if slot["left"]][:2]
    wanted, key = {"service": SECOND, "slot_at": first, "customer": bader}, {"Idempotency-Key": "desk"}
    made = served.post("desk", where, wanted, **key)
    moved = served.post("desk", f"{where}/{made.json()['id']}/move", {"slot_at": later, "customer": bader})
    assert (moved.status_code, moved.json()["link"]) == (200, made.json()["link"])
    assert served.post("desk", where, wanted, **key).content == made.content, "it stands elsewhere by now"
    refused = served.post("desk", where, wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "ONE_ALREADY")
    assert refused.json()["appointment"]["id"] == moved.json()["id"]
    gone = served.post("desk", f"{where}/{made.json()['id']}/cancel", {"customer": bader}).json()
    assert (gone["status"], gone["ended_by"]) == ("cancelled", "customer")


@pytest.fixture(scope="module")
def home(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    url = fresh_database("asking_verbs") if database else ""
    made = opened(tmp_path_factory.mktemp("home") / "data", url)
    yield made
    made.close()


Verb = Callable[[Once | None], Coroutine[Any, Any, Any]]


def verbs(home: Home, holidays: bytes) -> Iterator[tuple[str, Verb]]:
    """Give each verb that takes a key, ready to be asked for something that is not there yet."""
    it, badr, amna = home.it, Proof(BADER, date(1992, 7, 2)), Proof(AMNA, date(1985, 3, 14))
    day = TUESDAY + timedelta(days=1)
    yield "bodies.add", lambda asked: it.bodies.add(ROOT, "interior", "ministry", {"en": "M"}, asked=asked)
    yield "bodies.add_centre", lambda asked: it.bodies.add_centre(ROOT, "", centre("isa"), asked=asked)
    account = home.do(it.accounts.add(ROOT, "huda", "Huda", Grant(CENTRE, Role.VIEWER))).account.id
    yield "accounts.grant", lambda asked: it.accounts.grant(ROOT, account, Grant(CENTRE, Role.DESK), asked=asked)
    yield "days.import", lambda asked: it.days.import_holidays(ROOT, "", holidays, "move", asked=asked)
    opening = Opening(TUESDAY, time(15), time(16))
    yield "days.open", lambda asked: it.days.open(MANAGER, CENTRE, opening, asked=asked)
    yield "days.close", lambda asked: it.days.close(MANAGER, CENTRE, Closing(TUESDAY, time(15)), asked=asked)
    yield "crew.revoke", lambda asked: it.crew.revoke(MANAGER, CENTRE, KIOSK, asked=asked)
    first, second, third = home.on(day)[:3]
    yield "book", lambda asked: it.on_behalf.book(MANAGER, CENTRE, amna, SERVICE, first, asked=asked)
    mine = home.coming(home.sign_in(AMNA))[0].id
    yield "move", lambda asked: it.on_behalf.move(MANAGER, CENTRE, mine, amna, second, asked=asked)
    yield "help.move", lambda asked: it.help.move(MANAGER, CENTRE, mine, third, asked=asked)
    yield "help.cancel", lambda asked: it.help.cancel(MANAGER, CENTRE, mine, asked=asked)
    mine = home.do(it.on_behalf.book(MANAGER, CENTRE, amna, SERVICE, first)).id
    yield "cancel", lambda asked: it.on_behalf.cancel(MANAGER, CENTRE, mine, amna, asked=asked)
    block(home, badr, first)
    bader = home.do(it.help.find(MANAGER, BADER)).id
    yield "lift_block", lambda asked: it.help.lift_block(MANAGER, bader, "because", asked=asked)
    home.clock.pass_time(61)
    blocked = block(home, badr, first)
    yield "lift_block_of", lambda asked: it.help.lift_block_of(MANAGER, CENTRE, blocked, "because", asked=asked)
    feedback = Feedback(home.store, home.registers, home.clock)
    filed = home.do(feedback.complain(home.sign_in(AMNA), CENTRE, Kind.STAFF, "nobody came", "", "once"))
    yield "take", lambda asked: it.complaints.take(MANAGER, CENTRE, filed.reference, asked=asked)
    yield "answer", lambda asked: it.complaints.answer(MANAGER, CENTRE, filed.reference, "we are sorry", asked=asked)


def block(home: Home, proof: Proof, at: datetime) -> str:
    """Cancel too often; return the last booking."""
    for _ in range(4):
        made = home.do(home.it.on_behalf.book(MANAGER, CENTRE, proof, SERVICE, at))
        home.do(home.it.on_behalf.cancel(MANAGER, CENTRE, made.id, proof))
    return made.id


def test_each_verb_is_done_once_and_its_answer_comes_again(home: Home, tmp_path: Path) -> None:
    def noted() -> int:
        return len(home.store.call(lambda session: session.exec(select(AuditRow.id)).all()))

    names = []
    for name, verb in verbs(home, calendar(tmp_path, NATIONAL).read_bytes()):
        asked = Once("account:m", name, "a", home.clock.now(), home.store.vault)
        before = noted()
        first = home.do(verb(asked))
        after = noted()
        assert after > before, name
        home.clock.pass_time(1)
        assert home.do(verb(asked)) == first and noted() == after, name
        with pytest.raises(OtherRequestError):
            home.do(verb(Once("account:m", name, "b", home.clock.now(), home.store.vault)))
        names.append(name)
    assert len(names) == 16


def test_what_is_kept_says_nothing_that_a_customer_wrote(home: Home) -> None:
    kept = home.store.call(lambda session: "".join(session.exec(select(AnsweredRow.answer))))
    assert kept and not any(word in kept for word in ("nobody came", "sorry", "{", CENTRE))
