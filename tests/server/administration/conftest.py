"""Fixtures of the administration's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.server.administration.office import Desk, Office
from tests.server.administration.workplace import Worker, Workplace, workplace_of
from tests.server.site import Site


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Serve a site for a module's tests that change nothing that others of them see."""
    with Office(tmp_path_factory.mktemp("office")).served() as desk:
        yield desk


@pytest.fixture(scope="package")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Serve a ministry to the modules that try its pages: one server, as each leaves it to the next."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = Site(tmp_path_factory.mktemp("workplace"))
        with workplace_of(site, monkeypatch) as workplace:
            yield workplace


@pytest.fixture(scope="package")
def amal(workplace: Workplace) -> Worker:
    """Be the administrator of all."""
    return Worker(workplace, "amal")


@pytest.fixture(scope="package")
def huda(workplace: Workplace) -> Worker:
    """Be the manager of one centre."""
    return Worker(workplace, "huda")
