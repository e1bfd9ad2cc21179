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


@pytest.fixture(autouse=True)
def qt_garbage_is_collected_in_its_own_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no other thread collect what a test of the screens leaves: Qt would crash later."""
    if not {"kiosk", "display", "screen"} & set(request.path.parts):
        yield
        return
    gc.disable()
    yield
    gc.collect()
    gc.enable()
