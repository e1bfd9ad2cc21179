"""A small hub for the counter page's tests: real HTTP, the same contract, rules only as deep as the page can see.

It has the hub's paths (staff, texts, live, snapshot, claims), its cookie and its Content-Security-Policy. A test
changes the hall by its methods and reads what was asked in `claims_received`.
"""

from __future__ import annotations

import json
import secrets
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from assets.texts import Catalogue
from assets.theme import Theme

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "counter"
FONTS = ROOT / "assets" / "fonts"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
HEARTBEAT_S = 1.0
UNDO_WITHIN = timedelta(seconds=5)
CLERKS = {
    "fatima": ({"ar": "فاطمة جاسم", "en": "Fatima Jasim"}, "1234"),
    "ali": ({"ar": "علي حسن", "en": "Ali Hasan"}, "4321"),
}
SERVICES = (
    ("renewal", "A", "تجديد رخصة السياقة", "Driving licence renewal", 900, 420),
    ("vehicle", "B", "تسجيل مركبة", "Vehicle registration", 900, 600),
    ("transfer", "C", "نقل ملكية مركبة", "Vehicle ownership transfer", 1200, 720),
    ("fines", "D", "المخالفات المرورية", "Traffic fines", 600, 300),
)
COUNTERS = (
    {"renewal", "fines"},
    {"renewal", "vehicle"},
    {"renewal", "vehicle", "transfer"},
    {"transfer"},
    {"fines"},
    {"vehicle"},
)


class RefusalError(Exception):
    """A rule says no, by the reason's name."""

    def __init__(self, code: str, **context: str) -> None:
        super().__init__(code)
        self.code, self.context = code, context


@dataclass
class Hall:
    """The centre's present, and its few rules."""

    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    counters: dict[str, dict[str, Any]] = field(default_factory=dict)
    last: dict[str, tuple[str, dict[str, Any], datetime]] = field(default_factory=dict)
    devices: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for at, services in enumerate(COUNTERS, start=1):
            self.counters[str(at)] = {"status": "closed", "clerk": None, "reason": None, "services": sorted(services)}

    def take(self, number: str, service: str, waited_s: float = 60, **more: object) -> str:
        ticket = f"kiosk-1.1.{len(self.cards) + 1}"
        taken = iso(datetime.now(UTC) - timedelta(seconds=waited_s))
        self.cards[ticket] = {
            **dict.fromkeys(("called_at", "serving_at", "priority", "slot_at", "to_counter", "counter")),
            **{"ticket": ticket, "number": number, "service": service, "taken_at": taken, "ready_at": taken},
            **{"status": "waiting", "class": "walk_in", "lang": "ar", "turn": 0, "print": "printed"},
            **more,
        }
        return ticket

    def do(self, counter: str, clerk: str, what: dict[str, Any]) -> dict[str, Any] | None:
        """Do a verb; return the ticket it moved, or None. Raises RefusalError."""
        verb, place = what["verb"], self.counters[counter]
        if verb == "open":
            if place["clerk"] not in (None, clerk):
                raise RefusalError("COUNTER_OF_ANOTHER", counter=counter)
            place.update(status="open", clerk=clerk, reason=None)
            return None
        if verb in ("pause", "close"):
            place.update(status="paused" if verb == "pause" else "closed", reason=what.get("reason"))
            place.update(clerk=None if verb == "close" else clerk)
            return None
        if place["status"] != "open":
            raise RefusalError(f"COUNTER_{place['status'].upper()}", counter=counter)
        if verb in ("call_next", "call", "resume"):
            return self._call(counter, verb, what)
        if verb == "undo":
            return self._undo(counter)
        card = self.current(counter)
        if card is None:
            raise RefusalError("NO_CURRENT_TICKET", counter=counter)
        before, now = dict(card), datetime.now(UTC)
        if verb == "start_serving":
            card.update(status="serving", serving_at=iso(now))
        elif verb != "recall":
            self.last[counter] = (verb, before, now + UNDO_WITHIN)
            card["status"] = {"finish": "finished", "mark_no_show": "no_show", "park": "parked", "transfer": "waiting"}[
                verb
            ]
        if verb == "transfer":
            card.update(
                counter=None, service=what.get("to_service") or card["service"], to_counter=what.get("to_counter")
            )
        return card

    def _call(self, counter: str, verb: str, what: dict[str, Any]) -> dict[str, Any]:
        if current := self.current(counter):
            raise RefusalError("COUNTER_BUSY", number=current["number"])
        if verb == "call_next":
            mine = [card for card in self.queue() if self.may_call(counter, card)]
            if not mine:
                raise RefusalError("NOBODY_WAITS")
            card = mine[0]
        else:
            same = [
                c for c in self.cards.values() if what.get("ticket") == c["ticket"] or what.get("number") == c["number"]
            ]
            if not same:
                raise RefusalError("TICKET_UNKNOWN")
            card = same[0]
            if card["status"] in ("called", "serving"):
                raise RefusalError("TAKEN", number=card["number"], counter=card["counter"])
        card.update(status="called", counter=counter, turn=card["turn"] + 1, called_at=iso(datetime.now(UTC)))
        return card

    def _undo(self, counter: str) -> dict[str, Any]:
        _, before, until = self.last.pop(counter, ("", {}, datetime.min.replace(tzinfo=UTC)))
        if not before:
            raise RefusalError("NOTHING_TO_UNDO")
        if datetime.now(UTC) > until + UNDO_WITHIN:
            raise RefusalError("UNDO_TOO_LATE")
        self.cards[before["ticket"]] = before
        return before

    def may_call(self, counter: str, card: dict[str, Any]) -> bool:
        return (
            card["to_counter"] == counter
            if card["to_counter"]
            else card["service"] in self.counters[counter]["services"]
        )

    def queue(self) -> list[dict[str, Any]]:
        rate = {"walk_in": 1, "appointment": 2, "priority": 3}
        waiting = [card for card in self.cards.values() if card["status"] == "waiting"]
        now = datetime.now(UTC)

        def order(card: dict[str, Any]) -> tuple[bool, float]:
            return is_away(card), -rate[card["class"]] * (
                now - datetime.fromisoformat(card["ready_at"])
            ).total_seconds()

        return sorted(waiting, key=order)

    def current(self, counter: str) -> dict[str, Any] | None:
        mine = (c for c in self.cards.values() if c["counter"] == counter and c["status"] in ("called", "serving"))
        return next(mine, None)

    def counter(self, counter: str) -> dict[str, Any]:
        place, now = self.counters[counter], datetime.now(UTC)
        mine = [card for card in self.queue() if self.may_call(counter, card)]
        verb, before, until = self.last.get(counter, ("", {}, datetime.min.replace(tzinfo=UTC)))
        return {
            "id": counter, "label": counter, **place,
            "clerk": {"id": place["clerk"], "name": CLERKS[place["clerk"]][0]} if place["clerk"] else None,
            "current": self.current(counter),
            "parked": [c for c in self.cards.values() if c["status"] == "parked" and c["counter"] == counter],
            "next": self._next(mine[0]) if mine and place["status"] == "open" else None,
            "undo": {"verb": verb, "number": before["number"], "until": iso(until)} if until > now else None,
        }  # fmt: skip

    @staticmethod
    def _next(card: dict[str, Any]) -> dict[str, Any]:
        why = {"key": f"counter.why.{card['class']}", "args": {"minutes": 0}}
        return {"ticket": card["ticket"], "number": card["number"], "service": card["service"], "why": why}

    def state(self) -> dict[str, Any]:
        queue = self.queue()
        return {
            "day": "2026-11-22", "now": iso(datetime.now(UTC)),
            "services": [
                {"id": id_, "letter": letter, "name": {"ar": ar, "en": en}, "open": True, "target_wait_s": target,
                 "typical_serving_s": typical, "count": sum(c["service"] == id_ and not is_away(c) for c in queue)}
                for id_, letter, ar, en, target, typical in SERVICES
            ],
            "counters": [self.counter(id_) for id_ in self.counters], "queue": queue,
            "pause_reasons": [
                {"id": "prayer", "name": {"ar": "الصلاة", "en": "Prayer"}},
                {"id": "break", "name": {"ar": "استراحة", "en": "Break"}},
            ],
            "digits": "latn", "timezone": "Asia/Bahrain", "devices": self.devices,
        }  # fmt: skip


class FakeHub:
    """The hub as a server on loopback at `url`; `mute` makes the live streams fall silent, `hang_up` ends them."""

    def __init__(self, locale: Path) -> None:
        self.texts = {language: Catalogue.load(language, locale) for language in ("ar", "en")}
        self.changed = threading.Condition()
        self.reset()
        fake = self

        class Handler(_Handler):
            hub = fake

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    def reset(self) -> None:
        """Begin a new day: nobody waits, every counter closed, nobody signed in."""
        with self.changed:
            self.hall = Hall()
            self.answers: dict[str, tuple[int, dict[str, Any] | None]] = {}
            self.claims_received: list[dict[str, Any]] = []
            self.sessions: dict[str, str] = {}
            self.mute = False
            self.streams = getattr(self, "streams", 0)
            self.round = getattr(self, "round", 0) + 1
            self.changed.notify_all()

    def take(self, number: str, service: str, waited_s: float = 60, **more: object) -> str:
        """Let a customer take a ticket; return its id."""
        with self.changed:
            ticket = self.hall.take(number, service, waited_s, **more)
            self.publish()
        return ticket

    def kiosk(self, **changes: object) -> None:
        """Let the centre's kiosk be as it is told, well where nothing is told."""
        well = {"device": "kiosk-1", "kind": "kiosk", "trouble": "", "paper": "ok", "since": "2026-11-22T06:12:00Z"}
        more = dict.fromkeys(("closed_since", "silent_since", "stuck_since"))
        rest = {"seen_to": False, "closed": False, "disk_low": False, "clock_off_minutes": 0, "version": "0.1.0"}
        with self.changed:
            self.hall.devices = [{**well, **more, **rest, **changes}]
            self.publish()

    def publish(self) -> None:
        """Tell every page that something changed."""
        with self.changed:
            self.round += 1
            self.changed.notify_all()

    def hang_up(self) -> None:
        """End every live stream that is open."""
        with self.changed:
            self.streams += 1
            self.changed.notify_all()

    def claim(self, clerk: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        """Answer a claim; the same claim_id gets the same answer for ever."""
        with self.changed:
            self.claims_received.append(body)
            if body["claim_id"] not in self.answers:
                self.answers[body["claim_id"]] = self._decide(clerk, body)
                self.publish()
            return self.answers[body["claim_id"]]

    def _decide(self, clerk: str, body: dict[str, Any]) -> tuple[int, dict[str, Any] | None]:
        try:
            card = self.hall.do(body["counter"], clerk, body["what"])
        except RefusalError as no:
            if no.code == "NOBODY_WAITS":
                return 204, None
            return 409, {"type": "about:blank", "title": no.code, "status": 409, "code": no.code, **no.context}
        ticket = None if card is None else dict(card)
        turn = None if card is None else card["turn"]
        return 200, json.loads(
            json.dumps({"ticket": ticket, "turn": turn, "counter": self.hall.counter(body["counter"])})
        )

    def snapshot(self) -> dict[str, Any]:
        """Return the counter view's snapshot."""
        with self.changed:
            return {"state": self.hall.state(), "cursor": str(self.round), "state_hash": "0" * 64}

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        try:
            self._get()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _get(self) -> None:
        url = urlsplit(self.path)
        path = url.path
        if path == "/theme.css":
            return self._send(200, Theme.load().css().encode(), "text/css")
        if path.startswith("/fonts/"):
            return self._send(200, (FONTS / Path(path).name).read_bytes(), "font/woff2")
        if path == "/" or path.startswith("/counter/"):
            file = PAGES / ("index.html" if path == "/" else path.removeprefix("/counter/"))
            if not file.is_file():
                return self._problem(404, "NOT_FOUND")
            return self._send(200, file.read_bytes(), TYPES[file.suffix])
        if path == "/v1/texts":
            return self._json(200, {"languages": sorted(self.hub.texts)})
        if path.startswith("/v1/texts/"):
            prefix = parse_qs(url.query)["prefix"][0] + "."
            return self._json(200, self.hub.texts[path.rpartition("/")[2]].prefixed(prefix))
        if path == "/v1/staff":
            return self._json(200, [{"id": id_, "name": name} for id_, (name, _) in CLERKS.items()])
        clerk = self._clerk()
        if clerk is None:
            return self._problem(401, "SIGNED_OUT")
        if path == "/v1/staff/me":
            return self._json(200, {"id": clerk, "name": CLERKS[clerk][0]})
        if path == "/v1/snapshot":
            return self._json(200, self.hub.snapshot())
        if path == "/v1/live":
            return self._live()
        return self._problem(404, "NOT_FOUND")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["Origin"] != self.hub.url:
            return self._problem(403, "ORIGIN")
        if self.path == "/v1/staff/sign-in":
            if CLERKS.get(body["clerk"], ("", ""))[1] != body["pin"]:
                return self._problem(401, "WRONG_PIN")
            session = secrets.token_hex(16)
            self.hub.sessions[session] = body["clerk"]
            return self._json(
                200, {"id": body["clerk"]}, [("Set-Cookie", f"dawr={session}; HttpOnly; SameSite=Strict; Path=/")]
            )
        clerk = self._clerk()
        if clerk is None:
            return self._problem(401, "SIGNED_OUT")
        if self.path == "/v1/staff/sign-out":
            self.hub.sessions.pop(self._session(), None)
            return self._send(204, b"", "application/json")
        status, answer = self.hub.claim(clerk, body)
        if answer is None:
            return self._send(status, b"", "application/json")
        return self._json(status, answer)

    def _live(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        seen, session, streams = -1, self._session(), self.hub.streams
        while session in self.hub.sessions and streams == self.hub.streams:
            with self.hub.changed:
                if self.hub.round == seen:
                    self.hub.changed.wait(HEARTBEAT_S)
                fresh, seen, mute = self.hub.round != seen, self.hub.round, self.hub.mute
            if mute or streams != self.hub.streams:
                continue
            now = json.dumps({"now": iso(datetime.now(UTC))})
            event, data = ("snapshot", json.dumps(self.hub.snapshot())) if fresh else ("heartbeat", now)
            self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode())

    def _session(self) -> str:
        cookies = dict(part.strip().split("=", 1) for part in (self.headers["Cookie"] or "").split(";") if "=" in part)
        return cookies.get("dawr", "")

    def _clerk(self) -> str | None:
        return self.hub.sessions.get(self._session())

    def _problem(self, status: int, code: str) -> None:
        self._json(status, {"type": "about:blank", "title": code, "status": status, "code": code})

    def _json(self, status: int, body: object, more: list[tuple[str, str]] | None = None) -> None:
        kind = "application/json" if status < 400 else "application/problem+json"
        self._send(status, json.dumps(body).encode(), kind, more)

    def _send(self, status: int, body: bytes, kind: str, more: list[tuple[str, str]] | None = None) -> None:
        self.send_response(status)
        # What one test's page has fetched serves the next one's; answers of the hub are never kept.
        cache = "no-store" if "json" in kind else "max-age=600"
        for name, value in [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Content-Security-Policy", CSP),
            ("Cache-Control", cache),
            *(more or []),
        ]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def is_away(card: dict[str, Any]) -> bool:
    """Say whether a card's customer has stepped out."""
    until = card.get("away_until")
    return until is not None and datetime.now(UTC) < datetime.fromisoformat(until)


def iso(instant: datetime) -> str:
    """Return an instant as the hub writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
