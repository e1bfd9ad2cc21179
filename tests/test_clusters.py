"""The clusters of tests: what a killed run leaves the next one removes, and one that is told to end removes its own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from assets.paths import ROOT
from tests.clusters import remove_left
from tests.waiting import until

_RUN = """
from threading import Event
from tests.clusters import own_cluster
with own_cluster() as cluster:
    print(*cluster.folders, flush=True)
    Event().wait()
"""


def _begun() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", _RUN], cwd=ROOT.parent, stdout=subprocess.PIPE, text=True)


def _folders(run: subprocess.Popen[str]) -> list[Path]:
    assert run.stdout is not None
    return [Path(folder) for folder in run.stdout.readline().split()]


def test_what_is_left_of_a_killed_run_goes_and_a_living_ones_stays() -> None:
    with _begun() as killed, _begun() as living:
        try:
            left, used = _folders(killed), _folders(living)
            served_by = int((left[0] / "postmaster.pid").read_text().split()[0])
            killed.kill()
            killed.wait()
            assert all(folder.exists() for folder in left)
            remove_left()
            assert not any(folder.exists() for folder in left)
            until(lambda: not Path(f"/proc/{served_by}").exists(), "its PostgreSQL to end")
            assert all((folder / "postmaster.pid").exists() for folder in used)
            living.send_signal(signal.SIGTERM)
            assert living.wait(20) != 0
            assert not any(folder.exists() for folder in used)
        finally:
            killed.kill()
            living.kill()
