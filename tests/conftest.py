"""What holds for all tests: Qt objects go where they were made, and what stands still is not searched for garbage."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def _garbage_goes_with_its_module() -> Iterator[None]:
    """Collect in the main thread after each module: a later one's threads would free Qt's objects, and Qt would warn.

    What is left then stays for good, most of it loaded code: to go through all of it in each collection took more time
    than many a test.
    """
    yield
    gc.collect()
    gc.freeze()


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
