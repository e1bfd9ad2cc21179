"""Rooms of a Jitsi Meet of one's own (or of JaaS): https://HOST/ROOM, with a token where it authenticates by tokens.

Claims as Jitsi's lib-jitsi-meet doc/tokens.md has them: `aud`, `iss` (the application's id), `sub` (the domain or
tenant), `room`, `nbf`, `exp`; the clerk's says that it is a moderator's. No name, no number and no address of anybody
is in one. A token follows from the appointment alone, so a page that is asked for again has the same link.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

from server.rooms.room import Meeting, Names, Who
from server.vault import VaultError, kept_key

OPENS = timedelta(hours=1)
"""So long before its slot a token opens the room: the clocks of two machines differ."""
CLOSES = timedelta(hours=12)
"""So long after its slot: the turn may come late, the talk may be long; the next day it opens nothing."""
_SECRET_BYTES = 32
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class RoomsConfig:
    """The table [rooms]. `url` is where Jitsi Meet is, with a tenant's path where it has one.

    With `app_id` each link has a token, signed with what is in the file `key` (0600): a secret of 32 bytes or more for
    HS256, a private RSA key as PEM for RS256, whose name at Jitsi is `key_id`. `subject` is the domain or tenant that
    the tokens are for; without it the host of `url`.
    """

    url: str
    app_id: str = ""
    algorithm: Literal["HS256", "RS256"] = "HS256"
    key: Path | None = None
    key_id: str = ""
    audience: str = "jitsi"
    subject: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot be. Raises ValueError."""
        parts = urlsplit(self.url)
        is_secure = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
        if not is_secure or not parts.hostname or parts.query or parts.fragment:
            # A camera is given to secure pages only.
            raise ValueError("url begins with https:// and has neither ? nor #")
        if bool(self.app_id) != (self.key is not None):
            raise ValueError("app_id and key belong together")
        if self.app_id and self.algorithm == "RS256" and not self.key_id:
            raise ValueError("key_id is needed with RS256")


class Jitsi:
    """Links to rooms."""

    def __init__(self, config: RoomsConfig, names: Names) -> None:
        """Read the key. Raises VaultError."""
        self._config = config
        self._names = names
        self._key = _key_of(config)
        self._url = config.url.rstrip("/")
        self._subject = config.subject or urlsplit(config.url).hostname or ""

    def link(self, meeting: Meeting, who: Who) -> str:
        """Return the address that opens a meeting's room."""
        room = self._names.of(meeting.centre, meeting.appointment)
        said = [f"jwt={self._token(room, meeting, who)}"] if self._key is not None else []
        said += [f"lang={meeting.lang}"] if meeting.lang else []
        return f"{self._url}/{room}{'?' if said else ''}{'&'.join(said)}"

    def _token(self, room: str, meeting: Meeting, who: Who) -> str:
        is_clerk = who == "clerk"
        header: dict[str, Any] = {"alg": self._config.algorithm, "typ": "JWT"}
        if self._config.key_id:
            header["kid"] = self._config.key_id
        claims: Mapping[str, Any] = {
            "aud": self._config.audience,
            "iss": self._config.app_id,
            "sub": self._subject,
            "room": room,
            "nbf": int((meeting.slot_at - OPENS).timestamp()),
            "exp": int((meeting.slot_at + CLOSES).timestamp()),
            # Two words for the same: which one counts depends on the Jitsi's plug-ins.
            "context": {"user": {"moderator": is_clerk, "affiliation": "owner" if is_clerk else "member"}},
        }
        if self._key is None:
            raise TypeError("a token needs a key")
        return jwt.encode(header, dict(claims), self._key, algorithms=[self._config.algorithm])


def _key_of(config: RoomsConfig) -> OctKey | RSAKey | None:
    if config.key is None:
        return None
    held = kept_key(config.key).strip()
    if config.algorithm == "RS256":
        try:
            key = RSAKey.import_key(held)
        except (JoseError, ValueError) as error:
            raise VaultError(f"{config.key}: holds no RSA key") from error
        if not key.is_private:
            raise VaultError(f"{config.key}: holds no private key")
        return key
    if len(held) < _SECRET_BYTES:
        raise VaultError(f"{config.key}: a secret has {_SECRET_BYTES} bytes or more")
    return OctKey.import_key(held)
