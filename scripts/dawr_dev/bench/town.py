"""A booking server for measuring: centres that are open all week, customers who are signed in already, its process.

Customers and their sessions are written into the server's own store before it starts, as a sign-in leaves them. What
messages decide on is composed and kept; the gateway that they go to is not there.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from sqlalchemy import insert
from sqlmodel import Session

from queueing.centre import Centre
from queueing.slots import bookable_days, slots_of
from scripts.dawr_dev.bench.load import request
from scripts.dawr_dev.demo import Value, toml
from scripts.dawr_dev.processes import READY, House, Program
from server.booking.seals import customer_place
from server.booking.signing_in import hashed
from server.booking.tables import SessionRow
from server.service import load_seeds
from server.storage import Store
from server.tables import CustomerRow
from sync.clock import SystemClock

T = TypeVar("T")

SERVICE = "renew"
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_NAME = json.dumps({"ar": "آمنة", "en": "Amna"})


@dataclass(frozen=True, slots=True)
class Town:
    """What was prepared: the folder, the centres, and the tokens of the customers' sessions."""

    folder: Path
    centres: tuple[Centre, ...]
    tokens: tuple[str, ...]
    database: str

    def slots(self, centre: Centre) -> list[datetime]:
        """Return the slots of a centre from tomorrow on."""
        (service,) = centre.services
        days = bookable_days(centre, SystemClock().now())[1:]
        return [slot.at for day in days for slot in slots_of(centre, service, day)]

    def look(self, job: Callable[[Session], T]) -> T:
        """Look at the database; the server has ended."""
        store = Store(self.folder / "server", self.database)
        try:
            return store.call(job)
        finally:
            store.close()

    def start(self, house: House) -> SplitResult:
        """Start the server; return its address."""
        program = Program("server", [sys.executable, "-m", "server", "--config", str(self.folder / "server.toml")])
        return urlsplit(house.start(program, READY).wait_for(READY)[1])


def prepare(
    folder: Path,
    *,
    centres: int,
    customers: int,
    database: str = "",
    service: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Town:
    """Make so many centres and signed-in customers, and the server's configuration.

    `database` is PostgreSQL's URL, else SQLite; `service` and `changes` are laid over each centre's service and itself.
    """
    seed = folder / "seed.json"
    made = [_centre(f"centre-{place}", service or {}) | changes for place in range(centres)]
    seed.write_text(json.dumps({"centres": made}), encoding="utf-8")
    nowhere = "http://127.0.0.1:9/"
    sms: Value = {"url": nowhere, "user": "dawr", "password": "dawr", "reports_url": nowhere}
    config: dict[str, Value] = {"data": "server", "port": 0, "seeds": ["seed.json"], "sms": sms}
    if database:
        config["database"] = database
    (folder / "server.toml").write_text(toml(config), encoding="utf-8")
    data = folder / "server"
    data.mkdir(mode=0o700)
    tokens = tuple(secrets.token_urlsafe(32) for _ in range(customers))
    store = Store(data, database)
    try:
        load_seeds(store, [seed], SystemClock())
        store.call(lambda session: _move_in(session, store, tokens))
    finally:
        store.close()
    return Town(folder, tuple(Centre.from_json(each) for each in made), tokens, database)


def booking(town: Town, token: str, centre: Centre, at: datetime) -> bytes:
    """Return the bytes of a program's request to book."""
    body = {"centre": centre.id, "service": SERVICE, "slot_at": at.isoformat()}
    return request(
        "POST", "/v1/booking/appointments", json.dumps(body).encode(), [("Authorization", f"Bearer {token}")]
    )


def busy() -> str:
    """Say how busy the machine is and what its processor is worth now, as it stands beside each figure."""
    began = time.process_time()
    sum(range(1_000_000))
    return f"load {os.getloadavg()[0]:.1f}, a million additions in {1000 * (time.process_time() - began):.0f} ms"


def cpu_s(pid: int) -> float:
    """Return the processor time of a process so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _centre(name: str, service: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": name,
        "name": {"ar": "فرع المحرق", "en": "Muharraq Branch"},
        "services": [
            {"id": SERVICE, "letter": "A", "name": {"ar": "تجديد الرخصة", "en": "Licence Renewal"}, "places": 6}
            | dict(service)
        ],
        "counters": [{"id": "1", "label": "1", "services": [SERVICE]}],
        "hours": {day: [["07:00", "15:00"]] for day in _DAYS},
    }


def _move_in(session: Session, store: Store, tokens: tuple[str, ...]) -> None:
    now, vault, connection = SystemClock().now(), store.vault, session.connection()
    people, sessions = [], []
    for number, token in enumerate(tokens):
        name = f"{number:016x}"
        sealed = {
            column: vault.seal(text, customer_place(name, column))
            for column, text in (
                ("cpr", "850000001"),
                ("born", "1985-03-14"),
                ("name", _NAME),
                ("phone", f"+9733{6_000_000 + number}"),
            )
        }
        people.append({"id": name, "lookup": f"{number:032x}", "lang": "ar", "registered_at": now, **sealed})
        sessions.append({"token_hash": hashed(token), "customer": name, "lang": "ar", "made_at": now, "seen_at": now})
    connection.execute(insert(CustomerRow), people)
    connection.execute(insert(SessionRow), sessions)
