"""Nothing of a customer is left on the machines: searched for in every file that a visit leaves, as bytes."""

from __future__ import annotations

import base64
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from queueing.cpr import masked
from scripts.dawr_dev.demo import SEED, Demo
from tests.e2e.centre import Centre, centre

pytestmark = pytest.mark.timeout(180)

NAMES = [
    name for customer in json.loads(SEED.read_text(encoding="utf-8"))["customers"] for name in customer["name"].values()
]
# What the registers are filled from: handed in before the visit, as an installer does, and not left by it.
HANDED_IN = frozenset({"demo.json"})
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


def traces(cpr: str) -> list[bytes]:
    """Return every way in which a CPR may have been written down."""
    plain = cpr.encode()
    return [
        plain,
        cpr.translate(ARABIC).encode(),
        cpr.encode("utf-16-le"),
        plain.hex().encode(),
        base64.b64encode(plain).rstrip(b"="),
        f"{cpr[:6]} {cpr[6:]}".encode(),
        f"{cpr[:3]} {cpr[3:6]} {cpr[6:]}".encode(),
    ]


def left(folder: Path) -> list[Path]:
    """Return the files below a folder that the processes wrote."""
    return [path for path in folder.rglob("*") if path.is_file() and path.name not in HANDED_IN]


def found(folder: Path, cpr: str) -> list[str]:
    """Return the files below a folder that hold a CPR, write-ahead logs and pictures too."""
    files = left(folder)
    assert files
    return [
        f"{path.relative_to(folder)}: {trace[:3]!r}..."
        for path in files
        for trace in traces(cpr)
        if trace in path.read_bytes()
    ]


def visits(the: Centre, demo: Demo) -> list[str]:
    """Let a booked customer and a walk-in check in with their CPR, one by taps and one by keys."""
    booked, walk_in = demo.people.booked[0].cpr, demo.people.walk_ins[0]
    the.visitor.tap("begin-en")
    the.visitor.page("cpr")
    the.visitor.tap_digits(booked)
    the.visitor.tap("submit")
    the.visitor.page("found")
    the.visitor.tap_first("confirm-")
    the.visitor.page("ticket")
    the.visitor.leave()
    the.visitor.tap("begin-ar")
    the.visitor.page("cpr")
    the.visitor.type_digits(walk_in)
    the.visitor.page("services")
    the.visitor.tap_first("service-")
    the.visitor.page("details")
    the.visitor.tap("take")
    the.visitor.page("ticket")
    the.visitor.leave()
    the.taken_at_hub(2)
    return [booked, walk_in]


def test_no_trace_of_a_cpr_or_a_name_is_left(tmp_path: Path) -> None:
    with centre(tmp_path) as the:
        cprs = visits(the, the.demo)
        names = [name.encode() for name in NAMES]
        taken = the.taken_at_hub(2)
        assert [event.body["customer"] for event in taken] != [None, None], "nobody was looked up"
    # Everything has ended: what was in memory and is on the disk now counts too.
    for cpr in cprs:
        assert found(tmp_path, cpr) == []
        assert masked(cpr).encode() not in (tmp_path / "logs" / "kiosk.log").read_bytes()
    # Nor a name: the server's registers are sealed, and nothing else has any business with it.
    assert [path.name for path in left(tmp_path) for name in names if name in path.read_bytes()] == []


def test_the_search_would_find_one(tmp_path: Path) -> None:
    cpr = "850000001"
    with closing(sqlite3.connect(tmp_path / "kept.db")) as connection:
        connection.execute("CREATE TABLE row (text TEXT)")
        connection.execute("INSERT INTO row VALUES (?)", (f"customer={cpr}",))
        connection.commit()
    (tmp_path / "other.log").write_text("850 000 001 ٨٥٠٠٠٠٠٠١", encoding="utf-8")
    assert len(found(tmp_path, cpr)) == 3
