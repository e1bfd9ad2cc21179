"""Whether this machine is a device, and how it becomes one: what a screen needs of `sync` for it.

Light to import, since it is asked before the first frame; the network's part is imported by the thread that uses it.
It shows nothing and keeps nothing: the files are `sync.enrolled`'s and `sync.enrolment`'s.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from screen.codeentry import Answer, Phase
from sync.enrolled import WAITING, Enrolled, EnrolledError, as_enrolled, enrolled

if TYPE_CHECKING:
    from sync.identity import DeviceKey

log = logging.getLogger(__name__)

# What the type of `as_enrolled` is bound to is its own affair.
C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Identity(Generic[C]):
    """Who this machine is, as its files say.

    `standing` is empty for a device; "new" for a machine that was never enrolled, or whose enrolment cannot be read;
    "misfit" when the configuration names another device or role than it was enrolled as. `found`: its enrolment.
    """

    config: C
    standing: str
    found: Enrolled | None


def identity(config: C, role: str, data: Path) -> Identity[C]:
    """Return who this machine is; `config` gets device, incarnation and series from its enrolment."""
    found = _found(data)
    try:
        return Identity(as_enrolled(config, role), "", found)  # type: ignore[type-var]
    except EnrolledError as error:
        log.critical("no_identity why=%s", error)
        return Identity(config, "new" if found is None else "misfit", found)


class Machine:
    """This machine, which a code can make a device of. Its verbs wait for disk or network: for threads alone.

    `hub` is the address that it asks, empty when its configuration says none; `was` its enrolment at the start.
    """

    def __init__(self, hub: str, role: str, data: Path, was: Enrolled | None) -> None:
        self.hub = hub
        self.name = os.uname().nodename
        self._role = role
        self._data = data
        self._was = was

    def enrol(self, code: str) -> Answer:
        """Ask the hub for it; afterwards key and enrolment are on the disk. The same code may be sent again."""
        import sync.light_requests  # noqa: F401, PLC0415  # before what imports requests

        # isort: split
        from sync.enrolment import EnrolmentRefused, EnrolmentUnavailable, enrol  # noqa: PLC0415

        try:
            made = enrol(self.hub, code, self._role, self._data)
        except EnrolmentRefused as error:
            log.warning("enrolment_refused code=%s", error.code)
            return Answer(Phase.REFUSED, error.code)
        except EnrolmentUnavailable as error:
            log.warning("enrolment_not_now why=%s", error)
            return Answer(Phase.NOT_NOW, error.code)
        log.info("enrolled device=%s incarnation=%d centre=%s", made.device, made.incarnation, made.centre)
        return Answer(Phase.MADE, made.device)

    def is_another(self) -> bool:
        """Say whether it was enrolled since the start, in a shell too, with all its files in place and readable."""
        from sync.identity import KEY_FILE  # noqa: PLC0415  # libsodium: not before the first frame

        found = _found(self._data)
        if found is None or found == self._was or (self._data / WAITING / KEY_FILE).exists():
            return False
        return os.access(self._data / KEY_FILE, os.R_OK)


def complete(data: Path) -> None:
    """Put a key in its place that the power's end kept from it. Not before the first frame."""
    if not (data / WAITING).exists():
        return
    import sync.light_requests  # noqa: F401, PLC0415  # before what imports requests

    # isort: split
    from sync.enrolment import settle  # noqa: PLC0415
    from sync.identity import IdentityError  # noqa: PLC0415

    try:
        made = settle(data)
    except (OSError, IdentityError) as error:
        log.error("enrolment_not_completed why=%s", error)
        return
    if made is not None:
        log.warning("enrolment_completed device=%s incarnation=%d", made.device, made.incarnation)


def usable_key(data: Path) -> DeviceKey | None:
    """Return the device's key, None when it cannot be used: no hub would listen then. Not before the first frame."""
    from sync.identity import DeviceKey, IdentityError  # noqa: PLC0415  # libsodium: not before the first frame

    try:
        return DeviceKey.load(data)
    except IdentityError as error:
        log.critical("no_identity why=%s", error)
        return None


def _found(data: Path) -> Enrolled | None:
    try:
        return enrolled(data)
    except EnrolledError:
        return None
