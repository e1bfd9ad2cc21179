"""Fixtures of booking's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clusters import fresh_database
from tests.server.booking.house import House


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    database = "" if request.param == "sqlite" else fresh_database("booking")
    made = House(tmp_path / "data", database=database)
    yield made
    made.close()
