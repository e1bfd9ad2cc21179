"""`scripts/dawr`, as an operator types it from any folder: whose rights it takes, and which file of /etc/dawr."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from scripts.dawr_dev import PROJECT

DAWR = PROJECT / "scripts" / "dawr"


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """Make a machine on which the one who types is root, and the programs that need one say what they were asked."""
    tools, etc = tmp_path / "bin", tmp_path / "etc"
    tools.mkdir()
    etc.mkdir()
    said = 'printf "%s " "${0##*/}" "$@"; echo "database=${DAWR_DATABASE:-}"'
    for name, does in (("id", "echo 0"), ("runuser", said), ("install", said)):
        (tools / name).write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    return {"PATH": f"{tools}:{os.environ['PATH']}", "DAWR_ETC": str(etc)}


def typed(machine: dict[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [DAWR, *words], cwd=folder, env=machine, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_servers_verbs_are_its_own_users_and_know_its_file(machine: dict[str, str], tmp_path: Path) -> None:
    etc, python = machine["DAWR_ETC"], PROJECT / ".venv/bin/python"
    begins = f"runuser -u dawr-server -- {python} -m server devices list"
    assert typed(machine, tmp_path, "server", "devices", "list").stdout == (
        f"{begins} --config {etc}/server.toml database=\n"
    )
    (Path(etc) / "server.env").write_text("# The database.\nDAWR_DATABASE=postgresql://u:p$x@db/dawr?a=b\n")
    assert typed(machine, tmp_path, "server", "devices", "list", "--config", "mine.toml").stdout == (
        f"{begins} --config mine.toml database=postgresql://u:p$x@db/dawr?a=b\n"
    )


def test_a_devices_folder_is_there_before_its_code_is_typed(machine: dict[str, str], tmp_path: Path) -> None:
    made, enrols = typed(machine, tmp_path, "enrol", "hub").stdout.splitlines()
    assert made.startswith("install -d -o dawr-hub -g dawr-hub -m 700 /var/lib/dawr-hub")
    assert enrols.startswith("runuser -u dawr-hub -- ")
    assert f"-m sync enrol hub --config {machine['DAWR_ETC']}/hub.toml" in enrols


@pytest.mark.parametrize("words", [(), ("server",), ("enrol", "counter"), ("devices", "list")])
def test_what_it_does_not_know_it_explains(machine: dict[str, str], tmp_path: Path, words: tuple[str, ...]) -> None:
    done = typed(machine, tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "dawr server VERB" in done.stderr


def test_it_really_starts_the_modules_from_any_folder(tmp_path: Path) -> None:
    """As whoever has no rights to give away: a log that is not there is the module's own answer."""
    done = typed(dict(os.environ), tmp_path, "verify", "no.db")
    assert "no.db: there is no such log" in done.stderr + done.stdout
