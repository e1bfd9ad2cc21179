"""An app's imports cost what Python's imports cost."""

from __future__ import annotations

import subprocess
import sys

_AFTER = """
import linecache, sys
import screen.imports
import plistlib, wave
from PySide6.QtCore import QTimer
import screen.app
print(len(linecache.cache), "plistlib" in sys.modules, "screen.app" in sys.modules)
"""


def test_no_module_is_read_as_source_after_pyside() -> None:
    ran = subprocess.run([sys.executable, "-c", _AFTER], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["0", "True", "True"]
