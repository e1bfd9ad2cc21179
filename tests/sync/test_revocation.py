"""Which word that a device was taken out of service it believes: the server's own, on its very incarnation."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from queueing.wire import Stream
from sync.identity import DeviceKey
from sync.revocation import Judge, Word, read, word_of

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
KIOSK = Stream("kiosk-1", 2)


@pytest.fixture
def server(tmp_path: Path) -> DeviceKey:
    return DeviceKey.make(tmp_path / "server")


@pytest.fixture
def word(server: DeviceKey) -> Word:
    return word_of(*KIOSK, AT, server.sign)


def test_the_server_s_word_is_believed_as_it_came_over_the_wire(server: DeviceKey, word: Word) -> None:
    told = json.loads(json.dumps(word.to_wire()))
    assert read(told) == word
    assert Judge(KIOSK, server.public).believes(told | {"later": "versions may say more"})


def test_another_s_word_is_not(tmp_path: Path, server: DeviceKey, word: Word, caplog: pytest.LogCaptureFixture) -> None:
    hub = DeviceKey.make(tmp_path / "hub")
    forged = word_of(*KIOSK, AT, hub.sign)
    judge = Judge(KIOSK, server.public)
    for _ in range(3):
        assert not judge.believes(forged.to_wire())
    assert caplog.text.count("revocation_not_believed device=kiosk-1 why=SIGNATURE") == 1, "not at every try of a night"
    assert judge.believes(word.to_wire()), "the real one is heard all the same"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"device": "kiosk-2"}, "OTHER_DEVICE"),
        ({"incarnation": 1}, "OTHER_INCARNATION"),
        ({"incarnation": 3}, "OTHER_INCARNATION"),
        ({"at": "2026-11-22T09:00:00.000000Z"}, "SIGNATURE"),
        ({"sig": ""}, "SIGNATURE"),
        ({"sig": "ü"}, "SIGNATURE"),
    ],
)
def test_a_changed_word_is_not(
    server: DeviceKey, word: Word, change: dict[str, object], why: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert not Judge(KIOSK, server.public).believes(word.to_wire() | change)
    assert f"why={why}" in caplog.text


def test_the_server_s_word_on_an_earlier_incarnation_does_nothing_to_the_next(server: DeviceKey, word: Word) -> None:
    assert Judge(KIOSK, server.public).believes(word.to_wire())
    assert not Judge(KIOSK._replace(incarnation=3), server.public).believes(word.to_wire())
    assert not Judge(KIOSK, server.public).believes(replace(word, incarnation=3).to_wire())


@pytest.mark.parametrize(
    "told", [None, "REVOKED", {}, [], {"device": "kiosk-1", "incarnation": True, "at": "", "sig": ""}]
)
def test_what_is_no_word(server: DeviceKey, told: object) -> None:
    assert read(told) is None
    assert not Judge(KIOSK, server.public).believes(told)


@pytest.mark.parametrize("pinned", ["", "no key", "AAAA"])
def test_a_device_that_pinned_no_key_believes_nobody(word: Word, pinned: str, caplog: pytest.LogCaptureFixture) -> None:
    assert not Judge(KIOSK, pinned).believes(word.to_wire())
    assert "why=NO_KEY" in caplog.text
