"""What a browser carries while its owner is at the provider: a sealed, short-lived cookie that only we can open.

The one cookie that is SameSite=Lax and not Strict: its owner comes back by a link of the provider's, from another site,
and a browser sends no Strict cookie along with that. Lax goes with such a visit and with nothing else that others can
cause, no form and no picture. What it holds counts only together with the state in the address, and once: the provider
takes each code once.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from server.sign_on.provider import Begun
from server.vault import Vault, VaultError

COOKIE = "dawr_sign_on"
HOLDS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Journey:
    """A sign-on that was begun: what the provider has to give back, and where its owner was going, in what language."""

    begun: Begun
    to: str
    language: str


def sealed(journey: Journey, vault: Vault, now: datetime, place: str) -> str:
    """Return a journey as a cookie's value; `place` is whose it is, so that one is not taken for another."""
    return seal(vault, {**asdict(journey.begun), "to": journey.to, "language": journey.language}, now, place)


def opened(text: str, vault: Vault, now: datetime, place: str) -> Journey | None:
    """Return the journey that a cookie's value is, None when it is none of ours or too old."""
    said = unseal(vault, text, now, place)
    if said is None:
        return None
    begun = Begun(said["state"], said["nonce"], said["verifier"])
    return Journey(begun, said["to"], said["language"])


def seal(vault: Vault, said: dict[str, str], now: datetime, place: str) -> str:
    """Return texts so that a browser can carry them and nobody read or change them, for ten minutes."""
    content = json.dumps({**said, "until": (now + HOLDS).isoformat()}, ensure_ascii=False)
    return base64.urlsafe_b64encode(vault.seal(content, f"sign_on/{place}")).decode().rstrip("=")


def unseal(vault: Vault, text: str, now: datetime, place: str) -> dict[str, str] | None:
    """Return what was sealed for a place, None when it was not or the ten minutes are over."""
    try:
        content = vault.unseal(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), f"sign_on/{place}")
    except (VaultError, ValueError):
        return None
    said: dict[str, str] = json.loads(content)
    return said if now < datetime.fromisoformat(said.pop("until")) else None
