"""Qt without a screen, drawn as the product draws it."""

import os

import pytest

from assets.texts import compile_all

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_QUICK_BACKEND", "software")


@pytest.fixture(scope="session", autouse=True)
def words() -> None:
    compile_all()
