"""The conversation with a printer about one ticket, as a pure machine: no socket, no clock, no thread.

It is told what came in, how many bytes went out and what time it is; it says which bytes to send, until when it waits
and, at last, the outcome. It never takes silence for success: a ticket is *printed* only when the printer itself has
said that it has executed everything up to the fence behind the cut.

Bytes and their meaning: Epson "ESC/POS Command Reference", DLE EOT, DLE DC4 (fn 8), GS a, GS r, GS ( H (fn 48).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from printer.outcome import Health, Outcome, PaperLeft, State, Why
from printer.replies import Auto, Cleared, Executed, Foreign, Listener, Sensor, Status

CLEAR = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"  # DLE DC4 fn 8: forget what waits in the printer's memory
REPORT_CHANGES = b"\x1da\x0e"  # GS a: tell online state, errors and paper by yourself
REPORT_NOTHING = b"\x1da\x00"
SENSOR_FENCE = b"\x1dr\x01"  # GS r 1: answered when its turn comes, so after all that stands before it


def ask(what: int) -> bytes:
    """Return DLE EOT `what`: 1 printer, 2 cause of offline, 3 error, 4 paper. It is answered out of turn."""
    return b"\x10\x04" + bytes((what,))


def job_fence(number: int) -> bytes:
    """Return GS ( H function 48: "say this number when you have executed everything before it"."""
    return b"\x1d(H\x06\x00\x30\x30" + _digits(number)


def _digits(number: int) -> bytes:
    return b"%04d" % (number % 10_000)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the machine waits, in seconds."""

    first_answer: float = 0.7  # for DLE EOT 1, over a slow adapter
    answer: float = 0.5  # for each later question
    stuck: float = 4.0  # while the printer takes no byte
    fence: float = 6.0  # from the last byte taken to the confirmation
    grace: float = 0.7  # for a confirmation that was under way when trouble was reported
    poll: float = 0.3  # between questions while printing
    whole: float = 10.5  # for everything


class Phase(enum.Enum):
    """Where the conversation stands."""

    CLEARING = enum.auto()
    ASKING = enum.auto()
    READY = enum.auto()  # the printer may be sent the ticket: `load` it
    SENDING = enum.auto()
    CONFIRMING = enum.auto()
    CHECKING = enum.auto()  # a fence without a number was answered: is there paper?
    STOPPED = enum.auto()  # trouble was reported; a confirmation may still be under way
    DONE = enum.auto()


class Dialogue:
    """One conversation. `number` marks the job, 0 to 9999; `clear` first empties what an earlier job may have left.

    With `status_only` it ends after the questions and `health` is its result. Times are seconds of one monotonic clock.
    """

    def __init__(
        self,
        now: float,
        number: int = 0,
        *,
        clear: bool = False,
        status_only: bool = False,
        patience: Patience | None = None,
    ) -> None:
        self.outcome: Outcome | None = None
        self.phase = Phase.ASKING
        self._patience = patience or Patience()
        self._number = number
        self._status_only = status_only
        self._listener = Listener()
        self._out = bytearray()
        self._questions = [1, 2, 4]
        self._asked: int | None = None
        self._answered: set[int] = set()
        self._unsure = False
        self._overtaken = False  # a question is still to be answered before the last one
        self._end = now + self._patience.whole
        self._due = now
        self._poll_at = now
        self._polls = 0
        self._data_left = 0
        self._begun = False
        self._sensor_replies_due = 0
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
        return min(self._due, self._end)

    @property
    def begun(self) -> bool:
        """Whether a byte of the ticket itself has gone out."""
        return self._begun

    @property
    def health(self) -> Health:
        """What the printer has said of itself so far."""
        trouble = self._trouble
        if trouble is Why.NONE and not self._answered:
            trouble = Why.NO_ANSWER
        return Health(trouble, self._roll)

    def load(self, data: bytes, now: float) -> None:
        """Hand over the ticket's bytes, the cut included, when the phase is READY."""
        if self.phase is not Phase.READY:
            raise RuntimeError(f"load in {self.phase.name}")
        # Both fences in one go: a printer that does not know the first one answers the second.
        self._out += REPORT_CHANGES + data + job_fence(self._number) + SENSOR_FENCE
        self._data_left = len(self._out)
        self._sensor_replies_due += 1
        self.phase = Phase.SENDING
        self._due = now + self._patience.stuck
        self._poll_at = now + self._patience.poll

    def sent(self, count: int, now: float) -> None:
        """Note that the device took `count` bytes of `to_send`."""
        if not count:
            return
        del self._out[:count]
        if self.phase is Phase.SENDING:
            self._begun = True
            self._data_left -= count
            self._due = now + self._patience.stuck
            if not self._out:
                self.phase = Phase.CONFIRMING
                self._due = now + self._patience.fence

    def received(self, data: bytes, now: float) -> None:
        """Take what the printer said."""
        for reply in self._listener.hear(data):
            if self.phase is Phase.DONE:
                return
            match reply:
                case Cleared():
                    if self.phase is Phase.CLEARING:
                        self._ask_next(now)
                case Executed(number):
                    if number == _digits(self._number) and self._begun:
                        self._settle(State.PRINTED)
                case Status(byte):
                    self._take_status(byte, now)
                case Auto():
                    self._note(reply.trouble, reply.roll, now)
                case Sensor():
                    self._take_sensor(reply, now)
                case Foreign():
                    self._trouble = Why.NOT_A_PRINTER
                    self._settle_unconfirmed(Why.NOT_A_PRINTER)

    def tick(self, now: float) -> None:
        """Let time pass."""
        if self.phase is Phase.DONE or self.phase is Phase.READY:
            return
        if now >= self._end:
            self._settle_unconfirmed(Why.TIMEOUT if self._out else self._trouble or Why.NO_ANSWER)
        elif now >= self._due:
            self._late(now)
        elif self.phase in (Phase.SENDING, Phase.CONFIRMING) and now >= self._poll_at:
            self._poll(now)

    def lost(self, now: float) -> None:
        """Note that the device went away."""
        self._settle_unconfirmed(Why.CONNECTION_LOST)

    # Asking

    def _ask_next(self, now: float) -> None:
        if self._questions:
            self.phase = Phase.ASKING
            first = not self._answered and self._asked is None
            self._asked = self._questions.pop(0)
            self._out += ask(self._asked)
            self._due = now + (self._patience.first_answer if first else self._patience.answer)
            return
        if not self._answered and not self._sensor_replies_due:
            # Perhaps it knows only the older question.
            self._asked = None
            self._out += SENSOR_FENCE
            self._sensor_replies_due = 1
            self._due = now + self._patience.answer
            return
        self._asked = None
        if self._trouble is not Why.NONE:
            self._settle(State.NOT_PRINTED, self._trouble)
        elif self._status_only:
            self._settle(State.NOT_PRINTED, self.health.trouble)
        else:
            self.phase = Phase.READY

    def _late(self, now: float) -> None:
        match self.phase:
            case Phase.CLEARING | Phase.ASKING:
                self._unsure = self._asked is not None
                self._ask_next(now)
            case Phase.SENDING:
                self._stop_or_settle(Why.TIMEOUT)
            case Phase.CONFIRMING:
                self._stop_or_settle(Why.NO_ANSWER)
            case Phase.CHECKING:
                self._settle(State.UNKNOWN, Why.NO_ANSWER)
            case Phase.STOPPED:
                self._stop_or_settle(self._trouble)
            case _:
                pass

    def _stop_or_settle(self, why: Why) -> None:
        self._settle_unconfirmed(self._trouble if self._trouble is not Why.NONE else why)

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

    def _take_status(self, byte: int, now: float) -> None:
        if self._overtaken:
            self._overtaken = False
            return
        asked, self._asked = self._asked, None
        if asked is None:
            return
        self._answered.add(asked)
        trouble, roll = _meaning(asked, byte)
        if self.phase is Phase.CHECKING:
            self._roll = roll if roll is not PaperLeft.UNKNOWN else self._roll
            if trouble is Why.NONE:
                self._settle(State.PRINTED)
            else:
                self._settle(State.UNKNOWN, trouble)
            return
        if self.phase is not Phase.ASKING:
            self._note(trouble, roll, now)
            return
        if trouble is not Why.NONE and self._unsure:
            # An earlier question had no answer in time: this may be that answer. Ask again before believing it.
            self._unsure = False
            self._questions.insert(0, asked)
        else:
            if asked == 2 and byte & 0x40:
                self._questions.append(3)
            self._note(trouble, roll, now)
        self._ask_next(now)

    def _take_sensor(self, reply: Sensor, now: float) -> None:
        if not self._sensor_replies_due:
            # Not asked for. Some clones leave the fixed bits of their DLE EOT answers out; a text is something else.
            if reply.alone:
                self._take_status(reply.byte, now)
            return
        self._sensor_replies_due -= 1
        if self.phase is Phase.ASKING:
            self._answered.add(0)
            self._note(Why.PAPER_OUT if reply.roll is PaperLeft.OUT else Why.NONE, reply.roll, now)
            self._ask_next(now)
            return
        if not self._begun or self._sensor_replies_due > 0 or self.phase is Phase.CHECKING:
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
        else:
            self._settle(State.PRINTED)

    def _note(self, trouble: Why, roll: PaperLeft, now: float) -> None:
        """Note what is wrong. The nearer cause wins: "offline" says less than "paper out"."""
        if roll is not PaperLeft.UNKNOWN:
            self._roll = roll
        if trouble is Why.NONE:
            return
        if self._trouble in (Why.NONE, Why.OFFLINE) or trouble is Why.PAPER_OUT:
            self._trouble = trouble
        if self.phase in (Phase.SENDING, Phase.CONFIRMING) and self._begun and self._trouble is not Why.OFFLINE:
            # The rest is still handed over: a printer that was left within a picture takes the next ticket for its end.
            self.phase = Phase.STOPPED
            self._due = now + self._patience.grace

    # The end

    def _settle_unconfirmed(self, why: Why) -> None:
        """End without a confirmation. Not printed is said only when nothing was sent or the printer tells why not."""
        told = self._trouble in (Why.PAPER_OUT, Why.COVER_OPEN, Why.ERROR)
        if not self._begun or told:
            self._settle(State.NOT_PRINTED, self._trouble if told else why)
        else:
            self._settle(State.UNKNOWN, why)

    def _settle(self, state: State, why: Why = Why.NONE) -> None:
        self.phase = Phase.DONE
        self._out.clear()
        self.outcome = Outcome(state, why, self._roll)


def parting(outcome: Outcome) -> bytes:
    """Return the last bytes to a printer after a ticket: after a failure they empty its memory.

    What it keeps would come out after the refill, for a customer who has gone.
    """
    return REPORT_NOTHING if outcome.printed else CLEAR


def _meaning(asked: int, byte: int) -> tuple[Why, PaperLeft]:
    """Return what an answer to DLE EOT `asked` says."""
    if asked == 1:
        return (Why.OFFLINE if byte & 0x08 else Why.NONE), PaperLeft.UNKNOWN
    if asked == 2:
        if byte & 0x20:
            return Why.PAPER_OUT, PaperLeft.OUT
        if byte & 0x04:
            return Why.COVER_OPEN, PaperLeft.UNKNOWN
        return (Why.ERROR if byte & 0x40 else Why.NONE), PaperLeft.UNKNOWN
    if asked == 3:
        return (Why.ERROR if byte & 0x68 else Why.NONE), PaperLeft.UNKNOWN
    if byte & 0x60:
        return Why.PAPER_OUT, PaperLeft.OUT
    return Why.NONE, (PaperLeft.NEAR_END if byte & 0x0C else PaperLeft.OK)
