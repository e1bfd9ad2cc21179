"""Staff: the right PIN, the wrong one, too many, and sessions that end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from hub.settings import Settings
from hub.staff import TRIES_OF_A_NAME, TRIES_OF_AN_ADDRESS, TooManyTriesError, WrongPinError
from tests.hub.house import PINS, House
from tests.sync.fakes import FakeClock


def _sign_in(house: House, staff: str = "clerk-1", pin: str = "1234", address: str = "10.0.0.1") -> str:
    return asyncio.run(house.hub.door.sign_in(staff, pin, address))[1]


def test_the_right_pin_opens_a_session_that_is_kept_as_a_hash(tmp_path: Path) -> None:
    house = House(tmp_path)
    with house.running():
        token = _sign_in(house)
        assert len(token) == 32
        member = house.hub.door.who(token)
        assert member is not None
        assert member.id == "clerk-1"
        assert house.hub.door.who(token[:-1] + "x") is None
        assert house.hub.door.who(None) is None
    with house.running():
        assert house.hub.door.who(token) == member
        asyncio.run(house.hub.door.sign_out(token))
        assert house.hub.door.who(token) is None
    with house.running():
        assert house.hub.door.who(token) is None
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert token.encode() not in file.read_bytes()


def test_an_unknown_name_is_answered_like_a_wrong_pin(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    is_pin = house.hub.door._is_pin
    monkeypatch.setattr(house.hub.door, "_is_pin", lambda h, p: checked.append(h[:9]) or is_pin(h, p))
    for staff in ("clerk-1", "nobody"):
        with pytest.raises(WrongPinError):
            _sign_in(house, staff, "9999")
    assert checked == ["$argon2id", "$argon2id"]


def test_wrong_pins_are_limited_by_name(house: House) -> None:
    clock = house.clock
    assert isinstance(clock, FakeClock)
    for n in range(TRIES_OF_A_NAME):
        with pytest.raises(WrongPinError):
            _sign_in(house, pin="9999", address=f"10.0.0.{n}")
    with pytest.raises(TooManyTriesError) as refused:
        _sign_in(house, pin="1234", address="10.0.0.99")
    assert refused.value.wait_s == 600
    assert _sign_in(house, "clerk-2", address="10.0.0.99")
    clock.pass_time(600)
    assert _sign_in(house)


def test_wrong_pins_at_the_same_moment_are_counted_too(house: House) -> None:
    async def guess() -> list[BaseException | object]:
        tries = (house.hub.door.sign_in("clerk-1", f"{pin:04}", "10.0.0.1") for pin in range(20))
        return await asyncio.gather(*tries, return_exceptions=True)

    found = asyncio.run(guess())
    assert sum(isinstance(each, WrongPinError) for each in found) == TRIES_OF_A_NAME
    assert sum(isinstance(each, TooManyTriesError) for each in found) == 20 - TRIES_OF_A_NAME


def test_wrong_pins_are_limited_by_address(house: House) -> None:
    for n in range(TRIES_OF_AN_ADDRESS):
        with pytest.raises(WrongPinError):
            _sign_in(house, f"clerk-{n % 10 + 2}", "9999")
    with pytest.raises(TooManyTriesError):
        _sign_in(house)
    assert _sign_in(house, address="10.0.0.2")


def test_a_right_pin_forgives_the_wrong_ones(house: House) -> None:
    for _ in range(3):
        for _ in range(TRIES_OF_A_NAME - 1):
            with pytest.raises(WrongPinError):
                _sign_in(house, pin="9999")
        assert _sign_in(house)


def test_a_session_ends_with_its_time_its_member_or_its_pin(house: House) -> None:
    clock = house.clock
    assert isinstance(clock, FakeClock)
    door, arbiter = house.hub.door, house.hub.arbiter
    first, second = _sign_in(house), _sign_in(house, "clerk-2")
    other = [
        row | ({"pin_hash": PINS.hash("5678")} if row["id"] == "clerk-1" else {})
        for row in house.settings_json["staff"]
        if row["id"] != "clerk-2"
    ]
    arbiter.take_settings(Settings.from_json(house.settings_json | {"staff": other})).result()
    assert door.who(first) is None
    assert door.who(second) is None
    third = _sign_in(house, pin="5678")
    assert door.who(third) is not None
    clock.pass_time(12 * 3600)
    assert door.who(third) is None
