from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from scripts.dawr_dev.processes import wait_until
from scripts.dawr_dev.xscreen import ScreenMap, XScreen


def test_a_tap_lands_where_it_is_aimed_and_a_picture_has_the_screens_size() -> None:
    with XScreen(400, 300) as screen:
        screen.tap(50, 60)

        def there() -> bool | None:
            told = subprocess.run(
                ["xdotool", "getmouselocation"],
                env={**os.environ, **screen.environment},
                capture_output=True,
                text=True,
                check=True,
            )
            return True if "x:50 y:60 " in told.stdout else None

        assert wait_until(there, 5, "the pointer")
        assert screen.picture().size == (400, 300)


def test_two_screens_do_not_meet() -> None:
    with XScreen(64, 64) as one, XScreen(64, 64) as other:
        assert one.display != other.display


def test_a_map_is_waited_for_and_a_miss_says_what_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "map.json"
    screen_map = ScreenMap(path)
    assert screen_map.now() is None
    items = {"start": [10, 20, 100, 50]}
    path.write_text(json.dumps({"screen": "start", "language": "ar", "items": items, "frame": 3}))
    shown = screen_map.wait(lambda shown: shown.screen == "start", 1, "the start screen")
    assert shown.middle("start") == (60, 45)
    with pytest.raises(TimeoutError, match=r"the ticket; the screen shows 'start' with start"):
        screen_map.wait(lambda shown: shown.screen == "ticket", 0.05, "the ticket")
