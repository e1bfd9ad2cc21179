"""How many characters a message has on the air: GSM 7 bit, or UCS-2 as soon as one character is not of it.

Source: 3GPP TS 23.038 (the alphabet, its extension table) and TS 23.040 (160 or 70 characters a message, 153 or 67 in
each part of a longer one).
"""

from __future__ import annotations

import unicodedata

_ALPHABET = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPE = 0x1B
_BASIC = frozenset(_ALPHABET) - {"\x1b"}
_EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_EXTENDED = frozenset(_EXTENSION.values())
"""Each takes two places."""
_PLAIN = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "...",
        "\u00a0": " ", "\u202f": " ", "\u2022": "-", "\u00b7": "-",
    }
)  # fmt: skip

GSM_ONE, GSM_MORE = 160, 153
UCS_ONE, UCS_MORE = 70, 67


def is_gsm(text: str) -> bool:
    """Say whether a text can go in GSM 7 bit."""
    return all(letter in _BASIC or letter in _EXTENDED for letter in text)


def parts(text: str) -> int:
    """Return in how many messages a text goes over the air; each is paid for."""
    if is_gsm(text):
        length = sum(2 if letter in _EXTENDED else 1 for letter in text)
        one, more = GSM_ONE, GSM_MORE
    else:
        length = len(text.encode("utf-16-be")) // 2
        one, more = UCS_ONE, UCS_MORE
    return 1 if length <= one else -(-length // more)


def plain(text: str) -> str:
    """Return a Latin text without what would turn the whole message into UCS-2, as near to it as can be.

    One curly quotation mark costs more than half of the message's room. What has no plain form stays as it is.
    """
    told = []
    for letter in text.translate(_PLAIN):
        if is_gsm(letter):
            told.append(letter)
            continue
        bare = "".join(part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part))
        told.append(bare if bare and is_gsm(bare) else letter)
    return "".join(told)


def decoded(septets: bytes) -> str:
    """Return the text of GSM 7 bit as SMPP brings it, one septet a byte; what is not of the alphabet becomes U+FFFD."""
    told, escaped = [], False
    for septet in septets:
        if escaped:
            told.append(_EXTENSION.get(septet, "\ufffd"))
            escaped = False
        elif septet == _ESCAPE:
            escaped = True
        else:
            told.append(_ALPHABET[septet] if septet < len(_ALPHABET) else "\ufffd")
    return "".join(told)
