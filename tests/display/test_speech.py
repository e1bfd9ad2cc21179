from __future__ import annotations

import array
import threading
from datetime import datetime

from assets.paths import SOUNDS, VOICE
from display.sound import RATE
from display.speech import Speech
from display.voice import load_chime, load_voices
from display.volume import VolumeSchedule
from tests.display.boards import NOW, call

LOCAL = datetime(2026, 11, 22, 10, 31)  # noqa: DTZ001  # the hall's wall clock


class Room:
    """Hears what is played."""

    def __init__(self) -> None:
        self.heard: list[array.array[int]] = []

    def __call__(self, samples: array.array[int], stop: threading.Event) -> None:
        self.heard.append(samples)


def speech(room: Room, spoken: list[str], volume: VolumeSchedule = VolumeSchedule()) -> Speech:  # noqa: B008  # frozen
    return Speech(
        voices=load_voices(VOICE, ["ar", "en"]),
        chime=load_chime(SOUNDS),
        volume=volume,
        spoken=spoken.append,
        play=room,
    )


def test_a_call_is_said_in_both_languages_and_its_end_comes_to_the_gui_thread(qtbot):
    room, spoken = Room(), []
    voice = speech(room, spoken)
    with qtbot.waitSignal(voice.ended, timeout=10_000):
        voice.say(call(1), ["ar", "en"], LOCAL)
    with qtbot.waitSignal(voice.ended, timeout=10_000):
        voice.say(call(2), ["en"], LOCAL)
    voice.close()
    assert spoken == ["hub.1.1", "hub.1.2"]
    both, english = (len(samples) / RATE for samples in room.heard)
    assert 10 < both < 15
    assert 4 < english < 8


def test_the_loudness_follows_the_hour(qtbot):
    room, spoken = Room(), []
    voice = speech(room, spoken, VolumeSchedule.parse([("00:00", 100), ("10:00", 20)]))
    for hour in (9, 11):
        with qtbot.waitSignal(voice.ended, timeout=10_000):
            voice.say(call(1), ["en"], LOCAL.replace(hour=hour))
    voice.close()
    loud, quiet = (max(samples) for samples in room.heard)
    assert quiet < loud / 5


def test_what_one_voice_cannot_say_the_chime_and_the_other_still_do(qtbot, caplog):
    room, spoken = Room(), []
    voice = speech(room, spoken)
    with qtbot.waitSignal(voice.ended, timeout=10_000):
        voice.say(call(1, "Ø12"), ["xx", "ar", "en"], NOW)
    voice.close()
    assert len(room.heard[0]) / RATE > 1.0
    assert caplog.text.count("unspeakable") == 2
