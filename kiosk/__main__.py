"""`python -m kiosk --config kiosk.toml`: puts the kiosk together and runs it.

The order matters: nothing is imported or opened before the first frame that the first frame does not need.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import screen.imports  # noqa: F401  # before all others: it makes them cheap

# isort: split
from PySide6.QtCore import QMetaObject, QObject, QTimer

from assets.version import version
from kiosk.config import KioskConfig
from kiosk.hubtime import HubTime
from kiosk.known import Known
from kiosk.reception import Openable, Reception
from kiosk.session import Callboard, Session
from kiosk.settings import kept
from kiosk.staff.door import StaffDoor
from kiosk.visit import Pace
from screen.app import FRAME_SWAPPED, Screen, start_again
from screen.enrolling import Identity, Machine, complete, identity
from screen.installer import Installer
from sync.bugs import end_process_on_bug
from sync.clock import SystemClock
from sync.config import ConfigError, load
from sync.enrolled import is_revoked

if TYPE_CHECKING:
    from kiosk.settings import Settings
    from kiosk.staff.session import StaffSession
    from kiosk.watchdog import Watchdog

QML = Path(__file__).resolve().parent / "qml"
# The shorter side of a 21.5-inch panel: the smallest glass that the screens are drawn for.
DRAWN_FOR_MM = 268.0

FRAMES_S = 3.0

log = logging.getLogger("kiosk")


def main(arguments: list[str] | None = None) -> int:
    """Run the kiosk until it is told to end; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m kiosk", description="the kiosk in the hall")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    parser.add_argument("--timings", action="store_true", help="log how long after a tap the next screen is painted")
    parser.add_argument("--frames", action="store_true", help="paint on while a ticket prints and log each frame")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        config = load(options.config, KioskConfig)
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 2
    end_process_on_bug()
    config.data.mkdir(parents=True, exist_ok=True)
    who = identity(config, "kiosk", config.data)
    status, is_enrolled = _run(who, kept(config.data), timings=options.timings, frames=options.frames)
    if is_enrolled:
        log.info("enrolled begin=again")
        start_again()
    return status


def _run(who: Identity[KioskConfig], settings: Settings | None, *, timings: bool, frames: bool) -> tuple[int, bool]:
    """Return the exit status, and whether it ended because the machine was enrolled and has to begin anew."""
    config, clock, pace = who.config, SystemClock(), Pace()
    languages = settings.centre.languages if settings is not None else ("ar", "en")
    screen = Screen(
        name="Dawr",
        languages=languages,
        language=config.language if config.language in languages else languages[0],
        theme="light",
        window=config.place,
        screen_mm=config.glass_mm,
        drawn_for_mm=DRAWN_FOR_MM,
    )
    callboard, hub_time = Callboard(), HubTime(clock)

    def make() -> tuple[Openable, tuple[type[Exception], ...]]:
        # Some tenths of a second of imports: after the first frame, in the reception's thread.
        import sync.light_requests  # noqa: F401, PLC0415  # before the office, which imports requests

        # isort: split
        from kiosk.office import Office  # noqa: PLC0415
        from sync.storage import StorageUnavailable  # noqa: PLC0415

        complete(config.data)
        return Office(config, callboard, clock, settings, hub_time), (StorageUnavailable,)

    reception = Reception(make, callboard)
    session = Session(
        texts=screen.texts,
        look=screen.look,
        backstage=reception,
        callboard=callboard,
        known=Known(
            clock.now(),
            settings.centre if settings is not None else None,
            paper=bool(config.printer),
            sms=config.sms,
            languages=languages,
            barred=who.standing or ("revoked" if is_revoked(config.data, config.incarnation) else ""),
            asking=True,
        ),
        language=config.language if config.language in languages else languages[0],
        now=hub_time.now,
        monotonic=time.monotonic,
        pace=pace,
    )

    def staff_session() -> StaffSession:
        # Staff come seldom: no start and no customer pays for their menu.
        from kiosk.staff.session import StaffSession  # noqa: PLC0415

        return StaffSession(texts=screen.texts, known=lambda: session.known, now=hub_time.now, monotonic=time.monotonic)

    machine = Machine(config.hub_url, "kiosk", config.data, who.found)
    installer = Installer(machine, screen.texts, version, session)
    is_enrolled = False

    def enrolled() -> None:
        nonlocal is_enrolled
        is_enrolled = True
        screen.app.exit(0)

    def follow() -> None:
        installer.stand(session.known.barred)

    # After the session itself has learnt it.
    callboard.learnt.connect(follow)
    follow()
    installer.enrolled.connect(enrolled)
    door = StaffDoor(session, staff_session, lambda staff: reception.errands(staff.tell), time.monotonic)

    watchdogs: list[Watchdog | None] = []

    def painted() -> None:
        # A machine that is no device has no log to open: it is nobody's.
        if not who.standing:
            reception.start()
        QTimer.singleShot(0, warm)

    def warm() -> None:
        # Every page is made now, while nobody waits, and what start-up left is out of the collector's way for good.
        window.setProperty("warm", True)
        from kiosk.watchdog import beating  # noqa: PLC0415  # sockets: not before the first frame

        watchdogs.append(beating(os.environ))
        gc.freeze()

    window = screen.show(
        "Kiosk",
        "Main",
        {**session.models, "staffDoor": door, "installer": installer, "warningMs": round(pace.warning * 1000)},
        import_path=QML,
        screen_map=config.screen_map,
        on_first_frame=painted,
    )
    if timings:
        _log_paints(window, session)
    if frames:
        _log_frames(window, session)
    try:
        return screen.run(), is_enrolled
    finally:
        installer.end()
        door.close()
        session.close()
        reception.close()


def _log_paints(window: QObject, session: Session) -> None:
    painted = session.visit.page

    def swapped() -> None:
        nonlocal painted
        page = session.visit.page
        if session.turned:
            session.turned = False
            log.info("painted page=%s ms=%.2f", page, (time.perf_counter() - session.touched) * 1000)
        if page is not painted:
            painted = page
            log.info("on_glass page=%s", page)

    QObject.connect(window, FRAME_SWAPPED, swapped)


def _log_frames(window: QObject, session: Session) -> None:
    """Paint without a pause from the moment that a ticket is shown: while it is printed."""
    last = until = 0.0
    painted = session.visit.page

    def swapped() -> None:
        nonlocal last, until, painted
        now = time.perf_counter()
        page, before = session.visit.page, painted
        painted = page
        if page == "ticket" and page != before:
            until = now + FRAMES_S
        elif last < until:
            log.info("frame ms=%.2f", (now - last) * 1000)
        last = now
        if now < until:
            QMetaObject.invokeMethod(window, "update")

    QObject.connect(window, FRAME_SWAPPED, swapped)


if __name__ == "__main__":
    sys.exit(main())
