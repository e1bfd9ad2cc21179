"""What each staff screen says, as one frozen record: a pure function of the menu, what is known, and the words.

Every page but the door and the screen test is a sheet: lines that say how things are, and buttons that do something.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assets.texts import Catalogue
from kiosk.known import Known
from kiosk.staff.menu import COLOURS, TICKETS_ON_A_PAGE, Menu, Page
from kiosk.staff.moves import Recent, Sight
from kiosk.wording import Row, in_digits, in_words, time_of

Tone = Literal["plain", "ok", "wait", "alert"]

DISK_LOW_MB = 500
CLOCK_OFF_MINUTES = 1

NO_PAPER = ("no printer", "not asked")
"""The printer's words that are no trouble of a printer."""


@dataclass(frozen=True, slots=True)
class StaffFace:
    """One staff screen. `typed` is shown as it is for an id, as dots for a PIN; rows are what QML repeats over.

    A line has `text` and `tone`; an action `id`, `what`, `text`, `note`, `tone`, `primary`, `usable`.
    """

    page: str = ""
    title: str = ""
    help: str = ""
    who: str = ""
    typed: str = ""
    trouble: str = ""
    busy: bool = False
    lines: tuple[Row, ...] = ()
    actions: tuple[Row, ...] = ()
    columns: int = 1
    level: int = -1
    colour: int = -1
    cells: tuple[int, ...] = ()


def face(menu: Menu, known: Known, words: Catalogue, now: float) -> StaffFace:
    """Return the screen; `now` is the machine's monotonic second."""
    who = in_words(menu.name, words.language)
    sight = menu.sight
    match menu.page:
        case Page.ID | Page.PIN:
            return _door(menu, known, words, now)
        case Page.MENU:
            return StaffFace(
                page=menu.page,
                title=words.t("staff.menu.title", device=sight.device if sight is not None else ""),
                who=who,
                lines=_standing(menu, sight, known, words),
                actions=_tiles(sight, words),
                columns=2,
            )
        case Page.PRINTER:
            return _printer(menu, sight, words, who)
        case Page.REPRINT:
            return _reprint(menu, known, words, who)
        case Page.NETWORK:
            return StaffFace(menu.page, words.t("staff.network.title"), who=who, lines=_network(sight, known, words))
        case Page.VOLUME:
            return _volume(menu, sight, known, words, who)
        case Page.SCREEN:
            return StaffFace(
                menu.page,
                words.t("staff.screen.title"),
                words.t("staff.screen.colours") if menu.colour < COLOURS else words.t("staff.screen.cells"),
                who,
                colour=menu.colour,
                cells=tuple(sorted(menu.cells)),
            )
        case Page.CLOSING:
            return _closing(menu, sight, words, who)
        case Page.DAY:
            return _day(menu, sight, known, words, who)


def _door(menu: Menu, known: Known, words: Catalogue, now: float) -> StaffFace:
    of_id = menu.page is Page.ID
    trouble = ""
    if menu.trouble == "wrong":
        trouble = words.t("staff.door.wrong")
    elif menu.trouble == "locked":
        minutes = max(1, math.ceil((menu.locked_until - now) / 60))
        trouble = in_digits(words.t("staff.door.locked", minutes=minutes), known)
    return StaffFace(
        page=menu.page,
        title=words.t("staff.door.id") if of_id else words.t("staff.door.pin"),
        help=words.t("staff.door.visit_waits") if menu.visit_waits else words.t("staff.door.help"),
        typed=menu.typed.upper() if of_id else "\u2022" * len(menu.pin),
        trouble=trouble,
        busy=menu.waiting == "pin",
    )


def _standing(menu: Menu, sight: Sight | None, known: Known, words: Catalogue) -> tuple[Row, ...]:
    """Return what needs staff, or that nothing does."""
    if sight is None:
        return ()
    lines = [line for line in (*_printer_lines(sight, words)[:1], *_network(sight, known, words)[:1])]
    lines = [line for line in lines if line["tone"] != "ok"]
    if sight.closed_for is not None:
        lines.append(_line(words.t("staff.closing.is_closed"), "wait"))
    if menu.visit_waits:
        lines.append(_line(words.t("staff.door.visit_waits"), "plain"))
    return tuple(lines) or (_line(words.t("staff.menu.all_well"), "ok"),)


def _tiles(sight: Sight | None, words: Catalogue) -> tuple[Row, ...]:
    closed = sight is not None and sight.closed_for is not None
    return (
        _action("printer", words.t("staff.printer.title"), words.t("staff.printer.note")),
        _action("reprint", words.t("staff.reprint.title"), words.t("staff.reprint.note")),
        _action("network", words.t("staff.network.title"), words.t("staff.network.note")),
        _action("volume", words.t("staff.volume.title"), words.t("staff.volume.note")),
        _action("screen", words.t("staff.screen.title"), words.t("staff.screen.note")),
        _action("closing", words.t("staff.closing.open") if closed else words.t("staff.closing.close")),
        _action("day", words.t("staff.day.title"), words.t("staff.day.note")),
    )


def _printer(menu: Menu, sight: Sight | None, words: Catalogue, who: str) -> StaffFace:
    lines = list(_printer_lines(sight, words)) if sight is not None else []
    if menu.looked and sight is not None and not sight.trouble:
        said = {"ok": "staff.printer.seen_ok", "near end": "staff.printer.seen_near_end"}
        key = said.get(sight.paper, "staff.printer.seen_unknown")
        lines = [_line(words.t(key), "wait" if sight.paper == "near end" else "ok")]
    if menu.printed:
        lines.append(_printed(menu, words))
    busy = menu.waiting != ""
    if busy:
        lines = [
            _line(words.t("staff.printer.asking") if menu.waiting == "look" else words.t("staff.printing"), "plain")
        ]
    has_printer = sight is not None and sight.trouble != "no printer"
    return StaffFace(
        page=menu.page,
        title=words.t("staff.printer.title"),
        who=who,
        busy=busy,
        lines=tuple(lines),
        actions=(
            _action("paper_changed", words.t("staff.printer.changed"), primary=True, usable=has_printer and not busy),
            _action("test_print", words.t("staff.printer.test"), usable=has_printer and not busy),
        ),
    )


def _printer_lines(sight: Sight, words: Catalogue) -> tuple[Row, ...]:
    if sight.trouble and sight.trouble not in NO_PAPER:
        return _line(_trouble(sight.trouble, words), "alert"), _line(_advice(sight.trouble, words), "plain")
    if sight.trouble:
        return (_line(_trouble(sight.trouble, words), "plain"),)
    if sight.paper == "near end":
        return _line(_trouble("near end", words), "wait"), _line(_advice("near end", words), "plain")
    return (_line(_trouble("ready", words), "ok"),)


def _printed(menu: Menu, words: Catalogue) -> Row:
    if menu.printed == "printed":
        return _line(words.t("staff.printed"), "ok")
    if menu.printed == "unknown":
        return _line(words.t("staff.print_unknown"), "wait")
    return _line(words.t("staff.not_printed", what=_trouble(menu.why, words)), "alert")


def _trouble(word: str, words: Catalogue) -> str:
    """Return what is wrong with the printer, by its table's word; of one unknown here, that it has trouble."""
    return _said(f"paper.trouble.{word.replace(' ', '_')}", "paper.trouble.printer_error", words)


def _advice(word: str, words: Catalogue) -> str:
    return _said(f"paper.do.{word.replace(' ', '_')}", "paper.do.printer_error", words)


def _said(key: str, otherwise: str, words: Catalogue) -> str:
    try:
        return words.t(key)
    except KeyError:
        return words.t(otherwise)


def _reprint(menu: Menu, known: Known, words: Catalogue, who: str) -> StaffFace:
    busy = menu.waiting != ""
    shown = menu.tickets[menu.offset : menu.offset + TICKETS_ON_A_PAGE]
    lines = [_printed(menu, words)] if menu.printed else []
    if busy:
        number = next((each.number for each in menu.tickets if each.ticket == menu.chosen), "")
        lines = [_line(words.t("staff.reprint.printing", number=number), "plain")]
    elif not menu.tickets:
        lines = [_line(words.t("staff.reprint.none"), "plain")]
    actions = [_of_ticket(each, known, words, usable=not busy) for each in shown]
    if len(menu.tickets) > TICKETS_ON_A_PAGE:
        more = menu.offset + TICKETS_ON_A_PAGE < len(menu.tickets)
        actions += [
            _action("newer", words.t("staff.reprint.newer"), usable=menu.offset > 0 and not busy),
            _action("older", words.t("staff.reprint.older"), usable=more and not busy),
        ]
    return StaffFace(
        page=menu.page,
        title=words.t("staff.reprint.title"),
        help=words.t("staff.reprint.help"),
        who=who,
        busy=busy,
        lines=tuple(lines),
        actions=tuple(actions),
        columns=3,
    )


def _of_ticket(each: Recent, known: Known, words: Catalogue, *, usable: bool) -> Row:
    outcomes: Mapping[str, tuple[str, Tone]] = {
        "not printed": ("staff.reprint.not_printed", "alert"),
        "unknown": ("staff.reprint.unknown", "wait"),
    }
    key, tone = outcomes.get(each.outcome, ("", "plain"))
    note = time_of(each.taken_at, known) if known.centre is not None else ""
    if key:
        note = f"{note} \u00b7 {words.t(key)}"
    return _action("ticket", each.number, note, what=each.ticket, usable=usable, tone=tone)


def _network(sight: Sight | None, known: Known, words: Catalogue) -> tuple[Row, ...]:
    if sight is None:
        return ()
    lines = []
    if not sight.has_hub:
        lines.append(_line(words.t("staff.network.alone"), "plain"))
    elif sight.refused:
        lines += [_line(words.t("staff.network.refused"), "alert"), _line(words.t("staff.network.technician"), "plain")]
    elif not sight.line_up:
        since = sight.behind_since
        told = words.t("staff.network.cut_off")
        if since is not None and known.centre is not None:
            told = words.t("staff.network.cut_off_since", time=time_of(since, known))
        lines += [_line(told, "alert"), _line(words.t("staff.network.cut_off_do"), "plain")]
    else:
        lines.append(_line(words.t("staff.network.connected"), "ok"))
    if sight.has_hub:
        lines.append(_unsent(sight, known, words))
    minutes = round((sight.clock_off_s or 0.0) / 60)
    if abs(minutes) >= CLOCK_OFF_MINUTES:
        ahead = words.t("staff.network.clock_ahead", minutes=minutes)
        behind = words.t("staff.network.clock_behind", minutes=-minutes)
        lines.append(_line(in_digits(ahead if minutes > 0 else behind, known), "wait"))
    if sight.disk_free_mb is not None and sight.disk_free_mb < DISK_LOW_MB:
        lines.append(_line(words.t("staff.network.disk"), "wait"))
    lines.append(_line(words.t("staff.network.version", device=sight.device, version=sight.version), "plain"))
    return tuple(lines)


def _unsent(sight: Sight, known: Known, words: Catalogue) -> Row:
    if not sight.behind:
        return _line(words.t("staff.network.all_sent"), "ok")
    return _line(in_digits(words.t("staff.network.unsent", count=sight.behind), known), "wait")


def _volume(menu: Menu, sight: Sight | None, known: Known, words: Catalogue, who: str) -> StaffFace:
    level = sight.volume if sight is not None else 0
    told = words.t("staff.volume.level", level=f"{level}%") if level else words.t("staff.volume.off")
    return StaffFace(
        page=menu.page,
        title=words.t("staff.volume.title"),
        help=words.t("staff.volume.help"),
        who=who,
        lines=(_line(in_digits(told, known), "plain"),),
        actions=(
            _action("softer", words.t("staff.volume.softer"), usable=level > 0),
            _action("louder", words.t("staff.volume.louder"), usable=level < 100),
        ),
        columns=2,
        level=level,
    )


def _closing(menu: Menu, sight: Sight | None, words: Catalogue, who: str) -> StaffFace:
    closed = sight is not None and sight.closed_for is not None
    lines = [_line(words.t("staff.closing.is_closed") if closed else words.t("staff.closing.is_open"), "plain")]
    if closed and sight is not None and sight.closed_for:
        lines.append(_line(words.t("staff.closing.until_tomorrow"), "plain"))
    elif not closed and menu.visit_waits:
        lines.append(_line(words.t("staff.closing.after_visit"), "plain"))
    action = (
        _action("open", words.t("staff.closing.open"), primary=True)
        if closed
        else _action("close", words.t("staff.closing.close"), primary=True)
    )
    return StaffFace(
        page=menu.page,
        title=words.t("staff.closing.title"),
        help=words.t("staff.closing.help"),
        who=who,
        lines=tuple(lines),
        actions=(action,),
    )


def _day(menu: Menu, sight: Sight | None, known: Known, words: Catalogue, who: str) -> StaffFace:
    lines: list[Row] = []
    ended = False
    if sight is not None:
        lines.append(_line(in_digits(words.t("staff.day.taken", count=sight.taken), known), "plain"))
        if sight.unsettled:
            told = words.t("staff.day.unsettled", count=sight.unsettled)
            lines.append(_line(in_digits(told, known), "wait"))
        if sight.has_hub:
            lines.append(_unsent(sight, known, words))
            if sight.behind:
                lines.append(_line(words.t("staff.day.leave_on"), "plain"))
        ended = bool(sight.closed_for)
        if ended:
            lines.append(_line(words.t("staff.day.ended"), "ok"))
    return StaffFace(
        page=menu.page,
        title=words.t("staff.day.title"),
        help=words.t("staff.day.help"),
        who=who,
        lines=tuple(lines),
        actions=(_action("end_day", words.t("staff.day.end"), primary=True, usable=not ended),),
    )


def _line(text: str, tone: Tone) -> Row:
    return Row(text=text, tone=tone)


def _action(
    name: str,
    text: str,
    note: str = "",
    *,
    what: str = "",
    primary: bool = False,
    usable: bool = True,
    tone: Tone = "plain",
) -> Row:
    return Row(id=name, what=what, text=text, note=note, primary=primary, usable=usable, tone=tone)
