"""Typing the key of a choice when one key begins another."""

from __future__ import annotations

import json
from collections.abc import Callable


def test_a_key_is_taken_when_it_can_mean_one_choice(modules: Callable[[str, str], object]) -> None:
    cases = [
        (["1", "2", "12"], "2", ["2"]),
        (["1", "2", "12"], "1", [None]),
        (["1", "2", "12"], "12", [None, "12"]),
        (["A", "B"], "xB", [None, "B"]),
        (["12", "13"], "14", [None, None]),
    ]
    code = "const take = ([keys, typed]) => { const t = new m.Typing(keys); return [...typed].map((c) => t.add(c)) };"
    typed = json.dumps([case[:2] for case in cases])
    assert modules("chooser.js", f"{code} return {typed}.map(take)") == [taken for _, _, taken in cases]


def test_enter_takes_what_is_typed_in_full(modules: Callable[[str, str], object]) -> None:
    assert modules("chooser.js", "const t = new m.Typing(['1', '12']); t.add('1'); return t.whole()") == "1"
