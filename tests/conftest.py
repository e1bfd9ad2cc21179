"""What holds for all tests: Qt objects go where they were made."""

import gc
import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _qt_garbage_goes_in_the_main_thread() -> Iterator[None]:
    """Collect after a module that used Qt: a later module's threads would free its objects, and Qt would warn."""
    yield
    if "PySide6" in sys.modules:
        gc.collect()
