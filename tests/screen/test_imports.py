"""An app's imports cost what Python's imports cost."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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


def test_setup_has_laid_pysides_sources_out_and_compiled_them() -> None:
    import PySide6.QtCore  # noqa: F401, PLC0415  # brings the rest
    import shibokensupport.signature.loader as loader  # type: ignore[import-not-found]  # noqa: PLC0415

    compiled = loader.__spec__.cached
    assert compiled is not None, "scripts/setup was not run: each start compiles it from text"
    assert Path(compiled).exists()
