"""Conversations with printers, good and bad, as playbooks: what it sends, what is answered, what comes of it."""

from __future__ import annotations

import pytest

from printer.dialogue import CLEAR, Dialogue, Patience, Phase, ask, job_fence, parting
from printer.outcome import Outcome, PaperLeft, State, Why

OK = b"\x12"
DATA = b"ticket and cut"
DONE = b"\x37\x220007\x00"
P = Patience()


class Play:
    """One conversation with a clock of its own."""

    def __init__(self, **how: bool) -> None:
        self.now = 100.0
        self.dialogue = Dialogue(self.now, 7, **how)

    def sends(self, expected: bytes) -> Play:
        assert self.dialogue.to_send == expected
        self.dialogue.sent(len(expected), self.now)
        return self

    def hears(self, data: bytes) -> Play:
        self.dialogue.received(data, self.now)
        return self

    def waits(self, seconds: float) -> Play:
        """Let time pass as a runner would: waking when the machine asks for it, sending what it has."""
        end = self.now + seconds
        while self.dialogue.phase not in (Phase.READY, Phase.DONE) and self.dialogue.wake_at <= end:
            self.now = max(self.now, self.dialogue.wake_at)
            self.dialogue.tick(self.now)
            self.dialogue.sent(len(self.dialogue.to_send), self.now)
        self.now = end
        return self

    def ready(self) -> Play:
        for what in (1, 2, 4):
            self.sends(ask(what)).hears(OK)
        assert self.dialogue.phase is Phase.READY
        return self

    def prints(self) -> Play:
        self.dialogue.load(DATA, self.now)
        assert DATA in self.dialogue.to_send
        assert self.dialogue.to_send.endswith(job_fence(7) + b"\x1dr\x01")
        self.dialogue.sent(len(self.dialogue.to_send), self.now)
        return self

    def ends(self, state: State, why: Why = Why.NONE) -> None:
        assert self.dialogue.outcome is not None
        assert (self.dialogue.outcome.state, self.dialogue.outcome.why) == (state, why)


def test_printed_when_the_printer_says_the_jobs_number() -> None:
    Play().ready().prints().hears(DONE).ends(State.PRINTED)


def test_another_jobs_number_is_no_confirmation() -> None:
    play = Play().ready().prints().hears(b"\x37\x220006\x00")
    assert play.dialogue.outcome is None


def test_a_reply_may_come_byte_by_byte() -> None:
    play = Play().ready().prints()
    for byte in DONE:
        play.hears(bytes((byte,)))
    play.ends(State.PRINTED)


def test_a_confirmation_before_the_ticket_went_out_is_not_believed() -> None:
    play = Play().ready()
    play.hears(DONE)
    assert play.dialogue.outcome is None


def test_the_older_fence_counts_only_with_paper_after_it() -> None:
    Play().ready().prints().hears(b"\x00").sends(ask(4)).hears(OK).ends(State.PRINTED)
    Play().ready().prints().hears(b"\x00").sends(ask(4)).hears(b"\x72").ends(State.UNKNOWN, Why.PAPER_OUT)
    Play().ready().prints().hears(b"\x00").sends(ask(4)).waits(P.answer).ends(State.UNKNOWN, Why.NO_ANSWER)


def test_an_answer_under_way_is_not_taken_for_the_last_questions() -> None:
    play = Play().ready().prints().waits(2 * P.poll).hears(OK).waits(P.poll)
    play.hears(b"\x00").sends(ask(4)).hears(OK)
    assert play.dialogue.outcome is None, "that was the answer to the question before"
    play.hears(b"\x72").ends(State.UNKNOWN, Why.PAPER_OUT)


def test_a_fence_that_itself_says_no_paper_is_not_believed() -> None:
    Play().ready().prints().hears(b"\x0c").ends(State.UNKNOWN, Why.PAPER_OUT)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ((b"\x1a", b"\x32", b"\x7e"), Why.PAPER_OUT),
        ((b"\x12", b"\x12", b"\x72"), Why.PAPER_OUT),
        ((b"\x1a", b"\x16", OK), Why.COVER_OPEN),
        ((b"\x1a", OK, OK), Why.OFFLINE),
    ],
)
def test_nothing_is_sent_to_a_printer_that_cannot_print(answers: tuple[bytes, ...], why: Why) -> None:
    play = Play()
    for what, answer in zip((1, 2, 4), answers, strict=True):
        play.sends(ask(what)).hears(answer)
    play.ends(State.NOT_PRINTED, why)
    assert not play.dialogue.begun


def test_an_error_is_asked_for_its_kind() -> None:
    play = Play().sends(ask(1)).hears(b"\x1a").sends(ask(2)).hears(b"\x52").sends(ask(4)).hears(OK)
    play.sends(ask(3)).hears(b"\x1a").ends(State.NOT_PRINTED, Why.ERROR)


def test_near_end_is_told_and_prints() -> None:
    play = Play().sends(ask(1)).hears(OK).sends(ask(2)).hears(OK).sends(ask(4)).hears(b"\x1e").prints().hears(DONE)
    assert play.dialogue.outcome == Outcome(State.PRINTED, Why.NONE, PaperLeft.NEAR_END)


def test_silence_is_unknown_never_printed() -> None:
    play = Play().waits(3.0)
    assert play.dialogue.phase is Phase.READY
    play.prints().waits(10.0).ends(State.UNKNOWN, Why.NO_ANSWER)


def test_answers_to_status_alone_are_no_confirmation() -> None:
    play = Play().ready().prints()
    for _ in range(60):
        play.waits(P.poll)
        play.hears(OK)
    play.ends(State.UNKNOWN, Why.NO_ANSWER)


def test_a_printer_that_knows_only_the_old_question_is_asked_it() -> None:
    play = Play().waits(P.first_answer + 2 * P.answer).hears(b"\x0c")
    play.ends(State.NOT_PRINTED, Why.PAPER_OUT)
    play = Play().waits(P.first_answer + 2 * P.answer).hears(b"\x00")
    play.prints().hears(b"\x00").ends(State.PRINTED)


def test_paper_that_ends_within_the_ticket_is_not_printed() -> None:
    play = Play().ready().prints().hears(b"\x18\x00\x0f\x00").waits(P.grace)
    play.ends(State.NOT_PRINTED, Why.PAPER_OUT)
    assert parting(play.dialogue.outcome or Outcome(State.PRINTED)) == CLEAR


def test_a_ticket_is_not_broken_off_within_a_picture() -> None:
    """A printer without the order to forget would take the next ticket for the rest of the picture."""
    play = Play().ready()
    play.dialogue.load(DATA, play.now)
    play.dialogue.sent(5, play.now)
    play.hears(b"\x18\x00\x0f\x00")
    assert play.dialogue.phase is Phase.STOPPED
    assert play.dialogue.to_send == (b"\x1da\x0e" + DATA + job_fence(7) + b"\x1dr\x01")[5:]


def test_a_confirmation_under_way_wins_over_the_paper_that_ended_behind_it() -> None:
    Play().ready().prints().hears(b"\x18\x00\x0f\x00").hears(DONE).ends(State.PRINTED)


def test_trouble_is_also_found_by_asking_when_nothing_is_told() -> None:
    play = Play().ready().prints().waits(P.poll).hears(b"\x72").waits(P.grace)
    play.ends(State.NOT_PRINTED, Why.PAPER_OUT)


def test_a_late_answer_is_not_taken_for_the_next_questions() -> None:
    # 0x16 is a healthy answer to question 1 (no drawer), and "cover open" as one to question 2.
    play = Play().sends(ask(1)).waits(P.first_answer)
    play.hears(b"\x16").waits(0.1)
    play.hears(OK)
    assert play.dialogue.outcome is None
    assert play.dialogue.health.trouble is Why.NONE


def test_a_printer_that_takes_no_more_bytes_is_given_up() -> None:
    play = Play().ready()
    play.dialogue.load(DATA, play.now)
    play.dialogue.sent(5, play.now)
    while play.dialogue.outcome is None:
        play.now = max(play.now, play.dialogue.wake_at)
        play.dialogue.tick(play.now)
    assert play.now == pytest.approx(100.0 + P.stuck)
    play.ends(State.UNKNOWN, Why.TIMEOUT)


def test_everything_ends_even_when_the_printer_chatters() -> None:
    play = Play().ready().prints()
    began = play.now
    while play.dialogue.outcome is None:
        play.hears(b"\x10\x00\x00\x00")
        play.waits(0.05)
    assert play.now - began <= P.whole + 0.1
    play.ends(State.UNKNOWN, Why.NO_ANSWER)


def test_a_pulled_cable_is_unknown_only_after_the_ticket_began() -> None:
    play = Play().sends(ask(1))
    play.dialogue.lost(play.now)
    play.ends(State.NOT_PRINTED, Why.CONNECTION_LOST)
    play = Play().ready().prints()
    play.dialogue.lost(play.now)
    play.ends(State.UNKNOWN, Why.CONNECTION_LOST)


def test_clearing_comes_first_and_is_not_insisted_on() -> None:
    Play(clear=True).sends(CLEAR).hears(b"\x37\x25\x00").ready()
    Play(clear=True).sends(CLEAR).waits(P.answer).dialogue.received(OK, 100.6)


def test_a_web_server_is_no_printer() -> None:
    Play().hears(b"HTTP/1.1 400 Bad Request\r\n\r\n").ends(State.NOT_PRINTED, Why.NOT_A_PRINTER)


def test_status_alone() -> None:
    play = Play(status_only=True).sends(ask(1)).hears(OK).sends(ask(2)).hears(OK).sends(ask(4)).hears(b"\x1e")
    assert play.dialogue.health.ready
    assert play.dialogue.health.paper is PaperLeft.NEAR_END


def test_clone_answers_without_the_fixed_bits() -> None:
    play = Play().sends(ask(1)).hears(b"\x00").sends(ask(2)).hears(b"\x00").sends(ask(4)).hears(b"\x60")
    play.ends(State.NOT_PRINTED, Why.PAPER_OUT)
