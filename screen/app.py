"""The start, the window and the clean end of a Qt Quick app that fills a screen.

`Screen` is made once by an app's composition root. It knows no ticket; what is shown comes as a QML module and a
view model.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from PySide6.QtCore import SIGNAL, QObject, QSocketNotifier, Slot
from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication, QWindow
from PySide6.QtQml import QQmlApplicationEngine

from assets.paths import FONTS
from assets.texts import Catalogue
from assets.theme import Theme
from screen.backend import backend
from screen.garbage import GarbageInGuiThread
from screen.look import Look
from screen.texts import TextSource
from screen.timing import since_exec_ms

if TYPE_CHECKING:
    from screen.map import ScreenMap

log = logging.getLogger(__name__)

QML = Path(__file__).resolve().parent / "qml"
FULLSCREEN: tuple[int, ...] = ()
# Qt::Window | Qt::FramelessWindowHint. By number: the first use of Qt's namespace makes its 93 enumerations, in 25 ms.
_FRAMELESS = 0x1 | 0x800
# Signals of Qt Quick's window by their names: PySide6.QtQuick would bring PySide6.QtOpenGL, 3 MB for two signals.
FRAME_SWAPPED = SIGNAL("frameSwapped()")
_SCENE_GRAPH_ERROR = SIGNAL("sceneGraphError(QQuickWindow::SceneGraphError,QString)")


def prepare(environment: dict[str, str] | None = None) -> None:
    """Choose the drawing backend. To be called before the first Qt object."""
    variables: dict[str, str] | os._Environ[str] = os.environ if environment is None else environment
    chosen = backend(variables)
    if chosen:
        variables["QT_QUICK_BACKEND"] = chosen


def load_fonts(family: str, folder: Path = FONTS) -> None:
    """Make the typeface the application's own. Raises FileNotFoundError when a machine lacks it."""
    for path in sorted(folder.glob("*.ttf")):
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileNotFoundError(path)
    font = QFont(family)
    # Hinting moves glyphs of Arabic joins apart at sizes that no designer saw.
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    QGuiApplication.setFont(font)


def start_again() -> NoReturn:
    """Become this very program anew: the same process, nothing kept in memory. Who ran well closes everything before.

    The unit notices nothing, nor does whoever started it otherwise.
    """
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])


class Screen(QObject):
    """One window on one screen: its engine, words and look.

    `window` is empty for the whole screen, else width and height in pixels, with left and top before them if wished.
    `screen_mm` is the width and height of the glass that the window fills or stands for, `drawn_for_mm` the shorter
    side of the smallest glass of the design (see `Look.measure`).
    """

    def __init__(
        self,
        *,
        name: str,
        languages: tuple[str, ...],
        language: str,
        theme: str,
        window: tuple[int, ...],
        screen_mm: tuple[float, float],
        drawn_for_mm: float | None = None,
        catalogues: Mapping[str, Catalogue] | None = None,
    ) -> None:
        existing = QGuiApplication.instance()
        if existing is None:
            prepare()
        self.app = existing if isinstance(existing, QGuiApplication) else QGuiApplication([name])
        super().__init__()
        self._name = name
        self._place = window
        self._screen_mm = screen_mm
        self._drawn_for_mm = drawn_for_mm
        table = Theme.load()
        load_fonts(table.family)
        self.engine = QQmlApplicationEngine()
        self.engine.addImportPath(str(QML))
        words = catalogues or {each: Catalogue.load(each) for each in languages}
        self.texts = TextSource(words, language, self.engine)
        self.look = Look(table, theme, self.engine)
        self.window: QWindow | None = None
        self._on_first: Callable[[], None] | None = None
        self._map: ScreenMap | None = None

    def show(
        self,
        module: str,
        component: str,
        properties: Mapping[str, object],
        *,
        import_path: Path,
        screen_map: str = "",
        on_first_frame: Callable[[], None] | None = None,
    ) -> QWindow:
        """Load the QML window and show it; return it. Raises RuntimeError when the QML does not load.

        `on_first_frame` is called in the GUI thread once the first frame is on the glass.
        """
        if screen_map:
            # Before the window has its Python type: the map wants Qt Quick's own.
            from screen.map import ScreenMap  # noqa: PLC0415  # for development alone

        self.engine.addImportPath(str(import_path))
        size = self._size()
        self.look.measure(size, self._screen_mm, self._drawn_for_mm)
        self.engine.setInitialProperties(dict(properties))
        self.engine.loadFromModule(module, component)
        roots = self.engine.rootObjects()
        window = roots[0] if roots else None
        if not isinstance(window, QWindow):
            raise RuntimeError(f"{module}.{component} is no window that loads")
        self.window = window
        self._on_first = on_first_frame
        window.setTitle(self._name)
        QObject.connect(window, _SCENE_GRAPH_ERROR, self._without_graphics)
        QObject.connect(window, FRAME_SWAPPED, self._first_painted)
        window.widthChanged.connect(self._resized)
        window.heightChanged.connect(self._resized)
        if screen_map:
            self._map = ScreenMap(window, self.texts, Path(screen_map))
        if self._place == FULLSCREEN:
            # Without a window manager showFullScreen() stays tiny: the geometry is set by hand.
            window.setProperty("flags", _FRAMELESS)
            window.setGeometry(window.screen().geometry())
        else:
            window.resize(*size)
            if len(self._place) == 4:
                window.setProperty("flags", _FRAMELESS)
                window.setPosition(self._place[0], self._place[1])
        window.show()
        return window

    def run(self) -> int:
        """Run until the window is closed or the process is told to end; return the exit status."""
        woken, waker = socket.socketpair()
        for end in (woken, waker):
            end.setblocking(False)
        # Qt's loop sleeps in C: the signal's number wakes it through a socket, and Python's handler then runs.
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        garbage = GarbageInGuiThread()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_end)
        notifier = QSocketNotifier(woken.fileno(), QSocketNotifier.Type.Read)
        notifier.activated.connect(lambda: woken.recv(64))
        try:
            return self.app.exec()
        finally:
            notifier.setEnabled(False)
            garbage.stop()
            signal.set_wakeup_fd(-1)
            woken.close()
            waker.close()
            self.close()

    def close(self) -> None:
        """Destroy window and engine. To be called before the view models go, or their bindings would warn."""
        self._map = None
        self.window = None
        if self.engine is not None:
            roots = self.engine.rootObjects()
            for root in roots:
                if isinstance(root, QWindow):
                    root.close()
            del roots
            self.engine.deleteLater()
            self.app.sendPostedEvents(self.engine, 52)  # QEvent::DeferredDelete
            self.engine = None  # type: ignore[assignment]  # gone for good

    def _size(self) -> tuple[int, int]:
        if self._place == FULLSCREEN:
            geometry = self.app.primaryScreen().geometry()
            return geometry.width(), geometry.height()
        return self._place[-2], self._place[-1]

    @Slot()
    def _resized(self) -> None:
        if self.window is not None and self.window.width() > 0 and self.window.height() > 0:
            self.look.measure((self.window.width(), self.window.height()), self._screen_mm, self._drawn_for_mm)

    @Slot()
    def _first_painted(self) -> None:
        if self.window is None:
            return
        QObject.disconnect(self.window, FRAME_SWAPPED, self._first_painted)
        log.info("first_frame ms=%.0f", since_exec_ms())
        # Without a window manager nobody else gives it the keyboard, and a screen that is never touched would get none.
        self.window.requestActivate()
        if self._on_first is not None:
            self._on_first()

    @Slot()
    def _without_graphics(self) -> None:
        log.error("scene_graph_failed restart_with=software")
        os.environ["QT_QUICK_BACKEND"] = "software"
        start_again()

    def _told_to_end(self, number: int, frame: FrameType | None) -> None:
        log.info("ending signal=%s", signal.Signals(number).name)
        # Python runs this between any two steps, inside a slot of a frame too: quit() would destroy the window at once,
        # under the platform's code that is painting it. exit() only ends the loop; close() then destroys the window.
        self.app.exit(0)
