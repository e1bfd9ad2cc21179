"""The installer's commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.__main__ import main
from sync.identity import DeviceKey
from tests.sync.fakes import KIOSK, chain, open_log, ticket


def test_keygen_prints_the_public_key_and_never_overwrites(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keygen", str(tmp_path / "kiosk"), "kiosk-1"]) == 0
    assert capsys.readouterr().out.strip() == DeviceKey.load(tmp_path / "kiosk").public
    assert main(["keygen", str(tmp_path / "kiosk"), "kiosk-1"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and "kiosk-1" in err


def test_verify_tells_the_heads_or_the_first_bad_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log.db"
    assert main(["verify", str(path)]) == 2
    log = open_log(path)
    with log.transaction() as tx:
        (event,) = tx.append([ticket(1)])
        tx.store(chain(KIOSK._replace(device="kiosk-2"), 3))
    log.close()
    capsys.readouterr()
    assert main(["verify", str(path)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"stream=kiosk-1.1 seq=1 hash={event.hash}" and out[1].startswith("stream=kiosk-2.1 seq=3 ")
    log = open_log(path)
    log._connection.execute("UPDATE event SET wire = replace(wire, 'A001', 'A002')")
    log.close()
    assert main(["verify", str(path)]) == 1
    assert "kiosk-1.1 forks at 1" in capsys.readouterr().err
