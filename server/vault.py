"""Keeps personal data unreadable at rest: a keyed hash to find a customer by, AES-256-GCM for what is read back.

A bare hash of nine digits falls to anybody in minutes, so the hash has a key, and the keys lie beside the database,
not in it: a copy of the database alone tells nobody's CPR. It knows no table.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEYS = "keys"
_FILE = "customers.json"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_HASH_DIGITS = 32


class VaultError(Exception):
    """The keys are missing, readable by others or not those that sealed this."""


class Vault:
    """Hashes and seals with two keys of 32 bytes."""

    def __init__(self, lookup: bytes, values: bytes) -> None:
        self._lookup = lookup
        self._values = AESGCM(values)
        self._root = values

    @classmethod
    def open(cls, data: Path) -> Vault:
        """Read `<data>/keys/customers.json` (0600). Raises VaultError, also when there is none."""
        path = data / KEYS / _FILE
        try:
            kept = json.loads(kept_key(path))
            lookup, values = (base64.b64decode(kept[name], validate=True) for name in ("lookup", "values"))
        except (ValueError, KeyError, TypeError) as error:
            raise VaultError(f"{path}: holds no keys") from error
        if len(lookup) != _KEY_BYTES or len(values) != _KEY_BYTES:
            raise VaultError(f"{path}: a key has {_KEY_BYTES} bytes")
        return cls(lookup, values)

    @classmethod
    def make(cls, data: Path) -> Vault:
        """Make new keys and their file, which appears whole or not at all. Raises VaultError when there is one."""
        fresh = {name: base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() for name in ("lookup", "values")}
        keep_key(data / KEYS / _FILE, json.dumps(fresh).encode("ascii"))
        return cls.open(data)

    @property
    def lookup_key(self) -> str:
        """The key of the customers' hashes in base64, for hubs and kiosks and nobody else."""
        return base64.b64encode(self._lookup).decode()

    def customer_hash(self, cpr: str) -> str:
        """Return the keyed hash by which a customer is known outside: 32 hexadecimal digits of HMAC-SHA256."""
        return hmac.new(self._lookup, cpr.encode("ascii"), hashlib.sha256).hexdigest()[:_HASH_DIGITS]

    def keyed_hash(self, purpose: str, text: str) -> str:
        """Return a keyed hash to find something again by, another one for each purpose: 32 hexadecimal digits."""
        return hmac.new(self._lookup, f"{purpose}\n{text}".encode(), hashlib.sha256).hexdigest()[:_HASH_DIGITS]

    def derived(self, purpose: str) -> bytes:
        """Return another key of 32 bytes for a purpose: of all processes that have these keys the same."""
        return hmac.new(self._root, f"derived/{purpose}".encode(), hashlib.sha256).digest()

    def seal(self, text: str, place: str) -> bytes:
        """Encrypt a text for one place (its row and column): moved to another it does not open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._values.encrypt(nonce, text.encode(), place.encode())

    def unseal(self, sealed: bytes, place: str) -> str:
        """Return the text that was sealed for a place. Raises VaultError."""
        try:
            opened = self._values.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise VaultError(f"{place}: sealed with another key, for another place, or changed") from error
        return opened.decode()


def kept_key(path: Path) -> bytes:
    """Return what a key's file holds. Raises VaultError, also when others than its owner may read it."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise VaultError(f"{path}: others than its owner may read it (chmod 600)")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise VaultError(f"{path}: is missing; copy the folder {KEYS} that belongs to these registers") from error
    except OSError as error:
        raise VaultError(f"{path}: {error.strerror}") from error


def keep_key(path: Path, content: bytes) -> None:
    """Write a new key's file (0600), which appears whole or not at all. Raises VaultError when there is one."""
    folder = path.parent
    passing = folder / f".{path.name}.{os.getpid()}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(file, "wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            # A link, not a rename: keys that something is sealed or signed with are never overwritten.
            os.link(passing, path)
        finally:
            passing.unlink()
        _sync_folder(folder)
    except OSError as error:
        raise VaultError(f"{path}: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
