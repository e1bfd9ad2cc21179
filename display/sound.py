"""Plays announcements through the machine's sound device, one after another, in a thread of its own.

Without a device the hall keeps its rhythm in silence: an announcement takes as long as it would have taken. It knows
clips and loudness; what is said is decided elsewhere.
"""

from __future__ import annotations

import array
import contextlib
import logging
import queue
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import miniaudio  # type: ignore[import-untyped]  # ships no types

from display.phrase import Spoken, length_s

log = logging.getLogger(__name__)

RATE = 24_000
# Sinks on HDMI and amplifiers with a power saver swallow the first moments.
LEAD_S = 0.15
_BUFFER_MS = 120
# The device's own buffers drain after the last sample was handed over.
TAIL_S = 0.25


class NoSoundError(Exception):
    """There is no device that plays, or it stopped."""


class Player(Protocol):
    """Plays samples (16 bit, mono, RATE) to their end. Raises NoSoundError."""

    def __call__(self, samples: array.array[int], stop: threading.Event) -> None:
        """Return when played, or when told to stop."""
        ...


@dataclass(frozen=True, slots=True)
class Announcement:
    """What to play, how loud (0 to 1), and whom to tell when it has ended."""

    key: str
    said: Sequence[Spoken]
    volume: float


class Sound:
    """One thread that plays what it is given. `ended(key)` is called from that thread."""

    def __init__(self, ended: Callable[[str], None], play: Player | None = None) -> None:
        self._ended = ended
        self._play = play or play_on_device
        self._queue: queue.SimpleQueue[Announcement | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._silent = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)
        self._thread.start()

    def play(self, announcement: Announcement) -> None:
        """Have it played after what was asked for before."""
        self._queue.put(announcement)

    def close(self) -> None:
        """Stop in the middle of a word if need be, and end the thread."""
        self._stop.set()
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while (announcement := self._queue.get()) is not None:
            self._announce(announcement)
            if not self._stop.is_set():
                self._ended(announcement.key)

    def _announce(self, announcement: Announcement) -> None:
        try:
            self._play(mixed(announcement.said, announcement.volume), self._stop)
        except NoSoundError as error:
            if not self._silent:
                log.warning("no_sound why=%s", error)
                self._silent = True
            self._stop.wait(length_s(announcement.said))
        else:
            if self._silent:
                log.info("sound_is_back")
                self._silent = False


def mixed(said: Sequence[Spoken], volume: float) -> array.array[int]:
    """Join the clips with their silences at a loudness. Raises NoSoundError when a clip cannot be read."""
    samples = array.array("h", bytes(2 * int(LEAD_S * RATE)))
    for each in said:
        samples.frombytes(bytes(2 * int(each.gap_s * RATE)))
        samples.extend(decoded(each.clip.file))
    if volume < 1.0:
        return array.array("h", (int(sample * volume) for sample in samples))
    return samples


def decoded(path: Path) -> array.array[int]:
    """Read a sound file of any kind and rate. Raises NoSoundError."""
    try:
        data = path.read_bytes()
        sound = miniaudio.decode(data, miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE)
    except (OSError, miniaudio.MiniaudioError) as error:
        raise NoSoundError(f"{path.name}: {error}") from error
    samples: array.array[int] = sound.samples
    return samples


def play_on_device(samples: array.array[int], stop: threading.Event) -> None:
    """Play on the default device; it is open only while it speaks, so that one plugged in later is found."""
    play_on(backends(), samples, stop)


def play_on(wanted: list[miniaudio.Backend], samples: array.array[int], stop: threading.Event) -> None:
    """Play by the first of these sound systems that works. Raises NoSoundError."""
    if not wanted:
        raise NoSoundError("no sound device")
    over = threading.Event()
    try:
        device = miniaudio.PlaybackDevice(
            output_format=miniaudio.SampleFormat.SIGNED16,
            nchannels=1,
            sample_rate=RATE,
            buffersize_msec=_BUFFER_MS,
            backends=wanted,
            app_name="dawr",
        )
    except miniaudio.MiniaudioError as error:
        raise NoSoundError(str(error)) from error
    with contextlib.closing(device):
        feed = _feed(samples, over)
        next(feed)
        device.start(feed)
        longest = len(samples) / RATE + 3.0
        waited = 0.0
        while not over.wait(0.1) and not stop.is_set():
            waited += 0.1
            if waited > longest:
                raise NoSoundError("the device takes no samples")
        stop.wait(TAIL_S)


def backends(devices: Path = Path("/dev/snd"), runtime: Path | None = None) -> list[miniaudio.Backend]:
    """Return the sound systems worth asking: ALSA writes a page of complaints when there is no card at all."""
    found = [miniaudio.Backend.PULSEAUDIO, miniaudio.Backend.JACK]
    if any(devices.glob("pcm*p")):
        found.insert(1, miniaudio.Backend.ALSA)
    return found


def _feed(samples: array.array[int], over: threading.Event) -> Generator[memoryview | bytes, int, None]:
    """Hand out samples as the device asks for them, from its own thread."""
    view = memoryview(samples).cast("B")
    at = 0
    frames = yield b""
    while at < len(view):
        piece = view[at : at + 2 * frames]
        at += 2 * frames
        frames = yield piece
    over.set()
    while True:
        yield bytes(2 * frames)
