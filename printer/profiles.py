"""What families of printers can do, as data: assets/printers/profiles.json, chosen by a printer's own answer to GS I.

It is a choice among rows, no more: what is done with a row is the business of `printer.encode` and `printer.dialogue`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

from assets.paths import ROOT
from printer.layout import Width
from printer.phases import FenceKind

PROFILES = ROOT / "printers" / "profiles.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a printer says of itself (GS I 66 and 67), empty for what it does not say."""

    maker: str = ""
    model: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """One family. `dots` are those of a line by millimetres of paper; `cut` brings a ticket to its customer."""

    name: str
    maker: str
    model: str
    dots: dict[int, int]
    dpi: int
    fences: tuple[FenceKind, ...]
    cut: bytes
    stored_logo: bool

    def width(self, paper_mm: int) -> Width:
        """Return the line of a paper's width (80 or 58 mm)."""
        return Width(self.dots[paper_mm])


def profile_of(identity: Identity) -> Profile:
    """Return the profile of a printer by what it says of itself; the careful one when that is nothing known."""
    *families, careful = load()
    for family in families:
        if _found(family.maker, identity.maker) and _found(family.model, identity.model):
            return family
    return careful


def named(name: str) -> Profile | None:
    """Return the profile of a name, None when there is none."""
    return next((profile for profile in load() if profile.name == name), None)


def _found(pattern: str, text: str) -> bool:
    # Some say their maker with an underscore or blanks around it.
    return re.search(pattern, text.strip(" _"), re.IGNORECASE) is not None


@cache
def load(path: Path = PROFILES) -> tuple[Profile, ...]:
    """Read the profiles, in the order in which they are tried. Raises ValueError and KeyError for no such file."""
    rows = json.loads(path.read_text(encoding="utf-8"))["profiles"]
    return tuple(
        Profile(
            name=row["name"],
            maker=row["maker"],
            model=row["model"],
            dots={int(mm): dots for mm, dots in row["dots"].items()},
            dpi=row["dpi"],
            fences=cast(tuple[FenceKind, ...], tuple(row["fences"])),
            cut=bytes.fromhex(row["cut"]),
            stored_logo=row["stored_logo"],
        )
        for row in rows
    )
