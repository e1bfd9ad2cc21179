"""Says a call: chooses the clips of each language, the loudness of the hour, and hands them to the sound thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from PySide6.QtCore import QObject, Signal

from display.board import Call
from display.phrase import Clip, Spoken, UnspeakableError, Voice, announcement, phrase
from display.sound import Announcement, Player, Sound
from display.volume import VolumeSchedule

log = logging.getLogger(__name__)


class Speech(QObject):
    """The voice of the hall. `ended` carries a call's id into the GUI thread."""

    ended = Signal(str)

    def __init__(
        self,
        *,
        voices: Mapping[str, Voice],
        chime: Clip | None,
        volume: VolumeSchedule,
        spoken: Callable[[str], None],
        play: Player | None = None,
    ) -> None:
        super().__init__()
        self._voices = voices
        self._chime = chime
        self._volume = volume
        self.ended.connect(spoken)
        self._sound = Sound(self.ended.emit, play)

    def say(self, call: Call, order: Iterable[str], local: datetime) -> None:
        """Announce a call. A language without a voice or a clip is left out; the chime always sounds."""
        phrases: list[list[Spoken]] = []
        for language in order:
            if language not in self._voices:
                continue
            try:
                phrases.append(phrase(self._voices[language], call.number, call.counter, call.kind))
            except UnspeakableError as error:
                log.warning("unspeakable call_id=%s language=%s clip=%s", call.call_id, language, error)
        said = announcement(self._chime, phrases)
        self._sound.play(Announcement(call.call_id, said, self._volume.at(local.time())))

    def close(self) -> None:
        """End the sound thread."""
        self._sound.close()
