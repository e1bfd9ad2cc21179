"""Devices that a supervisor took out of service here while the server could not be asked.

The hub refuses them from that moment and the server hears of it when it can; then its signed word goes to the device,
which erases. Kept in `<data>/shut_out.json`, so that a restart lets nobody in again. It can make no device erase.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sync.rights import Device

FILE = "shut_out.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shut:
    """A device by its key: one that is enrolled anew has another, and is in again. `by` is a member of staff's id."""

    device: str
    public_key: str
    by: str


class ShutOut:
    """Who is shut out. Any thread; only `add` and `settle` wait for the disk."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE
        self._changing = threading.Lock()
        self._shut = _read(self._path)

    def __contains__(self, device: Device) -> bool:
        shut = self._shut.get(device.id)
        return shut is not None and shut.public_key == device.public_key

    def keys(self, device_id: str) -> tuple[str, ...]:
        """Return the key that a device is shut out with."""
        shut = self._shut.get(device_id)
        return () if shut is None else (shut.public_key,)

    def all(self) -> tuple[Shut, ...]:
        """Return those of which the server has not told yet that they are out."""
        return tuple(self._shut.values())

    def add(self, device: Device, by: str) -> None:
        """Shut a device out from now on. Raises OSError: then it is so until this process ends."""
        with self._changing:
            self._shut = {**self._shut, device.id: Shut(device.id, device.public_key, by)}
            _log.warning("shut_out device=%s by=%s", device.id, by)
            self._write()

    def settle(self, devices: Mapping[str, Device]) -> None:
        """Forget those whom the server's settings let in no more with that key. Raises OSError."""
        with self._changing:
            left = {name: shut for name, shut in self._shut.items() if name in devices and devices[name] in self}
            if left != self._shut:
                self._shut = left
                self._write()

    def _write(self) -> None:
        passing = self._path.with_suffix(".new")
        with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            json.dump([asdict(shut) for shut in self._shut.values()], out)
            out.flush()
            os.fsync(out.fileno())
        passing.replace(self._path)


def _read(path: Path) -> Mapping[str, Shut]:
    try:
        found = [Shut(row["device"], row["public_key"], row["by"]) for row in json.loads(path.read_text("utf-8"))]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        # A hall that waits for its hub is worse than a device that is let in until the server says otherwise.
        _log.error("shut_out_unreadable error=%s", type(error).__name__)
        return {}
    return {shut.device: shut for shut in found}
