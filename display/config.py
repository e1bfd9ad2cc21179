"""The display's configuration, as `display.toml` gives it (`sync.config.load`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from display.volume import VolumeSchedule


@dataclass(frozen=True, slots=True)
class DisplayConfig:
    """What one hall screen is told at start.

    `device` is empty for one that is enrolled by a code, which names it (`sync.enrolled`). `server_key` is the server's
    public key, for one that was not: without it no revocation is believed.
    `zone` is the hall whose counters' calls it shows and speaks, as the centre's data names it; empty: all.
    `window` is the whole screen, or width and height in pixels. `screen_mm` is the glass. `voice` is a
    folder of clip sets that replaces the shipped one; `volume` is steps of (from this time, 0 to 100).
    `timezone` holds until the hub has told the centre's.
    """

    device: str
    data: Path
    hub_url: str
    incarnation: int = 1
    zone: str = ""
    languages: tuple[str, ...] = ("ar", "en")
    theme: Literal["dark", "light", "contrast"] = "dark"
    reduced_motion: bool = False
    window: Literal["fullscreen"] | tuple[int, ...] = "fullscreen"
    screen_mm: tuple[float, float] = (1210.0, 680.0)
    audio: bool = True
    voice: str = ""
    volume: tuple[tuple[str, int], ...] = ()
    timezone: str = "Asia/Bahrain"
    screen_map: str = ""
    server_key: str = ""

    def __post_init__(self) -> None:
        """Refuse what the types cannot. Raises ValueError."""
        if self.window != "fullscreen" and len(self.window) not in (2, 4):
            raise ValueError('window is "fullscreen", or [width, height]')
        if min(self.screen_mm) <= 0:
            raise ValueError("screen_mm is the glass's width and height in millimetres")
        VolumeSchedule.parse(self.volume)

    @property
    def place(self) -> tuple[int, ...]:
        """The window as `screen.app.Screen` takes it: empty for the whole screen."""
        return () if self.window == "fullscreen" else self.window
