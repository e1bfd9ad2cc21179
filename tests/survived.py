"""The table of faults that a run has survived, printed at its end: what tests say of themselves by `survives`.

It judges nothing; a fault of which a test failed says so.
"""

from __future__ import annotations

from collections import Counter

import pytest

_NAME = "survives"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Send what a test survives along with its reports, which come from other processes."""
    item.user_properties += [(_NAME, list(marker.args)) for marker in item.iter_markers(_NAME)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    times: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            for name, value in getattr(report, "user_properties", ()):
                if name == _NAME and outcome in ("passed", "failed", "error") and report.when in ("call", "setup"):
                    fault, count = value
                    times[fault] += count if outcome == "passed" else 0
                    broken[fault] += outcome != "passed"
    if not times:
        return
    terminalreporter.section("faults survived")
    for fault, count in sorted(times.items()):
        verdict = f"   NOT SURVIVED in {broken[fault]} tests" if broken[fault] else ""
        terminalreporter.write_line(f"{count:7,}  {fault}{verdict}")
