"""The collector frees Qt objects in the GUI thread, whatever other threads allocate."""

import gc
import threading

from pytestqt.qtbot import QtBot

from screen.garbage import GarbageInGuiThread


class Knot:
    """Garbage that only the collector frees; it notes the thread in which it went."""

    freed_in: list[int]

    def __init__(self, freed_in: list[int]) -> None:
        self.itself = self
        self.freed_in = freed_in

    def __del__(self) -> None:
        self.freed_in.append(threading.get_ident())


def allocate() -> None:
    kept = [[n] for n in range(200_000)]
    assert kept


def test_another_threads_allocations_collect_nothing_and_the_gui_thread_does(qtbot: QtBot) -> None:
    freed_in: list[int] = []
    garbage = GarbageInGuiThread(interval_ms=1)
    try:
        Knot(freed_in)
        other = threading.Thread(target=allocate)
        other.start()
        other.join()
        assert freed_in == []
        qtbot.waitUntil(lambda: len(freed_in) == 1)
        assert freed_in == [threading.get_ident()]
    finally:
        garbage.stop()
    assert gc.isenabled()


def test_what_a_start_has_left_is_looked_at_once(qtbot: QtBot) -> None:
    started = [[] for _ in range(1000)]  # type: ignore[var-annotated]  # of nothing
    before = gc.get_freeze_count()
    garbage = GarbageInGuiThread(interval_ms=1)
    try:
        qtbot.waitUntil(lambda: gc.get_freeze_count() > before)
        frozen = gc.get_freeze_count()
        freed_in: list[int] = []
        Knot(freed_in)
        qtbot.waitUntil(lambda: len(freed_in) == 1)
        assert gc.get_freeze_count() <= frozen
        assert frozen - before >= len(started)
    finally:
        garbage.stop()
        gc.unfreeze()
