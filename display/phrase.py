"""From a call to the clips that say it, by the voice's own declared sequence (docs/voice.md).

Pure: it opens no file and makes no sound.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from display.board import Kind

# Between two languages, and between the chime and the first word.
LANGUAGE_GAP_S = 0.4
CHIME_GAP_S = 0.05


class UnspeakableError(Exception):
    """A voice has no clip for a part of a call; the message names the clip."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A sound file and how long it lasts."""

    file: Path
    seconds: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """A clip in its place: the silence before it, in seconds, then the clip."""

    gap_s: float
    clip: Clip


@dataclass(frozen=True, slots=True)
class Voice:
    """One language's clips and the sentences they make; `sequences` by kind of call."""

    language: str
    sequences: Mapping[str, Sequence[str]]
    clips: Mapping[str, Clip]

    def clip(self, *names: str) -> Clip:
        """Return the first of these clips that there is. Raises UnspeakableError."""
        for name in names:
            if name in self.clips:
                return self.clips[name]
        raise UnspeakableError(names[-1])


def phrase(voice: Voice, number: str, counter: str, kind: Kind) -> list[Spoken]:
    """Return what a voice says for a call. Raises UnspeakableError.

    A number is read digit by digit as printed, so "040" cannot become "forty"; a counter from 1 to 99 as a number,
    any other label character by character.
    """
    said: list[Spoken] = []
    for step in voice.sequences[kind]:
        name, _, pause = step.partition("|")
        gap_s = int(pause or 0) / 1000
        said += [Spoken(gap_s, clip) for clip in _clips(voice, name, number, counter)]
    return said


def announcement(chime: Clip | None, phrases: Sequence[Sequence[Spoken]]) -> list[Spoken]:
    """Return the chime and each language's phrase, one after another."""
    said = [Spoken(0.0, chime)] if chime else []
    for place, words in enumerate(phrases):
        gap_s = LANGUAGE_GAP_S if place else CHIME_GAP_S if chime else 0.0
        said += [Spoken(word.gap_s + (0.0 if i else gap_s), word.clip) for i, word in enumerate(words)]
    return said


def length_s(said: Sequence[Spoken]) -> float:
    """Return how long it takes to say."""
    return sum(each.gap_s + each.clip.seconds for each in said)


def _clips(voice: Voice, name: str, number: str, counter: str) -> list[Clip]:
    if name == "<letters>":
        return _characters(voice, "".join(char for char in number if not char.isdigit()))
    if name == "<digits>":
        return _characters(voice, "".join(char for char in number if char.isdigit()))
    if name == "<counter>":
        plain = "".join(_ascii(char) for char in counter)
        if re.fullmatch("[1-9][0-9]?", plain):
            return [voice.clip(f"number.{plain}")]
        return _characters(voice, counter)
    return [voice.clip(name)]


def _characters(voice: Voice, text: str) -> list[Clip]:
    clips = []
    spoken = [_ascii(char) for char in text if char.isalnum()]
    for place, char in enumerate(spoken):
        name = f"digit.{char}" if char.isdigit() else f"letter.{char.upper()}"
        last = place == len(spoken) - 1
        clips.append(voice.clip(*([f"{name}.last"] if last else []), name))
    return clips


def _ascii(char: str) -> str:
    return str(unicodedata.digit(char)) if char.isdigit() else char
