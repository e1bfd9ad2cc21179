"""The sign for the menu: whole it opens, and nothing less does."""

from __future__ import annotations

import pytest

from kiosk.staff.gesture import HELD_S, WITHIN_S, Corners, Touch

W, H, SIDE = 1080.0, 1920.0, 40.0
PLACES = {"tl": (5.0, 5.0), "tr": (1075.0, 5.0), "bl": (5.0, 1915.0), "br": (1075.0, 1915.0), "middle": (500.0, 900.0)}


def opens(*holds: tuple[str, float, float], to: str = "") -> bool:
    """Hold places one after another, each (where, from when, how long); say whether the last one opened."""
    corners, opened = Corners(SIDE), False
    for where, at, long in holds:
        assert not opened
        corners.press(Touch(*PLACES[where], at), W, H)
        opened = corners.release(Touch(*PLACES[to or where], at + long), W, H)
    return opened


@pytest.mark.parametrize(("first", "second"), [("tl", "br"), ("br", "tl"), ("tr", "bl"), ("bl", "tr")])
def test_opposite_corners_held_in_turn_open(first: str, second: str) -> None:
    assert opens((first, 0, HELD_S), (second, 2, HELD_S))


@pytest.mark.parametrize(
    "holds",
    [
        [("tl", 0, HELD_S)],
        [("tl", 0, HELD_S), ("tr", 2, HELD_S)],
        [("tl", 0, HELD_S), ("tl", 2, HELD_S)],
        [("tl", 0, 0.2), ("br", 2, HELD_S)],
        [("tl", 0, HELD_S), ("br", 2, 0.2)],
        [("tl", 0, HELD_S), ("middle", 2, 0.1), ("br", 3, HELD_S)],
        [("tl", 0, HELD_S), ("br", HELD_S + WITHIN_S, HELD_S)],
        [("middle", 0, HELD_S), ("middle", 2, HELD_S)],
    ],
)
def test_anything_less_does_not(holds: list[tuple[str, float, float]]) -> None:
    assert not opens(*holds)


def test_a_finger_that_slides_off_its_corner_does_not_count() -> None:
    corners = Corners(SIDE)
    corners.press(Touch(*PLACES["tl"], 0), W, H)
    assert not corners.release(Touch(*PLACES["middle"], 2), W, H)
    corners.press(Touch(*PLACES["br"], 3), W, H)
    assert not corners.release(Touch(*PLACES["br"], 5), W, H)


def test_the_sign_is_good_once() -> None:
    corners = Corners(SIDE)
    for where, at in (("tl", 0.0), ("br", 2.0)):
        corners.press(Touch(*PLACES[where], at), W, H)
        last = corners.release(Touch(*PLACES[where], at + 1), W, H)
    assert last
    corners.press(Touch(*PLACES["tl"], 4), W, H)
    assert not corners.release(Touch(*PLACES["tl"], 5), W, H)
