"""A demonstration's folder: two runs never write one, and a server never starts beside registers that it ignores."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.dawr_dev.folder import held, keep_database
from scripts.dawr_dev.processes import ProcessError


def test_a_folder_is_one_runs_until_that_ends(tmp_path: Path) -> None:
    with held(tmp_path / "data"):
        with pytest.raises(ProcessError, match="already"), held(tmp_path / "data"):
            pass
        with held(tmp_path / "other"):
            pass
    with held(tmp_path / "data"):
        pass


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProcessError, match="cannot be used"), held(tmp_path / "file" / "data"):
        pass


@pytest.mark.parametrize("postgres", [False, True])
def test_a_new_folder_takes_either_database(tmp_path: Path, postgres: bool) -> None:
    keep_database(tmp_path, postgres=postgres)


@pytest.mark.parametrize(("files", "postgres", "says"), [(True, True, "in files"), (False, False, "in PostgreSQL")])
def test_a_folder_stays_with_its_database(tmp_path: Path, files: bool, postgres: bool, says: str) -> None:
    (tmp_path / "server" / "keys").mkdir(parents=True)
    if files:
        (tmp_path / "server" / "registers.sqlite").touch()
    keep_database(tmp_path, postgres=not postgres)
    with pytest.raises(ProcessError, match=says):
        keep_database(tmp_path, postgres=postgres)
