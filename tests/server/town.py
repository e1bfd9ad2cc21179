"""Two server processes on one PostgreSQL, customers with sessions, and an operator that counts messages."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import copytree
from signal import SIGKILL
from urllib.parse import parse_qs, urlsplit

import requests
from sqlmodel import Session

from scripts.dawr_dev.cluster import Cluster
from server.booking.seals import customer_place
from server.booking.signing_in import hashed
from server.booking.tables import SessionRow
from server.planting import BOOKED
from server.storage import Store
from server.tables import AppointmentRow, CustomerRow
from sync.clock import SystemClock
from sync.identity import Signer
from tests.clusters import own_cluster
from tests.server.site import CENTRE, Site
from tests.server.test_main import start, stop
from tests.waiting import until

SERVICE = "licence-renewal"
PEOPLE = 50


class Operator:
    """Takes messages as a Kannel does, a little slowly, and says how often each reached which phone."""

    def __init__(self) -> None:
        self.taken: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()
        operator = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                if "to" not in asked:
                    self._say(400)  # A login without a receiver: it is there.
                    return
                time.sleep(0.02)  # An operator takes its time: so somebody is killed in the middle of it.
                with operator._lock:
                    operator.taken[asked["to"][0], asked["text"][0]] += 1
                self._say(202)

            def _say(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def count(self) -> int:
        with self._lock:
            return sum(self.taken.values())

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Server:
    """A server process; each has a data folder of its own, with the same keys."""

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        self.name = name
        self.log = site.folder / f"{name}.log"
        self.config = site.folder / f"{name}.toml"
        self.begin()

    def begin(self) -> None:
        self.process, self.url = start(self.config, self.log)

    def kill(self) -> None:
        stop(self.process, SIGKILL)

    def stop(self) -> int:
        return stop(self.process)

    def hub(self, target: str, **more: float) -> requests.Response:
        signer = Signer(self.site.keys["hub-1"], "hub-1", 1, SystemClock())
        headers = {"Authorization": signer.authorization("GET", target)}
        return requests.get(self.url + target, headers=headers, timeout=30, **more)

    def version(self) -> int:
        return int(self.hub("/v1/settings").json()["version"])

    def book(self, token: str, at: str) -> requests.Response:
        said = {"centre": CENTRE, "service": SERVICE, "slot_at": at}
        headers = {"Authorization": f"Bearer {token}"}
        return requests.post(f"{self.url}/v1/booking/appointments", json=said, headers=headers, timeout=30)

    def free(self) -> dict[str, int]:
        days = requests.get(f"{self.url}/v1/booking/centres/{CENTRE}/services/{SERVICE}/slots", timeout=30).json()
        return {slot["at"]: slot["left"] for day in days for slot in day["slots"]}

    @property
    def has_rounds(self) -> bool:
        said = self.log.read_text()
        return said.rfind("turn_taken what=rounds") > said.rfind("turn_left what=rounds")


class Town:
    """The two servers, what is in their database, and the sessions of people."""

    def __init__(self, folder: Path, cluster: Cluster, operator: Operator) -> None:
        self.cluster = cluster
        self.operator = operator
        self.site = Site(folder)
        always = [{"centre": CENTRE, "day": day, "hours": [["00:00", "24:00"]]} for day in ("today", "tomorrow")]
        self.site.overlay |= {"appointments": [], "extra_days": always}
        seeds = [str(path) for path in self.site.write()]
        for name in ("one", "two"):
            (folder / f"{name}.toml").write_text(
                f"data = {json.dumps(str(folder / name))}\nport = 0\nseeds = {json.dumps(seeds)}\n"
                f"database = {json.dumps(cluster.url())}\n[sms]\nurl = {json.dumps(operator.url)}\n"
                'user = "dawr"\npassword = "secret"\nreports_url = "http://127.0.0.1:9"\n'
            )
        self.one = Server(self.site, "one")
        copytree(folder / "one" / "keys", folder / "two" / "keys")
        self.two = Server(self.site, "two")
        self.store = Store(folder / "one", cluster.url())
        self.people = [self.store.call(lambda session, n=n: self._person(session, n)) for n in range(PEOPLE)]  # type: ignore[misc]

    def _person(self, session: Session, n: int) -> tuple[str, str]:
        """Make a customer who is signed in; return the id and the session's token."""
        who, token, now = f"person-{n}", secrets.token_urlsafe(32), datetime.now(UTC)
        sealed = {
            column: self.store.vault.seal(text, customer_place(who, column))
            for column, text in (("cpr", "1"), ("born", "1990-01-01"), ("name", "{}"), ("phone", f"+973360{n:05}"))
        }
        session.add(CustomerRow(id=who, lookup=f"{n:032x}", lang="en", **sealed))
        session.flush()
        session.add(SessionRow(token_hash=hashed(token), customer=who, lang="en", made_at=now, seen_at=now))
        return who, token

    def booked_long_ago(self, session: Session) -> None:
        """Have everybody an appointment in an hour and a half, which they are to be reminded of now."""
        now = datetime.now(UTC)
        for who, _ in self.people:
            session.add(
                AppointmentRow(
                    centre=CENTRE, id=f"of-{who}", service=SERVICE, customer=who, status=BOOKED, link=f"link-{who}",
                    slot_at=now + timedelta(minutes=90), booked_at=now - timedelta(days=3), booked_by="customer",
                )
            )  # fmt: skip

    @property
    def with_rounds(self) -> tuple[Server, Server]:
        """The one that goes the rounds, and the other."""
        first, second = self.one, self.two
        until(lambda: first.has_rounds or second.has_rounds, "one of them to go the rounds")
        return (first, second) if first.has_rounds else (second, first)

    def close(self) -> None:
        for server in (self.one, self.two):
            server.stop()
        self.store.close()


@contextmanager
def town(folder: Path) -> Iterator[Town]:
    operator = Operator()
    try:
        with own_cluster() as cluster:
            made = Town(folder, cluster, operator)
            try:
                yield made
            finally:
                made.close()
    finally:
        operator.close()
