"""Which characters a TrueType file has glyphs for, read from its own `cmap` table.

Nothing else of the file is read. Source: OpenType specification 1.9, `cmap`, formats 4 and 12.
"""

from __future__ import annotations

import struct
from pathlib import Path


class FontError(Exception):
    """A font file is not one, or its character map has no known form."""


def characters(path: Path) -> frozenset[int]:
    """Return the code points that a font maps to a glyph. Raises FontError, and OSError for an unreadable file."""
    data = path.read_bytes()
    try:
        return _read(data)
    except struct.error as error:
        raise FontError(f"{path.name} is cut short") from error


def _read(data: bytes) -> frozenset[int]:
    (tables,) = struct.unpack_from(">H", data, 4)
    for index in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        if tag == b"cmap":
            break
    else:
        raise FontError("no cmap table")
    (maps,) = struct.unpack_from(">H", data, offset + 2)
    found: set[int] = set()
    for index in range(maps):
        platform, encoding, at = struct.unpack_from(">HHL", data, offset + 4 + 8 * index)
        if (platform, encoding) not in {(0, 3), (0, 4), (3, 1), (3, 10)}:
            continue
        (form,) = struct.unpack_from(">H", data, offset + at)
        if form == 4:
            found |= _format_4(data, offset + at)
        elif form == 12:
            found |= _format_12(data, offset + at)
    if not found:
        raise FontError("no Unicode character map of a known form")
    return frozenset(found)


def _format_4(data: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", data, at + 6)
    count = double // 2
    ends = struct.unpack_from(f">{count}H", data, at + 14)
    starts = struct.unpack_from(f">{count}H", data, at + 16 + double)
    deltas = struct.unpack_from(f">{count}H", data, at + 16 + 2 * double)
    offsets_at = at + 16 + 3 * double
    offsets = struct.unpack_from(f">{count}H", data, offsets_at)
    found = set()
    for index, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        for code in range(start, min(end, 0xFFFE) + 1):
            glyph = code + delta
            if offset:
                (glyph,) = struct.unpack_from(">H", data, offsets_at + 2 * index + offset + 2 * (code - start))
                glyph += delta if glyph else 0
            if glyph & 0xFFFF:
                found.add(code)
    return found


def _format_12(data: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">L", data, at + 12)
    found: set[int] = set()
    for index in range(groups):
        start, end, glyph = struct.unpack_from(">LLL", data, at + 16 + 12 * index)
        found.update(range(start + (glyph == 0), end + 1))
    return found
