"""What a tour leaves behind: its pictures, in order, and tour.json, which tells what was seen. It judges nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


class MissedError(Exception):
    """Something was seen that is not right."""


@dataclass(slots=True)
class TourTicket:
    """What became of a ticket: `qr` as read from its picture, `paper` what the printer answered."""

    number: str
    service: str
    kind: str
    ticket: str
    qr: str
    paper: str
    bytes: int
    counter: str = ""


@dataclass(slots=True)
class Story:
    """What tour.json tells. `times` are in milliseconds, by their names."""

    ok: bool = False
    language: str = ""
    layout: str = ""
    printer: str = ""
    tickets: list[TourTicket] = field(default_factory=list)
    board: list[dict[str, str]] = field(default_factory=list)
    times: dict[str, float] = field(default_factory=dict)
    booking: dict[str, str] = field(default_factory=dict)
    message: dict[str, str] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)
    took_s: float = 0.0


class Evidence:
    """The folder of one tour, and its story. `step` is what the tour is doing now."""

    def __init__(self, folder: Path, story: Story) -> None:
        self.folder = folder
        self.story = story
        self.step = "starting"

    @contextmanager
    def doing(self, step: str) -> Iterator[None]:
        """Name a step; it stays named when it fails."""
        self.step = step
        yield

    def shot(self, name: str, take: Callable[[Path], object]) -> Path:
        """Let `take` write the next picture; return its file."""
        file = f"{len(self.story.pictures) + 1:02d}-{name}.png"
        take(self.folder / file)
        self.story.pictures.append(file)
        return self.folder / file

    def tell(self, took_s: float) -> Path:
        """Say that all of it happened, in so many seconds; return the file."""
        self.story.ok, self.story.took_s = True, round(took_s, 1)
        told = json.dumps(asdict(self.story), ensure_ascii=False, indent=2)
        path = self.folder / "tour.json"
        path.write_text(told + "\n", encoding="utf-8")
        return path
