"""The machine's clocks are what they say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from sync.clock import SystemClock, boot_id


def test_the_wall_time_is_aware_and_now() -> None:
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(seconds=5)


def test_the_monotonic_time_counts_from_the_boot() -> None:
    clock = SystemClock()
    first, uptime, second = clock.monotonic(), Path("/proc/uptime").read_text().split()[0], clock.monotonic()
    assert first - 0.1 <= float(uptime) <= second + 0.1


def test_the_boot_has_an_id(tmp_path: Path) -> None:
    assert UUID(boot_id()) == UUID(boot_id())
    (tmp_path / "boot").write_text("abc\n")
    assert boot_id(tmp_path / "boot") == "abc"
