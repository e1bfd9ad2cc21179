"""The kiosk's one sound: a short tone when a ticket is ready, as loud as staff have set it.

The loudness is kept in the data folder. Where no sound device is, nothing is loaded and nothing is said.
"""

from __future__ import annotations

import array
import json
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path

log = logging.getLogger(__name__)

FILE = "sound.json"
DEFAULT = 50
RATE = 24_000
_TONES_HZ = (659.26, 880.0)
_TONE_S = 0.14
_LEAD_S = 0.1
"""Amplifiers with a power saver swallow the first moments."""

Player = Callable[[bytes], None]


class Chime:
    """Plays the tone. `play` is given 16-bit mono samples at RATE and returns when they are played; any thread."""

    def __init__(self, data: Path, play: Player | None = None) -> None:
        self._path = data / FILE
        self._play = play
        self._volume = self._kept()
        self._playing = threading.Lock()

    @property
    def volume(self) -> int:
        """How loud it is, 0 (off) to 100."""
        return self._volume

    def set(self, volume: int) -> None:
        """Be as loud as this from now on, also after a restart."""
        self._volume = min(100, max(0, volume))
        passing = self._path.with_suffix(".new")
        try:
            passing.write_text(json.dumps({"volume": self._volume}), encoding="ascii")
            passing.replace(self._path)
        except OSError as error:
            log.error("volume_not_kept error=%s", error.strerror)

    def ring(self) -> None:
        """Let the tone be heard, unless it is off, there is no device, or one is being heard. Returns at once."""
        if self._volume and (self._play is not None or has_device()) and self._playing.acquire(blocking=False):
            threading.Thread(target=self._ring, name="chime", daemon=True).start()

    def _ring(self) -> None:
        try:
            (self._play or _on_device)(tone(self._volume))
        except OSError as error:
            log.warning("no_sound why=%s", error)
        finally:
            self._playing.release()

    def _kept(self) -> int:
        try:
            told = json.loads(self._path.read_text(encoding="ascii"))["volume"]
            return min(100, max(0, int(told)))
        except FileNotFoundError:
            return DEFAULT
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("volume_unreadable error=%s", type(error).__name__)
            return DEFAULT


def tone(volume: int) -> bytes:
    """Return the tone's samples at a loudness; the ear hears loudness as a power of what the speaker does."""
    peak = 32767 * (volume / 100) ** 2 * 0.8
    samples = array.array("h", bytes(2 * int(RATE * _LEAD_S)))
    count = int(RATE * _TONE_S)
    for hertz in _TONES_HZ:
        # Each tone swells and dies within its time: cut off, it would click.
        samples.extend(
            int(peak * math.sin(math.pi * at / count) * math.sin(math.tau * hertz * at / RATE)) for at in range(count)
        )
    return samples.tobytes()


def has_device(devices: Path = Path("/dev/snd")) -> bool:
    """Say whether something may play: a sound card, or a sound server of this session."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return (
        any(devices.glob("pcm*p"))
        or "PULSE_SERVER" in os.environ
        or (runtime != "" and Path(runtime, "pulse").exists())
    )


def _on_device(samples: bytes) -> None:
    """Play on the default device. Raises OSError when none takes it."""
    import miniaudio  # type: ignore[import-untyped]  # noqa: PLC0415  # ships no types; only where there is a device

    over = threading.Event()

    def feed() -> Generator[bytes, int, None]:
        at, frames = 0, (yield b"")
        while at < len(samples):
            piece = samples[at : at + 2 * frames]
            at += 2 * frames
            frames = yield piece
        over.set()
        while True:
            frames = yield bytes(2 * frames)

    try:
        device = miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE, app_name="dawr"
        )
    except miniaudio.MiniaudioError as error:
        raise OSError(str(error)) from error
    try:
        stream = feed()
        next(stream)
        device.start(stream)
        if over.wait(len(samples) / RATE + 2):
            time.sleep(0.2)  # what the device has taken is not yet what it has played
    finally:
        device.close()
