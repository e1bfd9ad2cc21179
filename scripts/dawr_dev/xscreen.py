"""A virtual screen and the fingers before it: Xvfb, pictures of it, taps and keys as X events from outside.

Where to tap comes from the file that an app writes after each painted frame (its `screen_map` setting).
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageGrab

from scripts.dawr_dev.processes import ProcessError, wait_until

_LOOK_EVERY_S = 0.01


class XScreen:
    """A screen of `width` x `height` pixels that nobody sees. Close it, or use it in a `with`."""

    def __init__(self, width: int, height: int) -> None:
        reading, writing = os.pipe()
        try:
            # Xvfb chooses a free display number by itself, and tells it here once it can be used.
            self._server = subprocess.Popen(
                [
                    *("Xvfb", "-displayfd", str(writing), "-screen", "0", f"{width}x{height}x24"),
                    *("-nolisten", "tcp", "-noreset", "-dpi", "96"),
                ],
                pass_fds=(writing,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        finally:
            os.close(writing)
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise ProcessError("Xvfb did not start")
        self.display = f":{number}"
        self._hand = subprocess.Popen(
            ["xdotool", "-"],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to open its window here."""
        return {"DISPLAY": self.display, "QT_QPA_PLATFORM": "xcb"}

    def __enter__(self) -> XScreen:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the screen away."""
        for process in (self._hand, self._server):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._hand.stdin is not None:
            self._hand.stdin.close()

    def picture(self) -> Image.Image:
        """Take a picture of the whole screen."""
        return ImageGrab.grab(xdisplay=self.display)

    def tap(self, x: int, y: int) -> float:
        """Touch a point, in pixels. Returns the monotonic second of the touch."""
        self._do(f"mousemove {x} {y}")
        at = time.monotonic()
        self._do("click 1")
        return at

    def hold(self, x: int, y: int, for_s: float) -> None:
        """Touch a point and stay on it. Returns at once; what is asked for next comes after it."""
        self._do(f"mousemove {x} {y} mousedown 1 sleep {for_s:g} mouseup 1")

    def key(self, name: str) -> float:
        """Press and release a key by its X name (`1`, `Return`). Returns the monotonic second of it."""
        at = time.monotonic()
        self._do(f"key {name}")
        return at

    def _do(self, command: str) -> None:
        if self._hand.stdin is None:
            raise ProcessError("xdotool has no input")
        self._hand.stdin.write(command.encode() + b"\n")
        self._hand.stdin.flush()


@dataclass(frozen=True, slots=True)
class Shown:
    """What an app shows: the screen's name, its visible and enabled items (x, y, width, height in pixels)."""

    screen: str
    language: str
    items: Mapping[str, tuple[int, int, int, int]]
    texts: Mapping[str, str]
    frame: int

    def first(self, prefix: str) -> str | None:
        """Return the name of the first item whose name begins so, in the order of the screen's tree."""
        return next((name for name in self.items if name.startswith(prefix)), None)

    def middle(self, name: str) -> tuple[int, int]:
        """Return the middle of an item. Raises KeyError when it is not there."""
        x, y, width, height = self.items[name]
        return x + width // 2, y + height // 2


class ScreenMap:
    """Reads an app's screen map."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def now(self) -> Shown | None:
        """Return what is shown, or None before the first frame."""
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        items = {name: (int(x), int(y), int(w), int(h)) for name, (x, y, w, h) in raw["items"].items()}
        return Shown(str(raw["screen"]), str(raw["language"]), items, raw.get("texts", {}), int(raw["frame"]))

    def still(self, for_s: float = 0.25, within_s: float = 5.0) -> Shown:
        """Wait until nothing has been painted for a while: what moves has arrived. Raises TimeoutError."""
        end = time.monotonic() + within_s
        last, since = self.now(), time.monotonic()
        while time.monotonic() - since < for_s:
            if time.monotonic() > end:
                raise TimeoutError(f"waited {within_s:g} s for the screen to come to rest")
            time.sleep(_LOOK_EVERY_S)
            shown = self.now()
            if shown is not None and (last is None or shown.frame != last.frame):
                last, since = shown, time.monotonic()
        if last is None:
            raise TimeoutError("nothing was painted")
        return last

    def wait(self, fits: Callable[[Shown], bool], within_s: float, what: str) -> Shown:
        """Return the first thing shown that `fits`. Raises TimeoutError that tells what was shown instead."""

        def look() -> Shown | None:
            shown = self.now()
            return shown if shown is not None and fits(shown) else None

        try:
            return wait_until(look, within_s, what)
        except TimeoutError as error:
            shown = self.now()
            seen = "nothing yet" if shown is None else f"{shown.screen!r} with {', '.join(sorted(shown.items))}"
            raise TimeoutError(f"{error}; the screen shows {seen}") from error
