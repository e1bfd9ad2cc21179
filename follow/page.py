"""The page around what is said: its frame as HTML, its files, and the headers that keep it safe.

Readable without scripts (it then asks for itself anew), in one language with a switch, without cookies. It renders what
`words` says and decides nothing.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from assets.paths import LOOK as SHARED_LOOK
from assets.texts import Catalogue
from assets.theme import Theme
from follow.turn import Turn
from follow.words import Said, Words

LOOK = Path(__file__).resolve().parent / "look"
RING = "ring.js"
"""The script that tells of a call, of the pages that have one."""
REFRESH_S = 20
"""How often the page asks for itself where no script runs."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFE = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}
_KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
_IMPORT = re.compile(r'@import "([a-z_]+\.css)";')
_VARIABLE = re.compile(r"(?P<head>[a-z-]+:[^;{}]*)var\(--(?P<role>[a-z-]+)\)(?P<tail>[^;{}]*;)")


@dataclass(frozen=True, slots=True)
class File:
    """A file of the page: as it is, packed (b"" where that gains nothing), and its media type."""

    body: bytes
    packed: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told where no turn can be: the keys of its texts; `comes_by_itself`: asking again in a moment helps."""

    title: str
    note: str
    comes_by_itself: bool = False


UNKNOWN = Notice("follow.unknown", "follow.unknown_note")
TOO_MANY = Notice("follow.too_many", "follow.too_many_note")
STARTING = Notice("follow.starting", "follow.starting_note", comes_by_itself=True)


class Look:
    """A page's files, under a `path` that changes with any of them, so that browsers may keep them for ever."""

    def __init__(self, folder: Path = LOOK, where: str = "/follow", shared: Iterable[str] = ()) -> None:
        """Read them; they are served under `where`, with those of the whole house that are `shared`. Raises OSError."""
        bodies = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix != ".css"}
        bodies |= {name: (SHARED_LOOK / name).read_bytes() for name in shared}
        bodies["page.css"] = _with_colours(whole_style(folder), Theme.load()).encode()
        whole = hashlib.sha256(b"".join(name.encode() + body for name, body in bodies.items()))
        self.version = whole.hexdigest()[:12]
        self.path = f"{where}/{self.version}"
        self.files: Mapping[str, File] = {name: _file(name, body) for name, body in bodies.items()}


def whole_style(folder: Path) -> str:
    """Return a folder's `page.css` with the files that it imports in their places: one request has them all.

    What the folder does not have is in `assets/look`, for every page of the house. Raises OSError.
    """

    def part(found: re.Match[str]) -> str:
        own = folder / found[1]
        return (own if own.exists() else SHARED_LOOK / found[1]).read_text(encoding="utf-8")

    return _IMPORT.sub(part, (folder / "page.css").read_text(encoding="utf-8"))


def _file(name: str, body: bytes) -> File:
    kind = _KINDS.get(name.rpartition(".")[2])
    if kind is None:
        return File(body, b"", "font/woff2")
    return File(body, gzip.compress(body, 9, mtime=0), kind)


def _with_colours(css: str, theme: Theme) -> str:
    """Return the style with the house's colours, and each also as a plain value for browsers without variables."""
    light = theme.colours["light"]

    def doubled(found: re.Match[str]) -> str:
        value = light.get(found["role"].replace("-", "_"))
        return found[0] if value is None else f"{found['head']}{value}{found['tail']}{found[0]}"

    small = re.sub(r"\s*([{};:,>])\s*", r"\1", re.sub(r"/\*.*?\*/|\n\s*", "", css, flags=re.S))
    return theme.css().replace("\n", "") + _VARIABLE.sub(doubled, small)


class Page:
    """Makes whole pages."""

    def __init__(self, words: Words, look: Look) -> None:
        self._words = words
        self._look = look

    def turn(self, turn: Turn, said: Said, language: str, *, ask_leave: bool = False, was_refused: bool = False) -> str:
        """Return a turn's page. `ask_leave` shows the question before leaving instead of what can be done."""
        t = self._words.catalogues[language]
        number = re.fullmatch(r"([A-Za-z]*)(.*)", turn.number)
        letter, digits = (number[1], number[2]) if number else ("", turn.number)
        asks = ask_leave and "leave" in turn.may
        acts = self._question(turn, language) if asks else said.acts
        refused = f'<p class="alert" role="alert">{escape(t.t("follow.refused"))}</p>' if was_refused else ""
        others = [each for each in self._words.catalogues if each != language and each in turn.languages]
        switch = "".join(
            f'<a lang="{each}" href="?lang={each}">{escape(self._words.catalogues[each].t("follow.language"))}</a>'
            for each in others
        )
        label = t.t("follow.number", number=f"{letter} {digits}".strip())
        body = (
            f"<header><p>{escape(turn.centre_name.get(language, ''))}</p><nav>{switch}</nav></header>"
            f'<main id="page" data-v="{said.mark}" data-rings="{turn.rings}" data-lang="{language}"'
            f' data-lost="{escape(t.t("follow.lost", time="%"))}"{" data-asks" if asks else ""}>'
            f'<h1 class="plate" dir="ltr" aria-label="{escape(label)}">'
            f"<span>{escape(letter)}</span><b>{escape(digits)}</b></h1>"
            f'<p id="service" class="service">{escape(said.service)}</p>{refused}'
            f'<div id="turn" role="status" aria-live="polite">{said.turn}</div>'
            '<p id="lost" class="old" hidden></p>'
            f'<button id="sound" class="act" type="button" hidden data-on="{escape(t.t("follow.sound_on"))}">'
            f"{escape(t.t('follow.sound'))}</button>"
            f'<form id="acts" method="post" action="{turn.identity}/wish?lang={language}">{acts}</form></main>'
            f"<footer><p>{escape(t.t('follow.keep'))}</p><p>{escape(t.t('follow.share'))}</p></footer>"
        )
        return self._whole(t, f"{turn.number} · {said.title}", body, phase=said.phase, is_live=True)

    def notice(self, notice: Notice, languages: list[str]) -> str:
        """Return a page that tells something in several languages."""
        parts = []
        for place, language in enumerate(languages):
            t, tag = self._words.catalogues[language], "h2" if place else "h1"
            parts.append(
                f'<section lang="{language}" dir="{t.direction}">'
                f'<{tag} class="big">{escape(t.t(notice.title))}</{tag}>'
                f'<p class="note">{escape(t.t(notice.note))}</p></section>'
            )
        t = self._words.catalogues[languages[0]]
        body, title = f"<main>{''.join(parts)}</main>", t.t(notice.title)
        return self._whole(t, title, body, phase="notice", is_live=False, refresh=notice.comes_by_itself)

    def _question(self, turn: Turn, language: str) -> str:
        t = self._words.catalogues[language]
        return (
            f'<p class="big">{escape(t.t("follow.leave_ask"))}</p>'
            f'<p class="note">{escape(t.t("follow.leave_note"))}</p>'
            f'<a class="act main" href="{turn.identity}?lang={language}">{escape(t.t("follow.leave_no"))}</a>'
            f'<button class="act alarm" name="what" value="leave">{escape(t.t("follow.leave_yes"))}</button>'
        )

    def _whole(self, t: Catalogue, title: str, body: str, *, phase: str, is_live: bool, refresh: bool = False) -> str:
        path = self._look.path
        again = f'<meta http-equiv="refresh" content="{REFRESH_S}">'
        scripts = (
            "".join(f'<script src="{path}/{name}" defer></script>' for name in (RING, "page.js")) if is_live else ""
        )
        return (
            f'<!doctype html><html lang="{t.language}" dir="{t.direction}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme"'
            ' content="light dark"><meta name="robots" content="noindex,nofollow"><meta name="format-detection"'
            f' content="telephone=no"><title>{escape(title)}</title>'
            f"{again if refresh else f'<noscript>{again}</noscript>' if is_live else ''}"
            f'<link rel="icon" href="{path}/icon.svg" type="image/svg+xml">'
            f'<link rel="stylesheet" href="{path}/page.css">{scripts}</head>'
            f'<body class="is-{phase}">{body}</body></html>'
        )

    @property
    def languages(self) -> list[str]:
        """The languages that there are texts in, a list of the caller's own."""
        return list(self._words.catalogues)
