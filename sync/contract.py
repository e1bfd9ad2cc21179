"""The form of what the exchange says over HTTP: models, and for what is read and written by hand what OpenAPI tells."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from sync.exchange import BATCH


class HelloIn(BaseModel):
    """Where a sender stands with a stream."""

    model_config = ConfigDict(frozen=True)  # Unknown fields are left aside: an older receiver talks to a newer sender.

    dev: str = Field(min_length=1, max_length=64)
    inc: int = Field(ge=1, lt=2**31)
    next_seq: int = Field(ge=1, lt=2**53, description="The seq that the sender's next event will have.")
    head_hash: str = Field(pattern="^[0-9a-f]{64}$", description="Hash of the event before that; 64 zeros for none.")
    schema_version: int = Field(alias="schema", ge=1)
    behind: JsonValue = Field(None, description="How far this receiver is behind: {events, since, late}.")


class HelloOut(BaseModel):
    """Where the receiver stands with it."""

    expect_seq: int
    head_hash: str
    now: str
    settings_version: int


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
        "age": {"type": "object", "description": "The sender's boot and its seconds since then: {boot, mono}."},
        "behind": {"type": "object", "description": "How far this receiver is behind: {events, since, late}."},
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
