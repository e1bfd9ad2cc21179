"""kill -9 at every commit point: what was acknowledged is there, whole, chained, and its side tables with it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from queueing.wire import Stream
from tests.sync.fakes import KIOSK, open_log

APPENDER = Path(__file__).with_name("appender.py")
OTHER = Stream("kiosk-2", 1)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """Make a log with an app's side table, closed and whole."""
    path = tmp_path / "log.db"
    log = open_log(path)
    with log.transaction() as tx:
        tx.connection.execute("CREATE TABLE side (seq INTEGER PRIMARY KEY)")
    log.close()
    return path


def check(path: Path, acked: int) -> int:
    """Check the log that a killed process left, and return its head."""
    log = open_log(path)
    head = log.head(KIOSK).seq
    log.verify()
    side = [seq for (seq,) in log._connection.execute("SELECT seq FROM side ORDER BY seq")]
    assert acked <= head <= acked + 1, "acknowledged is kept, and at most the one in hand besides"
    assert side == list(range(1, head + 1)), "event and projection are one commit"
    assert log.acked("hub", KIOSK) == max(0, head - 1), "event and outbox are one commit"
    assert log.head(OTHER).seq == head, "what was received in the same job, too"
    log.close()
    return head


def test_killed_before_every_statement_of_two_jobs(empty: Path) -> None:
    subprocess.run([sys.executable, str(APPENDER), "--everywhere", str(empty)], timeout=60, check=True)
    heads = []
    for kill_at in range(1, 100):
        said = Path(f"{empty}.{kill_at}.said").read_text().split()
        acked = [int(word) for word in said if word != "end"]
        assert acked == list(range(1, len(acked) + 1))
        heads.append(check(Path(f"{empty}.{kill_at}"), len(acked)))
        if "end" in said:
            break
    assert heads == sorted(heads) and set(heads) == {0, 1, 2}
    assert len(heads) > 14, "two jobs have more statements than that"


def test_killed_at_any_moment_again_and_again(empty: Path) -> None:
    """The same log through eight lives, each ended from outside after some acknowledgements."""
    last = 0
    for life in range(8):
        command = [sys.executable, str(APPENDER), str(empty)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for _ in range(1 + 7 * life):
                last = int(child.stdout.readline())
            child.kill()
            for line in child.stdout:
                if line.endswith("\n"):  # else it died while it spoke
                    last = int(line)
        check(empty, last)
    assert last >= sum(1 + 7 * life for life in range(8))
