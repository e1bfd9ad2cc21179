"""A real outbox as booking's outlet, for processes that are killed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sms.message import Message
from sms.outbox import Outbox, Told
from tests.server.booking.house import House


class RealOutlet:
    """Hands over to an outbox on the disk; nothing is sent."""

    countries: Sequence[str] = ("973",)

    def __init__(self, home: House) -> None:
        self._outbox = Outbox(
            home.folder / "outbox.sqlite", wall=lambda: home.clock.now().timestamp(), chance=lambda: 0.5
        )

    def submit(self, messages: Sequence[Message], valid_s: Mapping[str, float] | None = None) -> dict[str, Told]:
        return self._outbox.submit(messages, valid_s)


def outlet_of(home: House) -> RealOutlet:
    return RealOutlet(home)
