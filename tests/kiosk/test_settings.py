from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.settings import FILE, Member, Settings, SettingsError, kept
from queueing.centre import Centre


def test_a_copy_is_read_back_as_it_was(tmp_path: Path, centre: Centre) -> None:
    settings = Settings(7, centre, b"secret key")
    settings.keep(tmp_path)
    settings.keep(tmp_path)
    assert kept(tmp_path) == settings
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 1, "lookup_key": "!", "centre": {}}', "\x00\xff"])
def test_a_spoilt_copy_is_none_at_all(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    assert kept(tmp_path) is None


def test_no_copy_is_none(tmp_path: Path) -> None:
    assert kept(tmp_path) is None


def test_a_customer_is_the_first_half_of_a_keyed_hash(centre: Centre) -> None:
    wanted = hmac.new(b"key", b"850112345", hashlib.sha256).hexdigest()[:32]
    assert Settings(1, centre, b"key").customer("850112345") == wanted


def test_the_key_is_in_no_repr(centre: Centre) -> None:
    assert "secret" not in repr(Settings(1, centre, b"secret"))


def test_wrong_settings_are_refused_by_name(centre: Centre) -> None:
    with pytest.raises(SettingsError, match="lookup_key"):
        Settings.from_json({"version": 1})
    with pytest.raises(SettingsError, match="centre"):
        Settings.from_json(json.loads('{"version": 1, "lookup_key": "aaaa", "centre": {"id": 5}}'))


def test_the_staff_are_kept_and_their_hashes_stand_in_no_repr(tmp_path: Path, centre_json: dict[str, Any]) -> None:
    told = {
        "version": 1, "centre": centre_json, "lookup_key": "a2V5",
        "staff": [{"id": "s1", "name": {"en": "Fatima"}, "pin_hash": "$argon2id$x"}],
    }  # fmt: skip
    settings = Settings.from_json(told)
    settings.keep(tmp_path)
    assert kept(tmp_path) == settings
    assert settings.staff == (Member("s1", {"en": "Fatima"}, "$argon2id$x"),)
    assert "argon2id" not in repr(settings)
    for wrong in ([{}], [5], [{"id": "s1", "name": None, "pin_hash": ""}]):
        with pytest.raises(SettingsError):
            Settings.from_json({**told, "staff": wrong})
