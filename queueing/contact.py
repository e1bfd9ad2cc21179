"""How a centre is found and asked, and what it answers before anybody asks: what the public pages say of it.

Data only; addresses of the network are checked here, because pages make links of them. It decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from queueing.words import Words

_PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
_EMAIL = re.compile(r"[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAP = re.compile(r"https://[!-~]{1,400}")


@dataclass(frozen=True, slots=True)
class Contact:
    """A centre's channels; "" where it has none. `phone` and `whatsapp` are E.164 (+97317000000)."""

    phone: str = ""
    whatsapp: str = ""
    email: str = ""
    map_url: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """What people ask, and the answer."""

    question: Words
    answer: Words


def contact_faults(contact: Contact, where: str) -> Iterable[str]:
    """Give every fault of a centre's channels."""
    for name, value, form, what in (
        ("phone", contact.phone, _PHONE, "+ and 7 to 15 digits"),
        ("whatsapp", contact.whatsapp, _PHONE, "+ and 7 to 15 digits"),
        ("email", contact.email, _EMAIL, "name@host"),
        ("map_url", contact.map_url, _MAP, "an address that begins with https://"),
    ):
        if value and not form.fullmatch(value):
            yield f"{where}.{name}: {what}"
