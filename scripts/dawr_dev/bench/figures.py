"""What a measurement says: percentiles of samples, and one JSON line of it."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One line of `scripts/bench`. Only the keys that apply are set; `note` says what stands in the way of a figure."""

    name: str
    n: int | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    p99_ms: float | None = None
    per_s: float | None = None
    floor_per_s: float | None = None
    ratio: float | None = None
    bytes: int | None = None
    mm: float | None = None
    mb: float | None = None
    growth_mb: float | None = None
    note: str | None = None

    def line(self) -> str:
        """Return the JSON line."""
        return json.dumps({key: value for key, value in asdict(self).items() if value is not None}, ensure_ascii=False)


def percentile(samples: Sequence[float], share: float) -> float:
    """Return the smallest sample that at least `share` (0 to 1) of the samples do not exceed (nearest rank).

    Raises ValueError when there are none.
    """
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def of_samples(name: str, milliseconds: Sequence[float], *, note: str | None = None) -> Figures:
    """Make the figures of a series of durations in milliseconds."""
    return Figures(
        name=name,
        n=len(milliseconds),
        p50_ms=round(percentile(milliseconds, 0.50), 2),
        p95_ms=round(percentile(milliseconds, 0.95), 2),
        p99_ms=round(percentile(milliseconds, 0.99), 2),
        note=note,
    )
