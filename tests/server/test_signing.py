"""The key of bookings' codes: made once, for its owner alone, and what it signs is read by its public half."""

from __future__ import annotations

import base64
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.signing import ServerKey
from server.vault import VaultError
from sync.codes import BookingCode, read_booking

CODE = BookingCode("muharraq-traffic", "a7", "driving-test", datetime(2026, 11, 22, 7, 0, tzinfo=UTC), "c" * 32)


def test_a_code_is_read_with_the_public_key(tmp_path: Path) -> None:
    signer = ServerKey.open(tmp_path)
    assert read_booking(signer.code(CODE), base64.b64decode(signer.public)) == CODE


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    made = ServerKey.open(tmp_path)
    assert ServerKey.open(tmp_path).public == ServerKey.read(tmp_path).public == made.public
    path = tmp_path / "keys" / "booking.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(VaultError, match="chmod 600"):
        ServerKey.open(tmp_path)


def test_a_spoilt_or_missing_key_is_told(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="copy the folder keys"):
        ServerKey.read(tmp_path)
    ServerKey.open(tmp_path)
    (tmp_path / "keys" / "booking.pem").write_text("no key")
    with pytest.raises(VaultError, match="no key"):
        ServerKey.open(tmp_path)
