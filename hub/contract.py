"""What OpenAPI says of the routes that are read and written by hand: their bodies, answers and examples."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from hub.claims import VERBS
from queueing.decide import Reason
from sync.problems import Responses

_TEXT = {"type": "string"}
_INSTANT = {"type": "string", "format": "date-time"}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


CARD: dict[str, Any] = {
    "type": "object",
    "description": "A ticket as the counters see it; nothing personal.",
    "required": ["ticket", "number", "service", "status", "taken_at", "ready_at", "class", "lang", "turn"],
    "properties": {
        "ticket": _TEXT,
        "number": _TEXT,
        "service": _TEXT,
        "status": {"enum": ["waiting", "called", "serving", "parked", "finished", "no_show", "cancelled"]},
        "taken_at": _INSTANT,
        "ready_at": _INSTANT,
        "called_at": _or_null(_INSTANT),
        "serving_at": _or_null(_INSTANT),
        "class": {"enum": ["walk_in", "appointment", "priority"]},
        "priority": {"enum": ["older", "determination", "pregnant", None]},
        "slot_at": _or_null(_INSTANT),
        "lang": _TEXT,
        "turn": {"type": "integer", "minimum": 0},
        "to_counter": _or_null(_TEXT),
        "print": {"enum": ["printed", "not printed", "unknown", None]},
        "message": {
            "enum": ["delivered", "failed", "unknown", None],
            "description": "What became of the last message to the customer's phone.",
        },
        "away_until": _or_null(_INSTANT),
        "channel": {"enum": ["counter", "virtual"], "description": "Where its customer is served."},
        "room": _or_null(
            {"type": "string", "description": "By video, at a counter: the clerk's link to the room, if there is one."}
        ),
    },
}

COUNTER: dict[str, Any] = {
    "type": "object",
    "required": ["id", "label", "status", "clerk", "reason", "services", "current", "parked", "next", "undo"],
    "properties": {
        "id": _TEXT,
        "label": _TEXT,
        "status": {"enum": ["closed", "open", "paused"]},
        "clerk": _or_null({"type": "object", "required": ["id", "name"]}),
        "reason": _or_null(_TEXT),
        "services": {"type": "array", "items": _TEXT},
        "current": _or_null(CARD),
        "parked": {"type": "array", "items": CARD},
        "next": _or_null({"type": "object", "required": ["ticket", "number", "service", "why"]}),
        "undo": _or_null({"type": "object", "required": ["verb", "number", "until"]}),
    },
}

_GRANTED: dict[str, Any] = {
    "type": "object",
    "required": ["ticket", "turn", "counter"],
    "properties": {
        "ticket": _or_null(CARD),
        "turn": _or_null({"type": "integer", "minimum": 0}),
        "counter": _or_null(COUNTER),
    },
}

_EXAMPLE_CLAIM = {
    "claim_id": "0e3c5a3e-6f0f-4c7c-9a37-6f2b3f1f9d10",
    "counter": "3",
    "what": {"verb": "call_next"},
}
_EXAMPLE_CARD = {
    "ticket": "kiosk-1.1.42",
    "number": "A047",
    "service": "licence-renewal",
    "status": "called",
    "taken_at": "2026-11-22T06:31:02.123456Z",
    "ready_at": "2026-11-22T06:31:02.123456Z",
    "called_at": "2026-11-22T06:40:11.000000Z",
    "serving_at": None,
    "class": "walk_in",
    "priority": None,
    "slot_at": None,
    "lang": "ar",
    "turn": 1,
    "to_counter": None,
    "print": "printed",
    "message": None,
    "away_until": None,
    "channel": "counter",
    "room": None,
}
_EXAMPLE_GRANTED = {
    "ticket": _EXAMPLE_CARD,
    "turn": 1,
    "counter": {
        "id": "3",
        "label": "3",
        "status": "open",
        "clerk": {"id": "amal", "name": {"ar": "أمل", "en": "Amal"}},
        "reason": None,
        "services": ["licence-renewal"],
        "current": _EXAMPLE_CARD,
        "parked": [],
        "next": None,
        "undo": None,
    },
}

CLAIM: dict[str, Any] = {
    "security": [{"StaffSession": []}],
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["claim_id", "counter", "what"],
                    "properties": {
                        "claim_id": {
                            "type": "string",
                            "pattern": "^[0-9A-Za-z-]{8,64}$",
                            "description": "A UUID made for this one press.",
                        },
                        "counter": {"type": "string", "maxLength": 200},
                        "what": {
                            "type": "object",
                            "required": ["verb"],
                            "properties": {
                                "verb": {"enum": list(VERBS)},
                                "ticket": {"type": "string", "description": "call (or `number`), resume"},
                                "number": {"type": "string", "description": "call: as printed, in any digits"},
                                "reason": {"type": "string", "description": "pause; park if wished"},
                                "to_service": {"type": "string", "description": "transfer"},
                                "to_counter": {"type": "string", "description": "transfer"},
                                "services": {
                                    "type": "array",
                                    "items": _TEXT,
                                    "description": "open; without them all of the counter's",
                                },
                                "service": {"type": "string", "description": "open_service, close_service"},
                            },
                        },
                    },
                },
                "example": _EXAMPLE_CLAIM,
            }
        },
    },
}

CLAIM_ANSWERS: Responses = {
    200: {
        "description": "Granted",
        "content": {"application/json": {"schema": _GRANTED, "example": _EXAMPLE_GRANTED}},
    },
    204: {"description": "Nobody waits"},
    409: {
        "description": "A rule says no",
        "content": {
            "application/problem+json": {
                "schema": {
                    "type": "object",
                    "required": ["type", "title", "status", "code", "context"],
                    "properties": {
                        "type": _TEXT,
                        "title": _TEXT,
                        "status": {"type": "integer"},
                        "code": {"enum": [*(reason.name for reason in Reason), "CLAIM_REUSED"]},
                        "context": {
                            "type": "object",
                            "description": "What a sentence about it needs: a number, a counter.",
                            "additionalProperties": _TEXT,
                        },
                    },
                    "additionalProperties": {"type": "string", "description": "The context once more."},
                },
                "example": {
                    "type": "about:blank",
                    "title": "Taken",
                    "status": 409,
                    "code": "TAKEN",
                    "number": "A047",
                    "counter": "3",
                    "context": {"number": "A047", "counter": "3"},
                },
            }
        },
    },
}

SETTINGS: Responses = {
    200: {
        "description": "The centre's settings",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["version", "centre", "lookup_key", "booking_key", "staff"],
                    "properties": {
                        "version": {"type": "integer"},
                        "centre": {"type": "object", "description": "See queueing/centre.py."},
                        "lookup_key": {"type": "string", "description": "base64"},
                        "booking_key": {
                            "type": "string",
                            "description": "Public key of bookings' codes: Ed25519, base64; empty without a server.",
                        },
                        "staff": {
                            "type": "array",
                            "description": "Who may open the kiosk's own menu; `pin_hash` is argon2id's own text.",
                            "items": {
                                "type": "object",
                                "required": ["id", "name", "pin_hash"],
                                "properties": {"id": _TEXT, "name": {"type": "object"}, "pin_hash": _TEXT},
                            },
                        },
                    },
                }
            }
        },
    }
}

_STAFF_SESSION = {"type": "apiKey", "in": "cookie", "name": "dawr_session"}


def name_the_session(app: FastAPI) -> None:
    """Let the app's OpenAPI know the staff's cookie, which no dependency of FastAPI's reads."""
    plain = app.openapi

    def with_session() -> dict[str, Any]:
        told = plain()
        told.setdefault("components", {}).setdefault("securitySchemes", {})["StaffSession"] = _STAFF_SESSION
        return told

    app.openapi = with_session  # type: ignore[method-assign]  # FastAPI's own way to extend it
