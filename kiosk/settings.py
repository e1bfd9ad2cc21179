"""What the hub tells a kiosk once in a while, and the copy of it that lets the kiosk start alone.

The copy holds the look-up key, so only its owner may read it. No network here.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from queueing.centre import Centre, CentreError
from queueing.words import Words

log = logging.getLogger(__name__)

FILE = "settings.json"


class SettingsError(ValueError):
    """The settings cannot be used; the text names what is wrong and holds no key."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may open the kiosk's own menu; `pin_hash` is argon2id's own text."""

    id: str
    name: Words
    pin_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """A centre's settings as a kiosk needs them, with the key that customers' hashes are made with.

    `booking_key` is the public key of bookings' codes, empty while nobody told it: then no code is believed.
    """

    version: int
    centre: Centre
    lookup_key: bytes = field(repr=False)
    booking_key: bytes = b""
    staff: tuple[Member, ...] = ()

    @classmethod
    def from_json(cls, data: object) -> Self:
        """Read the answer to GET /v1/settings. Raises SettingsError."""
        if not isinstance(data, Mapping):
            raise SettingsError("the answer is no object")
        version, key, booking_key = data.get("version"), data.get("lookup_key"), data.get("booking_key", "")
        if not isinstance(version, int) or not isinstance(key, str) or not isinstance(booking_key, str):
            raise SettingsError("version, lookup_key or booking_key is missing")
        try:
            lookup, booking = (base64.b64decode(each, validate=True) for each in (key, booking_key))
            centre, staff = Centre.from_json(data.get("centre")), _members(data.get("staff", []))
            return cls(version, centre, lookup, booking, staff)
        except (CentreError, binascii.Error) as error:
            raise SettingsError(str(error)) from error

    def customer(self, number: str) -> str:
        """Return the keyed hash by which a customer is known everywhere but in the store's protected column."""
        import hmac  # noqa: PLC0415  # loads OpenSSL: not before the first frame

        return hmac.new(self.lookup_key, number.encode("ascii"), "sha256").hexdigest()[:32]

    def keep(self, data: Path) -> None:
        """Write the copy: whole or not at all, readable by its owner only. Raises OSError."""
        content = {
            "version": self.version,
            "centre": self.centre.to_json(),
            "lookup_key": base64.b64encode(self.lookup_key).decode("ascii"),
            "booking_key": base64.b64encode(self.booking_key).decode("ascii"),
            "staff": [{"id": each.id, "name": dict(each.name), "pin_hash": each.pin_hash} for each in self.staff],
        }
        passing = data / f"{FILE}.new"
        passing.unlink(missing_ok=True)
        with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        passing.replace(data / FILE)


def _members(rows: object) -> tuple[Member, ...]:
    """Return the staff. Raises SettingsError."""
    try:
        return tuple(
            Member(str(row["id"]), {str(code): str(name) for code, name in row["name"].items()}, str(row["pin_hash"]))
            for row in (rows if isinstance(rows, list) else [])
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise SettingsError("staff") from error


def kept(data: Path) -> Settings | None:
    """Return the copy of the last start, or None where there is none that can be used."""
    try:
        content = json.loads((data / FILE).read_text(encoding="utf-8"))
        return Settings.from_json(content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, AttributeError) as error:
        # A spoilt copy is no reason to stand still: the hub will tell again.
        log.error("settings_copy_unusable error=%s", type(error).__name__)
        return None
