"""What OpenAPI tells of the requests and answers of the exchange that are read and written by hand."""

from __future__ import annotations

from sync.exchange import BATCH

_EVENT_SCHEMA = {
    "type": "object",
    "required": ["dev", "inc", "seq", "type", "v", "at", "boot", "mono", "prev", "body"],
    "properties": {
        "dev": {"type": "string"},
        "inc": {"type": "integer", "minimum": 1},
        "seq": {"type": "integer", "minimum": 1},
        "type": {"type": "string", "description": "An unknown one is kept and passed on."},
        "v": {"type": "integer", "minimum": 1},
        "at": {"type": "string", "format": "date-time"},
        "boot": {"type": "string"},
        "mono": {"type": "number"},
        "prev": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        "body": {"type": "object"},
    },
}
EVENTS_IN = {
    "type": "object",
    "required": ["dev", "inc", "first_seq", "events"],
    "properties": {
        "dev": {"type": "string"},
        "inc": {"type": "integer", "minimum": 1},
        "first_seq": {"type": "integer", "minimum": 1},
        "events": {"type": "array", "minItems": 1, "maxItems": BATCH, "items": _EVENT_SCHEMA},
    },
}
ACK = {
    "type": "object",
    "required": ["ack_seq"],
    "properties": {"ack_seq": {"type": "integer", "description": "Everything up to it is on the receiver's disk."}},
}
EVENTS_OUT = {
    "type": "object",
    "required": ["events", "next", "more"],
    "properties": {
        "events": {"type": "array", "items": _EVENT_SCHEMA},
        "next": {"type": "string", "description": "Cursor after the last event."},
        "more": {"type": "boolean"},
    },
}
SNAPSHOT = {
    "type": "object",
    "required": ["state", "cursor", "state_hash"],
    "properties": {"state": {"type": "object"}, "cursor": {"type": "string"}, "state_hash": {"type": "string"}},
}
