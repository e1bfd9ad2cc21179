"""How loud the hall's voice is, by the time of day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Self


@dataclass(frozen=True, slots=True)
class VolumeSchedule:
    """Steps of (from this time on, loudness 0 to 100), in order of time. Without steps it is always 100."""

    steps: tuple[tuple[time, int], ...] = ()

    @classmethod
    def parse(cls, steps: Sequence[tuple[str, int]]) -> Self:
        """Read `[["07:00", 70], ["12:00", 90]]`. Raises ValueError."""
        read = []
        for clock, loudness in steps:
            if not 0 <= loudness <= 100:
                raise ValueError(f"loudness {loudness} is not 0 to 100")
            read.append((time.fromisoformat(clock), loudness))
        return cls(tuple(sorted(read)))

    def at(self, moment: time) -> float:
        """Return the factor for samples, 0 to 1; before the day's first step the last one still holds.

        50 is half as loud to the ear, which is 10 dB: samples times 0.32.
        """
        if not self.steps:
            return 1.0
        loudness = self.steps[-1][1]
        for begins, level in self.steps:
            if begins <= moment:
                loudness = level
        return 0.0 if loudness == 0 else float((loudness / 100) ** 1.661)
