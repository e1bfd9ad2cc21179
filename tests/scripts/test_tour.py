"""A tour that cannot begin says at which step, in words; the visit itself is in tests/e2e/test_run.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.dawr_dev.tour.making import TourError, tour


def test_a_machine_without_a_virtual_screen_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nothing-is-installed"))
    with pytest.raises(TourError, match=r"while starting: .*Xvfb"):
        tour(tmp_path / "tour", "ar", None)
    assert not (tmp_path / "tour" / "tour.json").exists()
