"""What a file says anew, and what people changed since."""

from __future__ import annotations

from typing import Any

import pytest

from server.merging import merged


def entry(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, **more}


@pytest.mark.parametrize(
    ("before", "said", "now", "result", "why"),
    [
        ({"a": 1}, {"a": 1}, {"a": 2}, {"a": 2}, "the file says nothing new"),
        ({"a": 1}, {"a": 3}, {"a": 1}, {"a": 3}, "the file says something new"),
        ({"a": 1}, {"a": 3}, {"a": 2}, {"a": 3}, "both: the file's word is the newer one"),
        ({"a": 1, "b": 1}, {"a": 2, "b": 1}, {"a": 1, "b": 5}, {"a": 2, "b": 5}, "each another field"),
        ({"a": 1, "b": 1}, {"a": 1}, {"a": 1, "b": 1}, {"a": 1}, "the file has taken it away"),
        ({"a": 1}, {"a": 1, "b": 2}, {"a": 9}, {"a": 9, "b": 2}, "the file has added it"),
        ({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 1}}, {"a": {"b": 1, "c": 7}}, {"a": {"b": 2, "c": 7}}, "within"),
        ([1, 2], [1, 3], [4], [1, 3], "a list without names is one value"),
        ([entry("x", n=1)], [entry("x", n=2)], [entry("x", n=1), entry("y")], [entry("x", n=2), entry("y")], "by name"),
        (
            [entry("x"), entry("y")],
            [entry("y")],
            [entry("x"), entry("y"), entry("z")],
            [entry("y"), entry("z")],
            "gone",
        ),
        ([entry("x", n=1)], [entry("x", n=2)], [], [entry("x", n=2)], "said anew after it was taken away"),
        ([], [entry("x")], [entry("y")], [entry("y"), entry("x")], "added by both"),
    ],
)
def test_merging(before: Any, said: Any, now: Any, result: Any, why: str) -> None:
    assert merged(before, said, now) == result, why
