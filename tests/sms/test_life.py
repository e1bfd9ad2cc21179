"""The life of a message: whatever happens in whatever order, nothing that may be out goes out again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.life import (
    REPORT_WITHIN_S,
    RETRY_MAX_S,
    SETTLED,
    Answer,
    Life,
    Report,
    Stage,
    Why,
    answered,
    begun,
    interrupted,
    passed,
    reported,
)

NEW = Life(Stage.QUEUED, 100.0, 400.0)
NEVER_OUT = {Answer.LATER, Answer.DOWN}


def _told(life: Life) -> tuple[Stage, Why]:
    return life.stage, life.why


def test_a_message_that_is_delivered() -> None:
    life = answered(begun(NEW), Answer.TAKEN, 101.0, 0.5)
    assert _told(life) == (Stage.SENT, Why.NONE)
    life = reported(life, Report.ACCEPTED, 102.0)
    assert _told(life) == (Stage.SENT, Why.NONE)
    assert _told(reported(life, Report.DELIVERED, 103.0)) == (Stage.DELIVERED, Why.NONE)


@pytest.mark.parametrize(("report", "why"), [(Report.UNDELIVERABLE, Why.UNDELIVERABLE), (Report.REFUSED, Why.REFUSED)])
def test_a_message_that_the_operator_does_not_deliver(report: Report, why: Why) -> None:
    life = answered(begun(NEW), Answer.TAKEN, 101.0, 0.5)
    assert _told(reported(life, report, 102.0)) == (Stage.FAILED, why)


def test_without_a_report_it_is_unknown_after_a_time_and_a_late_report_still_counts() -> None:
    life = answered(begun(NEW), Answer.TAKEN, 101.0, 0.5)
    assert passed(life, 100.0 + REPORT_WITHIN_S).stage is Stage.SENT
    life = passed(life, 101.0 + REPORT_WITHIN_S)
    assert _told(life) == (Stage.UNKNOWN, Why.NO_REPORT)
    assert reported(life, Report.DELIVERED, 9999.0).stage is Stage.DELIVERED


def test_a_busy_gateway_is_asked_again_ever_later_but_not_for_ever() -> None:
    life, waits = NEW, []
    for _ in range(8):
        life = answered(begun(life), Answer.LATER, 200.0, 1.0)
        waits.append(life.due_at - 200.0)
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, RETRY_MAX_S, RETRY_MAX_S, RETRY_MAX_S]
    assert answered(begun(life), Answer.LATER, 200.0, 0.0).due_at == 200.0 + RETRY_MAX_S / 2
    assert _told(passed(life, 400.0)) == (Stage.FAILED, Why.TOO_LATE)


def test_a_gateway_that_is_down_counts_no_tries() -> None:
    life = answered(begun(NEW), Answer.DOWN, 150.0, 0.5)
    assert (life.stage, life.tries, life.due_at) == (Stage.QUEUED, 0, 150.0)


@pytest.mark.parametrize("happened", ["unsure", "killed"])
def test_what_may_be_out_is_unknown_and_only_the_operator_can_say_more(happened: str) -> None:
    sending = begun(NEW)
    life = interrupted(sending) if happened == "killed" else answered(sending, Answer.UNSURE, 110.0, 0.5)
    assert life.stage is Stage.UNKNOWN
    with pytest.raises(ValueError, match="is not sent"):
        begun(life)
    accepted = reported(life, Report.ACCEPTED, 120.0)
    assert _told(accepted) == (Stage.SENT, Why.NONE)
    assert reported(accepted, Report.DELIVERED, 130.0).stage is Stage.DELIVERED


def test_a_report_that_overtakes_the_answer_is_not_forgotten() -> None:
    life = reported(begun(NEW), Report.DELIVERED, 101.0)
    for answer in Answer:
        assert answered(life, answer, 102.0, 0.5).stage is Stage.DELIVERED
    refused = reported(begun(NEW), Report.REFUSED, 101.0)
    assert answered(refused, Answer.TAKEN, 102.0, 0.5).stage is Stage.FAILED


_STEPS = st.lists(
    st.one_of(
        st.just("begin"),
        st.just("restart"),
        st.sampled_from(list(Answer)),
        st.sampled_from(list(Report)),
        st.floats(0, 2 * REPORT_WITHIN_S),
    ),
    max_size=30,
)


@given(_STEPS)
def test_nothing_goes_out_twice(steps: list[str | float | Answer | Report]) -> None:
    life, now, may_be_out = NEW, 100.0, 0
    for step in steps:
        before = life
        if isinstance(step, Answer):
            if step in NEVER_OUT and life.stage is Stage.SENDING:
                may_be_out -= 1
            life = answered(life, step, now, 0.5)
        elif isinstance(step, Report):
            life = reported(life, step, now)
        elif step == "restart":
            life = interrupted(life)
        elif step == "begin":
            life = passed(life, now)
            if life.stage is Stage.QUEUED:
                life = begun(life)
                may_be_out += 1
        elif isinstance(step, float):
            now += step
            life = passed(life, now)
        assert may_be_out <= 1
        if before.stage is Stage.DELIVERED:
            assert life.stage is Stage.DELIVERED
        if before.stage in SETTLED:
            assert life.stage not in (Stage.QUEUED, Stage.SENDING)
