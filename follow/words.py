"""A turn in words: the two parts of its page that change, as HTML in one language, and how they go down the line.

The one place that makes them, for the first page, for each piece of live news and for a phone without scripts alike.
Every value is escaped; nothing here asks or decides.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Self
from zoneinfo import ZoneInfo

import orjson

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
        self._phrases = {(name, arab): _Phrases(texts, arab) for name, texts in catalogues.items() for arab in _DIGITS}
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
            is_arabic = turn.digits == "arab" and self.catalogues[language].direction == "rtl"
            said = self._said[key] = _Telling(turn, self._phrases[language, is_arabic]).said()
        return said

    def line(self, turn: Turn, language: str) -> bytes:
        """Return what a turn comes to as JSON on one line, for the page's script."""
        said = self.say(turn, language)
        return f'{{"number":{_json(turn.number)},"rings":{turn.rings},{said.body}}}'.encode()


_TOLD_FROM = Turn._fields.index("phase")
"""From this field on a turn says what is told; the fields before it say whose turn it is."""
_KEPT = 8192
_DIGITS = (False, True)
"""Whether the digits are Arabic ones."""


class _Phrases:
    """What many turns say alike, in one language and its digits; made once, for one change brings hundreds of pages."""

    def __init__(self, texts: Catalogue, is_arabic: bool) -> None:
        self.texts = texts
        self._is_arabic = is_arabic
        self.ahead = lru_cache(_KEPT)(self._ahead)
        self.wait = lru_cache(_KEPT)(self._wait)
        self.acts = lru_cache(_KEPT)(self._acts)

    def big(self, key: str, **values: object) -> str:
        return f'<p class="big">{self.text(key, **values)}</p>'

    def note(self, key: str, **values: object) -> str:
        return f'<p class="note">{self.text(key, **values)}</p>'

    def text(self, key: str, **values: object) -> str:
        return escape(self._digits(self.texts.t(key, **values)))

    def plain(self, text: str) -> str:
        # A title is no place for the marks that keep numbers in order.
        return self._digits(text.translate({0x2066: None, 0x2068: None, 0x2069: None}))

    def _digits(self, text: str) -> str:
        return text.translate(_ARABIC_DIGITS) if self._is_arabic else text

    def _ahead(self, ahead: int) -> tuple[str, str]:
        """Return how many are ahead, for the title and for the page."""
        text = self.texts.t("paper.nobody_ahead") if ahead == 0 else self.texts.n("paper.ahead", ahead)
        return self.plain(text), f'<p class="big">{escape(self._digits(text))}</p>'

    def _wait(self, low: int, high: int) -> str:
        if low == 0:
            text = self.texts.n("paper.wait_up_to", max(1, high))
        elif low == high:
            text = self.texts.n("paper.wait_about", high)
        else:
            text = self.texts.n("paper.wait", high, range=f"{low}-{high}")
        return f'<p class="wait">{escape(self._digits(text))}</p>'

    def _acts(self, may: tuple[Wish, ...], out_for_s: int, outs_left: int) -> str:
        t, made = self.texts, list[str]()
        for wish in may:
            if wish is Wish.OUT:
                note = self._digits(f"{t.n('follow.out_note', out_for_s // 60)} {t.n('follow.out_left', outs_left)}")
                made.append(_button(wish, t.t("follow.out"), "") + f'<p class="note">{escape(note)}</p>')
            elif wish is Wish.BACK:
                made.append(_button(wish, t.t("follow.back"), "main"))
            elif wish is Wish.REJOIN:
                made.append(_button(wish, t.t("follow.rejoin"), "main"))
            elif wish is Wish.LEAVE:
                ask = f"?lang={t.language}&amp;ask=leave"
                made.append(f'<a class="act quiet" href="{ask}">{escape(t.t("follow.leave"))}</a>')
        return "".join(made)


class _Telling:
    """One turn in one language."""

    def __init__(self, turn: Turn, phrases: _Phrases) -> None:
        self._turn = turn
        self._phrases = phrases
        self._texts = phrases.texts
        self._zone = ZoneInfo(turn.timezone)

    def said(self) -> Said:
        title, service, turn, acts = self.title(), self._service(), self.turn(), self.acts()
        told = {"phase": self._turn.phase, "title": title, "service": service, "turn": turn, "acts": acts}
        body = _json(told)[1:-1]
        mark = hashlib.sha256(body.encode()).hexdigest()[:8]
        return Said(self._turn.phase, title, service, turn, acts, mark, f'"v":"{mark}",{body}')

    def title(self) -> str:
        turn, t = self._turn, self._texts
        if turn.phase == "called":
            return self._phrases.plain(t.t("follow.title_called", counter=turn.counter))
        if turn.phase == "waiting" and turn.ahead is not None:
            return self._phrases.ahead(turn.ahead)[0]
        return self._phrases.plain(t.t("follow.title"))

    def _service(self) -> str:
        return self._turn.service_name.get(self._texts.language, "")

    def turn(self) -> str:
        return "".join([*self._old_news(), *self._so(), *self._asked()])

    def acts(self) -> str:
        turn = self._turn
        if turn.asked is not None and not turn.asked.is_lapsed:
            return ""
        return self._phrases.acts(turn.may, turn.out_for_s, turn.outs_left)

    # What is so, by phase.

    def _so(self) -> list[str]:
        counter = self._turn.counter
        match self._turn.phase:
            case "waiting":
                return self._waiting()
            case "away":
                until = self._clock(self._turn.until)
                return [self._phrases.big("follow.away"), self._phrases.note("follow.away_note", time=until)]
            case "called":
                return self._called()
            case "serving":
                return [self._phrases.big("follow.serving", counter=counter)]
            case "parked":
                return [self._phrases.big("follow.parked", counter=counter), self._phrases.note("follow.parked_note")]
            case "finished":
                return [self._phrases.big("follow.finished"), self._phrases.note("follow.finished_note")]
            case "no_show":
                note = self._phrases.note("follow.no_show_note", counter=counter, time=self._clock(self._turn.at))
                return [self._phrases.big("follow.no_show"), note, self._phrases.note("follow.ask")]
            case "left":
                return self._left()
            case "cancelled":
                return [self._phrases.big("follow.cancelled"), self._phrases.note("follow.ask")]
            case "past":
                return [self._phrases.big("follow.past"), self._phrases.note("follow.new_ticket")]

    def _waiting(self) -> list[str]:
        turn, t = self._turn, self._texts
        if turn.ahead is None:
            return [self._phrases.big("follow.waiting")]
        parts = [self._phrases.ahead(turn.ahead)[1]]
        if turn.minutes is None:
            parts.append(self._phrases.note("follow.no_range"))
        else:
            parts.append(self._phrases.wait(*turn.minutes))
        if turn.slot_at is not None:
            parts.append(self._phrases.note("follow.slot", time=self._clock(turn.slot_at)))
        if turn.ahead <= _NEAR and turn.slot_at is None:
            parts.append(f'<p class="near">{escape(t.t("follow.near"))}</p>')
        return parts

    def _called(self) -> list[str]:
        turn, t = self._turn, self._texts
        counter = f'<p class="counter"><b dir="ltr">{escape(turn.counter)}</b></p>'
        at = self._phrases.note("follow.called_at", time=self._clock(turn.at))
        return [f'<p class="big">{escape(t.t("follow.called"))}</p>', counter, at]

    def _left(self) -> list[str]:
        turn = self._turn
        parts = [self._phrases.big("follow.left")]
        if Wish.REJOIN in turn.may:
            parts.append(self._phrases.note("follow.left_note", time=self._clock(turn.until)))
        else:
            parts.append(self._phrases.note("follow.new_ticket"))
        return parts

    def _old_news(self) -> list[str]:
        news_at = self._turn.news_at
        if news_at is None or self._turn.phase in ("finished", "left", "cancelled", "past"):
            return []
        return [f'<p class="old">{self._phrases.text("follow.as_of", time=self._clock(news_at))}</p>']

    def _asked(self) -> list[str]:
        asked = self._turn.asked
        if asked is None:
            return []
        return [f'<p class="{"alert" if asked.is_lapsed else "asked"}">{self._asked_text(asked)}</p>']

    def _asked_text(self, asked: Asked) -> str:
        if asked.is_lapsed:
            return self._phrases.text("follow.wish_lapsed")
        if asked.is_cut_off:
            return self._phrases.text("follow.wish_waits", time=self._clock(asked.until))
        return self._phrases.text("follow.wish_sent")

    def _clock(self, at: datetime | None) -> str:
        return "" if at is None else f"{at.astimezone(self._zone):%H:%M}"


def _json(what: object) -> str:
    return orjson.dumps(what).decode()


def _button(wish: Wish, text: str, kind: str) -> str:
    return f'<button class="{f"act {kind}".strip()}" name="what" value="{wish}">{escape(text)}</button>'
