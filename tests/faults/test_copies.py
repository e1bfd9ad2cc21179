"""The night's copies of the real apps: there, whole, and without what their stores know of people."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.hub.house import House
from tests.server.site import BOOKED, Site

PHONE = "+97336001234"


def _copies(data: Path) -> dict[str, Path]:
    return {path.name.partition("-")[0]: path for path in (data / "backup").glob("*.db")}


def _count(copy: Path, table: str) -> int:
    with closing(sqlite3.connect(copy)) as connection:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


def test_a_hubs(tmp_path: Path) -> None:
    with House(tmp_path).serving() as web:
        web.house.take(2)
        contact = {"ticket": "kiosk-1.1.1", "phone": PHONE, "lang": "ar"}
        assert web.device("kiosk-1", "POST", "/v1/contacts", contact).status_code == 204
        assert web.house.press(1, "open")[0] == web.house.press(1, "call_next")[0] == 200
        assert web.house.hub.keeper.look_after()
    copy = _copies(tmp_path)["hub"]
    assert _count(copy, "event") > 3 and _count(copy, "claim") == 2
    assert _count(copy, "contact") == _count(copy, "session") == _count(copy, "message") == 0
    assert PHONE.encode() not in copy.read_bytes()


def test_a_servers(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with site.served() as client:
        assert client.service.keeper.look_after()
    copies = _copies(site.data)
    assert set(copies) == {"log", "registers"}
    assert _count(copies["registers"], "customer") > 3
    assert BOOKED.encode() not in copies["registers"].read_bytes(), "sealed in the copy as in the store"
    assert not list((site.data / "backup").glob("**/*key*"))
