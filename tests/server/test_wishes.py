"""Wishes at the server: their ids only rise, whatever the clock and a restart do, or a hub would pass one over."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from follow.turn import Turn, Wish
from server.storage import Store
from server.wishes import LAPSES_AFTER, SHOWS_WITHIN, Waiting, Wishes
from tests.clusters import fresh_database
from tests.sync.fakes import FakeClock


def turn(ticket: str) -> Turn:
    return Turn(
        identity="A" * 16,
        ticket=ticket,
        centre="here",
        centre_name={},
        service_name={},
        timezone="Asia/Bahrain",
        digits="latn",
        languages=("ar",),
        number="A001",
        lang="ar",
        rings=0,
        phase="waiting",
        may=(Wish.LEAVE,),
    )


def made(wishes: Wishes, ticket: str) -> Waiting:
    asyncio.run(wishes.make(turn(ticket), Wish.LEAVE))
    return next(each for each in wishes.after("here", 0) if each.ticket == ticket)


def test_an_id_rises_also_after_a_restart_with_the_clock_set_back(tmp_path: Path) -> None:
    clock, ids = FakeClock(), []
    for _ in range(3):
        store = Store(tmp_path)
        wishes = Wishes(store, clock, lambda identity: None)
        ids += [made(wishes, f"t{len(ids)}").id, made(wishes, f"t{len(ids) + 1}").id]
        store.close()
        clock.at -= timedelta(minutes=1)
    assert ids == sorted(set(ids))


def test_an_id_is_never_below_the_clock_though_an_old_copy_of_the_data_was_put_back(tmp_path: Path) -> None:
    clock = FakeClock()
    store = Store(tmp_path)
    first = made(Wishes(store, clock, lambda identity: None), "t1")
    clock.pass_time(2 * LAPSES_AFTER.total_seconds())
    store.close()
    (tmp_path / "empty").mkdir()
    other = Store(tmp_path / "empty")  # as a copy from before any wish
    assert made(Wishes(other, clock, lambda identity: None), "t2").id > first.id
    other.close()


def test_what_one_process_takes_or_hears_the_other_knows(tmp_path: Path) -> None:
    url, clock, moved = fresh_database("wishes"), FakeClock(), []
    stores = Store(tmp_path, url), Store(tmp_path, url)
    page, hub = Wishes(stores[0], clock, moved.append), Wishes(stores[1], clock, lambda identity: None)
    first, second = made(page, "t1"), made(hub, "t2")
    # The same moment by the clock, and not heard of each other: a hub that had the first asks for those above it.
    assert second.id > first.id
    assert [each.id for each in hub.after("here", 0)] == [second.id]
    hub.heard()  # as the news do
    assert [each.id for each in hub.after("here", 0)] == [first.id, second.id]
    hub.after("here", first.id)
    hub.heard()
    page.heard()
    asked = page.asked(turn("t1"), clock.now(), is_cut_off=False)
    assert asked is not None and moved == ["A" * 16, "A" * 16]
    clock.pass_time(SHOWS_WITHIN.total_seconds())
    assert page.asked(turn("t1"), clock.now(), is_cut_off=False) is None  # decided, and refused
    for store in stores:
        store.close()
