from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from assets.paths import DEMO
from assets.texts import Catalogue, compile_all
from kiosk.known import Board, Known, ServiceNow
from queueing.centre import Centre
from tests.kiosk.fake_hub import FakeHub

# Sunday 22 November 2026, 09:31 at the centre.
NOW = datetime(2026, 11, 22, 6, 31, tzinfo=UTC)


@pytest.fixture(scope="session")
def centre_json() -> dict[str, Any]:
    centre: dict[str, Any] = json.loads((DEMO / "centre.json").read_text(encoding="utf-8"))
    return centre


@pytest.fixture(scope="session")
def centre(centre_json: dict[str, Any]) -> Centre:
    return Centre.from_json(centre_json)


@pytest.fixture
def hub(centre_json: Mapping[str, Any]) -> Iterator[FakeHub]:
    hub = FakeHub(centre_json)
    yield hub
    hub.close()


@pytest.fixture
def known(known_once: Known) -> Known:
    return known_once


@pytest.fixture(scope="session")
def known_once(centre: Centre) -> Known:
    services = {
        service.id: ServiceNow(count=index, low_s=index * 240, high_s=index * 420 + 100)
        for index, service in enumerate(centre.services)
    }
    return Known(NOW, centre, Board("2026-11-22", True, None, services, 1, NOW))


@pytest.fixture
def cut_off(known: Known) -> Known:
    return replace(known, board=None)


@pytest.fixture(scope="session")
def words() -> dict[str, Catalogue]:
    compile_all()
    return {language: Catalogue.load(language) for language in ("ar", "en")}
