"""What every page has: its files, its template, the headers that keep it safe, and the pages for what went wrong.

A page is one answer without a script; nothing is fetched from elsewhere. It knows no route and no rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from assets.texts import Catalogue, languages
from follow.answers import by_wish, file_of, packed
from follow.page import RING, Look
from server.pages.phrases import Phrases
from sync.clock import Clock

_HERE = Path(__file__).resolve().parent
LOOK = _HERE / "look"

# No script at all: what a page cannot do, nobody can make it do. Forms go nowhere else, and nobody frames it.
_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITH_SCRIPT = f"{_POLICY}; script-src 'self'; connect-src 'self'"
"""The policy of the one page that has a script: a file of ours, see `video`."""
SAFE: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: a browser would then send the Origin "null" with our own forms, and the check would refuse them.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
KEPT: Mapping[str, str] = {"Cache-Control": "public, max-age=60"}
"""For pages that are alike for everybody."""
OWN: Mapping[str, str] = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow"}
"""For pages that are somebody's: no cache keeps them, not even the browser's own."""


class Frame:
    """Makes whole answers of templates."""

    def __init__(self, clock: Clock, *, can_book: bool, templates: Path | None = None) -> None:
        """Read files, texts and templates; `can_book` puts booking into the navigation.

        What is in the folder `templates` comes before what is here.
        """
        self.catalogues: Mapping[str, Catalogue] = {name: Catalogue.load(name) for name in _arabic_first(languages())}
        self.phrases: Mapping[str, Phrases] = {
            name: Phrases(catalogue, clock) for name, catalogue in self.catalogues.items()
        }
        self.files = Look(LOOK, "/pages", (RING,))
        self._can_book = can_book
        self._templates = Environment(
            loader=FileSystemLoader([*([templates] if templates else []), _HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )

    def language(self, request: Request) -> str:
        """Return a request's language: its path's, else the browser's, else the first of ours."""
        first = request.url.path.split("/")[1]
        return first if first in self.catalogues else by_wish(request, self.catalogues)[0]

    def page(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        headers: Mapping[str, str] = OWN,
        **values: Any,
    ) -> Response:
        """Return a page; `values` are the template's own."""
        language = self.language(request)
        catalogue = self.catalogues[language]
        rest = request.url.path.removeprefix(f"/{language}").rstrip("/")
        html = self._templates.get_template(template).render(
            t=catalogue.t,
            n=catalogue.n,
            say=self.phrases[language],
            language=language,
            direction=catalogue.direction,
            others=[(name, each.t("pages.language")) for name, each in self.catalogues.items() if name != language],
            languages=list(self.catalogues),
            root=f"/{language}",
            rest=rest,
            files=self.files.path,
            can_book=self._can_book,
            is_public=headers is KEPT,
            **({"signed_in": False, "can_switch": request.method == "GET"} | values),
        )
        return packed(request, status, html.encode(), "text/html; charset=utf-8", dict(SAFE) | dict(headers))

    def trouble(self, request: Request, status: int, what: str, *, retry_after_s: int = 0) -> Response:
        """Return the page for what went wrong; `what` is the key's last part: missing, too_many, unavailable ..."""
        headers = dict(OWN)
        if retry_after_s:
            headers["Retry-After"] = str(retry_after_s)
        return self.page(request, "trouble.html", status=status, headers=headers, what=what)

    def go(self, path: str, headers: Mapping[str, str] = OWN) -> Response:
        """Send the browser to one of our own pages, asking with GET."""
        return RedirectResponse(path, 303, headers=dict(SAFE) | dict(headers))

    async def file(self, request: Request) -> Response:
        """Answer with one of the pages' files."""
        return file_of(self.files, request, SAFE)


def markup(html: str) -> Markup:
    """Return a picture of our own making as it stands: everything else is escaped."""
    return Markup(html)  # nobody's words are in it


def _arabic_first(names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: (name != "ar", name))
