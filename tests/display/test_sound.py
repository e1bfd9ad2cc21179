from __future__ import annotations

import array
import threading
import time

import miniaudio
import pytest

from assets.paths import VOICE
from display.phrase import Clip, Spoken, length_s
from display.sound import LEAD_S, RATE, Announcement, NoSoundError, Sound, backends, decoded, mixed, play_on

SEVEN = Clip(VOICE / "en" / "digit.7.ogg", 0.463)


class Ends:
    """Collects what ended, and lets a test wait for it."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self._changed = threading.Condition()

    def __call__(self, key: str) -> None:
        with self._changed:
            self.keys.append(key)
            self._changed.notify_all()

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.keys) >= count, timeout=10)


def test_clips_are_joined_with_their_silences_and_the_loudness():
    said = [Spoken(0.0, SEVEN), Spoken(0.5, SEVEN)]
    samples = mixed(said, 1.0)
    assert len(samples) / RATE == pytest.approx(LEAD_S + 0.5 + 2 * len(decoded(SEVEN.file)) / RATE, abs=0.01)
    quiet = mixed(said, 0.5)
    assert max(quiet) == pytest.approx(max(samples) / 2, abs=2)


def test_announcements_never_overlap_and_keep_their_order():
    playing, most, lock = 0, 0, threading.Lock()
    ends = Ends()

    def play(samples: array.array[int], stop: threading.Event) -> None:
        nonlocal playing, most
        with lock:
            playing += 1
            most = max(most, playing)
        stop.wait(0.02)
        with lock:
            playing -= 1

    sound = Sound(ends, play)
    for key in "abcde":
        sound.play(Announcement(key, [Spoken(0, SEVEN)], 1.0))
    ends.wait_for(5)
    sound.close()
    assert ends.keys == list("abcde")
    assert most == 1


def test_without_a_device_the_time_is_kept_and_it_is_said_once(caplog):
    ends = Ends()

    def none(samples: array.array[int], stop: threading.Event) -> None:
        raise NoSoundError("no device")

    sound = Sound(ends, none)
    said = [Spoken(0.0, SEVEN)]
    began = time.monotonic()
    sound.play(Announcement("a", said, 1.0))
    sound.play(Announcement("b", said, 1.0))
    ends.wait_for(2)
    sound.close()
    assert time.monotonic() - began >= 2 * length_s(said)
    assert caplog.text.count("no_sound") == 1


def test_a_device_that_is_plugged_in_later_is_used(caplog):
    caplog.set_level("INFO")
    ends, played = Ends(), []

    def play(samples: array.array[int], stop: threading.Event) -> None:
        if not ends.keys:
            raise NoSoundError("no device")
        played.append(len(samples))

    sound = Sound(ends, play)
    sound.play(Announcement("a", [], 1.0))
    sound.play(Announcement("b", [Spoken(0, SEVEN)], 1.0))
    ends.wait_for(2)
    sound.close()
    assert len(played) == 1
    assert "sound_is_back" in caplog.text


def test_a_missing_clip_is_silence_and_no_end_of_the_thread(tmp_path, caplog):
    ends = Ends()
    sound = Sound(ends, lambda samples, stop: None)
    sound.play(Announcement("a", [Spoken(0, Clip(tmp_path / "gone.ogg", 0.01))], 1.0))
    sound.play(Announcement("b", [Spoken(0, SEVEN)], 1.0))
    ends.wait_for(2)
    sound.close()
    assert "gone.ogg" in caplog.text


def test_closing_does_not_wait_for_the_end_of_a_sentence():
    ends, began = Ends(), threading.Event()

    def long(samples: array.array[int], stop: threading.Event) -> None:
        began.set()
        stop.wait(30)

    sound = Sound(ends, long)
    sound.play(Announcement("a", [Spoken(0, SEVEN)], 1.0))
    assert began.wait(5)
    before = time.monotonic()
    sound.close()
    assert time.monotonic() - before < 2
    assert ends.keys == []


def test_a_real_device_takes_every_sample():
    samples = mixed([Spoken(0.0, SEVEN)], 1.0)
    began = time.monotonic()
    play_on([miniaudio.Backend.NULL], samples, threading.Event())
    # miniaudio's null device runs in real time, a buffer ahead.
    assert time.monotonic() - began > 0.5 * len(samples) / RATE


def test_no_sound_system_is_no_crash():
    with pytest.raises(NoSoundError):
        play_on([], mixed([], 1.0), threading.Event())


def test_alsa_is_asked_only_when_there_is_a_card(tmp_path):
    assert miniaudio.Backend.ALSA not in backends(tmp_path)
    (tmp_path / "pcmC0D0p").touch()
    assert miniaudio.Backend.ALSA in backends(tmp_path)
