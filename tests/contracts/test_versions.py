"""Old with new, over real sockets: a device of another version at today's hub, and today's device at another receiver.

What one side does not know it leaves aside, keeps and passes on; nothing of it is changed, and nothing stops.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from fastapi import FastAPI, Request, Response

from queueing.wire import GENESIS, Json, Stream, canonical
from sync.identity import DeviceKey, Signer
from sync.link import Link, LinkStatus
from sync.log import Transaction
from sync.writer import LogWriter
from tests.contracts.hub import running_hub
from tests.contracts.test_hub_server import _until
from tests.server.site import Client, Site
from tests.sync.fakes import BOOT, KIOSK, FakeClock, chain, open_log, ticket
from tests.sync.node import serving

OLD_TICKET = {"number": "A001", "service": "licence-renewal", "day": "2026-11-22", "lang": "ar"}
"""What the very first version said of a ticket: every field that came since has a default."""


class OtherVersion:
    """A kiosk of another version: it writes and hashes its events by the book, whatever is in them."""

    def __init__(self, url: str, signer: Signer) -> None:
        self._url, self._signer = url, signer
        self.texts: list[str] = []

    def write(self, kind: str, body: dict[str, Json], version: int = 1, **later: Json) -> None:
        prev = hashlib.sha256(self.texts[-1].encode()).hexdigest() if self.texts else GENESIS
        seq = len(self.texts) + 1
        envelope: dict[str, Json] = {"dev": "kiosk-1", "inc": 1, "seq": seq, "type": kind, "v": version, "prev": prev}
        about: dict[str, Json] = {"at": "2026-11-22T04:00:00.000000Z", "boot": BOOT, "mono": 1.5}
        self.texts.append(canonical({**envelope, **about, "body": body, **later}).decode())

    def hand_over(self, first: int, *, packed: bool = False, **later: Json) -> dict[str, Any]:
        """Say hello and send all from `first` on; return the answer to the events."""
        head = hashlib.sha256(self.texts[-1].encode()).hexdigest()
        hello = {"dev": "kiosk-1", "inc": 1, "next_seq": len(self.texts) + 1, "head_hash": head, "schema": 1, **later}
        assert self._post("/v1/hello", json.dumps(hello).encode())["expect_seq"] == first
        events = [json.loads(text) for text in self.texts[first - 1 :]]
        body = json.dumps({"dev": "kiosk-1", "inc": 1, "first_seq": first, "events": events, **later}).encode()
        return self._post("/v1/events", gzip.compress(body) if packed else body, packed=packed)

    def _post(self, target: str, body: bytes, *, packed: bool = False) -> dict[str, Any]:
        headers = {"Authorization": self._signer.authorization("POST", target, body)}
        headers |= {"Content-Type": "application/json"} | ({"Content-Encoding": "gzip"} if packed else {})
        response = requests.post(self._url + target, data=body, headers=headers, timeout=10)
        assert response.status_code == 200, response.text
        told: dict[str, Any] = response.json()
        return told


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    (tmp_path / "server").mkdir()
    with Site(tmp_path / "server").served() as client:
        yield client


def test_devices_of_an_older_and_of_a_later_version_at_todays_hub_and_server(client: Client, tmp_path: Path) -> None:
    with running_hub(client, tmp_path / "hub") as hub, serving(hub.app) as url:  # type: ignore[arg-type]  # any ASGI app
        kiosk = OtherVersion(url, Signer(client.site.keys["kiosk-1"], "kiosk-1", 1, client.site.clock))
        kiosk.write("TicketTaken", dict(OLD_TICKET))
        kiosk.write("PrintSettled", {"ticket": "kiosk-1.1.1", "outcome": "printed"})
        assert kiosk.hand_over(1) == {"ack_seq": 2}
        # The same kiosk, of a later version now.
        kiosk.write("TicketTaken", {**OLD_TICKET, "number": "A002", "mood": {"smiles": [1, 2.5e-7, None]}})
        kiosk.write("RobotGreeted", {"وجه": "😀", "n": 10**30}, version=9)
        kiosk.write("TicketTaken", {"who": "knows"}, version=7)
        kiosk.write("TicketTaken", {**OLD_TICKET, "number": "A003"}, zone={"floor": 2})
        kiosk.write("PrintSettled", {"ticket": "kiosk-1.1.6", "outcome": "printed"})
        assert kiosk.hand_over(3, packed=True, behind=7, mood="good") == {"ack_seq": 7}
        _until(client, {KIOSK: 7})

        def look(tx: Transaction) -> tuple[list[str], list[str]]:
            tx.log.verify()
            unknown = tx.connection.execute("SELECT type || ' ' || seq FROM event WHERE known = 0 ORDER BY seq")
            return [text for text, _ in tx.log.read_texts(KIOSK, 0)], [str(row[0]) for row in unknown]

        for writer in (hub.arbiter.writer, client.service.writer):
            texts, unknown = writer.submit(look).result(10)
            assert texts == kiosk.texts, "not a byte is changed on the way"
            assert unknown == ["RobotGreeted 4", "TicketTaken 5"]
        tickets = hub.arbiter.hall.state.tickets
        assert {each.number for each in tickets.values() if each.status == "waiting"} == {"A001", "A002", "A003"}
        # Who reads them back gets the same, and the hash of each still names the one before.
        read = client.send("hub-1", "GET", "/v1/events").json()["events"]
        assert [canonical(each).decode() for each in read if each["dev"] == "kiosk-1"] == kiosk.texts


class OlderReceiver:
    """A hub of the first version: it answers with the least, takes few events at once, and knows no later field."""

    def __init__(self, **later: object) -> None:
        self.texts: list[str] = []
        self.app = FastAPI()
        kept, most = self.texts, 100

        @self.app.post("/v1/hello")
        async def hello(request: Request) -> dict[str, object]:
            said = await request.json()
            assert {"dev", "inc", "next_seq", "head_hash", "schema"} <= said.keys()
            return {"expect_seq": len(kept) + 1, "head_hash": "", "now": "2026-11-22T04:00:00Z", **later}

        @self.app.post("/v1/events")
        async def events(request: Request) -> Response:
            body = await request.body()
            said = json.loads(gzip.decompress(body) if request.headers.get("content-encoding") == "gzip" else body)
            if len(said["events"]) > most:
                return Response('{"code": "TOO_LARGE"}', 413)
            assert said["first_seq"] == len(kept) + 1
            kept.extend(canonical(each).decode() for each in said["events"])
            return Response(json.dumps({"ack_seq": len(kept), **later}))


@pytest.mark.parametrize("later", [{}, {"settings_version": 3, "weather": {"is": "fine"}, "expect": None}])
def test_todays_device_at_a_receiver_of_another_version(tmp_path: Path, later: dict[str, object]) -> None:
    receiver, drained = OlderReceiver(**later), threading.Event()
    writer = LogWriter(lambda: open_log(tmp_path / "kiosk.db"))
    writer.start()
    writer.submit(lambda tx: tx.append([ticket(n) for n in range(350)])).result(10)
    signer = Signer(DeviceKey.make(tmp_path / "key"), "kiosk-1", 1, FakeClock())

    def heard(status: LinkStatus) -> None:
        if status.up and status.behind == 0:
            drained.set()

    with serving(receiver.app) as url:
        link = Link("hub", url, writer, signer, on_status=heard, random=lambda: 0.0)
        link.start()
        assert drained.wait(20)
        link.close()
    assert receiver.texts == [text for text, _ in writer.submit(lambda tx: tx.log.read_texts(KIOSK, 0)).result(5)]
    writer.close()


def test_todays_hub_passes_on_what_it_does_not_know_of_a_kiosk_it_knows(tmp_path: Path) -> None:
    """A hub between two later versions: its link hands on what it was given, whatever that is."""
    receiver, drained = OlderReceiver(), threading.Event()
    hub = LogWriter(lambda: open_log(tmp_path / "hub.db", Stream("kiosk-1", 2)))
    hub.start()
    odd = chain(KIOSK, 120)
    hub.submit(lambda tx: tx.store(odd)).result(5)
    signer = Signer(DeviceKey.make(tmp_path / "key"), "kiosk-1", 2, FakeClock())
    link = None
    with serving(receiver.app) as url:
        link = Link("server", url, hub, signer, on_status=lambda s: drained.set() if s.up and not s.behind else None)
        link.start()
        assert drained.wait(20)
        link.close()
    assert receiver.texts == [event.text for event in odd]
    hub.close()
