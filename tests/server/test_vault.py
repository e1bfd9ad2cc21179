"""The vault: what is sealed opens only with its keys and at its place; keys are made once, for their owner alone."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from server.vault import Vault, VaultError

CPR = "850000001"


def keys(data: Path) -> Path:
    return data / "keys" / "customers.json"


def test_keys_are_made_once_and_for_their_owner_alone(tmp_path: Path) -> None:
    made = Vault.make(tmp_path)
    assert stat.S_IMODE(keys(tmp_path).stat().st_mode) == 0o600
    assert stat.S_IMODE(keys(tmp_path).parent.stat().st_mode) == 0o700
    assert list(keys(tmp_path).parent.iterdir()) == [keys(tmp_path)]
    before = keys(tmp_path).read_bytes()
    with pytest.raises(VaultError):
        Vault.make(tmp_path)
    assert keys(tmp_path).read_bytes() == before
    assert Vault.open(tmp_path).lookup_key == made.lookup_key


def test_keys_that_others_may_read_are_refused(tmp_path: Path) -> None:
    Vault.make(tmp_path)
    keys(tmp_path).chmod(0o640)
    with pytest.raises(VaultError, match="chmod 600"):
        Vault.open(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", '{"lookup": 1, "values": 2}', '{"lookup": "AA==", "values": "AA=="}'])
def test_a_file_without_keys_is_refused(tmp_path: Path, content: str) -> None:
    Vault.make(tmp_path)
    keys(tmp_path).write_text(content)
    with pytest.raises(VaultError):
        Vault.open(tmp_path)


def test_what_is_sealed_opens_at_its_place_alone(tmp_path: Path) -> None:
    vault = Vault.make(tmp_path)
    sealed = vault.seal(CPR, "customer/1/cpr")
    assert CPR.encode() not in sealed
    assert vault.unseal(sealed, "customer/1/cpr") == CPR
    with pytest.raises(VaultError):
        vault.unseal(sealed, "customer/2/cpr")
    with pytest.raises(VaultError):
        vault.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), "customer/1/cpr")
    with pytest.raises(VaultError):
        Vault(bytes(32), bytes(32)).unseal(sealed, "customer/1/cpr")


def test_the_same_text_is_never_sealed_alike(tmp_path: Path) -> None:
    vault = Vault.make(tmp_path)
    assert vault.seal(CPR, "x") != vault.seal(CPR, "x")


def test_a_customers_hash_is_the_one_that_kiosks_make() -> None:
    # By another hand: printf 850000001 | openssl dgst -sha256 -mac HMAC -macopt hexkey:000102...1f
    assert Vault(bytes(range(32)), bytes(32)).customer_hash(CPR) == "0fc26544ca2418c3dec0032be57f52bb"


def test_another_key_makes_another_hash(tmp_path: Path) -> None:
    assert Vault.make(tmp_path / "a").customer_hash(CPR) != Vault.make(tmp_path / "b").customer_hash(CPR)
    assert set(json.loads(keys(tmp_path / "a").read_text())) == {"lookup", "values"}
