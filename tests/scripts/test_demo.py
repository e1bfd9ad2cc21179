from __future__ import annotations

import json
import tomllib
from pathlib import Path

from scripts.dawr_dev.demo import HUB, KIOSK, Demo, people, toml
from scripts.dawr_dev.processes import House


def test_a_table_comes_back_from_its_toml() -> None:
    table = {
        "device": "kiosk-1",
        "name": 'دور "1"',
        "window": [1080, 1920],
        "glass": [344.5, 611.0],
        "sms": False,
        "n": 3,
    }
    assert tomllib.loads(toml(table)) == table


def test_the_demonstrations_people_can_be_told_apart() -> None:
    who = people()
    assert who.booked[0].cpr not in who.walk_ins
    assert all(len(cpr) == 9 and cpr[2:4] == "00" for cpr in who.walk_ins), "somebody real could have such a CPR"
    assert len({clerk.id for clerk in who.clerks}) == len(who.clerks) >= 6


def test_keys_are_made_once_and_the_server_learns_the_public_half_only(tmp_path: Path) -> None:
    with House(tmp_path / "logs") as house:
        Demo(house, tmp_path).begin()
        first = (tmp_path / "seed.json").read_text()
        Demo(house, tmp_path).begin()
    assert (tmp_path / "seed.json").read_text() == first
    assert {device["id"] for device in json.loads(first)["devices"]} >= {HUB, KIOSK}
    for device in (HUB, KIOSK):
        key = tmp_path / device / "device.key"
        assert key.stat().st_mode & 0o077 == 0
        assert key.read_text().splitlines()[1] not in first


def test_a_centre_by_codes_names_no_device_in_its_seed_but_those_it_had(tmp_path: Path) -> None:
    with House(tmp_path / "logs") as house:
        Demo(house, tmp_path / "new", by_codes=True).begin()
        Demo(house, tmp_path / "old").begin()
        Demo(house, tmp_path / "old", by_codes=True).begin()
    new, old = (json.loads((tmp_path / each / "seed.json").read_text())["devices"] for each in ("new", "old"))
    assert new == []
    assert {device["id"] for device in old} >= {HUB, KIOSK}
    assert not (tmp_path / "new" / KIOSK / "device.key").exists()
