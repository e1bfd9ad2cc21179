r"""The life of a message from the outbox to the phone, as a pure machine: no clock, no network, no chance of its own.

The one rule that everything here serves: a message goes out at most once. Whoever cannot know whether it went out says
`unknown` and does not send again; what the operator reports later still corrects that.

    queued -> sending -> sent -> delivered
       ^         |  \       \-> failed | unknown
       \-later--/    \-> failed | unknown
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

RETRY_MIN_S, RETRY_MAX_S = 2.0, 60.0
REPORT_WITHIN_S = 3600.0
"""A report that has not come by then is not waited for; operators lose some."""


class Stage(StrEnum):
    """Where a message stands. `sending`: its request is about to go out, or is out."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


SETTLED = frozenset({Stage.DELIVERED, Stage.FAILED, Stage.UNKNOWN})


class Why(StrEnum):
    """Why a message failed, or why nobody can say what became of it."""

    NONE = ""
    TOO_LATE = "too_late"
    LIMIT = "limit"
    REFUSED = "refused"
    UNDELIVERABLE = "undeliverable"
    NO_REPORT = "no_report"
    NO_ANSWER = "no_answer"
    INTERRUPTED = "interrupted"


class Answer(StrEnum):
    """What a gateway made of one request. Only `later` and `down` say for certain that nothing went out."""

    TAKEN = "taken"
    LATER = "later"
    DOWN = "down"
    REFUSED = "refused"
    UNSURE = "unsure"


class Report(IntEnum):
    """A delivery report, by Kannel's numbers (user guide, "SMS Push", dlr-mask)."""

    DELIVERED = 1
    UNDELIVERABLE = 2
    BUFFERED = 4
    ACCEPTED = 8
    REFUSED = 16


@dataclass(frozen=True, slots=True)
class Life:
    """How a message stands; instants are seconds of the wall clock.

    It may be begun from `due_at` on and is not worth sending after `until`. `sent_at` is when it was last known to be
    with the operator.
    """

    stage: Stage
    due_at: float
    until: float
    tries: int = 0
    sent_at: float | None = None
    why: Why = Why.NONE


def begun(life: Life) -> Life:
    """Return it with its request about to go out: write that down first. Raises ValueError when it is not queued."""
    if life.stage is not Stage.QUEUED:
        raise ValueError(f"a message that is {life.stage} is not sent")
    return replace(life, stage=Stage.SENDING, tries=life.tries + 1)


def answered(life: Life, answer: Answer, now: float, chance: float) -> Life:
    """Return it after the gateway's answer; `chance` (0 to 1) spreads the retries.

    A report may overtake the answer: then it knows more, and the answer changes nothing.
    """
    if life.stage is not Stage.SENDING:
        return life
    match answer:
        case Answer.TAKEN:
            return replace(life, stage=Stage.SENT, sent_at=now)
        case Answer.LATER:
            wait_s = min(RETRY_MAX_S, RETRY_MIN_S * 2.0 ** min(life.tries - 1, 10))
            return replace(life, stage=Stage.QUEUED, due_at=now + wait_s * (0.5 + 0.5 * chance))
        case Answer.DOWN:
            # No fault of the message's: it is due as soon as the gateway is back.
            return replace(life, stage=Stage.QUEUED, due_at=now, tries=life.tries - 1)
        case Answer.REFUSED:
            return replace(life, stage=Stage.FAILED, why=Why.REFUSED)
        case Answer.UNSURE:
            return replace(life, stage=Stage.UNKNOWN, why=Why.NO_ANSWER)


def interrupted(life: Life) -> Life:
    """Return it as a process finds it that did not begin it: what was being sent may be out."""
    return replace(life, stage=Stage.UNKNOWN, why=Why.INTERRUPTED) if life.stage is Stage.SENDING else life


def reported(life: Life, report: Report, now: float) -> Life:
    """Return it after a delivery report. Reports may come twice, late and in any order."""
    if life.stage is Stage.DELIVERED:
        return life
    match report:
        case Report.DELIVERED:
            return replace(life, stage=Stage.DELIVERED, why=Why.NONE)
        case Report.UNDELIVERABLE:
            return replace(life, stage=Stage.FAILED, why=Why.UNDELIVERABLE)
        case Report.REFUSED:
            return replace(life, stage=Stage.FAILED, why=Why.REFUSED)
        case Report.BUFFERED | Report.ACCEPTED:
            # It is with the operator, whatever was believed: one that waits here must not go out again.
            is_final = life.stage in (Stage.SENT, Stage.FAILED)
            return life if is_final else replace(life, stage=Stage.SENT, sent_at=now, why=Why.NONE)


def passed(life: Life, now: float) -> Life:
    """Return it as time alone has made it: not worth sending any more, or without a report for too long."""
    if life.stage is Stage.QUEUED and now >= life.until:
        return replace(life, stage=Stage.FAILED, why=Why.TOO_LATE)
    if life.stage is Stage.SENT and life.sent_at is not None and now - life.sent_at >= REPORT_WITHIN_S:
        return replace(life, stage=Stage.UNKNOWN, why=Why.NO_REPORT)
    return life
