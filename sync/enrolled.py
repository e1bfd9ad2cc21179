"""Who a device was enrolled as: `<data>/enrolled.json`, and the mark of one that was taken out of service.

Read before a screen's first frame: the standard library's light part only. `sync.enrolment` writes the first.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

FILE = "enrolled.json"
MARK = "revoked"
"""A file with the incarnation that a peer said may no longer take part."""
WAITING = "enrolling"
"""The folder, within the data folder, of a key that no server has accepted yet."""


class EnrolledError(Exception):
    """The file cannot be used, or it and the configuration name two devices."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What the server made of this machine. `series` is a kiosk's, `public_key` the key that it was enrolled with.

    `server_key` is the server's own, pinned: what it signs is believed, whoever brings it ("" before there was one).
    """

    device: str
    role: str
    centre: str
    incarnation: int
    public_key: str
    series: str = ""
    server_key: str = ""


class _Configured(Protocol):
    """A device's configuration."""

    @property
    def device(self) -> str: ...

    @property
    def incarnation(self) -> int: ...

    @property
    def data(self) -> Path: ...


C = TypeVar("C", bound=_Configured)


def enrolled(data: Path) -> Enrolled | None:
    """Return who this machine is, None when it was never enrolled. Raises EnrolledError."""
    path = data / FILE
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return from_json(said)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnrolledError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise EnrolledError(f"{path}: cannot be read; enrol the device again") from error


def from_json(said: object) -> Enrolled:
    """Read the file's JSON, or a server's answer with the key added. Raises KeyError and TypeError."""
    if not isinstance(said, dict):
        raise TypeError("an object")
    told = {"server_key": "", **said}
    found = Enrolled(**{each.name: told[each.name] for each in fields(Enrolled)})
    texts = (found.device, found.role, found.centre, found.public_key, found.series, found.server_key)
    if not all(isinstance(text, str) for text in texts) or type(found.incarnation) is not int or found.incarnation < 1:
        raise TypeError("a device")
    return found


def as_enrolled(config: C, role: str) -> C:
    """Return the configuration with what the enrolment says of the device. Raises EnrolledError.

    A higher incarnation in the configuration stands: that is the way without a code (docs/recovery.md). The server's
    key that was pinned at an enrolment goes before one of the configuration.
    """
    found = enrolled(config.data)
    if found is None:
        if not config.device:
            raise EnrolledError(f"{config.data}: this {role} is not enrolled; see python -m sync enrol --help")
        return config
    if found.role != role:
        raise EnrolledError(f"{config.data / FILE}: enrolled as a {found.role}, not as a {role}")
    if config.device not in ("", found.device):
        raise EnrolledError(f"device is {config.device!r}, but this machine was enrolled as {found.device!r}")
    told: dict[str, Any] = {}
    if found.server_key and hasattr(config, "server_key"):
        told["server_key"] = found.server_key
    if config.incarnation <= found.incarnation:
        told |= {"device": found.device, "incarnation": found.incarnation}
        if hasattr(config, "series"):
            told["series"] = found.series
    return replace(config, **told)  # type: ignore[type-var]  # every configuration is a dataclass


def keep(data: Path, who: Enrolled) -> None:
    """Write the file, whole or not at all. Raises OSError."""
    passing = data / f"{FILE}.new"
    with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(asdict(who), file)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(data / FILE)


def is_revoked(data: Path, incarnation: int) -> bool:
    """Say whether this device knows that it was taken out of service, and was not enrolled anew since."""
    try:
        return int((data / MARK).read_text(encoding="ascii")) >= incarnation
    except (OSError, ValueError):
        return False


def mark_revoked(data: Path, incarnation: int) -> None:
    """Remember it beyond a restart. Raises OSError."""
    (data / MARK).write_text(str(incarnation), encoding="ascii")


def unmark(data: Path) -> None:
    """Forget it: the device takes part again. Raises OSError."""
    (data / MARK).unlink(missing_ok=True)
