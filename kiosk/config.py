"""The kiosk's configuration, as `kiosk.toml` tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class KioskConfig:
    """One kiosk.

    `device` is its id and `series` the series of its numbers; one that is enrolled by a code has them from there, and
    says `device = ""` (`sync.enrolled`). `server_key` is the server's public key, for one that was not: without it no
    revocation is believed. `data` holds its key, log and copies.
    `hub_url` and `printer` may be empty: a kiosk without either still gives tickets. `window` is "fullscreen", or
    [width, height] in pixels, or [left, top, width, height]; `screen_mm` the glass it fills or stands for, in
    millimetres. `screen_map` names the file for tests (see `screen.map`). `scanner` is a serial reader of codes, by its
    path or its USB identity (see `kiosk.scanner`); `sms` offers messages where the centre can send them. `logo` is a
    picture for the tickets of a printer that can keep one.
    """

    device: str
    data: Path
    hub_url: str = ""
    printer: str = ""
    language: str = "ar"
    layout: Literal["portrait", "landscape"] = "portrait"
    window: tuple[int, ...] | Literal["fullscreen"] = "fullscreen"
    screen_mm: tuple[float, ...] = ()
    screen_map: str = ""
    sms: bool = False
    scanner: str = ""
    incarnation: int = 1
    series: str = "0"
    paper_mm: Literal[80, 58] = 80
    logo: str = ""
    server_key: str = ""

    def __post_init__(self) -> None:
        if self.window != "fullscreen" and (len(self.window) not in (2, 4) or min(self.window[-2:]) < 1):
            raise ValueError('window: "fullscreen", [width, height] or [left, top, width, height]')
        if len(self.screen_mm) not in (0, 2) or any(side <= 0 for side in self.screen_mm):
            raise ValueError("screen_mm: [width, height] of the glass in millimetres")
        if self.scanner and not self.scanner.startswith("serial:///"):
            raise ValueError("scanner: serial:///dev/NAME or serial:///usb/VID:PID[:SERIAL]")

    @property
    def place(self) -> tuple[int, ...]:
        """The window as `screen.app.Screen` wants it: empty for the whole screen."""
        return () if self.window == "fullscreen" else self.window

    @property
    def glass_mm(self) -> tuple[float, float]:
        """The glass, by default that of a 27-inch panel in the layout's position."""
        if self.screen_mm:
            return self.screen_mm[0], self.screen_mm[1]
        return (336.0, 597.0) if self.layout == "portrait" else (597.0, 336.0)
