"""What becomes of a bug: the process ends, and its unit starts it again.

A device that lives on with one of its threads dead looks well and is not. It catches nothing and mends nothing.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable
from types import TracebackType

STATUS = 70
"""The exit status of a bug (EX_SOFTWARE of sysexits.h)."""

_log = logging.getLogger(__name__)


def end_process_on_bug(end: Callable[[int], object] = os._exit) -> None:
    """End the process, from now on, on an exception that nobody has caught in a thread or in a slot of Qt's.

    It is logged first. At once: what is committed is safe against worse, and no thread has to agree.
    """

    def ended(where: str, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        _log.critical("bug thread=%s", where, exc_info=(kind, error or kind(), trace))
        end(STATUS)

    def in_thread(bug: threading.ExceptHookArgs) -> None:
        if bug.exc_type is not SystemExit:
            name = bug.thread.name if bug.thread is not None else ""
            ended(name, bug.exc_type, bug.exc_value, bug.exc_traceback)

    def in_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            ended("main", kind, error, trace)

    threading.excepthook = in_thread
    sys.excepthook = in_main
