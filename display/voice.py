"""Reads the clip sets from disk: one folder a language, its manifest beside the sounds (docs/voice.md).

It reads manifests only; the sounds are opened when they are played.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from display.phrase import Clip, Voice

log = logging.getLogger(__name__)

FORMAT = 1


class VoiceError(Exception):
    """A clip set cannot be used; the message says why."""


def load_voice(folder: Path) -> Voice:
    """Read a language's clip set. Raises VoiceError."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise VoiceError(f"{folder}: format {manifest['format']} is not {FORMAT}")
        return Voice(
            language=str(manifest["language"]),
            sequences={kind: tuple(map(str, steps)) for kind, steps in manifest["sequences"].items()},
            clips=_clips(folder, manifest["clips"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VoiceError(f"{folder}: {type(error).__name__}: {error}") from error


def load_voices(root: Path, languages: Iterable[str]) -> dict[str, Voice]:
    """Read the clip sets that there are; one that cannot be used is left out and logged."""
    voices = {}
    for language in languages:
        try:
            voices[language] = load_voice(root / language)
        except VoiceError as error:
            log.warning("voice_unusable language=%s why=%s", language, error)
    return voices


def load_chime(folder: Path) -> Clip | None:
    """Read the chime; None when there is none, which is logged."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        return _clips(folder, manifest["clips"])["chime"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("chime_unusable folder=%s why=%s", folder, error)
        return None


def _clips(folder: Path, listed: Mapping[str, Mapping[str, object]]) -> dict[str, Clip]:
    return {name: Clip(folder / str(clip["file"]), float(str(clip["seconds"]))) for name, clip in listed.items()}
