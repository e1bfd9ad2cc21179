"""The conversation with staff at the kiosk, from the PIN to the last page of the menu: a pure machine.

`step` takes what was touched or heard and gives the next state and what is to be done. It draws nothing, reads no clock
and asks no printer; what it is told of the machine comes in as `Sight`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

from kiosk.staff.moves import (
    Came,
    Check,
    Close,
    Do,
    Effect,
    Found,
    Heard,
    Input,
    Leave,
    LetIn,
    List,
    Look,
    Loud,
    Note,
    Press,
    Print,
    Recent,
    Seen,
    Sight,
    TurnedAway,
    Type,
)

IDLE_S = 60.0
ID_LENGTH = 20
PIN_LENGTH = 12
TICKETS_ON_A_PAGE = 9
VOLUME_STEP = 10
GRID = 6 * 10
"""Cells of the touch test."""
COLOURS = 6
"""Whole-screen colours that come before it."""


class Page(StrEnum):
    """The screens."""

    ID = "id"
    PIN = "pin"
    MENU = "menu"
    PRINTER = "printer"
    REPRINT = "reprint"
    NETWORK = "network"
    VOLUME = "volume"
    SCREEN = "screen"
    CLOSING = "closing"
    DAY = "day"


Waiting = Literal["", "pin", "look", "print", "copy"]


@dataclass(frozen=True, slots=True)
class Menu:
    """Where the conversation stands. `by` is the member of staff, empty before the PIN was right."""

    page: Page = Page.ID
    typed: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    trouble: Literal["", "wrong", "locked"] = ""
    locked_until: float = 0.0
    waiting: Waiting = ""
    by: str = ""
    name: Mapping[str, str] = field(default_factory=dict)
    visit_waits: bool = False
    sight: Sight | None = None
    printed: str = ""
    why: str = ""
    looked: bool = False
    tickets: tuple[Recent, ...] = ()
    offset: int = 0
    chosen: str = ""
    colour: int = 0
    cells: frozenset[int] = frozenset()
    touched_at: float = 0.0


_Next = tuple[Menu, tuple[Effect, ...]]

_PAGES: Mapping[str, Page] = {
    page.value: page
    for page in (
        *(Page.PRINTER, Page.REPRINT, Page.NETWORK, Page.VOLUME),
        *(Page.SCREEN, Page.CLOSING, Page.DAY),
    )
}


def opened(visit_waits: bool, now: float) -> Menu:
    """Return the beginning. `visit_waits`: a customer's visit is under way beneath; it goes on afterwards."""
    return Menu(visit_waits=visit_waits, touched_at=now)


def step(menu: Menu, given: Input, now: float) -> _Next:
    """Return the next state and what to do. `now` is monotonic seconds. What makes no sense on a page is left aside."""
    if given is Press.TICK:
        return _later(menu, now)
    if isinstance(given, Heard):
        return _heard(menu, given, now)
    menu = replace(menu, touched_at=now)
    if given is Press.LEAVE:
        return menu, _parting(menu, "left")
    if menu.page in (Page.ID, Page.PIN):
        return _at_the_door(menu, given, now)
    if given is Press.BACK:
        if menu.page is Page.MENU:
            return menu, _parting(menu, "left")
        return _back_to_menu(menu)
    if isinstance(given, Do) and not menu.waiting:
        return _done(menu, given)
    return menu, ()


def _later(menu: Menu, now: float) -> _Next:
    if menu.trouble == "locked" and now >= menu.locked_until:
        menu = replace(menu, trouble="")
    if menu.waiting and now < menu.touched_at + 2 * IDLE_S:
        # A printer takes its time; who waits for it has not gone away.
        return menu, ()
    if now >= menu.touched_at + IDLE_S:
        return menu, _parting(menu, "timeout")
    return menu, (Look(),) if menu.by else ()


def _parting(menu: Menu, why: str) -> tuple[Effect, ...]:
    return (Note(menu.by, "signed_out", why), Leave()) if menu.by else (Leave(),)


def _heard(menu: Menu, given: Heard, now: float) -> _Next:
    match given:
        case LetIn(staff, name) if menu.waiting == "pin":
            menu = replace(menu, page=Page.MENU, by=staff, name=name, waiting="", typed="", pin="", touched_at=now)
            return menu, (Note(staff, "signed_in"), Look())
        case TurnedAway(wait_s) if menu.waiting == "pin":
            # Both are typed again: which of the two was wrong is not told.
            menu = replace(menu, page=Page.ID, typed="", pin="", waiting="", touched_at=now)
            if wait_s:
                return replace(menu, trouble="locked", locked_until=now + wait_s), ()
            return replace(menu, trouble="wrong"), ()
        case Seen(sight, looked):
            menu = replace(menu, sight=sight)
            if looked and menu.waiting == "look":
                menu = replace(menu, waiting="", looked=True, touched_at=now)
                return menu, (Note(menu.by, "paper_changed", sight.paper),)
            return menu, ()
        case Found(tickets):
            return replace(menu, tickets=tickets), ()
        case Came(outcome, why) if menu.waiting in ("print", "copy"):
            effects = (List(),) if menu.waiting == "copy" else ()
            return replace(menu, waiting="", printed=outcome, why=why, touched_at=now), (*effects, Look())
        case _:
            return menu, ()


def _at_the_door(menu: Menu, given: Input, now: float) -> _Next:
    if menu.waiting or menu.trouble == "locked":
        return menu, ()
    of_id = menu.page is Page.ID
    match given:
        case Type(sign) if of_id and sign.isascii() and (sign.isalnum() or sign in "-_"):
            return replace(menu, typed=(menu.typed + sign.lower())[:ID_LENGTH], trouble=""), ()
        case Type(sign) if not of_id and sign.isdecimal():
            return replace(menu, pin=(menu.pin + str(int(sign)))[:PIN_LENGTH]), ()
        case Press.ERASE if of_id:
            return replace(menu, typed=menu.typed[:-1], trouble=""), ()
        case Press.ERASE:
            return replace(menu, pin=menu.pin[:-1]), ()
        case Press.SUBMIT if of_id and menu.typed:
            return replace(menu, page=Page.PIN, pin="", trouble=""), ()
        case Press.SUBMIT if menu.pin:
            return replace(menu, waiting="pin"), (Check(menu.typed, menu.pin),)
        case Press.BACK if of_id:
            return menu, _parting(menu, "left")
        case Press.BACK:
            return replace(menu, page=Page.ID, pin=""), ()
        case _:
            return menu, ()


def _back_to_menu(menu: Menu) -> _Next:
    noted: tuple[Effect, ...] = ()
    if menu.page is Page.SCREEN and menu.colour >= COLOURS:
        noted = (Note(menu.by, "screen_test", f"{len(menu.cells)}/{GRID}"),)
    return _on(menu, Page.MENU), (*noted, Look())


def _on(menu: Menu, page: Page) -> Menu:
    """Return a page as it is when it is newly opened."""
    fresh = Menu(touched_at=menu.touched_at)
    return replace(fresh, page=page, by=menu.by, name=menu.name, visit_waits=menu.visit_waits, sight=menu.sight)


def _done(menu: Menu, given: Do) -> _Next:
    page = _PAGES.get(given.name) if menu.page is Page.MENU else None
    if page is not None:
        return _on(menu, page), ((List(),) if page is Page.REPRINT else ()) + (Look(),)
    match menu.page:
        case Page.PRINTER if given.name == "paper_changed":
            return replace(menu, waiting="look", printed="", looked=False), (Look(printer=True),)
        case Page.PRINTER if given.name == "test_print":
            return replace(menu, waiting="print", printed="", looked=False), (Note(menu.by, "test_print"), Print())
        case Page.REPRINT:
            return _reprinted(menu, given)
        case Page.VOLUME if given.name in ("softer", "louder") and menu.sight is not None:
            change = VOLUME_STEP if given.name == "louder" else -VOLUME_STEP
            volume = min(100, max(0, menu.sight.volume + change))
            menu = replace(menu, sight=replace(menu.sight, volume=volume))
            return menu, (Loud(volume), Note(menu.by, "volume", str(volume)))
        case Page.SCREEN:
            return _screen(menu, given)
        case Page.CLOSING if given.name in ("close", "open"):
            return menu, (Close(menu.by, given.name == "close"), Look())
        case Page.DAY if given.name == "end_day":
            return menu, (Close(menu.by, closed=True, day=True), Note(menu.by, "end_of_day"), Look())
        case _:
            return menu, ()


def _reprinted(menu: Menu, given: Do) -> _Next:
    last = max(0, (len(menu.tickets) - 1) // TICKETS_ON_A_PAGE * TICKETS_ON_A_PAGE)
    match given.name:
        case "older":
            return replace(menu, offset=min(last, menu.offset + TICKETS_ON_A_PAGE), printed=""), ()
        case "newer":
            return replace(menu, offset=max(0, menu.offset - TICKETS_ON_A_PAGE), printed=""), ()
        case "ticket" if any(each.ticket == given.what for each in menu.tickets):
            menu = replace(menu, waiting="copy", chosen=given.what, printed="")
            return menu, (Note(menu.by, "reprint", given.what), Print(given.what))
        case _:
            return menu, ()


def _screen(menu: Menu, given: Do) -> _Next:
    if given.name == "next_colour" and menu.colour < COLOURS:
        return replace(menu, colour=menu.colour + 1), ()
    if given.name == "cell" and menu.colour == COLOURS and given.what.isdecimal() and int(given.what) < GRID:
        menu = replace(menu, cells=menu.cells | {int(given.what)})
        return _back_to_menu(menu) if len(menu.cells) == GRID else (menu, ())
    return menu, ()
