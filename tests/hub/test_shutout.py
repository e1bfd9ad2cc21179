"""Who is shut out of a hall: by the key, over a restart, and until the server's settings say the same."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from hub.shutout import FILE, ShutOut
from sync.rights import Device, Role

KIOSK = Device("kiosk-1", Role.KIOSK, "centre", "A" * 43 + "=", "0")


def test_a_device_is_shut_out_by_its_key_and_stays_so_over_a_restart(tmp_path: Path) -> None:
    shut_out = ShutOut(tmp_path)
    assert KIOSK not in shut_out and not shut_out.all()
    shut_out.add(KIOSK, "boss")
    for each in (shut_out, ShutOut(tmp_path)):
        assert KIOSK in each and each.keys("kiosk-1") == (KIOSK.public_key,)
        assert [(shut.device, shut.by) for shut in each.all()] == [("kiosk-1", "boss")]
        assert replace(KIOSK, public_key="B" * 43 + "=") not in each, "enrolled anew, it is another"
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_it_is_forgotten_when_the_server_lets_it_in_no_more(tmp_path: Path) -> None:
    shut_out = ShutOut(tmp_path)
    shut_out.add(KIOSK, "boss")
    shut_out.settle({"kiosk-1": KIOSK})
    assert KIOSK in shut_out, "the server does not know yet"
    shut_out.settle({"kiosk-1": replace(KIOSK, public_key="B" * 43 + "=")})
    assert not shut_out.all() and not ShutOut(tmp_path).all()
    shut_out.add(KIOSK, "boss")
    shut_out.settle({})
    assert not ShutOut(tmp_path).all()


@pytest.mark.parametrize("text", ["", "{", "{}", '[{"device": "kiosk-1"}]'])
def test_a_spoilt_file_shuts_nobody_out_and_keeps_no_hall_closed(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE).write_text(text)
    shut_out = ShutOut(tmp_path)
    assert not shut_out.all()
    assert text == "{}" or "shut_out_unreadable" in caplog.text
    shut_out.add(KIOSK, "boss")
    assert KIOSK in ShutOut(tmp_path)
