"""What each role of device may ask of a hub or a server: one table, and nothing else decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    """What a device is."""

    KIOSK = "kiosk"
    DISPLAY = "display"
    HUB = "hub"


class Right(StrEnum):
    """What a device may ask for."""

    SEND_EVENTS = "send_events"
    READ_EVENTS = "read_events"
    SEE_BOARD = "see_board"
    SEE_KIOSK = "see_kiosk"
    READ_SETTINGS = "read_settings"
    READ_APPOINTMENTS = "read_appointments"
    LOOK_UP = "look_up"
    TELL_HEALTH = "tell_health"
    SEND_CONTACTS = "send_contacts"
    SEND_MESSAGES = "send_messages"
    READ_WISHES = "read_wishes"
    MANAGE_DEVICES = "manage_devices"


RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.KIOSK: frozenset(
            {
                *(Right.SEND_EVENTS, Right.SEE_KIOSK, Right.SEE_BOARD, Right.READ_SETTINGS, Right.LOOK_UP),
                *(Right.SEND_CONTACTS, Right.TELL_HEALTH),
            }
        ),
        Role.DISPLAY: frozenset({Right.SEE_BOARD}),
        Role.HUB: frozenset(
            {
                *(Right.SEND_EVENTS, Right.READ_EVENTS, Right.READ_SETTINGS, Right.READ_APPOINTMENTS, Right.LOOK_UP),
                *(Right.SEND_MESSAGES, Right.READ_WISHES, Right.MANAGE_DEVICES),
            }
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Device:
    """A device as the registers know it; `public_key` is base64 of 32 bytes, `series` the kiosk's number series."""

    id: str
    role: Role
    centre: str
    public_key: str
    series: str = ""

    def may(self, right: Right) -> bool:
        """Tell whether the role has the right."""
        return right in RIGHTS[self.role]

    def is_still(self, now: Device | None) -> bool:
        """Tell whether the registers have it as it was: not revoked, nor enrolled anew on another machine."""
        return now is not None and now.public_key == self.public_key
