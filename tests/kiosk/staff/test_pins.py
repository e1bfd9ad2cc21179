"""PINs by the real argon2, and what a hash leaves behind in the kiosk's memory."""

from __future__ import annotations

import subprocess
import sys

import pytest
from argon2 import PasswordHasher

from kiosk.staff.pins import is_pin

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

# A process of its own: what other tests have left in this one would be measured too.
LEFT_BEHIND = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from kiosk.staff.pins import is_pin

def resident_kb():
    return int(Path("/proc/self/status").read_text(encoding="ascii").partition("VmRSS:")[2].split()[0])

import argon2
before = resident_kb()
with ThreadPoolExecutor(1) as thread:
    for _ in range(4):
        assert thread.submit(is_pin, sys.argv[1], "9012").result()
print(resident_kb() - before)
"""


def test_a_pin_is_known_by_its_hash() -> None:
    pin_hash = CHEAP.hash("9012")
    assert is_pin(pin_hash, "9012")
    assert not is_pin(pin_hash, "9013")


@pytest.mark.parametrize("spoilt", ["", "no hash", "$argon2id$v=19$m=8,t=1,p=1$"])
def test_of_a_spoilt_hash_no_pin_is_right(spoilt: str) -> None:
    assert not is_pin(spoilt, "9012")


def test_a_hash_gives_its_memory_back() -> None:
    costly = PasswordHasher(time_cost=1, memory_cost=24 * 1024, parallelism=1).hash("9012")
    left = subprocess.run([sys.executable, "-c", LEFT_BEHIND, costly], capture_output=True, text=True, check=True)
    assert int(left.stdout) < 8 * 1024
