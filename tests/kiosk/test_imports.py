"""What the kiosk never loads: each of these is some megabytes of every kiosk's memory, or some tenths of its start."""

from __future__ import annotations

import subprocess
import sys

import pytest

_NEVER = ["PySide6.QtQuick", "PySide6.QtOpenGL", "cryptography", "fastapi", "pydantic", "sqlalchemy", "sqlmodel"]


_FIRST_FRAME = "import kiosk.__main__"
_AT_WORK = f"{_FIRST_FRAME}, sync.light_requests, kiosk.office, printer.encode; printer.encode._dummy()"


@pytest.mark.parametrize(
    ("loads", "never"),
    [
        (
            _FIRST_FRAME,
            [*_NEVER, "PIL", "escpos", "hashlib", "nacl", "printer", "requests", "serial", "sqlite3", "ssl"],
        ),
        (_AT_WORK, [*_NEVER, "asyncio", "charset_normalizer"]),
    ],
)
def test_what_a_kiosk_does_without(loads: str, never: list[str]) -> None:
    program = f"import sys; {loads}; print(*(name for name in {never!r} if name in sys.modules))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == []
