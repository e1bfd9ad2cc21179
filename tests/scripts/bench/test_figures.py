from __future__ import annotations

import json

import pytest

from scripts.dawr_dev.bench.figures import Figures, of_samples, percentile


def test_a_percentile_is_a_sample_that_was_taken() -> None:
    samples = [float(n) for n in range(100, 0, -1)]
    assert [percentile(samples, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7
    with pytest.raises(ValueError, match="no samples"):
        percentile([], 0.5)


def test_a_line_has_the_keys_that_apply_and_no_other() -> None:
    assert json.loads(of_samples("tap_paint", [1.0, 2.0, 30.456]).line()) == {
        "name": "tap_paint",
        "n": 3,
        "p50_ms": 2.0,
        "p95_ms": 30.46,
        "p99_ms": 30.46,
    }
    assert json.loads(Figures(name="ticket", bytes=8000, mm=107.4).line()) == {
        "name": "ticket",
        "bytes": 8000,
        "mm": 107.4,
    }
