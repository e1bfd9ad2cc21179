"""The hall display: `python -m display --config display.toml`. The composition root; it holds no rule."""

from __future__ import annotations

import argparse
import gc
import logging
import random
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import screen.imports  # noqa: F401  # before all others: it makes them cheap

# isort: split
from PySide6.QtCore import QEvent, QObject

from assets.paths import SOUNDS, VOICE
from assets.version import version
from display import lastboard
from display.config import DisplayConfig
from display.glass import Glass
from display.hall import Hall
from display.picture import labels
from display.viewmodel import HallModel
from display.volume import VolumeSchedule
from screen.app import FRAME_SWAPPED, Screen, start_again
from screen.enrolling import Identity, Machine, complete, identity, usable_key
from screen.installer import Installer
from sync.bugs import STATUS, end_process_on_bug
from sync.clock import SystemClock
from sync.config import ConfigError, load
from sync.enrolled import is_revoked, mark_revoked, unmark

if TYPE_CHECKING:
    from display.source import Source
    from display.speech import Speech

log = logging.getLogger(__name__)

QML = Path(__file__).resolve().parent / "qml"


class Display(QObject):
    """Everything of one display, joined; what the first frame does not need is joined after it."""

    def __init__(self, who: Identity[DisplayConfig]) -> None:
        self._who = who
        self._config = config = who.config
        self._clock = SystemClock()
        self.screen = Screen(
            name="Dawr display",
            languages=config.languages,
            language=config.languages[0],
            theme=config.theme,
            window=config.place,
            screen_mm=config.screen_mm,
        )
        super().__init__()
        self.screen.look.hold_still(config.reduced_motion)
        config.data.mkdir(parents=True, exist_ok=True)
        path = config.data / "board.json"
        catalogues = self.screen.texts.catalogues
        self._model = HallModel(labels(list(catalogues.values())))
        # The bench compares this with the press: the one clock that all processes of a machine share.
        self._glass = Glass(self._model, time.monotonic)
        self._speech: Speech | None = None
        self._source: Source | None = None
        self._keeper = lastboard.BoardKeeper(path, mark=self._mark)
        was_revoked = not who.standing and is_revoked(config.data, config.incarnation)
        self.hall = Hall(
            clock=self._clock,
            catalogues=catalogues,
            zone=ZoneInfo(config.timezone),
            show=self._glass.show,
            keep=self._keeper.keep,
            kept=lastboard.load(path) if not who.standing else None,
            hall=config.zone,
            is_revoked=was_revoked,
            barred=self._barred,
        )
        machine = Machine(config.hub_url, "display", config.data, who.found)
        self._installer = Installer(machine, self.screen.texts, version)
        self._installer.enrolled.connect(self._enrolled)
        self._installer.stand("revoked" if was_revoked else who.standing)
        self.is_enrolled = False

    def run(self) -> int:
        """Show the board and run to the end; return the exit status."""
        self.hall.refresh()
        window = self.screen.show(
            "Hall",
            "Main",
            {"viewModel": self._model, "installer": self._installer},
            import_path=QML,
            screen_map=self._config.screen_map,
            on_first_frame=self._join,
        )
        QObject.connect(window, FRAME_SWAPPED, self._glass.painted)
        try:
            return self.screen.run()
        finally:
            self._end()

    def _end(self) -> None:
        """End threads and network while Qt is whole: an access manager that outlives the application may crash."""
        self._installer.end()
        self.hall.close()
        self._keeper.close()
        if self._speech is not None:
            self._speech.close()
        if self._source is not None:
            self._source.close()
            self._source.deleteLater()
            self.screen.app.sendPostedEvents(self._source, QEvent.Type.DeferredDelete)
            self._source = None

    def _join(self) -> None:
        """Bring in voice and network, whose imports would hold the first frame back.

        A machine that is no device has nothing to say and nobody to ask: it waits for its code.
        """
        if self._who.standing:
            return
        complete(self._config.data)
        from display.source import Source  # noqa: PLC0415
        from queueing.wire import Stream  # noqa: PLC0415
        from sync.identity import Signer  # noqa: PLC0415
        from sync.revocation import Judge  # noqa: PLC0415

        key = usable_key(self._config.data)
        if key is None:
            self._installer.stand("new")
            return
        if self._config.audio:
            from display.speech import Speech  # noqa: PLC0415
            from display.voice import load_chime, load_voices  # noqa: PLC0415

            self._speech = Speech(
                voices=load_voices(Path(self._config.voice or VOICE), self._config.languages),
                chime=load_chime(SOUNDS),
                volume=VolumeSchedule.parse(self._config.volume),
                spoken=self.hall.spoken,
            )
            self.hall.use(self._speech)
        signer = Signer(key, self._config.device, self._config.incarnation, self._clock)
        self._source = Source(self._config.hub_url, signer, random.random, self)
        self._source.boardCame.connect(self.hall.board_came)
        self._source.heard.connect(self.hall.heard)
        self._source.broke.connect(self.hall.broke)
        judge = Judge(Stream(self._config.device, self._config.incarnation), self._config.server_key)
        self._source.revoked.connect(lambda word: self.hall.revoked() if judge.believes(word) else None)
        self._source.connect_now()
        # What the start has made stays for good: the collector need not walk it while a call is painted.
        gc.collect()
        gc.freeze()

    def _enrolled(self) -> None:
        self.is_enrolled = True
        self.screen.app.exit(0)

    def _barred(self, is_revoked: bool) -> None:
        self._installer.stand("revoked" if is_revoked else "")
        self._keeper.bar(is_revoked)

    def _mark(self, is_revoked: bool) -> None:
        if is_revoked:
            mark_revoked(self._config.data, self._config.incarnation)
        else:
            unmark(self._config.data)

    def end_on_bug(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """End the process on what nobody foresaw, for its unit to start it again; Qt alone would go on half dead."""
        log.critical("bug", exc_info=(kind, error, trace))
        self.screen.app.exit(STATUS)


def main(arguments: list[str] | None = None) -> int:
    """Read the configuration and run; return the exit status, 2 when it cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m display", description="the hall display")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE.toml")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    end_process_on_bug()
    try:
        config = load(parser.parse_args(arguments).config, DisplayConfig)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    display = Display(identity(config, "display", config.data))
    sys.excepthook = display.end_on_bug
    status = display.run()
    if display.is_enrolled:
        log.info("enrolled begin=again")
        start_again()
    return status


if __name__ == "__main__":
    sys.exit(main())
