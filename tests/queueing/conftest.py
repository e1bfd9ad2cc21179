"""Fixtures for the tests of the rules."""

import pytest

from queueing.centre import Centre
from tests.queueing.hall import Hall, centre_json


@pytest.fixture
def centre() -> Centre:
    return Centre.from_json(centre_json())


@pytest.fixture
def hall(centre: Centre) -> Hall:
    return Hall(centre)


@pytest.fixture
def open_hall(hall: Hall) -> Hall:
    hall.open()
    return hall
