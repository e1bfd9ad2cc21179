"""What came out on paper: its QR, read back from the picture by an independent reader."""

from __future__ import annotations

import subprocess
from pathlib import Path


def read_qr(picture: Path) -> str | None:
    """Read the one QR code of a picture by zbarimg; None when there is not exactly one."""
    told = subprocess.run(
        ["zbarimg", "--raw", "--quiet", "-Sdisable", "-Sqrcode.enable", str(picture)],
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    codes = told.stdout.split()
    return codes[0] if len(codes) == 1 else None
