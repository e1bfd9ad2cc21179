"""A booking's QR as a picture in the page: no file, no script, sharp at any size and on paper."""

from __future__ import annotations

import qrcode  # type: ignore[import-untyped]  # it comes without types
from qrcode.constants import ERROR_CORRECT_M  # type: ignore[import-untyped]

_MASK = 4
"""Blocks of 2 by 3 modules. Source: ISO/IEC 18004, data mask pattern 100."""
_QUIET = 4
"""Modules of white around it. Source: ISO/IEC 18004, quiet zone."""


def qr_svg(text: str) -> str:
    """Return the picture of a text of our own making; it is dark on light in every theme, for readers want that."""
    # Readers take any mask. To find the best of eight takes 10 to 20 ms of pure Python, and everybody else waits.
    code = qrcode.QRCode(border=0, error_correction=ERROR_CORRECT_M, mask_pattern=_MASK)
    code.add_data(text)
    code.make(fit=True)
    rows = code.get_matrix()
    size, runs = len(rows) + 2 * _QUIET, []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            if row[x]:
                begin = x
                while x < len(row) and row[x]:
                    x += 1
                runs.append(f"M{begin + _QUIET} {y + _QUIET}h{x - begin}v1h-{x - begin}z")
            else:
                x += 1
    return (
        f'<svg viewBox="0 0 {size} {size}" shape-rendering="crispEdges" aria-hidden="true" focusable="false">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{"".join(runs)}"/></svg>'
    )
