"""Seed files: read as one set, every fault at once, and no fault repeats what may be somebody's."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from assets.paths import DEMO
from queueing.centre import Centre
from queueing.hours import Open, opening
from server.seed import AppointmentEntry, Seed, SeedError, read

NOW = datetime(2026, 11, 22, 4, 2, 29, tzinfo=UTC)
CENTRE = "muharraq-traffic"


def overlay(folder: Path, **content: Any) -> Path:
    path = folder / "overlay.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def refused(*paths: Path) -> tuple[str, ...]:
    with pytest.raises(SeedError) as caught:
        read(paths, NOW)
    return caught.value.errors


def booking(slot: object) -> AppointmentEntry:
    return AppointmentEntry.model_validate(
        {"id": "1", "centre": CENTRE, "service": "x", "cpr": "850000001", "slot": slot}
    )


def test_files_are_one_set(tmp_path: Path) -> None:
    extra = {"centre": CENTRE, "day": "today", "hours": [["00:00", "24:00"]]}
    staff = {"centre": CENTRE, "id": "c99", "name": {"en": "One more"}, "pin": "0000"}
    seed = read([DEMO / "seed.json", overlay(tmp_path, extra_days=[extra], staff=[staff])], NOW)
    assert len(seed.staff) == 10
    (centre,) = seed.centres
    night = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert isinstance(opening(centre, night), Open)
    assert not isinstance(opening(centre, night + timedelta(hours=1)), Open)


def test_tomorrow_is_the_centres(tmp_path: Path) -> None:
    late = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
    extra = {"centre": CENTRE, "day": "tomorrow", "hours": [["09:00", "10:00"]]}
    (centre,) = read([DEMO / "seed.json", overlay(tmp_path, extra_days=[extra])], late).centres
    assert [day.date.isoformat() for day in centre.extra_days] == ["2026-11-24"]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    centre = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    centre["counters"][0]["services"] = ["shoe-shining"]
    bad = overlay(
        tmp_path,
        centres=[centre, "nowhere.json"],
        staff=[{"centre": "c", "id": "", "name": {}, "pin": "12"}],
        devices=[
            {"centre": "c", "id": "Kiosk.1", "role": "kettle", "public_key": "abc"},
            {"centre": "c", "id": "k", "role": "hub", "public_key": base64.b64encode(bytes(31)).decode()},
        ],
        customers=[{"cpr": "85000000", "name": {}, "born": "1990-13-01"}],
        appointments=[{"id": "1", "centre": "c", "service": "s", "cpr": "850000001", "slot": "2026-11-22T10:00:00"}],
        colour="blue",
    )
    shapes = "\n".join(refused(bad, tmp_path / "missing.json"))
    for place in (
        *("staff[0].id", "staff[0].pin", "devices[0].id", "devices[0].role", "devices[0].public_key"),
        *("devices[1].public_key", "customers[0].cpr", "customers[0].born", "appointments[0].slot", "colour"),
        "missing.json",
    ):
        assert place in shapes, place
    found = "\n".join(refused(overlay(tmp_path, centres=[centre, "nowhere.json"])))
    assert "counters[0].services" in found
    assert "nowhere.json" in found


def test_a_fault_does_not_repeat_what_was_written(tmp_path: Path) -> None:
    person = {"cpr": "85-000-00-77-1", "name": {"en": "Somebody"}, "born": "Somebody"}
    staff = {"centre": "c", "id": "1", "name": {}, "pin": "secret"}
    text = "\n".join(refused(overlay(tmp_path, customers=[person], staff=[staff])))
    assert "customers[0].cpr" in text
    assert not [word for word in ("00-77", "850000077", "Somebody", "secret") if word in text]


def test_what_stands_twice_is_told(tmp_path: Path) -> None:
    again = json.loads((DEMO / "seed.json").read_text(encoding="utf-8"))
    again["centres"] = [str(DEMO / "centre.json")]
    found = "\n".join(refused(DEMO / "seed.json", overlay(tmp_path, **again)))
    for what in (
        "centre 'muharraq-traffic' stands twice",
        "staff 'muharraq-traffic/c1'",
        "appointment",
        "customers[30]",
    ):
        assert what in found
    assert "850000001" not in found


def test_an_extra_day_of_a_centre_that_is_not_there_is_told(tmp_path: Path) -> None:
    extra = {"centre": "elsewhere", "day": "2026-12-01", "hours": []}
    assert "elsewhere" in refused(overlay(tmp_path, extra_days=[extra]))[0]


def test_no_file_is_an_empty_seed() -> None:
    assert read([], NOW) == Seed()


@pytest.mark.parametrize("content", ["", "null", "[]", "{"])
def test_what_is_no_object_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "seed.json"
    path.write_text(content)
    assert len(refused(path)) == 1


@pytest.mark.parametrize(
    ("slot", "instant"),
    [
        ("2026-11-22T10:00:00+03:00", "2026-11-22T07:00:00+00:00"),
        ({"in_minutes": 0}, "2026-11-22T04:00:00+00:00"),
        ({"in_minutes": 1}, "2026-11-22T04:05:00+00:00"),
        ({"in_minutes": -10}, "2026-11-22T03:50:00+00:00"),
        ({"day": "today", "time": "09:30"}, "2026-11-22T06:30:00+00:00"),
        ({"day": "tomorrow", "time": "07:00"}, "2026-11-23T04:00:00+00:00"),
    ],
)
def test_a_slot_is_an_instant_or_told_from_the_loading(slot: object, instant: str) -> None:
    centre = Centre.from_json(json.loads((DEMO / "centre.json").read_text(encoding="utf-8")))
    assert booking(slot).slot_at(NOW, centre) == datetime.fromisoformat(instant)


def test_digits_of_either_set_are_a_cpr() -> None:
    entry = AppointmentEntry.model_validate(
        {"id": "1", "centre": "c", "service": "s", "cpr": "٨٥٠٠٠٠٠٠١", "slot": {"in_minutes": 5}}
    )
    assert entry.cpr == "850000001"
