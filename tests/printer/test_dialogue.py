"""Conversations with printers, good and bad, as playbooks: what it sends, what is answered, what comes of it."""

from __future__ import annotations

import pytest

from printer.dialogue import Dialogue
from printer.outcome import Outcome, PaperLeft, State, Why
from printer.phases import Patience, Phase
from printer.phrases import CLEAR, SENSOR_FENCE, Place, ask, digits, job_fence

OK = b"\x12"
DATA, LAST, CUT = b"ticket", b"last", b"cut"
GREETED, LAST_DUE, BEFORE, DONE = (b"\x37\x22" + digits(7, place) + b"\x00" for place in Place)
GREETING = job_fence(7, Place.GREETING) + SENSOR_FENCE
NUMBERED = (
    b"\x1da\x0e" + DATA + job_fence(7, Place.BEFORE_LAST) + LAST + job_fence(7, Place.BEFORE_CUT) + CUT + job_fence(7)
)
EMPTY = b"\x37\x25\x00"
P = Patience()


class Play:
    """One conversation with a clock of its own."""

    def __init__(self, **how: object) -> None:
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

    def asked(self, *answers: bytes) -> Play:
        for what, answer in zip((1, 2, 4), answers or (OK, OK, OK), strict=True):
            self.sends(ask(what)).hears(answer)
            if self.dialogue.to_send == ask(what):
                self.sends(ask(what)).hears(answer)  # trouble is asked for twice
        return self

    def ready(self, greeted: bytes = GREETED) -> Play:
        self.asked().sends(GREETING).hears(greeted)
        assert self.dialogue.phase is Phase.READY
        return self

    def prints(self) -> Play:
        self.dialogue.load(DATA, LAST, CUT, self.now)
        assert DATA in self.dialogue.to_send
        self.dialogue.sent(len(self.dialogue.to_send), self.now)
        return self

    def cleared(self) -> Play:
        """Be a printer that says, when it is told to forget what it holds, that it has."""
        assert self.dialogue.to_send in (CLEAR, b""), "what waits() has sent is gone"
        return self.sends(self.dialogue.to_send).hears(EMPTY)

    def ends(self, state: State, why: Why = Why.NONE) -> None:
        if self.dialogue.phase is Phase.PARTING:
            self.cleared()
        assert self.dialogue.outcome is not None
        assert (self.dialogue.outcome.state, self.dialogue.outcome.why) == (state, why)


def test_printed_when_the_printer_says_the_jobs_number() -> None:
    Play().ready().prints().hears(BEFORE).hears(DONE).ends(State.PRINTED)


def test_a_printer_that_says_numbers_is_sent_no_other_fence() -> None:
    play = Play().ready()
    play.dialogue.load(DATA, LAST, CUT, play.now)
    assert play.dialogue.to_send == NUMBERED


@pytest.mark.parametrize("other", [6, 8])
@pytest.mark.parametrize("place", Place)
def test_another_jobs_number_is_no_confirmation(other: int, place: Place) -> None:
    play = Play().ready().prints().hears(b"\x37\x22" + digits(other, place) + b"\x00")
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
    def play() -> Play:
        return Play().ready(b"\x00").prints().hears(b"\x00").hears(b"\x00")

    assert play().dialogue.outcome is None, "those were the fences before the last line and before the cut"
    play().hears(b"\x00").sends(ask(4)).hears(OK).ends(State.PRINTED)
    play().hears(b"\x00").sends(ask(4)).hears(b"\x72").ends(State.UNKNOWN, Why.PAPER_OUT)
    play().hears(b"\x00").sends(ask(4)).waits(P.answer).ends(State.UNKNOWN, Why.NO_ANSWER)


def test_an_answer_under_way_is_not_taken_for_the_last_questions() -> None:
    play = Play().ready(b"\x00").prints().waits(2 * P.poll).hears(OK).waits(P.poll)
    play.hears(b"\x00\x00\x00").sends(ask(4)).hears(OK)
    assert play.dialogue.outcome is None, "that was the answer to the question before"
    play.hears(b"\x72").ends(State.UNKNOWN, Why.PAPER_OUT)


def test_a_fence_that_itself_says_no_paper_is_not_believed() -> None:
    Play().ready(b"\x00").prints().hears(b"\x00\x00\x0c").ends(State.UNKNOWN, Why.PAPER_OUT)


def greeting_after_no_answer_to_clear() -> Play:
    play = Play(clear=True).sends(CLEAR).waits(P.answer).hears(OK)
    return play.sends(ask(2)).hears(OK).sends(ask(4)).hears(OK).sends(GREETING)


def test_an_earlier_jobs_unnumbered_answer_is_waited_out() -> None:
    """It says nothing of this job, and comes before the greeting's: only when all is quiet does the ticket go."""
    play = greeting_after_no_answer_to_clear()
    play.hears(b"\x00")
    assert play.dialogue.phase is Phase.GREETING
    play.hears(b"\x00").hears(b"\x00").waits(P.quiet)
    assert play.dialogue.phase is Phase.READY
    play.prints().hears(b"\x00").hears(b"\x00")
    assert play.dialogue.outcome is None
    play.hears(b"\x00").sends(ask(4)).hears(OK).ends(State.PRINTED)


def test_unnumbered_answers_that_come_late_are_nobodys() -> None:
    play = greeting_after_no_answer_to_clear().waits(P.answer)
    assert play.dialogue.phase is Phase.READY
    play.prints().hears(b"\x00\x00\x00\x00\x00").waits(P.fence)
    play.ends(State.UNKNOWN, Why.NO_ANSWER)


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
    play = Play().asked(*answers)
    play.ends(State.NOT_PRINTED, why)
    assert not play.dialogue.begun


def test_an_error_is_asked_for_its_kind() -> None:
    play = Play().asked(b"\x1a", b"\x52", OK)
    play.sends(ask(3)).hears(b"\x1a").sends(ask(3)).hears(b"\x1a").ends(State.NOT_PRINTED, Why.ERROR)


def test_near_end_is_told_and_prints() -> None:
    play = Play().asked(OK, OK, b"\x1e").sends(GREETING).hears(GREETED).prints().hears(DONE)
    assert play.dialogue.outcome == Outcome(State.PRINTED, Why.NONE, PaperLeft.NEAR_END)


def test_silence_is_unknown_never_printed() -> None:
    play = Play().waits(3.0)
    assert play.dialogue.phase is Phase.READY
    play.prints().waits(10.0)
    assert play.dialogue.outcome == Outcome(State.UNKNOWN, Why.NO_ANSWER)


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
    play.prints().hears(b"\x00").hears(b"\x00").hears(b"\x00").ends(State.PRINTED)


NO_PAPER, COVER_OPEN = b"\x18\x00\x0f\x00", b"\x38\x00\x00\x00"


def test_paper_that_ends_within_the_ticket_is_not_printed() -> None:
    Play().ready().prints().hears(NO_PAPER).waits(P.grace).ends(State.NOT_PRINTED, Why.PAPER_OUT)


@pytest.mark.parametrize("told", [NO_PAPER, COVER_OPEN])
def test_what_may_hang_out_whole_is_not_said_to_be_unprinted(told: bytes) -> None:
    why = Why.PAPER_OUT if told == NO_PAPER else Why.COVER_OPEN
    Play().ready().prints().hears(LAST_DUE).hears(told).waits(P.grace).ends(State.UNKNOWN, why)
    Play().ready().prints().hears(told).hears(LAST_DUE).waits(P.grace).ends(State.UNKNOWN, why)
    Play().ready(b"\x00").prints().hears(b"\x00").hears(told).waits(P.grace).ends(State.UNKNOWN, why)
    Play().ready().prints().hears(told).waits(P.grace).ends(State.NOT_PRINTED, why)


def test_a_last_line_that_went_on_after_trouble_is_not_whole() -> None:
    Play().ready().prints().hears(LAST_DUE).hears(NO_PAPER).hears(BEFORE).hears(DONE).ends(State.UNKNOWN, Why.PAPER_OUT)


def test_paper_that_ends_where_the_cut_may_be_done_is_unknown() -> None:
    Play().ready().prints().hears(BEFORE).hears(NO_PAPER).waits(P.grace).ends(State.UNKNOWN, Why.PAPER_OUT)
    Play().ready().prints().hears(NO_PAPER).hears(BEFORE).waits(P.grace).ends(State.UNKNOWN, Why.PAPER_OUT)
    weak = Play().ready(b"\x00").prints().hears(b"\x00\x00").hears(NO_PAPER).waits(P.grace)
    weak.ends(State.UNKNOWN, Why.PAPER_OUT)


def test_a_printer_that_confirms_nothing_cannot_deny_the_cut() -> None:
    play = Play().asked().sends(GREETING).waits(P.answer)
    play.prints().hears(NO_PAPER).waits(P.grace).ends(State.UNKNOWN, Why.PAPER_OUT)


def test_what_may_come_out_after_the_refill_is_unknown() -> None:
    """The printer did not say that it has forgotten the rest of the ticket."""
    play = Play().ready().prints().hears(NO_PAPER).waits(P.grace).waits(P.answer)
    assert play.dialogue.outcome == Outcome(State.UNKNOWN, Why.PAPER_OUT, PaperLeft.OUT)


def test_a_ticket_is_not_broken_off_within_a_picture() -> None:
    """A printer without the order to forget would take the next ticket for the rest of the picture."""
    play = Play().ready()
    play.dialogue.load(DATA, LAST, CUT, play.now)
    play.dialogue.sent(5, play.now)
    play.hears(NO_PAPER)
    assert play.dialogue.phase is Phase.STOPPED
    assert play.dialogue.to_send == NUMBERED[5:]


def test_a_confirmation_under_way_when_it_is_told_to_forget_still_counts() -> None:
    play = Play().ready().prints().hears(BEFORE).hears(NO_PAPER).waits(P.grace)
    assert play.dialogue.phase is Phase.PARTING
    play.hears(DONE).ends(State.PRINTED)


def test_a_confirmation_under_way_wins_over_the_paper_that_ended_behind_it() -> None:
    Play().ready().prints().hears(BEFORE).hears(NO_PAPER).hears(DONE).ends(State.PRINTED)


def test_a_ticket_that_was_broken_off_and_went_on_is_not_whole() -> None:
    """The roll was changed at once: what came before is on the old paper, the rest on the new."""
    Play().ready().prints().hears(NO_PAPER).hears(BEFORE).hears(DONE).ends(State.UNKNOWN, Why.PAPER_OUT)


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
    play.dialogue.load(DATA, LAST, CUT, play.now)
    play.dialogue.sent(5, play.now)
    while play.dialogue.outcome is None:
        play.now = max(play.now, play.dialogue.wake_at)
        play.dialogue.tick(play.now)
    assert play.now == pytest.approx(100.0 + P.stuck + P.answer)
    play.ends(State.UNKNOWN, Why.TIMEOUT)


def test_everything_ends_even_when_the_printer_chatters() -> None:
    play = Play().ready().prints()
    began = play.now
    while play.dialogue.outcome is None:
        play.hears(b"\x10\x00\x00\x00")
        play.waits(0.05)
    assert play.now - began <= P.whole + P.answer + 0.1
    play.ends(State.UNKNOWN, Why.NO_ANSWER)


def test_an_earlier_conversations_answer_is_not_taken_for_this_ones() -> None:
    # On a slow line a belated 0x12 pushes each answer to the next question: 0x16 to the second is "cover open".
    play = Play().sends(ask(1)).hears(OK).sends(ask(2)).hears(b"\x16").sends(ask(2)).hears(OK)
    play.sends(ask(4)).hears(OK).sends(GREETING).hears(GREETED)
    assert play.dialogue.phase is Phase.READY


def test_a_pulled_cable_is_unknown_only_after_the_ticket_began() -> None:
    play = Play().sends(ask(1))
    play.dialogue.lost(play.now)
    play.ends(State.NOT_PRINTED, Why.CONNECTION_LOST)
    play = Play().ready().prints()
    play.dialogue.lost(play.now)
    play.ends(State.UNKNOWN, Why.CONNECTION_LOST)


def test_clearing_comes_first_and_is_not_insisted_on() -> None:
    Play(clear=True).sends(CLEAR).hears(EMPTY).ready()
    Play(clear=True).sends(CLEAR).waits(P.answer).dialogue.received(OK, 100.6)


def test_a_web_server_is_no_printer() -> None:
    Play().hears(b"HTTP/1.1 400 Bad Request\r\n\r\n").ends(State.NOT_PRINTED, Why.NOT_A_PRINTER)


def test_status_alone() -> None:
    play = Play(purpose="ask").asked(OK, OK, b"\x1e")
    assert play.dialogue.health.ready
    assert play.dialogue.health.paper is PaperLeft.NEAR_END


def test_clone_answers_without_the_fixed_bits() -> None:
    play = Play().asked(b"\x00", b"\x00", b"\x60")
    play.ends(State.NOT_PRINTED, Why.PAPER_OUT)


@pytest.mark.parametrize("greeted", [GREETED, b"\x00"])
def test_a_proof_is_a_ticket_of_no_length(greeted: bytes) -> None:
    Play(purpose="prove").asked().sends(GREETING).hears(greeted).ends(State.PRINTED)


def test_a_proof_that_nobody_answers() -> None:
    Play(purpose="prove").asked().sends(GREETING).waits(P.answer).ends(State.UNKNOWN, Why.NO_ANSWER)
    Play(purpose="prove").asked(b"\x1a", b"\x32", b"\x7e").ends(State.NOT_PRINTED, Why.PAPER_OUT)


def test_garbage_is_not_believed_and_sent_no_ticket() -> None:
    play = Play().asked().sends(GREETING).hears(b"\xff\xfe\xc1\x81\x00")
    play.ends(State.NOT_PRINTED, Why.GARBLED)
    assert not play.dialogue.begun


def test_a_single_byte_among_garbage_is_no_confirmation() -> None:
    play = Play().ready(b"\x00").prints().hears(b"\xff\xfe\xc1\x81\xb5\x00\x00\x00").sends(ask(4)).hears(OK)
    play.ends(State.UNKNOWN, Why.GARBLED)


def test_a_number_among_garbage_is_one() -> None:
    Play().ready().prints().hears(b"\xff\xfe\xc1\x81\xb5" + DONE).ends(State.PRINTED)
