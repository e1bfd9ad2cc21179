"""The receiving side over HTTP: the safe is acknowledged, the wrong is named, nobody does another's part."""

from __future__ import annotations

import gzip
import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from queueing.wire import GENESIS, Event, Stream
from sync.identity import Signer
from sync.intake import Intake
from sync.log import StorageReason, StorageUnavailable
from sync.rights import Role
from sync.writer import Job, T
from tests.sync.fakes import HUB, KIOSK, FakeClock, chain, ticket
from tests.sync.node import TinyNode, serving

OTHER = Stream("kiosk-2", 1)


@dataclass
class Caller:
    """Requests as a device makes them."""

    url: str
    signer: Signer | None
    session: requests.Session

    def get(self, target: str) -> requests.Response:
        return self._send("GET", target, b"", {})

    def post(self, target: str, content: object, *, packed: bool = False) -> requests.Response:
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"Content-Type": "application/json"}
        if packed:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        return self._send("POST", target, body, headers)

    def push(self, events: list[Event], *, packed: bool = False) -> requests.Response:
        dev, inc = events[0].stream
        wires = [event.to_wire() for event in events]
        content = {"dev": dev, "inc": inc, "first_seq": events[0].seq, "events": wires}
        return self.post("/v1/events", content, packed=packed)

    def hello(self, stream: Stream, next_seq: int, head_hash: str) -> requests.Response:
        dev, inc = stream
        said = {"dev": dev, "inc": inc, "next_seq": next_seq, "head_hash": head_hash, "schema": 1, "new": "field"}
        return self.post("/v1/hello", said)

    def _send(self, method: str, target: str, body: bytes, headers: dict[str, str]) -> requests.Response:
        if self.signer is not None:
            headers["Authorization"] = self.signer.authorization(method, target, body)
        return self.session.request(method, self.url + target, data=body, headers=headers, timeout=10)


@dataclass
class House:
    node: TinyNode
    kiosk: Caller
    other: Caller
    display: Caller
    hub: Caller
    nobody: Caller


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    node = TinyNode(tmp_path, FakeClock())
    node.writer.start()
    with serving(node.app()) as url, requests.Session() as session:
        callers = [
            Caller(url, node.enrol(tmp_path, name, role), session)
            for name, role in (
                ("kiosk-1", Role.KIOSK),
                ("kiosk-2", Role.KIOSK),
                ("hall-1", Role.DISPLAY),
                ("hub-7", Role.HUB),
            )
        ]
        yield House(node, *callers, Caller(url, None, session))
        node.broadcast.close()
    node.writer.close()


def problem(response: requests.Response, status: int, code: str) -> dict[str, object]:
    assert response.headers["content-type"] == "application/problem+json", response.text
    content = response.json()
    assert (response.status_code, content["status"], content["code"]) == (status, status, code), content
    assert content["title"] and content["type"]
    return dict(content)


# --- hello


def test_hello_says_where_the_receiver_stands(house: House) -> None:
    events = chain(KIOSK, 3)
    answer = house.kiosk.hello(KIOSK, 4, events[2].hash).json()
    assert answer == {
        "expect_seq": 1,
        "head_hash": GENESIS,
        "now": "2026-11-22T04:00:00.000000Z",
        "settings_version": 7,
    }
    house.kiosk.push(events)
    answer = house.kiosk.hello(KIOSK, 4, events[2].hash).json()
    assert (answer["expect_seq"], answer["head_hash"]) == (4, events[2].hash)


@pytest.mark.parametrize(("next_seq", "known"), [(4, 3), (3, 3), (1, 3)])
def test_a_device_with_another_or_a_shorter_history_is_told(house: House, next_seq: int, known: int) -> None:
    house.kiosk.push(chain(KIOSK, known))
    theirs = chain(KIOSK, known, salt="other ") if next_seq > known else chain(KIOSK, known)
    head = theirs[next_seq - 2].hash if next_seq > 1 else GENESIS
    problem(house.kiosk.hello(KIOSK, next_seq, head), 409, "FORK")
    assert house.node.forked == {KIOSK}
    assert house.kiosk.hello(KIOSK, known + 1, chain(KIOSK, known)[-1].hash).status_code == 200
    assert not house.node.forked, "it is the one that was known"


def test_a_hub_that_is_behind_with_a_kiosks_stream_is_not_accused(house: House) -> None:
    events = chain(KIOSK, 5)
    house.kiosk.push(events)
    assert house.hub.hello(KIOSK, 3, events[1].hash).json()["expect_seq"] == 3
    problem(house.hub.hello(KIOSK, 3, "ab" * 32), 409, "FORK")


# --- events


@pytest.mark.parametrize("packed", [False, True])
def test_events_are_acknowledged_when_they_are_safe_and_repetition_is_harmless(house: House, packed: bool) -> None:
    events = chain(KIOSK, 5)
    for part in (events[:3], events[:3], events):
        assert house.kiosk.push(part, packed=packed).json() == {"ack_seq": part[-1].seq}
    assert house.kiosk.push(events[:2]).json() == {"ack_seq": 5}
    assert house.node.folded == events


def test_a_gap_names_what_is_expected(house: House) -> None:
    events = chain(KIOSK, 5)
    house.kiosk.push(events[:2])
    assert problem(house.kiosk.push(events[3:]), 409, "GAP")["expect_seq"] == 3
    assert house.kiosk.push(events[2:]).json() == {"ack_seq": 5}


def test_another_event_at_the_same_seq_is_a_fork(house: House) -> None:
    house.kiosk.push(chain(KIOSK, 3))
    assert problem(house.kiosk.push(chain(KIOSK, 3, salt="x ")), 409, "FORK")["seq"] == 1
    assert house.node.forked == {KIOSK}


def test_what_this_version_does_not_know_is_taken(house: House) -> None:
    (base,) = chain(KIOSK, 1)
    odd = Event.from_wire({**base.to_wire(), "type": "CoffeeServed", "v": 10**30, "body": {"سكر": {"n": [1.5, None]}}})
    assert house.kiosk.push([odd]).json() == {"ack_seq": 1}
    assert house.node.writer.submit(lambda tx: tx.log.read_stream(KIOSK, 0)).result(5) == [odd]


def test_nothing_is_acknowledged_that_the_disk_did_not_take(house: House) -> None:
    def fail() -> None:
        raise StorageUnavailable(StorageReason.FULL)

    house.node.before_store = fail
    response = house.kiosk.push(chain(KIOSK, 1))
    problem(response, 503, "UNAVAILABLE")
    assert int(response.headers["Retry-After"]) > 0
    house.node.before_store = lambda: None
    assert house.kiosk.push(chain(KIOSK, 1)).json() == {"ack_seq": 1}


def test_who_is_too_many_is_asked_to_come_again_and_the_others_are_served(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.serving.Intake", lambda: Intake(in_hand=1, waiters=2))
    looked, go_on = threading.Semaphore(0), threading.Event()

    def hold() -> None:
        looked.release()
        assert go_on.wait(10)

    house.node.before_store = hold
    answers: list[int] = []
    with serving(house.node.app()) as url:

        def push(kiosk: Stream) -> requests.Response:
            signer = house.kiosk.signer if kiosk == KIOSK else house.other.signer
            with requests.Session() as session:
                response = Caller(url, signer, session).push(chain(kiosk, 1))
            answers.append(response.status_code)
            return response

        threads = [threading.Thread(target=push, args=(kiosk,)) for kiosk in (KIOSK, OTHER, KIOSK)]
        for thread in threads:
            thread.start()
        assert looked.acquire(timeout=5)
        # One is being kept, two wait; whoever comes now is told at once.
        busy = first_that(lambda: push(OTHER), lambda response: response.status_code == 503)
        problem(busy, 503, "BUSY")
        assert 1 <= int(busy.headers["Retry-After"]) <= 4
        go_on.set()
        for thread in threads:
            thread.join(10)
        assert answers.count(200) >= 3
        assert push(OTHER).json() == {"ack_seq": 1}


def first_that(ask: Callable[[], requests.Response], what: Callable[[requests.Response], bool]) -> requests.Response:
    """Ask from other threads until an answer is as it has to be; those that have no answer yet are left to wait."""
    found: queue.SimpleQueue[requests.Response] = queue.SimpleQueue()
    for _ in range(8):
        threading.Thread(target=lambda: found.put(ask()), daemon=True).start()
        try:
            while not what(response := found.get(timeout=1)):
                pass
        except queue.Empty:
            continue
        return response
    raise AssertionError("no such answer")


def test_long_answers_are_packed_for_who_can_unpack(house: House) -> None:
    house.kiosk.push(chain(KIOSK, 20))
    target = "/v1/events"
    assert house.hub.signer is not None
    for encoding, expected in (("gzip, deflate", "gzip"), ("identity", None)):
        headers = {"Authorization": house.hub.signer.authorization("GET", target), "Accept-Encoding": encoding}
        answer = requests.get(house.hub.url + target, headers=headers, timeout=10)
        assert answer.headers.get("content-encoding") == expected
        assert len(answer.json()["events"]) == 20
    assert "content-encoding" not in house.hub.get("/v1/events?after=&limit=1").headers


def bodies() -> dict[str, bytes]:
    events = chain(KIOSK, 3)
    wires = [event.to_wire() for event in events]
    base: dict[str, object] = {"dev": "kiosk-1", "inc": 1, "first_seq": 1, "events": wires}
    surrogate = {**wires[0], "body": {"x": "SURROGATE"}}
    return {
        "no json": b"{",
        "no utf-8": b'{"dev": "\xff"}',
        "no object": b"[]",
        "deep": b"[" * 100_000,
        "nan": json.dumps(base).replace("1.0", "NaN", 1).encode(),
        "no events": json.dumps({**base, "events": []}).encode(),
        "a text for events": json.dumps({**base, "events": "x"}).encode(),
        "a number for an event": json.dumps({**base, "events": [7]}).encode(),
        "another device's event": json.dumps({**base, "events": [*wires, chain(OTHER, 4)[3].to_wire()]}).encode(),
        "out of order": json.dumps({**base, "events": wires[::-1], "first_seq": 3}).encode(),
        "another first_seq": json.dumps({**base, "first_seq": 2}).encode(),
        "another device": json.dumps({**base, "dev": "kiosk-2"}).encode(),
        "half a letter": json.dumps({**base, "events": [surrogate]}).replace("SURROGATE", "\\ud800").encode(),
    }


@pytest.mark.parametrize("name", sorted(bodies()))
def test_what_is_no_push_is_refused_and_not_repeated_back(house: House, name: str) -> None:
    response = house.kiosk.post("/v1/events", bodies()[name])
    problem(response, 422, "INVALID")
    assert "2026-11-22" not in response.text.replace(house.node.clock.at.isoformat(), "")
    assert house.node.folded == []


def test_too_much_is_refused(house: House) -> None:
    problem(house.kiosk.push(chain(KIOSK, 501)), 413, "TOO_LARGE")
    problem(house.kiosk.post("/v1/events", b" " * (1 << 20) + b" "), 413, "TOO_LARGE")
    problem(house.kiosk.post("/v1/events", b" " * (9 << 20), packed=True), 413, "TOO_LARGE")


def test_what_is_not_packed_rightly_is_refused(house: House) -> None:
    caller = house.kiosk
    assert caller.signer is not None
    for encoding, body, status, code in (
        ("br", b"{}", 415, "ENCODING"),
        ("gzip", b"{}", 422, "INVALID"),
        ("gzip", gzip.compress(b"{}")[:-3], 422, "INVALID"),
        ("gzip", gzip.compress(b"{}") + b"more", 422, "INVALID"),
    ):
        headers = {
            "Content-Encoding": encoding,
            "Authorization": caller.signer.authorization("POST", "/v1/events", body),
        }
        problem(requests.post(caller.url + "/v1/events", data=body, headers=headers, timeout=10), status, code)


def test_a_body_of_unsaid_length_is_refused(house: House) -> None:
    response = requests.post(house.kiosk.url + "/v1/events", data=iter([b"{", b"}"]), timeout=10)
    problem(response, 411, "LENGTH")


# --- who may


def test_a_kiosk_sends_its_own_stream_and_no_other(house: House) -> None:
    problem(house.other.push(chain(KIOSK, 1)), 403, "FORBIDDEN")
    problem(house.other.hello(KIOSK, 1, GENESIS), 403, "FORBIDDEN")
    assert house.hub.push(chain(KIOSK, 1)).status_code == 200


def test_each_role_does_its_own_part(house: House) -> None:
    house.node.broadcast.publish("board", b"{}")
    house.node.broadcast.publish("kiosk", b"{}")
    house.node.broadcast.publish("counter", b"{}")
    asked = ["/v1/events", "/v1/snapshot?view=board", "/v1/snapshot?view=kiosk", "/v1/snapshot?view=counter"]
    allowed = {
        caller: [getattr(house, caller).get(target).status_code for target in asked]
        for caller in ("kiosk", "display", "hub", "nobody")
    }
    assert allowed == {
        "kiosk": [403, 200, 200, 403],
        "display": [403, 200, 403, 403],
        "hub": [200, 403, 403, 403],
        "nobody": [401, 401, 401, 401],
    }
    problem(house.display.push(chain(Stream("hall-1", 1), 1)), 403, "FORBIDDEN")


def test_a_revoked_device_is_nobody(house: House) -> None:
    assert house.kiosk.push(chain(KIOSK, 1)).status_code == 200
    del house.node.devices["kiosk-1"]
    problem(house.kiosk.push(chain(KIOSK, 2)), 401, "UNKNOWN")


def test_a_wrong_clock_is_told_the_time(house: House) -> None:
    assert house.kiosk.signer is not None
    clock = FakeClock()
    clock.pass_time(-3600)
    late = Signer(house.kiosk.signer._key, "kiosk-1", 1, clock)
    told = problem(Caller(house.kiosk.url, late, house.kiosk.session).push(chain(KIOSK, 1)), 401, "STALE")
    assert told["now"] == "2026-11-22T04:00:00.000000Z"


def test_a_request_is_good_once(house: House) -> None:
    signer = house.display.signer
    assert signer is not None
    house.node.broadcast.publish("board", b"{}")
    headers = {"Authorization": signer.authorization("GET", "/v1/snapshot?view=board")}
    url = house.display.url + "/v1/snapshot?view=board"
    assert requests.get(url, headers=headers, timeout=10).status_code == 200
    problem(requests.get(url, headers=headers, timeout=10), 401, "REPLAYED")


def test_staff_watch_by_their_cookie(house: House) -> None:
    house.node.broadcast.publish("counter", b'{"a":1}')
    url = house.nobody.url + "/v1/snapshot?view=counter"
    assert requests.get(url, cookies={"staff": "clerk"}, timeout=10).json() == {"a": 1}
    problem(requests.get(url, cookies={"staff": "x"}, timeout=10), 401, "MISSING")


# --- reading


def test_pulling_in_pages_and_what_is_not_ones_own_is_left_out(house: House) -> None:
    events = chain(KIOSK, 4)
    house.kiosk.push(events)
    house.node.writer.submit(lambda tx: tx.store(chain(Stream("stranger", 1), 2))).result(5)
    first = house.hub.get("/v1/events?limit=3").json()
    assert first["events"] == [event.to_wire() for event in events[:3]] and first["more"]
    rest = house.hub.get(f"/v1/events?after={first['next']}&limit=500").json()
    assert (rest["events"], rest["more"]) == ([events[3].to_wire()], False)
    assert house.hub.get(f"/v1/events?after={rest['next']}").json() == {
        "events": [],
        "next": rest["next"],
        "more": False,
    }
    problem(house.hub.get("/v1/events?after=elsewhere:3"), 410, "CURSOR")
    problem(house.hub.get("/v1/events?limit=0"), 422, "INVALID")


def test_pulling_waits_for_news(house: House) -> None:
    cursor = house.hub.get("/v1/events").json()["next"]
    got: list[dict[str, object]] = []
    looked, run = threading.Event(), house.node.writer.run

    async def run_and_tell(job: Job[T], **more: bool) -> T:
        result = await run(job, **more)
        looked.set()
        return result

    house.node.writer.run = run_and_tell  # type: ignore[method-assign]  # tells when the pull has found nothing
    asked = threading.Thread(target=lambda: got.append(house.hub.get(f"/v1/events?after={cursor}&wait=20").json()))
    asked.start()
    assert looked.wait(5)
    caller = Caller(house.kiosk.url, house.kiosk.signer, requests.Session())
    caller.push(chain(KIOSK, 1))
    asked.join(10)
    assert not asked.is_alive()
    assert got[0]["events"] == [chain(KIOSK, 1)[0].to_wire()]
    caller.session.close()


def test_own_events_are_news_too(house: House) -> None:
    house.node.devices["hub"] = house.node.devices["hub-7"]
    house.node.writer.submit(lambda tx: tx.append([ticket(1)])).result(5)
    (event,) = house.hub.get("/v1/events?wait=5").json()["events"]
    assert (event["dev"], event["seq"]) == (HUB.device, 1)


def test_a_snapshot_and_its_absence(house: House) -> None:
    problem(house.display.get("/v1/snapshot?view=board"), 503, "UNAVAILABLE")
    problem(house.display.get("/v1/snapshot?view=attic"), 404, "VIEW")
    house.node.broadcast.publish("board", '{"name":"دور"}'.encode())
    response = house.display.get("/v1/snapshot?view=board")
    assert response.json() == {"name": "دور"} and response.headers["cache-control"] == "no-store"
    problem(house.display.get("/v1/nowhere"), 404, "NOT_FOUND")


def test_the_live_stream(house: House) -> None:
    house.node.broadcast.publish("board", b'{"n":1}')
    signer = house.display.signer
    assert signer is not None
    headers = {"Authorization": signer.authorization("GET", "/v1/live?view=board")}
    url = house.display.url + "/v1/live?view=board"
    with requests.get(url, headers=headers, stream=True, timeout=10) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        pieces = response.iter_content(chunk_size=None)
        assert next(pieces) == b'event: snapshot\ndata: {"n":1}\n\n'
        house.node.broadcast.publish("board", b'{"n":2}')
        assert next(pieces) == b'event: snapshot\ndata: {"n":2}\n\n'


def test_openapi_tells_all_of_it(house: House) -> None:
    api = requests.get(house.nobody.url + "/openapi.json", timeout=10).json()
    assert api["components"]["securitySchemes"]["DeviceSignature"] == {
        "type": "http",
        "scheme": "Dawr-Ed25519",
        "description": "Ed25519 signature of the request; see sync/identity.py.",
    }
    push = api["paths"]["/v1/events"]["post"]
    assert push["requestBody"]["content"]["application/json"]["schema"]["properties"]["events"]["maxItems"] == 500
    assert {"200", "401", "403", "409", "413", "415", "422", "503"} <= set(push["responses"])
    assert push["security"] == [{"DeviceSignature": []}]
    assert {"/v1/hello", "/v1/events", "/v1/snapshot", "/v1/live"} <= set(api["paths"])
