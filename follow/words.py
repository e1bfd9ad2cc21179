"""A turn in words: the two parts of its page that change, as HTML in one language, and how they go down the line.

The one place that makes them, for the first page, for each piece of live news and for a phone without scripts alike.
Every value is escaped; nothing here asks or decides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Self
from zoneinfo import ZoneInfo

from assets.texts import Catalogue, languages
from follow.turn import Asked, Turn, Wish

_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_NEAR = 2
"""With so many ahead or fewer one should be close by."""


@dataclass(frozen=True, slots=True)
class Said:
    """A turn's page in one language: `title`, `turn` (what is so) and `acts` (what can be done), the last two HTML.

    `mark` is eight characters that change with what is said, `body` the same as JSON without what is each ticket's own.
    """

    phase: str
    title: str
    service: str
    turn: str
    acts: str
    mark: str
    body: str


class Words:
    """The texts of every language, and what a turn comes to in each. For any thread."""

    def __init__(self, catalogues: Mapping[str, Catalogue]) -> None:
        self.catalogues = catalogues
        self._said: dict[tuple[object, ...], Said] = {}

    @classmethod
    def load(cls) -> Self:
        """Read the texts of every language. Raises TextsError."""
        return cls({language: Catalogue.load(language) for language in languages()})

    def language(self, wished: str, turn: Turn) -> str:
        """Return the language to tell a turn in: the wished one, else the ticket's, else the centre's first."""
        for language in (wished, turn.lang, *turn.languages, *self.catalogues):
            if language in self.catalogues:
                return language
        raise LookupError("no language at all")

    def say(self, turn: Turn, language: str) -> Said:
        """Return what a turn comes to in a language. What was said of another ticket alike is not made again."""
        key = (language, turn.centre, turn.service_name.get(language), turn.timezone, turn.digits, *turn[_TOLD_FROM:])
        said = self._said.get(key)
        if said is None:
            if len(self._said) >= _KEPT:
                self._said.clear()
            said = self._said[key] = _Telling(turn, self.catalogues[language]).said()
        return said

    def line(self, turn: Turn, language: str) -> bytes:
        """Return what a turn comes to as JSON on one line, for the page's script."""
        said = self.say(turn, language)
        return f'{{"number":{json.dumps(turn.number)},"rings":{turn.rings},{said.body}}}'.encode()


_TOLD_FROM = Turn._fields.index("phase")
"""From this field on a turn says what is told; the fields before it say whose turn it is."""
_KEPT = 8192


class _Telling:
    """One turn in one language."""

    def __init__(self, turn: Turn, texts: Catalogue) -> None:
        self._turn = turn
        self._texts = texts
        self._zone = ZoneInfo(turn.timezone)
        self._arabic = turn.digits == "arab" and texts.direction == "rtl"

    def said(self) -> Said:
        title, service, turn, acts = self.title(), self._service(), self.turn(), self.acts()
        told = {"phase": self._turn.phase, "title": title, "service": service, "turn": turn, "acts": acts}
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))[1:-1]
        mark = hashlib.sha256(body.encode()).hexdigest()[:8]
        return Said(self._turn.phase, title, service, turn, acts, mark, f'"v":"{mark}",{body}')

    def title(self) -> str:
        turn, t = self._turn, self._texts
        if turn.phase == "called":
            return self._plain(t.t("follow.title_called", counter=turn.counter))
        if turn.phase == "waiting" and turn.ahead is not None:
            return self._plain(self._ahead(turn.ahead))
        return self._plain(t.t("follow.title"))

    def _service(self) -> str:
        return self._turn.service_name.get(self._texts.language, "")

    def turn(self) -> str:
        return "".join([*self._old_news(), *self._so(), *self._asked()])

    def acts(self) -> str:
        turn = self._turn
        if turn.asked is not None and not turn.asked.is_lapsed:
            return ""
        t = self._texts
        made = []
        for wish in turn.may:
            if wish is Wish.OUT:
                minutes = t.n("follow.out_note", turn.out_for_s // 60)
                left = t.n("follow.out_left", turn.outs_left)
                note = self._digits(f"{minutes} {left}")
                made.append(_button(wish, t.t("follow.out"), "") + f'<p class="note">{escape(note)}</p>')
            elif wish is Wish.BACK:
                made.append(_button(wish, t.t("follow.back"), "main"))
            elif wish is Wish.REJOIN:
                made.append(_button(wish, t.t("follow.rejoin"), "main"))
            elif wish is Wish.LEAVE:
                ask = f"?lang={t.language}&amp;ask=leave"
                made.append(f'<a class="act quiet" href="{ask}">{escape(t.t("follow.leave"))}</a>')
        return "".join(made)

    # What is so, by phase.

    def _so(self) -> list[str]:
        counter = self._turn.counter
        match self._turn.phase:
            case "waiting":
                return self._waiting()
            case "away":
                until = self._clock(self._turn.until)
                return [self._big("follow.away"), self._note("follow.away_note", time=until)]
            case "called":
                return self._called()
            case "serving":
                return [self._big("follow.serving", counter=counter)]
            case "parked":
                return [self._big("follow.parked", counter=counter), self._note("follow.parked_note")]
            case "finished":
                return [self._big("follow.finished"), self._note("follow.finished_note")]
            case "no_show":
                note = self._note("follow.no_show_note", counter=counter, time=self._clock(self._turn.at))
                return [self._big("follow.no_show"), note, self._note("follow.ask")]
            case "left":
                return self._left()
            case "cancelled":
                return [self._big("follow.cancelled"), self._note("follow.ask")]
            case "past":
                return [self._big("follow.past"), self._note("follow.new_ticket")]

    def _waiting(self) -> list[str]:
        turn, t = self._turn, self._texts
        if turn.ahead is None:
            return [self._big("follow.waiting")]
        parts = [f'<p class="big">{escape(self._digits(self._ahead(turn.ahead)))}</p>']
        if turn.minutes is None:
            parts.append(self._note("follow.no_range"))
        else:
            parts.append(f'<p class="wait">{escape(self._digits(self._wait(*turn.minutes)))}</p>')
        if turn.slot_at is not None:
            parts.append(self._note("follow.slot", time=self._clock(turn.slot_at)))
        if turn.ahead <= _NEAR and turn.slot_at is None:
            parts.append(f'<p class="near">{escape(t.t("follow.near"))}</p>')
        return parts

    def _called(self) -> list[str]:
        turn, t = self._turn, self._texts
        counter = f'<p class="counter"><b dir="ltr">{escape(turn.counter)}</b></p>'
        at = self._note("follow.called_at", time=self._clock(turn.at))
        return [f'<p class="big">{escape(t.t("follow.called"))}</p>', counter, at]

    def _left(self) -> list[str]:
        turn = self._turn
        parts = [self._big("follow.left")]
        if Wish.REJOIN in turn.may:
            parts.append(self._note("follow.left_note", time=self._clock(turn.until)))
        else:
            parts.append(self._note("follow.new_ticket"))
        return parts

    def _old_news(self) -> list[str]:
        news_at = self._turn.news_at
        if news_at is None or self._turn.phase in ("finished", "left", "cancelled", "past"):
            return []
        text = self._digits(self._texts.t("follow.as_of", time=self._clock(news_at)))
        return [f'<p class="old">{escape(text)}</p>']

    def _asked(self) -> list[str]:
        asked = self._turn.asked
        if asked is None:
            return []
        text = self._digits(self._asked_text(asked))
        return [f'<p class="{"alert" if asked.is_lapsed else "asked"}">{escape(text)}</p>']

    def _asked_text(self, asked: Asked) -> str:
        if asked.is_lapsed:
            return self._texts.t("follow.wish_lapsed")
        if asked.is_cut_off:
            return self._texts.t("follow.wish_waits", time=self._clock(asked.until))
        return self._texts.t("follow.wish_sent")

    # Pieces.

    def _big(self, key: str, **values: object) -> str:
        return f'<p class="big">{escape(self._digits(self._texts.t(key, **values)))}</p>'

    def _note(self, key: str, **values: object) -> str:
        return f'<p class="note">{escape(self._digits(self._texts.t(key, **values)))}</p>'

    def _ahead(self, ahead: int) -> str:
        return self._texts.t("paper.nobody_ahead") if ahead == 0 else self._texts.n("paper.ahead", ahead)

    def _wait(self, low: int, high: int) -> str:
        if low == 0:
            return self._texts.n("paper.wait_up_to", max(1, high))
        if low == high:
            return self._texts.n("paper.wait_about", high)
        return self._texts.n("paper.wait", high, range=f"{low}-{high}")

    def _clock(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self._zone):%H:%M}"

    def _digits(self, text: str) -> str:
        return text.translate(_ARABIC_DIGITS) if self._arabic else text

    def _plain(self, text: str) -> str:
        # A title is no place for the marks that keep numbers in order.
        return self._digits(text.translate({0x2066: None, 0x2068: None, 0x2069: None}))


def _button(wish: Wish, text: str, kind: str) -> str:
    return f'<button class="{f"act {kind}".strip()}" name="what" value="{wish}">{escape(text)}</button>'
