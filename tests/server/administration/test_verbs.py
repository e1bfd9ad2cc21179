"""The administration's verbs, each on both databases: bodies, staff, devices, help; who hears of what."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, delete, update

from server.administration import accounts, crew, signing_in
from server.administration.answers import Grant, RefusedError, StaffSeen, Why
from server.administration.bodies import place
from server.administration.centres import store
from server.administration.roles import EVERYWHERE, Asker, Held, Right, Role, rights_of
from server.administration.tables import AuditRow
from server.booking.answers import RefusedError as BookingRefusedError
from server.booking.answers import Why as BookingWhy
from server.enrolment import RefusedError as DeviceRefusedError
from server.feedback.answers import Kind
from server.feedback.desk import Feedback
from server.registers import raise_revision
from server.tables import CentreRow, StaffRow
from sync.rights import Role as DeviceRole
from tests.clusters import fresh_database
from tests.server.administration.home import MANAGER, ROOT, TREE, TUESDAY, Home, opened
from tests.server.booking.house import AMNA, BADER, CENTRE, NOBODY, OTHER, SECOND, SERVICE, centre

ONLY_SHARED = pytest.mark.parametrize("home", ["postgresql"], indirect=True)
"""SQLite has one writer at a time: nobody is between another's reading and writing."""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """Stand on either database; each test uses names of its own."""
    database = fresh_database("verbs") if request.param == "postgresql" else ""
    made = opened(tmp_path_factory.mktemp("home") / "data", database)
    yield made
    made.close()


def refusal(home: Home, verb: object) -> Why:
    with pytest.raises(RefusedError) as caught:
        home.do(verb)  # type: ignore[arg-type]
    return caught.value.why


def test_bodies_stand_below_one_another(home: Home) -> None:
    it, name = home.it.bodies, {"ar": "وزارة", "en": "Ministry"}
    home.do(it.add(ROOT, "interior", "ministry", name))
    home.do(it.add(ROOT, "traffic", "department", name, "interior"))
    assert refusal(home, it.add(ROOT, "traffic", "ministry", name)) is Why.NAME_TAKEN
    assert refusal(home, it.add(ROOT, CENTRE, "ministry", name)) is Why.NAME_TAKEN
    assert refusal(home, it.add(ROOT, "sub", "department", name, "traffic")) is Why.WRONG_PLACE
    assert refusal(home, it.add(ROOT, "sub", "department", name)) is Why.WRONG_PLACE
    assert refusal(home, it.add(ROOT, "Sub", "ministry", name)) is Why.NAME
    assert refusal(home, it.add(ROOT, "sub", "ministry", {})) is Why.INVALID
    home.do(it.place_centre(ROOT, CENTRE, "traffic"))
    assert refusal(home, it.remove(ROOT, "traffic")) is Why.NOT_EMPTY
    assert home.do(it.rename(ROOT, "traffic", {"en": "Traffic"})).name == {"en": "Traffic"}
    assert [(body.id, body.above) for body in home.do(it.tree(MANAGER))] == [
        ("interior", ""), ("traffic", "interior"), (CENTRE, "traffic"),
    ]  # fmt: skip
    made = home.do(it.add_centre(ROOT, "interior", centre("isa")))
    assert made.version == 1 and home.registers.centres["isa"].id == "isa", "everybody knows it"
    assert refusal(home, it.add_centre(ROOT, "", centre("isa"))) is Why.NAME_TAKEN
    assert refusal(home, it.add_centre(ROOT, "", centre("isa", hours={"x": []}))) is Why.INVALID
    assert {each.id for each in home.do(it.overview(ROOT))} == {CENTRE, OTHER, "isa"}


def test_the_overview_counts_today_in_as_many_questions_for_one_centre_as_for_all(home: Home) -> None:
    def seen(asker: Asker) -> tuple[dict[str, tuple[int, int]], int]:
        asked: list[str] = []

        def note(*said: Any) -> None:
            asked.append(said[2])

        event.listen(home.store.engine, "before_cursor_execute", note)
        try:
            found = home.do(home.it.bodies.overview(asker))
        finally:
            event.remove(home.store.engine, "before_cursor_execute", note)
        return {each.id: (each.booked_today, each.places_left) for each in found}, len(asked)

    amna, today = home.sign_in(AMNA), home.clock.now().date()
    before, of_all = seen(ROOT)
    kept = home.book(amna, home.on(today)[-1])
    gone = home.book(amna, home.on(today, SECOND)[-1], SECOND)
    home.do(home.booking.cancel(amna, CENTRE, gone.id))
    after, of_one = seen(MANAGER)
    booked, left = before[CENTRE]
    assert after == {CENTRE: (booked + 1, left - 1)} and len(before) >= 2
    assert of_one == of_all, "a hundred centres do not keep the database for a hundred times as long"
    home.do(home.booking.cancel(amna, CENTRE, kept.id))
    assert seen(ROOT)[0] == before


def test_staff_come_and_go_and_the_hub_hears_of_it(home: Home) -> None:
    def known() -> dict[str, str]:
        return {member.id: member.role for member in home.registers.staff[CENTRE]}

    before = home.registers.revisions[CENTRE]
    assert refusal(home, home.it.crew.put_staff(MANAGER, CENTRE, "noor", {"en": "Noor"}, "clerk")) is Why.PIN
    assert refusal(home, home.it.crew.put_staff(MANAGER, CENTRE, "noor", {"en": "Noor"}, "clerk", "12x4")) is Why.PIN
    home.do(home.it.crew.put_staff(MANAGER, CENTRE, "noor", {"en": "Noor"}, "clerk", "4821"))
    assert known() == {"noor": "clerk"} and home.registers.revisions[CENTRE] > before
    home.do(home.it.crew.put_staff(MANAGER, CENTRE, "noor", {"en": "Noor"}, "supervisor"))
    assert known() == {"noor": "supervisor"}
    home.do(home.it.crew.disable_staff(MANAGER, CENTRE, "noor"))
    assert known() == {} and home.do(home.it.crew.staff(MANAGER, CENTRE))[0].disabled
    assert refusal(home, home.it.crew.disable_staff(MANAGER, CENTRE, "nobody")) is Why.NO_SUCH_STAFF
    assert refusal(home, home.it.crew.staff(MANAGER, OTHER)) is Why.MAY_NOT


@ONLY_SHARED
def test_no_change_is_hidden_by_another_of_the_same_moment(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = home.store.call(lambda session: session.get_one(CentreRow, CENTRE).revision)
    booked = threading.Thread(
        target=lambda: home.store.call(lambda session: raise_revision(session, CENTRE))  # as who books does
    )

    def told(row: StaffRow) -> StaffSeen:
        booked.start()
        booked.join(0.5)  # it may have to wait for this transaction, but must not be lost in it
        return StaffSeen(row.id, row.name, "clerk", row.disabled)

    monkeypatch.setattr(crew, "_told", told)
    home.do(home.it.crew.put_staff(MANAGER, CENTRE, "omar", {"en": "Omar"}, "clerk", "4821"))
    booked.join(20)
    assert home.store.call(lambda session: session.get_one(CentreRow, CENTRE).revision) == before + 2


def test_devices_are_those_of_the_own_centre(home: Home) -> None:
    code = home.do(home.it.crew.new_code(MANAGER, CENTRE, DeviceRole.DISPLAY))
    assert "awaited" in {
        each.state for each in home.do(home.it.crew.devices(MANAGER, CENTRE)) if each.device == code.device
    }
    assert home.do(home.it.crew.revoke(MANAGER, CENTRE, "kiosk-2"))
    assert home.registers.device("kiosk-2") is None
    elsewhere = Asker("account:x", "X", (Held(OTHER, rights_of(Role.MANAGER)),), tree=TREE)
    with pytest.raises(DeviceRefusedError):
        home.do(home.it.crew.revoke(elsewhere, OTHER, "kiosk-1"))
    assert home.registers.device("kiosk-1") is not None


def test_the_help_desk_helps_and_it_counts_for_nothing(home: Home) -> None:
    amna = home.sign_in()
    made = home.book(amna, home.on()[0])
    found = home.do(home.it.help.find(MANAGER, AMNA))
    assert (found.id, [each.id for each in found.coming], found.block) == (amna.id, [made.id], None)
    assert refusal(home, home.it.help.find(MANAGER, NOBODY)) is Why.NO_SUCH_CUSTOMER
    wanted = home.do(home.it.help.free(MANAGER, CENTRE, SERVICE))[-2].slots[0].at
    moved = home.do(home.it.help.move(MANAGER, CENTRE, made.id, wanted))
    assert (moved.slot_at, moved.link) == (wanted, made.link)
    assert home.do(home.it.help.move(MANAGER, CENTRE, moved.id, wanted)).id == moved.id, "asked again"
    assert home.told("booking_moved")
    gone = home.do(home.it.help.cancel(MANAGER, CENTRE, made.id))
    assert (gone.id, gone.status, gone.late, gone.ended_by) == (moved.id, "cancelled", False, "account:m")
    assert home.told("booking_cancelled")
    with pytest.raises(BookingRefusedError) as caught:
        home.do(home.it.help.move(MANAGER, CENTRE, made.id, wanted + timedelta(days=1)))
    assert caught.value.why is BookingWhy.NOT_OPEN
    assert refusal(home, home.it.help.cancel(MANAGER, OTHER, made.id)) is Why.MAY_NOT
    assert refusal(home, home.it.help.cancel(MANAGER, CENTRE, "none")) is Why.NO_SUCH_APPOINTMENT


def test_a_block_is_lifted_with_a_reason_by_the_centre_that_set_it(home: Home) -> None:
    bader = home.sign_in("920000002")
    for _ in range(4):
        last = home.book(bader, home.on(TUESDAY + timedelta(days=1))[0])
        home.do(home.booking.cancel(bader, CENTRE, last.id))
    blocked = home.do(home.it.help.find(MANAGER, "920000002")).block
    assert blocked is not None and blocked.centre == CENTRE
    elsewhere = Asker("account:x", "X", (Held(OTHER, rights_of(Role.DESK)),), tree=TREE)
    assert refusal(home, home.it.help.lift_block(elsewhere, bader.id, "because")) is Why.MAY_NOT
    assert refusal(home, home.it.help.lift_block(MANAGER, bader.id, "  ")) is Why.NO_REASON
    lifted = home.do(home.it.help.lift_block_of(MANAGER, CENTRE, last.id, "a family matter"))
    assert (lifted.lifted_by, lifted.lifted_why) == ("account:m", "a family matter")
    assert home.do(home.booking.mine(bader)).block is None
    entries = home.do(home.it.records.page(MANAGER, CENTRE, act="block_lifted")).entries
    assert [entry.about for entry in entries] == [f"customer:{bader.id}"]


def walk(verb: Callable[[Any], Awaitable[Sequence[Any]]], where: Callable[[Any], Any], home: Home) -> list[Any]:
    """Read a list two by two, each from after the last of the ones before."""
    found: list[Any] = []
    last: Any = None
    while page := home.do(verb(last)):  # type: ignore[arg-type]
        assert len(page) <= 2
        found += page
        last = where(page[-1])
    return found


def test_lists_come_in_parts_whatever_is_added_meanwhile(home: Home) -> None:
    it = home.it
    for name in ("interior", "labour"):
        home.do(it.bodies.add(ROOT, f"{name}-2", "ministry", {"en": name}))
        home.do(it.bodies.add(ROOT, f"{name}-2a", "department", {"en": name}, f"{name}-2"))
        home.do(it.crew.put_staff(MANAGER, CENTRE, name, {"en": name}, "clerk", "4821"))
        home.do(it.accounts.add(ROOT, f"list.{name}", name, Grant(f"{name}-2", Role.VIEWER)))
        home.do(it.crew.new_code(MANAGER, CENTRE, DeviceRole.DISPLAY))
    places = walk(
        lambda last: it.bodies.tree(ROOT, after=last or "", most=2), lambda last: place(ROOT.tree, last), home
    )
    whole = home.do(it.bodies.tree(ROOT))
    assert places == list(whole) and len(whole) >= 6
    first = whole[:2]
    home.do(it.bodies.add(ROOT, "aaa", "ministry", {"en": "A"}))
    assert home.do(it.bodies.tree(ROOT, after=place(ROOT.tree, first[-1]))) == whole[2:], "what is added before is not"
    for verb, name in (
        (it.accounts.all, "name"),
        (it.bodies.overview, "id"),
        (lambda asker, **more: it.crew.staff(asker, CENTRE, **more), "id"),
        (lambda asker, **more: it.crew.devices(asker, CENTRE, **more), "device"),
    ):
        every = [getattr(each, name) for each in home.do(verb(ROOT))]  # type: ignore[operator]
        parts = walk(
            lambda last, verb=verb: verb(ROOT, after=last or "", most=2),  # type: ignore[misc]
            lambda last, name=name: getattr(last, name),  # type: ignore[misc]
            home,
        )
        assert [getattr(each, name) for each in parts] == every and len(every) >= 2


def test_complaints_come_in_parts(home: Home) -> None:
    filed = []
    for cpr in (AMNA, BADER):
        customer = home.sign_in(cpr)
        for n in range(2):
            filed.append(home.do(Feedback(home.store, home.registers, home.clock).complain(
                customer, CENTRE, Kind.STAFF, f"complaint {n}", "", f"{cpr}-{n}"
            )).reference)  # fmt: skip
        home.clock.pass_time(60)
    all_of = home.it.complaints.all
    waiting = walk(
        lambda last: all_of(MANAGER, CENTRE, after=last, most=2), lambda last: (last.due_at, last.reference), home
    )
    assert {each.reference for each in waiting} == set(filed)
    assert waiting == sorted(waiting, key=lambda each: (each.due_at, each.reference))
    for each in waiting:
        home.do(home.it.complaints.answer(MANAGER, CENTRE, each.reference, "we are sorry"))
    answered = walk(
        lambda last: all_of(MANAGER, CENTRE, answered=True, after=last, most=2),
        lambda last: (last.answered_at, last.reference),
        home,
    )
    assert sorted(each.reference for each in answered) == sorted(filed)


def test_accounts_are_those_that_one_may_manage_and_whoever_lost_the_last_role_is_found(home: Home) -> None:
    it = home.it.accounts
    home.do(it.add(ROOT, "both", "Both", Grant(CENTRE, Role.VIEWER)))
    both = next(each for each in home.do(it.all(ROOT)) if each.name == "both")
    chief = Asker("account:c", "Chief", (Held(CENTRE, rights_of(Role.ADMINISTRATOR)),), tree=TREE)

    def names(asker: Asker, body: str = "") -> set[str]:
        return {each.name for each in home.do(it.all(asker, body))} & {"both", "top"}

    home.do(it.add(ROOT, "top", "Top", Grant(EVERYWHERE, Role.VIEWER)))
    assert (names(ROOT), names(chief), names(chief, CENTRE)) == ({"both", "top"}, {"both"}, {"both"})
    assert names(ROOT, CENTRE) == {"both"} and refusal(home, it.all(chief, OTHER)) is Why.MAY_NOT
    home.do(it.grant(ROOT, both.id, Grant(OTHER, Role.VIEWER)))
    assert names(chief) == set(), "who has a role elsewhere is no more theirs to manage"
    for body in (CENTRE, OTHER):
        home.do(it.take_back(ROOT, both.id, Grant(body, Role.VIEWER)))
    assert (names(ROOT), names(ROOT, CENTRE), names(chief)) == ({"both", "top"}, set(), set())


def test_accounts_and_sessions_stand_there_too(home: Home) -> None:
    made = home.do(home.it.accounts.add(ROOT, "amal", "Amal", Grant(EVERYWHERE, Role.ADMINISTRATOR)))
    entered = home.do(home.it.sign_in("amal", made.password, "test"))
    asker = home.do(home.it.asker(entered.token, "test"))
    assert asker.must_change and asker.tree.above[OTHER] == ""
    home.do(home.it.change_password(asker, made.password, "a much longer password"))
    assert home.do(home.it.asker(entered.token, "test")).may(Right.BODIES, OTHER)
    home.do(home.it.accounts.link(ROOT, made.account.id, "subject-1"))
    assert home.do(home.it.enter("subject-1", "test")).asker.id == asker.id
    assert refusal(home, home.it.enter("subject-2", "test")) is Why.NO_SUCH_ACCOUNT
    assert refusal(home, home.it.enter("", "test")) is Why.NO_SUCH_ACCOUNT
    home.do(home.it.sign_out(entered.token))
    assert refusal(home, home.it.asker(entered.token, "test")) is Why.SIGNED_OUT


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Do something side by side; return what came of each, refusals by their reason."""
    came: list[object] = []

    def do(act: Callable[[], object]) -> None:
        try:
            came.append(act())
        except RefusedError as error:
            came.append(error.why)

    threads = [threading.Thread(target=do, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(came) == len(acts), "one of them ended otherwise"
    return came


def test_guesses_at_the_same_moment_are_counted_one_by_one(home: Home) -> None:
    start, now = threading.Barrier(8), home.clock.now()

    def guess() -> object:
        start.wait(10)
        return home.store.call(lambda session: bool(signing_in.take_try(session, "somebody", now)))

    came = at_once(*[guess] * 8)
    assert came.count(True) == signing_in.FREE_TRIES and came.count(Why.TOO_MANY) == 8 - signing_in.FREE_TRIES


def test_of_two_who_take_a_name_at_the_same_moment_one_is_told_so(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    both, really = threading.Barrier(2), accounts._check_grantable

    def looks(*asked: Any) -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        really(*asked)

    monkeypatch.setattr(accounts, "_check_grantable", looks)
    grant = Grant(CENTRE, Role.VIEWER)
    came = at_once(*[lambda: home.do(home.it.accounts.add(ROOT, "wanted", "", grant)).account.name] * 2)
    assert sorted(map(str, came)) == sorted(["wanted", str(Why.NAME_TAKEN)])


def test_of_two_who_disable_one_another_at_the_same_moment_one_stays(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    it, both = home.it.accounts, threading.Barrier(2)
    pair = [home.do(it.add(ROOT, f"root.{n}", "", Grant(EVERYWHERE, Role.ADMINISTRATOR))).account.id for n in range(2)]
    for each in home.do(it.all(ROOT)):
        if each.id not in pair and Grant(EVERYWHERE, Role.ADMINISTRATOR) in each.grants:
            home.do(it.disable(ROOT, each.id))
    really = accounts._is_administered

    def looks(session: Session) -> bool:
        # Each would see the other, were they not kept apart: then the second never comes here meanwhile.
        with suppress(threading.BrokenBarrierError):
            both.wait(0.5)
        return really(session)

    monkeypatch.setattr(accounts, "_is_administered", looks)
    came = at_once(*(lambda each=each: home.do(it.disable(ROOT, each)) for each in pair))  # type: ignore[misc]
    assert came.count(Why.LAST_ADMINISTRATOR) == 1
    assert sorted(each.disabled for each in home.do(it.all(ROOT)) if each.id in pair) == [False, True]


def test_the_database_lets_nobody_change_a_line_of_the_audit_log(home: Home) -> None:
    words = {"body": "", "by": "door", "by_name": "", "address": "", "act": "x", "about": "", "before": {}, "after": {}}
    now = datetime.now(UTC)  # young by the database's own clock
    home.store.call(lambda session: session.add(AuditRow(id="f", at=now, **words)))
    statements: list[Any] = [update(AuditRow).values(by="me"), delete(AuditRow).where(col(AuditRow.id) == "f")]
    statements += [text("TRUNCATE audit")] if home.store.is_shared else []
    for statement in statements:
        with pytest.raises((sqlite3.IntegrityError, DBAPIError), match="only added to"):
            home.store.call(lambda session, statement=statement: session.execute(statement))
    assert home.store.call(lambda session: session.get_one(AuditRow, ("", "f"))).by == "door"


@ONLY_SHARED
def test_whoever_stores_last_of_two_at_the_same_moment_is_refused(home: Home) -> None:
    def job(session: Session) -> None:
        row = session.get_one(CentreRow, OTHER)
        version = row.edition
        home.do(home.it.centres.change(ROOT, OTHER, {"priority_age": 66}, version))
        store(session, row, {**row.settings, "priority_age": 77})

    with pytest.raises(RefusedError) as caught:
        home.store.call(job)
    assert caught.value.why is Why.CHANGED and home.registers.centres[OTHER].priority_age == 66
