"""The one table of colours by role, for screens, pages and paper alike (look.md, One family).

It holds values and their contrast; it draws nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self, cast

from assets.paths import THEME

Use = Literal["text", "control"]


@dataclass(frozen=True, slots=True)
class Pair:
    """A colour that is drawn on another, and what for."""

    front: str
    back: str
    use: Use

    def least(self, theme: str) -> float:
        """Return the contrast ratio that the pair must reach in a theme.

        Source: WCAG 2.2, 1.4.3 and 1.4.11 (4.5 for text, 3 for controls); 1.4.6 (7) for the high-contrast theme.
        """
        if theme == "contrast":
            return 7.0 if self.use == "text" else 4.5
        return 4.5 if self.use == "text" else 3.0


@dataclass(frozen=True, slots=True)
class Theme:
    """The typeface's family, each theme's colours by role (`#RRGGBB`), and durations in milliseconds."""

    family: str
    colours: Mapping[str, Mapping[str, str]]
    pairs: tuple[Pair, ...]
    motion_ms: Mapping[str, int]

    @classmethod
    def load(cls, path: Path = THEME) -> Self:
        """Read the table."""
        table = json.loads(path.read_text(encoding="utf-8"))
        return cls(
            family=table["family"],
            colours=table["themes"],
            pairs=tuple(Pair(front, back, cast(Use, use)) for front, back, use in table["pairs"]),
            motion_ms=table["motion_ms"],
        )

    def css(self) -> str:
        """Return the table as custom properties: light, or dark and contrast by `data-theme` or the device's wish."""

        def rules(name: str) -> str:
            return "".join(f"--{role.replace('_', '-')}:{value};" for role, value in self.colours[name].items())

        durations = "".join(f"--motion-{name}:{ms}ms;" for name, ms in self.motion_ms.items())
        return (
            f':root{{--family:"{self.family}";{durations}{rules("light")}color-scheme:light}}\n'
            f"@media (prefers-color-scheme:dark){{:root{{{rules('dark')}color-scheme:dark}}}}\n"
            f"@media (prefers-contrast:more){{:root{{{rules('contrast')}color-scheme:dark}}}}\n"
            "@media (prefers-reduced-motion:reduce){:root{--motion-short:0ms;--motion-long:0ms}}\n"
            + "".join(
                f':root[data-theme="{name}"]{{{rules(name)}color-scheme:{"light" if name == "light" else "dark"}}}\n'
                for name in self.colours
            )
        )


def contrast(front: str, back: str) -> float:
    """Return the contrast ratio of two colours `#RRGGBB`, 1 to 21. Source: WCAG 2.2, relative luminance."""

    def luminance(colour: str) -> float:
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
