"""When this process began, for the measure from exec to the first frame. It measures; it decides nothing."""

from __future__ import annotations

import os
import time
from pathlib import Path


def since_exec_ms() -> float:
    """Return the milliseconds since the kernel started this process, to a hundredth of a second.

    Source: proc(5), field 22 of /proc/self/stat, in clock ticks since boot.
    """
    fields = Path("/proc/self/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started) * 1000
