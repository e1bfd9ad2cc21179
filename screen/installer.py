"""What QML sees of this machine's enrolment: whether it is a device, the code that is typed, and what became of it.

It lives in the GUI thread and waits for nothing: what takes time is done by threads of its own, which it makes only for
a machine that is no device, or no more. The rules of typing are `screen.codeentry`'s.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot
from PySide6.QtQml import QmlElement, QmlUncreatable

from screen.codeentry import DIGITS, GROUPS, NO_HUB, Answer, CodeEntry, Phase, answered, asked, erased, typed
from screen.texts import TextSource

QML_IMPORT_NAME = "Dawr.Core"
QML_IMPORT_MAJOR_VERSION = 1

IDLE_MS = 60_000
"""Nobody has typed for so long: the page goes back to what the public sees, and forgets the digits."""
SHOWN_MS = 2_000
"""How long it says who the machine is now, before it begins as that device."""
LOOK_EVERY_S = 1.0
"""How often it is looked whether somebody has enrolled it in a shell."""


class Machine(Protocol):
    """Whatever waits for network and disk. `enrol` and `is_another` are called in threads."""

    @property
    def hub(self) -> str:
        """The address that codes are sent to; empty: none."""
        ...

    @property
    def name(self) -> str:
        """What people know the machine by."""
        ...

    def enrol(self, code: str) -> Answer:
        """Send a code of ten digits."""
        ...

    def is_another(self) -> bool:
        """Say whether the machine was enrolled since it began, by whatever way."""
        ...


class Visits(Protocol):
    """The customers' visits, which wait while somebody types a code."""

    def hold(self) -> bool:
        """Let the visit wait; return whether there is one."""
        ...

    def go_on(self) -> None:
        """Let it go on."""
        ...


@QmlElement
@QmlUncreatable("made by the composition root")
class Installer(QObject):  # type: ignore[operator]  # PySide's stub of QmlUncreatable
    """One machine's enrolment. `enrolled` comes when it is (another) device, and has to begin anew as that."""

    changed = Signal()
    enrolled = Signal()
    _told = Signal(object)
    _seen = Signal()
    _read = Signal(str)

    def __init__(
        self,
        machine: Machine,
        texts: TextSource,
        version: Callable[[], str],
        visits: Visits | None = None,
        *,
        idle_ms: int = IDLE_MS,
        shown_ms: int = SHOWN_MS,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        super().__init__()
        self._machine, self._texts, self._read_version, self._visits = machine, texts, version, visits
        self._look_every_s = look_every_s
        self._standing = ""
        self._is_open = False
        self._entry = CodeEntry()
        self._version = ""
        self._watching = threading.Event()
        self._closed = threading.Event()
        self._idle = QTimer(self)
        self._idle.setSingleShot(True)
        self._idle.setInterval(idle_ms)
        self._idle.timeout.connect(self._left)
        self._shown = QTimer(self)
        self._shown.setSingleShot(True)
        self._shown.setInterval(shown_ms)
        self._shown.timeout.connect(self.enrolled)
        self._told.connect(self._answered)
        self._seen.connect(self._enrolled_elsewhere)
        self._read.connect(self._take_version)

    # For the composition root.

    def stand(self, standing: str) -> None:
        """Take notice how the machine stands: "new", "misfit", "revoked", "forked"; empty: it is in service."""
        if standing == self._standing:
            return
        self._standing = standing
        if standing and not self._watching.is_set():
            self._watching.set()
            threading.Thread(target=self._watch, name="enrolled-yet", daemon=True).start()
        if not standing:
            self.leave()
        self.changed.emit()

    def end(self) -> None:
        """End for good, with the window."""
        self._closed.set()
        self._idle.stop()
        self._shown.stop()

    # What QML sees.

    @Property(str, notify=changed)
    def standing(self) -> str:
        """Return why the machine does nothing; empty when it is in service."""
        return self._standing

    @Property(bool, notify=changed)
    def isOpen(self) -> bool:
        """Whether somebody is typing a code."""
        return self._is_open

    @Property("QVariantList", notify=changed)  # type: ignore[arg-type]  # a Qt type's name
    def cells(self) -> list[object]:
        """Return the code's digits by their groups; an empty text for each that is to come."""
        signs = [*self._entry.digits, *[""] * (DIGITS - len(self._entry.digits))]
        ends = [sum(GROUPS[: place + 1]) for place in range(len(GROUPS))]
        return [signs[end - size : end] for size, end in zip(GROUPS, ends, strict=True)]

    @Property(int, notify=changed)
    def typedCount(self) -> int:
        """How many digits there are."""
        return len(self._entry.digits)

    @Property(bool, notify=changed)
    def complete(self) -> bool:
        """Whether the code can be sent."""
        return self._entry.is_complete and bool(self._machine.hub)

    @Property(bool, notify=changed)
    def busy(self) -> bool:
        """Whether the answer is awaited, or the machine is about to begin anew."""
        return self._entry.is_busy

    @Property(bool, notify=changed)
    def again(self) -> bool:
        """Whether the same code may be sent again as it is."""
        return self._entry.phase is Phase.NOT_NOW

    @Property(str, notify=changed)
    def trouble(self) -> str:
        """Return the key of the text that says what to do; empty without trouble."""
        return self._entry.trouble if self._machine.hub else NO_HUB

    @Property(str, notify=changed)
    def device(self) -> str:
        """Return the name that the machine has got; empty before."""
        return self._entry.word if self._entry.phase is Phase.MADE else ""

    @Property("QVariantList", constant=True)  # type: ignore[arg-type]  # a Qt type's name
    def languages(self) -> list[object]:
        """Return the languages of the house, rows of code and rtl, for screens that show all at once."""
        return [{"code": code, "rtl": each.direction == "rtl"} for code, each in self._texts.catalogues.items()]

    @Property(str, constant=True)
    def hub(self) -> str:
        """Return the hub's address as the configuration says it."""
        return self._machine.hub

    @Property(str, constant=True)
    def machine(self) -> str:
        """Return the machine's own name."""
        return self._machine.name

    @Property(str, notify=changed)
    def version(self) -> str:
        """Return the product's version, once it was read."""
        return self._version

    @Slot(str)
    def open(self, language: str) -> None:
        """Begin to type, in a language of one's choice (empty: the one on the screen)."""
        if not self._standing:
            return
        if not self._is_open:
            self._is_open = True
            if self._visits is not None:
                self._visits.hold()
        if language:
            self._texts.speak(language)
        self._idle.start()
        self.changed.emit()

    @Slot()
    def leave(self) -> None:
        """Go back to what the public sees; what was typed is forgotten."""
        if self.busy or not self._is_open:
            return
        self._idle.stop()
        self._is_open = False
        self._entry = CodeEntry()
        if self._visits is not None:
            self._visits.go_on()
        self.changed.emit()

    @Slot(str)
    def type(self, signs: str) -> None:
        """Add digits."""
        self._become(typed(self._entry, signs))

    @Slot()
    def erase(self) -> None:
        """Take the last digit away."""
        self._become(erased(self._entry))

    @Slot()
    def clear(self) -> None:
        """Take all digits away."""
        self._become(erased(self._entry, wholly=True))

    @Slot()
    def submit(self) -> None:
        """Send the code, when it is complete."""
        if not self.complete:
            return
        self._become(asked(self._entry))
        code = self._entry.digits
        threading.Thread(target=lambda: self._told.emit(self._machine.enrol(code)), name="enrol", daemon=True).start()

    @Slot(str, str, result=bool)
    def key(self, key: str, text: str) -> bool:
        """Take a key of a keyboard while a code is typed: "escape", "erase", "enter", or what it would write."""
        if not self._is_open:
            return False
        if key == "escape":
            self.leave()
        elif key == "erase":
            self.erase()
        elif key == "enter":
            self.submit()
        else:
            self.type(text)
        return True

    def _become(self, entry: CodeEntry) -> None:
        if self._is_open:
            self._idle.start()
        if entry != self._entry:
            self._entry = entry
            self.changed.emit()

    @Slot(object)
    def _answered(self, answer: Answer) -> None:
        if self._closed.is_set():
            return
        self._become(answered(self._entry, answer))
        if self._entry.phase is Phase.MADE:
            self._shown.start()
        elif not self._standing:
            # It came into service again by itself while the answer was on its way.
            self.leave()

    @Slot()
    def _left(self) -> None:
        if self.busy:
            self._idle.start()
        else:
            self.leave()

    @Slot()
    def _enrolled_elsewhere(self) -> None:
        # Its own answer comes by itself, and is shown for a moment.
        if not self._closed.is_set() and not self.busy:
            self.enrolled.emit()

    @Slot(str)
    def _take_version(self, version: str) -> None:
        self._version = version
        self.changed.emit()

    def _watch(self) -> None:
        """Look again and again, in a thread: nothing on the screen tells of a shell."""
        self._read.emit(self._read_version())
        while not self._closed.wait(self._look_every_s):
            if self._standing and self._machine.is_another():
                self._seen.emit()
