"""A bug in a thread ends the process: seen from outside, as the unit sees it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sync.bugs import STATUS

_PROGRAM = """
import logging, sys, threading
logging.basicConfig(stream=sys.stderr)
from sync.bugs import end_process_on_bug
end_process_on_bug()
def work():
    {work}
thread = threading.Thread(target=work, name="follower")
thread.start()
thread.join()
print("went on", flush=True)
threading.Event().wait({wait})
"""


def _run(work: str, wait: float) -> subprocess.CompletedProcess[str]:
    program = _PROGRAM.format(work=work, wait=wait)
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)


def test_a_threads_bug_ends_the_process_and_says_why() -> None:
    ended = _run("raise KeyError('what')", 25)
    assert ended.returncode == STATUS
    assert "bug thread=follower" in ended.stderr and "KeyError: 'what'" in ended.stderr


def test_a_bug_in_a_slot_of_qts_ends_the_process() -> None:
    program = """
import logging, sys
logging.basicConfig(stream=sys.stderr)
from PySide6.QtCore import QCoreApplication, QTimer
from sync.bugs import end_process_on_bug
end_process_on_bug()
app = QCoreApplication([])
QTimer.singleShot(0, lambda: {}["what"])
QTimer.singleShot(20_000, app.quit)
app.exec()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == STATUS and "bug thread=main" in ended.stderr


@pytest.mark.parametrize("work", ["pass", "sys.exit()"])
def test_a_thread_that_ends_ends_nothing_else(work: str) -> None:
    ended = _run(work, 0.01)
    assert ended.returncode == 0 and "went on" in ended.stdout and "bug" not in ended.stderr
