from __future__ import annotations

from pathlib import Path

from scripts.dawr_dev.lock import faults

HASH = "--hash=sha256:00"


def write(folder: Path, wanted: str, lock: str) -> tuple[Path, Path]:
    (folder / "r.in").write_text(wanted)
    (folder / "r.lock").write_text(lock)
    return folder / "r.in", folder / "r.lock"


def test_a_lock_that_holds_all_is_right(tmp_path: Path) -> None:
    (tmp_path / "base.in").write_text("Alpha_One\n")
    lock = f"alpha-one==1.0 \\\n    {HASH}\n    # via base\nbeta==2 \\\n    {HASH}\n"
    assert faults(*write(tmp_path, "-r base.in\nbeta==2  # why\n", lock)) == []


def test_what_is_missing_or_has_no_hash_or_another_version_is_told(tmp_path: Path) -> None:
    told = faults(*write(tmp_path, "alpha\nbeta==3\n", f"beta==2 \\\n    {HASH}\ngamma==1\n"))
    assert len(told) == 3
    assert "gamma has no hash" in told[0]
    assert "alpha is missing" in told[1]
    assert "beta is 2" in told[2]
