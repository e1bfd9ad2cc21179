"""Typing the key of a choice when one key begins another."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("keys", "typed", "taken"),
    [
        (["1", "2", "12"], "2", ["2"]),
        (["1", "2", "12"], "1", [None]),
        (["1", "2", "12"], "12", [None, "12"]),
        (["A", "B"], "xB", [None, "B"]),
        (["12", "13"], "14", [None, None]),
    ],
)
def test_a_key_is_taken_when_it_can_mean_one_choice(
    modules: Callable[[str, str], object], keys: list[str], typed: str, taken: list[str | None]
) -> None:
    assert modules("chooser.js", f"const t = new m.Typing({keys}); return [...'{typed}'].map((c) => t.add(c))") == taken


def test_enter_takes_what_is_typed_in_full(modules: Callable[[str, str], object]) -> None:
    assert modules("chooser.js", "const t = new m.Typing(['1', '12']); t.add('1'); return t.whole()") == "1"
