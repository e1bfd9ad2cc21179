"""The conversation with a printer about one ticket, as a pure machine: no socket, no clock, no thread.

It is told what came in, how many bytes went out and what time it is; it says which bytes to send, until when it waits
and, at last, the outcome. It never takes silence for success: a ticket is *printed* only when the printer itself has
said that it has executed everything up to the fence behind the cut.

    ask (1, 2, 4) -> greet (a fence: which kind is answered? nothing older is under way)
        -> ticket, fence, its last line, fence, cut, fence

The paper may end and the cover open at any byte. The fence before the last line tells a ticket that may hang out whole
from one that cannot, that before the cut one that may be cut in two.
"""

from __future__ import annotations

from dataclasses import replace

from printer.outcome import Health, Outcome, PaperLeft, State, Why
from printer.phases import BOTH, FenceKind, Patience, Phase, Purpose
from printer.phrases import (
    CLEAR,
    OLD_SENSOR_FENCE,
    REPORT_CHANGES,
    SENSOR_FENCE,
    WHO,
    Place,
    ask,
    digits,
    job_fence,
    meaning,
)
from printer.replies import Auto, Cleared, Executed, Foreign, Keys, Listener, Noise, Sensor, Status, Told

_NEVER = 1000
_TOLD = (Why.PAPER_OUT, Why.COVER_OPEN, Why.ERROR)


class Dialogue:
    """One conversation. `number` marks the job; `clear` first empties what an earlier job may have left.

    With `purpose` "ask" it ends after the questions and `health` is its result; with "prove" after the greeting, and
    its outcome is that of a ticket of no length. With `who` it also asks who the printer is; `told` is what it says.
    `fences` are the kinds that it may answer. Times are seconds of one monotonic clock.
    """

    def __init__(
        self,
        now: float,
        number: int = 0,
        *,
        clear: bool = False,
        purpose: Purpose = "print",
        who: bool = False,
        fences: tuple[FenceKind, ...] = BOTH,
        patience: Patience | None = None,
    ) -> None:
        self.outcome: Outcome | None = None
        self.phase = Phase.ASKING
        self._patience = patience or Patience()
        self._number = number
        self._purpose = purpose
        self._fences = fences
        self._who = who
        self.told: list[str] = []
        self._listener = Listener()
        self._out = bytearray()
        self._questions = [1, 2, 4]
        self._asked: int | None = None
        self._answered: set[int] = set()
        self._doubted: set[int] = set()
        self._overtaken = False  # a question is still to be answered before the last one
        self._now = now
        self._pending = Outcome(State.UNKNOWN)
        self._end = now + self._patience.whole
        self._due = now
        self._poll_at = now
        self._polls = 0
        self._begun = False
        self._answers = False  # it answers fences
        self._may_be_out = False  # that before the last line was answered
        self._at_cut = False  # that before the cut was answered
        self._broken = False  # there was trouble before that: were it mended, the rest might come out alone
        self._numbered = False  # it answers fences with their number; the other kind is not heeded then
        self._unclean = clear
        self._older_due = clear  # an earlier job's unnumbered fence may still be answered
        self._sensor_replies_due = 0
        self._words = self._noise = 0
        self._roll = PaperLeft.UNKNOWN
        self._trouble = Why.NONE
        if clear:
            self.phase = Phase.CLEARING
            self._out += CLEAR
            self._due = now + self._patience.answer
        else:
            self._ask_next(now)

    @property
    def to_send(self) -> bytes:
        """The bytes that wait to be sent now; report with `sent` how many the device took."""
        return bytes(self._out)

    @property
    def wake_at(self) -> float:
        """Call `tick` at this time at the latest."""
        if self.phase in (Phase.SENDING, Phase.CONFIRMING):
            return min(self._due, self._end, self._poll_at)
        if self.phase is Phase.PARTING:
            return self._due
        return min(self._due, self._end)

    @property
    def begun(self) -> bool:
        """Whether a byte of the ticket itself has gone out."""
        return self._begun

    @property
    def health(self) -> Health:
        """What the printer has said of itself so far."""
        trouble = self._trouble
        if trouble is Why.NONE and self._garbled:
            trouble = Why.GARBLED
        elif trouble is Why.NONE and not self._answered:
            trouble = Why.NO_ANSWER
        return Health(trouble, self._roll)

    def load(self, ticket: bytes, last: bytes, cut: bytes, now: float) -> None:
        """Hand over the ticket's bytes, those of its last line and those of its cut when the phase is READY."""
        if self.phase is not Phase.READY:
            raise RuntimeError(f"load in {self.phase.name}")
        if self._unclean:
            self._out += cut  # what hangs out of an earlier ticket is not the next customer's
        self._out += REPORT_CHANGES + ticket + self._fence(Place.BEFORE_LAST) + last
        self._out += self._fence(Place.BEFORE_CUT) + cut + self._fence(Place.AFTER_CUT)
        self.phase = Phase.SENDING
        self._due = now + self._patience.stuck
        self._poll_at = now + self._patience.poll

    def sent(self, count: int, now: float) -> None:
        """Note that the device took `count` bytes of `to_send`."""
        if not count:
            return
        self._now = now
        del self._out[:count]
        if self.phase is Phase.SENDING:
            self._begun = True
            self._due = now + self._patience.stuck
            if not self._out:
                self.phase = Phase.CONFIRMING
                self._due = now + self._patience.fence

    def received(self, data: bytes, now: float) -> None:
        """Take what the printer said."""
        self._now = now
        for reply in self._listener.hear(data):
            if self.phase is Phase.DONE:
                return
            if isinstance(reply, Noise):
                self._noise += 1
                continue
            self._words += 1
            match reply:
                case Cleared():
                    if self.phase is Phase.PARTING:
                        self._part(cleared=True)
                    elif self.phase is Phase.CLEARING:
                        self._older_due = False
                        self._ask_next(now)
                case Executed(number):
                    self._take_number(number, now)
                case Status(byte):
                    self._take_status(byte, now)
                case Auto():
                    self._note(reply.trouble, reply.roll, now)
                case Sensor():
                    self._take_sensor(reply, now)
                case Foreign():
                    self._trouble = Why.NOT_A_PRINTER
                    self._settle_unconfirmed(Why.NOT_A_PRINTER)
                case Keys():
                    pass  # nobody has asked here
                case Told(text):
                    self.told.append(text)

    def tick(self, now: float) -> None:
        """Let time pass."""
        self._now = now
        if self.phase is Phase.DONE or self.phase is Phase.READY:
            return
        if self.phase is Phase.PARTING:
            if now >= self._due:
                self._part(cleared=False)
        elif now >= self._end:
            self._settle_unconfirmed(Why.TIMEOUT if self._out else self._trouble or Why.NO_ANSWER)
        elif now >= self._due:
            self._late(now)
        elif self.phase in (Phase.SENDING, Phase.CONFIRMING) and now >= self._poll_at:
            self._poll(now)

    def lost(self, now: float) -> None:
        """Note that the device went away."""
        self._now = now
        if self.phase is not Phase.PARTING:
            self._settle_unconfirmed(Why.CONNECTION_LOST)
        if self.phase is Phase.PARTING:
            self._part(cleared=False)

    # Asking

    def _ask_next(self, now: float) -> None:
        if self._questions:
            self.phase = Phase.ASKING
            first = not self._answered and self._asked is None
            self._asked = self._questions.pop(0)
            self._out += ask(self._asked)
            self._due = now + (self._patience.first_answer if first else self._patience.answer)
            return
        self._asked = None
        if self._trouble is not Why.NONE:
            self._settle_unconfirmed(self._trouble)
        elif self._purpose == "ask" and self._answered and not self._who:
            self._settle_unconfirmed(Why.NONE)
        else:
            # Perhaps it knows only the older question: its answer tells of the paper too.
            self.phase = Phase.GREETING
            self._out += (WHO if self._who else b"") + self._fence(Place.GREETING)
            self._due = now + self._patience.answer

    def _fence(self, place: Place) -> bytes:
        """Return a fence of the kind that the printer answers, of all its kinds while that is not known."""
        if self._numbered:
            return job_fence(self._number, place)
        numbered = b"" if "gs_h" not in self._fences or 0 in self._answered else job_fence(self._number, place)
        if self._fences == ("gs_h",):
            return numbered
        self._sensor_replies_due += 1
        return numbered + (OLD_SENSOR_FENCE if "esc_v" in self._fences else SENSOR_FENCE)

    def _greeted(self) -> None:
        self._answers = self._numbered or 0 in self._answered
        if self._older_due and not self._answers:
            self._sensor_replies_due += _NEVER  # a late answer would be nobody's for certain
        if self._trouble is not Why.NONE:
            self._settle_unconfirmed(self._trouble)
        elif self._garbled and not self._numbered:
            self._settle_unconfirmed(Why.GARBLED)
        elif self._purpose == "ask":
            self._settle_unconfirmed(self.health.trouble)
        elif self._purpose == "prove":
            self._settle(*((State.PRINTED,) if self._answers else (State.UNKNOWN, Why.NO_ANSWER)))
        else:
            self.phase = Phase.READY

    def _late(self, now: float) -> None:
        match self.phase:
            case Phase.CLEARING | Phase.ASKING:
                self._ask_next(now)
            case Phase.GREETING:
                self._greeted()
            case Phase.SENDING:
                self._settle_unconfirmed(self._trouble or Why.TIMEOUT)
            case Phase.CONFIRMING:
                self._settle_unconfirmed(self._trouble or Why.NO_ANSWER)
            case Phase.CHECKING:
                self._settle(State.UNKNOWN, Why.NO_ANSWER)
            case Phase.STOPPED:
                self._settle_unconfirmed(self._trouble)
            case _:
                pass

    def _poll(self, now: float) -> None:
        """Ask for the paper and the cover in turn; not into the midst of the ticket, it might be a picture's bytes."""
        self._poll_at = now + self._patience.poll
        # One question at a time: an answer does not say which question it belongs to.
        known = [what for what in (4, 2) if what in self._answered]
        if self.phase is Phase.CONFIRMING and known and self._asked is None:
            self._asked = known[self._polls % len(known)]
            self._polls += 1
            self._out += ask(self._asked)

    # Answers

    def _take_number(self, number: bytes, now: float) -> None:
        if number == digits(self._number, Place.GREETING):
            self._numbered = self._answers = True
            if self.phase is Phase.GREETING:
                self._greeted()
        elif not self._begun:
            return  # another job's
        elif number == digits(self._number, Place.BEFORE_LAST):
            self._numbered = self._answers = self._may_be_out = True
        elif number == digits(self._number, Place.BEFORE_CUT):
            self._numbered = self._answers = self._may_be_out = self._at_cut = True
        elif number == digits(self._number, Place.AFTER_CUT):
            self._settle(State.PRINTED)

    def _take_status(self, byte: int, now: float) -> None:
        if self._overtaken:
            self._overtaken = False
            return
        asked, self._asked = self._asked, None
        if asked is None:
            return
        self._answered.add(asked)
        trouble, roll = meaning(asked, byte)
        if self.phase is Phase.CHECKING:
            self._roll = roll if roll is not PaperLeft.UNKNOWN else self._roll
            if trouble is not Why.NONE or self._garbled:
                self._settle(State.UNKNOWN, trouble or Why.GARBLED)
            else:
                self._settle(State.PRINTED)
            return
        if self.phase is not Phase.ASKING:
            self._note(trouble, roll, now)
            return
        if trouble is not Why.NONE and asked not in self._doubted:
            # It may be the belated answer to an earlier question, even of an earlier conversation: no byte says which
            # question it answers. Trouble is believed when it is told twice.
            self._doubted.add(asked)
            self._questions.insert(0, asked)
        else:
            if asked == 2 and byte & 0x40:
                self._questions.append(3)
            self._note(trouble, roll, now)
        self._ask_next(now)

    def _take_sensor(self, reply: Sensor, now: float) -> None:
        if self._numbered:
            return
        if not self._sensor_replies_due:
            if self._older_due and self.phase is Phase.GREETING:
                self._due = now + self._patience.quiet
            elif reply.alone and self._asked is not None:
                # Not asked for. Some clones leave the fixed bits of their DLE EOT answers out.
                self._take_status(reply.byte, now)
            else:
                self._noise += 1
            return
        self._sensor_replies_due -= 1
        if self.phase is Phase.GREETING:
            self._answered.add(0)
            self._note(Why.PAPER_OUT if reply.roll is PaperLeft.OUT else Why.NONE, reply.roll, now)
            if self._older_due:
                # It may be the answer to an earlier job's fence: that to ours would follow on its heels.
                self._due = now + self._patience.quiet
            else:
                self._greeted()
            return
        if not self._begun or self.phase is Phase.CHECKING:
            return
        if self._sensor_replies_due > 0:
            self._may_be_out = self._may_be_out or self._sensor_replies_due <= 2
            self._at_cut = self._at_cut or self._sensor_replies_due == 1
            return
        self._roll = reply.roll
        if reply.roll is PaperLeft.OUT:
            # A printer without paper does not come to this point; one that says so all the same is not believed.
            self._settle(State.UNKNOWN, Why.PAPER_OUT)
        elif 4 in self._answered:
            self.phase = Phase.CHECKING
            self._overtaken = self._asked is not None
            self._asked = 4
            self._out += ask(4)
            self._due = now + self._patience.answer
        elif self._garbled:
            self._settle(State.UNKNOWN, Why.GARBLED)
        else:
            self._settle(State.PRINTED)

    @property
    def _garbled(self) -> bool:
        """Whether so much noise was among the answers that a single byte is not believed."""
        return self._noise > 0 and 5 * self._noise >= self._words

    def _note(self, trouble: Why, roll: PaperLeft, now: float) -> None:
        """Note what is wrong. The nearer cause wins: "offline" says less than "paper out"."""
        if roll is not PaperLeft.UNKNOWN:
            self._roll = roll
        if trouble is Why.NONE:
            return
        if self._trouble in (Why.NONE, Why.OFFLINE) or trouble is Why.PAPER_OUT:
            self._trouble = trouble
        if self._begun and self._trouble in _TOLD and not self._at_cut:
            self._broken = True
        if self.phase in (Phase.SENDING, Phase.CONFIRMING) and self._begun and self._trouble is not Why.OFFLINE:
            # The rest is still handed over: a printer that was left within a picture takes the next ticket for its end.
            self.phase = Phase.STOPPED
            self._due = now + self._patience.grace

    # The end

    def _settle_unconfirmed(self, why: Why) -> None:
        """End without a confirmation.

        Not printed is said only when nothing was sent, or when the printer has told of trouble before it came to the
        last line: it answers fences, and that before the last line was not answered.
        """
        why = self._trouble if self._trouble in _TOLD else why
        if self._garbled and why is not Why.CONNECTION_LOST:
            why = Why.GARBLED
        certain = self._trouble in _TOLD and self._answers and not self._may_be_out and not self._garbled
        self._settle(State.NOT_PRINTED if not self._begun or certain else State.UNKNOWN, why)

    def _settle(self, state: State, why: Why = Why.NONE) -> None:
        self._out.clear()
        if state is State.PRINTED and self._broken:
            state, why = State.UNKNOWN, self._trouble
        self._pending = Outcome(state, why, self._roll)
        if self._begun and state is not State.PRINTED:
            # What it keeps would come out after the refill, for a customer who has gone.
            self.phase = Phase.PARTING
            self._out += CLEAR
            self._due = self._now + self._patience.answer
        else:
            self.phase = Phase.DONE
            self.outcome = self._pending

    def _part(self, *, cleared: bool) -> None:
        """End; a printer that has not said that it is empty may still print what it holds."""
        pending = self._pending
        if pending.state is State.NOT_PRINTED and not cleared:
            pending = replace(pending, state=State.UNKNOWN)
        self._out.clear()
        self.phase = Phase.DONE
        self.outcome = pending
