"""Who came and who did not, by the centres' logs; blocks; and that an outage of ours is held against nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from queueing.facts import AppointmentMatched, CounterClosed
from queueing.wire import Stream
from server.booking import attendance
from server.booking.answers import Appointment, Customer, Why
from server.booking.tables import BlockRow
from server.tables import AppointmentRow, CustomerRow
from sync.log import DeviceLog
from sync.writer import LogWriter
from tests.server.booking.house import AMNA, BADER, CENTRE, HUB, KIOSK, KIOSK_2, OTHER, SECOND, SERVICE, House
from tests.sync.fakes import BOOT


def lookup(home: House, customer: Customer) -> str:
    return home.store.call(lambda session: session.get_one(CustomerRow, customer.id).lookup)


def booked(home: House, customer: Customer, n: int = 2) -> Appointment:
    return home.book(customer, home.slots()[n])


def pass_by(home: House, made: Appointment, *, kiosks: tuple[str, ...] = (KIOSK, KIOSK_2), hub: bool = True) -> None:
    """Let the grace pass, with some of the logs reaching beyond it."""
    home.to(made.slot_at + timedelta(minutes=16))
    for kiosk in kiosks:
        home.ticket(kiosk)
    if hub:
        home.write(HUB, CounterClosed("1", "claim"))
    home.rounds.go()


def test_who_does_not_come_is_marked(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    home.to(made.slot_at + timedelta(minutes=14))
    home.opened()
    home.rounds.go()
    assert home.status(made, amna) == "booked", "the grace"
    pass_by(home, made)
    assert home.status(made, amna) == "no_show"


def test_a_check_in_keeps_it(home: House) -> None:
    amna, bader = home.sign_in(AMNA), home.sign_in(BADER)
    first, second = booked(home, amna), booked(home, bader)
    home.to(first.slot_at)
    home.ticket(appointment=first.id, slot_at=first.slot_at)
    taken = home.ticket(says_booked=True)
    home.write(HUB, AppointmentMatched(taken.id, second.id, second.slot_at))
    pass_by(home, first)
    assert (home.status(first, amna), home.status(second, bader)) == ("kept", "kept")


def test_the_code_of_before_a_move_is_coming_too_on_the_new_day(home: House) -> None:
    amna, bader = home.sign_in(AMNA), home.sign_in(BADER)
    todays, tomorrows = booked(home, amna), booked(home, bader)
    moved = home.do(home.booking.move(amna, CENTRE, todays.id, home.slots()[8]))
    far = home.do(home.booking.move(bader, CENTRE, tomorrows.id, home.slots()[40]))
    home.to(todays.slot_at)
    for old in (todays, tomorrows):  # at a kiosk that is cut off, and cannot know
        home.ticket(appointment=old.id, slot_at=old.slot_at)
    home.rounds.go()
    assert home.status(moved, amna) == "kept"
    assert home.status(far, bader) == "booked", "another day's is still to come"


def test_a_ticket_for_the_same_service_is_coming_too(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    home.to(made.slot_at)
    home.ticket(customer=lookup(home, amna), service=SECOND)
    home.rounds.go()
    assert home.status(made, amna) == "booked", "for something else"
    home.ticket(customer=lookup(home, amna))
    home.rounds.go()
    assert home.status(made, amna) == "kept"


def test_while_the_hub_is_cut_off_nobody_is_judged(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    home.opened()
    pass_by(home, made, hub=False)
    assert home.status(made, amna) == "booked"
    home.clock.pass_time(3 * 86400)
    home.rounds.go()
    assert home.status(made, amna) == "booked"
    # The line is back: the check-in of that day was in the log all the time.
    home.ticket(at=made.slot_at, appointment=made.id, slot_at=made.slot_at)
    home.opened()
    home.rounds.go()
    assert home.status(made, amna) == "kept"


def test_a_centre_that_is_never_heard_again_excuses(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    home.clock.pass_time(8 * 86400)
    home.rounds.go()
    assert home.status(made, amna) == "excused"


def test_a_kiosk_that_is_cut_off_from_the_hub_is_waited_for(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    home.ticket(KIOSK_2, made.slot_at - timedelta(minutes=30))
    pass_by(home, made, kiosks=(KIOSK,))
    assert home.status(made, amna) == "booked", "the check-in may be at the other kiosk"
    home.ticket(KIOSK_2, made.slot_at + timedelta(minutes=16))
    home.rounds.go()
    assert home.status(made, amna) == "no_show"


def test_a_centre_without_kiosks_at_work_excuses(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    pass_by(home, made, kiosks=())
    assert home.status(made, amna) == "booked", "somebody may come yet"
    home.clock.pass_time(3600)
    home.opened()
    home.rounds.go()
    assert home.status(made, amna) == "excused"


def miss(home: House, customer: Customer, times: int) -> list[Appointment]:
    """Miss so many appointments, one a day from tomorrow on; Friday is closed."""
    made = []
    for _ in range(times):
        day = home.clock.now() + timedelta(days=1)
        at = next(at for at in home.slots() if at > day)
        made.append(home.book(customer, at))
        home.missed(made[-1])
    return made


def test_the_fourth_miss_blocks_and_is_told(home: House) -> None:
    amna = home.sign_in()
    miss(home, amna, 3)
    assert home.do(home.booking.mine(amna)).block is None
    (last,) = miss(home, amna, 1)
    block = home.do(home.booking.mine(amna)).block
    assert block is not None
    assert (block.misses, block.centre) == (4, CENTRE)
    assert block.until == datetime.fromisoformat("2026-12-03T00:00:00+03:00"), "a week from Thursday"
    home.rounds.go()
    (message,) = home.outlet.of("blocked")
    assert "3/12" in message.text
    refused = home.refused(home.booking.book(amna, CENTRE, SERVICE, home.slots()[9]))
    assert (refused.why, refused.block) == (Why.BLOCKED, block)
    assert home.status(last, amna) == "no_show"
    home.to(block.until)
    home.book(amna)


def test_cancelling_four_in_a_row_blocks(home: House) -> None:
    amna = home.sign_in()
    for n in range(4):
        home.do(home.booking.cancel(amna, CENTRE, booked(home, amna, 20 + n).id))
    assert home.refused(home.booking.book(amna, CENTRE, SERVICE, home.slots()[3])).why is Why.BLOCKED


def test_moving_is_held_against_nobody(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna, 20)
    for n in range(8):
        made = home.do(home.booking.move(amna, CENTRE, made.id, home.slots()[30 + n]))
    assert home.do(home.booking.mine(amna)).block is None


def test_who_is_blocked_may_still_move_and_cancel(home: House) -> None:
    amna = home.sign_in()
    other = home.book(amna, home.slots(SECOND)[60], SECOND)
    for n in range(4):
        home.do(home.booking.cancel(amna, CENTRE, booked(home, amna, 20 + n).id))
    moved = home.do(home.booking.move(amna, CENTRE, other.id, home.slots(SECOND)[62]))
    assert home.do(home.booking.cancel(amna, CENTRE, moved.id)).status == "cancelled"


def test_staff_lift_a_block_with_a_reason(home: House) -> None:
    amna = home.sign_in()
    assert home.refused(home.booking.lift_block(amna.id, "s1", "was ill")).why is Why.NO_SUCH_BLOCK
    for n in range(4):
        home.do(home.booking.cancel(amna, CENTRE, booked(home, amna, 20 + n).id))
    assert home.refused(home.booking.lift_block(amna.id, "s1", " ")).why is Why.NO_REASON
    lifted = home.do(home.booking.lift_block(amna.id, "s1", "was ill"))
    assert (lifted.lifted_by, lifted.lifted_why) == ("s1", "was ill")
    made = booked(home, amna)
    home.do(home.booking.cancel(amna, CENTRE, made.id))
    mine = home.do(home.booking.mine(amna))
    assert (mine.block, len(mine.blocks)) == (None, 1), "what led to it is paid for: the row begins anew"


def test_a_check_in_that_comes_to_be_known_late_sets_us_right(home: House) -> None:
    amna = home.sign_in()
    made = miss(home, amna, 4)
    assert home.do(home.booking.mine(amna)).block is not None
    # A kiosk was dead for days; its disk is read now.
    home.ticket(KIOSK, made[2].slot_at, appointment=made[2].id, slot_at=made[2].slot_at)
    home.rounds.go()
    assert home.status(made[2], amna) == "kept"
    mine = home.do(home.booking.mine(amna))
    assert mine.block is None
    assert mine.blocks[0].lifted_by == "system"


def test_a_block_is_reconsidered_by_the_rule_that_set_it(home: House) -> None:
    mild = home.registers.centres[OTHER]
    mild = replace(mild, booking=replace(mild.booking, misses=300))
    home.registers.centres = {**home.registers.centres, OTHER: mild}
    amna = home.sign_in()
    made = home.do(home.booking.book(amna, OTHER, SERVICE, home.slots(SERVICE, OTHER)[0]))
    home.to(made.slot_at + timedelta(hours=1))

    def missed(session: Session) -> None:
        session.get_one(AppointmentRow, (OTHER, made.id)).status = "no_show"

    home.store.call(missed)
    for n, centre_id in enumerate((OTHER, OTHER, OTHER, CENTRE)):
        again = home.do(home.booking.book(amna, centre_id, SERVICE, home.slots(SERVICE, centre_id)[20 + n]))
        home.do(home.booking.cancel(amna, centre_id, again.id))
    block = home.do(home.booking.mine(amna)).block
    assert block is not None and (block.centre, block.misses) == (CENTRE, 5)
    came = attendance.CheckIn(OTHER, made.slot_at, appointment=made.id)
    said = attendance.Read((came,), {}, frozenset())
    home.store.call(lambda session: attendance.keep(session, said, "", home.registers.centres, home.clock.now()))
    assert home.status(made, amna) == "kept"
    assert home.do(home.booking.mine(amna)).block is not None, "four are left, and its rule says three"


def test_a_visit_kept_breaks_the_row(home: House) -> None:
    amna = home.sign_in()
    miss(home, amna, 2)
    made = booked(home, amna)
    home.to(made.slot_at)
    home.ticket(appointment=made.id, slot_at=made.slot_at)
    home.rounds.go()
    miss(home, amna, 2)
    assert home.do(home.booking.mine(amna)).block is None


def test_the_logs_are_read_once_and_again(home: House) -> None:
    amna = home.sign_in()
    made = booked(home, amna)
    home.opened()
    home.rounds.go()
    home.to(made.slot_at)
    home.ticket(appointment=made.id, slot_at=made.slot_at)
    home.rounds.go()
    home.begin_again()
    assert home.status(made, amna) == "kept"

    def unread(session: Session) -> None:
        row = session.exec(select(AppointmentRow).where(AppointmentRow.id == made.id)).one()
        row.status = "booked"

    home.store.call(unread)
    home.rounds.go()
    assert home.status(made, amna) == "booked", "the cursor stands behind it"
    # The server's log broke and the hubs fill another one: everything is read again.
    home.writer.close()
    (home.folder / "log.sqlite").unlink()
    home.writer = LogWriter(lambda: DeviceLog.open(home.folder / "log.sqlite", Stream("server", 1), home.clock, BOOT))
    home.writer.start()
    home.rounds._writer = home.writer
    for event in home.logs[KIOSK]:
        home.writer.submit(lambda tx, event=event: tx.store([event])).result()
    home.rounds.go()
    assert home.status(made, amna) == "kept"


def test_virtual_ones_are_not_judged_by_the_halls_log(home: House) -> None:
    amna = home.sign_in()
    at = home.slots(SECOND)[1]
    made = home.do(home.booking.book(amna, CENTRE, SECOND, at, "virtual"))
    home.missed(made)
    assert home.status(made, amna) == "booked"
    assert home.store.call(lambda session: session.exec(select(col(BlockRow.id))).all()) == []


def test_what_came_with_a_seed_is_held_against_nobody(home: House) -> None:
    amna = home.sign_in()

    def seeded(session: Session) -> None:
        for row in session.exec(select(AppointmentRow)):
            row.booked_by = "seed"

    miss(home, amna, 3)
    home.store.call(seeded)
    miss(home, amna, 1)
    assert home.do(home.booking.mine(amna)).block is None
