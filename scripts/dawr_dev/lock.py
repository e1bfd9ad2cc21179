"""Checks that the locked dependencies hold everything that the requirement files name, and with a hash each."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from scripts.dawr_dev import PROJECT

_NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^]]*\])?\s*(?:==\s*([^\s;\\]+))?")


def canonical(name: str) -> str:
    """Write a package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirements(path: Path) -> dict[str, str | None]:
    """Names in a requirement file, each with its exact version if it has one; files that it includes count too."""
    found: dict[str, str | None] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-r "):
            found |= requirements(path.parent / line[3:].strip())
        elif (match := _NAME.match(line)) is not None:
            found[canonical(match[1])] = match[3]
    return found


def faults(wanted: Path, lock: Path) -> list[str]:
    """Say what is wrong with `lock` as the lock of `wanted`, in words; empty when nothing is."""
    locked: dict[str, str | None] = {}
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    result = []
    for line in text.splitlines():
        if not line or line.startswith((" ", "#", "-")):
            continue
        match = _NAME.match(line)
        if match is None or match[3] is None:
            result.append(f"{lock.name}: not an exact version: {line[:60]}")
            continue
        locked[canonical(match[1])] = match[3]
        if "--hash=sha256:" not in line:
            result.append(f"{lock.name}: {match[1]} has no hash")
    for name, version in requirements(wanted).items():
        if name not in locked:
            result.append(f"{lock.name}: {name} is missing, {wanted.name} names it")
        elif version is not None and locked[name] != version:
            result.append(f"{lock.name}: {name} is {locked[name]}, {wanted.name} asks for {version}")
    return result


def main() -> int:
    """Check both locks; print what is wrong."""
    wrong = [
        *faults(PROJECT / "requirements.in", PROJECT / "requirements.lock"),
        *faults(PROJECT / "requirements-dev.in", PROJECT / "requirements-dev.lock"),
    ]
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
