"""Fixtures for the tests of following."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browsing import browser as browser
from tests.follow.hall import FollowedHall, followed


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[FollowedHall]:
    with followed(tmp_path) as hall:
        yield hall
