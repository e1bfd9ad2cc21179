"""Machine readable zones of cards that nobody has."""

from __future__ import annotations


def card(
    *, document: str = "D00000001", first: str = "", second: str = "", born: str = "850112", issuer: str = "BHR"
) -> tuple[str, str, str]:
    """Return the three lines of a TD1 zone; `first` and `second` are the fields that an issuer fills as it likes."""
    upper = f"{document:<<9}"
    line1 = f"I<{issuer}{upper}{_digit(upper)}{first:<<15}"
    expires = "301231"
    begun = f"{born}{_digit(born)}F{expires}{_digit(expires)}{issuer}{second:<<11}"
    whole = line1[5:30] + begun[0:7] + begun[8:15] + begun[18:29]
    return line1, begun + _digit(whole), f"{'AL<TEST<<NOBODY':<<30}"


def _digit(text: str) -> str:
    values = {"<": 0} | {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
    return str(sum(values[sign] * (7, 3, 1)[place % 3] for place, sign in enumerate(text)) % 10)
