"""The answer about a customer, and what is none."""

import pytest

from kiosk.registry import AnswerError, answer_of

WHOLE = {
    "result": "appointment",
    "appointments": [{"id": "a", "service": "renew", "slot_at": "2026-11-22T06:00:00Z"}],
    "ticket": None,
    "priority": "older",
}


def test_a_whole_answer_is_read() -> None:
    answer = answer_of(WHOLE, "hash")
    assert answer.result == "appointment"
    assert [each.service for each in answer.appointments] == ["renew"]
    assert answer.older


@pytest.mark.parametrize(
    "content",
    [
        [],
        None,
        {},
        {"result": "something else"},
        WHOLE | {"appointments": [1]},
        WHOLE | {"appointments": [{"id": "a", "service": "b", "slot_at": "soon"}]},
        WHOLE | {"ticket": {"id": "k.1.1"}},
    ],
)
def test_what_is_no_answer_is_told(content: object) -> None:
    with pytest.raises(AnswerError):
        answer_of(content, "hash")
